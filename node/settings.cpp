#include "node/settings.h"

#include <filesystem>

namespace remit::node {

using std::chrono::hours;

void bind_settings(Config& config, Settings& settings) {
    config.text("node.name", settings.name, "this validator's name in the genesis file");
    config.required();
    config.text("node.data", settings.data, "folder of the database and the vote journal");
    config.required();
    config.text("node.genesis", settings.genesis, "the network's genesis file");
    config.required();
    config.text("node.key", settings.key, "file of the VALIDATE key of now, mode 0600");
    config.text("node.passphrase_file", settings.passphrase_file,
                "file of the passphrase when the key is encrypted, mode 0600");
    config.text("signer.socket", settings.signer_socket,
                "socket of the remit-signer that has the VALIDATE key, in place of node.key");
    config.text("signer.public_key", settings.signer_public_key,
                "the key it has, 64 hex digits; needed unless it is genesis's");
    config.text("signer.next_socket", settings.next_signer_socket,
                "socket of a second remit-signer with the key to come, in place of node.next_key");
    config.text("signer.next_public_key", settings.next_signer_public_key,
                "the key it has, 64 hex digits");
    config.duration("signer.wait", settings.signer_wait, std::chrono::seconds(10),
                    "longest wait for a signature; then the signer counts as away");
    signer::bind_token(config, settings.token, "pkcs11");
    config.text("node.next_key", settings.next_key,
                "file of the VALIDATE key to come; once its epoch has begun, make it node.key");
    config.flag(
        "node.joins", settings.joins,
        "follow the chain under a name that genesis does not have, until governance lists it");
    config.text(
        "node.trusted", settings.trusted,
        "EPOCH:DIGEST of the block an epoch stands on, as a member you trust sees it (remit "
        "validator list): a new node follows no other history");
    config.flag("node.dev", settings.dev, "allow a network of one validator");
    config.text("tls.certificate", settings.tls_certificate, "this node's certificate, PEM");
    config.required();
    config.text("tls.key", settings.tls_key, "its private key, PEM, mode 0600");
    config.required();
    config.endpoint("peer.listen", settings.peer_listen, "where the other validators connect");
    config.integer("peer.serve_mib_per_second", settings.peer_serve_mib_per_second,
                   {.low = 1, .high = 10'000},
                   "for all that peers ask of blocks, headers and batches; half of it is shared "
                   "out evenly, and no peer gets more than 32");
    config.section(
        "peers", settings.peers,
        "address of every other genesis validator, by name; of a later one PIN@host:port, with the "
        "pin of its certificate: who joins gives f+1 or more of those present");
    config.endpoint("api.listen", settings.api_listen, "where gateways and tools connect");
    config.flag("api.reflection", settings.api_reflection, "describe the methods to tools");
    config.integer(
        "api.calls_max", settings.api_calls_max, {.low = 1, .high = 1'000'000},
        "calls in flight, half of them at most under one certificate; more are told to come back");
    config.duration("api.reads_each_second", settings.api_reads_each_second, hours(1),
                    "what the reads under one certificate may take of each second, of all threads "
                    "together; 0: the time of half the processors");
    config.endpoint("ops.listen", settings.ops_listen, "health and metrics, plain HTTP");
    config.text("log.level", settings.log_level, "debug, info, warning or error");
    config.integer("store.checkpoint_blocks", settings.checkpoint_blocks,
                   {.low = 1, .high = 100'000}, "blocks between syncs of the database");
    config.duration("store.checkpoint_interval", settings.checkpoint_interval, hours(1),
                    "time between syncs of the database");
    config.integer("store.write_buffer_mib", settings.write_buffer_mib, {.low = 1, .high = 4096},
                   "memory for writes of the database");
    config.flag("store.prune", settings.prune,
                "keep blocks and receipts above the older of the last two snapshots alone");
    config.integer("store.reserve_mib", settings.reserve_mib, {.low = -1, .high = 1'000'000'000},
                   "clients are refused when less is free on the volume of node.data; -1: 3 GiB or "
                   "a twentieth of it, whichever is more, and none on a devnet");
    config.integer("store.stop_mib", settings.stop_mib, {.low = -1, .high = 1'000'000'000},
                   "the node stops in order, and does not start, when less is free there; -1: 512, "
                   "a quarter of a smaller reserve, 64 on a devnet; 0: never");
    config.flag("snapshots.join", settings.join_from_snapshot,
                "join from a certified snapshot when new or far behind, not from old blocks");
    config.integer("snapshots.serve_mib_per_second", settings.serve_mib_per_second,
                   {.low = 1, .high = 10'000}, "for all who join by this node's snapshots");
    config.integer("crypto.threads", settings.crypto_threads, {.low = 1, .high = 256},
                   "threads that verify signatures ahead of execution");
}

void resolve_paths(Settings& settings, const std::string& config_file) {
    const auto folder = std::filesystem::path(config_file).parent_path();
    for (auto* path :
         {&settings.data, &settings.genesis, &settings.key, &settings.next_key,
          &settings.passphrase_file, &settings.signer_socket, &settings.next_signer_socket,
          &settings.token.pin_file, &settings.tls_certificate, &settings.tls_key}) {
        if (!path->empty() && std::filesystem::path(*path).is_relative()) {
            *path = (folder / *path).string();
        }
    }
}

}  // namespace remit::node
