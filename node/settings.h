#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "node/ops/config.h"
#include "node/signer/settings.h"

namespace remit::node {

/// Everything local to one node. Nothing here can change what the chain decides: consensus
/// parameters live in the genesis file. Keys of the TOML file are the names in `bind_settings`.
///
///     [node]   name, data, genesis, key, next_key, passphrase_file, joins, dev
///     [signer] socket, public_key, next_socket, next_public_key, wait
///     [pkcs11] module, token, key, pin_file
///     [tls]    certificate, key
///     [peer]   listen, serve_mib_per_second
///     [peers]  <validator name> = "host:port"      (all others of the genesis file)
///              <validator name> = "PIN@host:port"  (one that came later, or has another
///              certificate)
///     [api]    listen, reflection, calls_max, reads_each_second
///     [ops]    listen
///     [log]    level
///     [store]  checkpoint_blocks, checkpoint_interval, write_buffer_mib, prune, reserve_mib,
///              stop_mib
///     [snapshots] join, serve_mib_per_second
///     [crypto] threads
struct Settings {
    std::string name;
    std::string data;
    std::string genesis;
    std::string key;
    std::string passphrase_file;
    std::string signer_socket;
    std::string signer_public_key;
    std::string next_signer_socket;
    std::string next_signer_public_key;
    std::chrono::milliseconds signer_wait{500};
    signer::TokenSettings token;
    bool joins = false;
    std::string trusted;
    std::string next_key;
    bool dev = false;
    std::string tls_certificate;
    std::string tls_key;
    Endpoint peer_listen{.host = "127.0.0.1", .port = 7000};
    std::int64_t peer_serve_mib_per_second = 128;
    std::map<std::string, std::string> peers;
    Endpoint api_listen{.host = "127.0.0.1", .port = 7001};
    bool api_reflection = false;
    std::int64_t api_calls_max = 10'000;
    std::chrono::milliseconds api_reads_each_second{0};
    Endpoint ops_listen{.host = "127.0.0.1", .port = 7002};
    std::string log_level = "info";
    std::int64_t checkpoint_blocks = 256;
    std::chrono::milliseconds checkpoint_interval{2000};
    std::int64_t write_buffer_mib = 64;
    bool prune = false;
    /// Free space below which clients are refused, MiB; less than 0: the usual share of the volume,
    /// on a devnet none.
    std::int64_t reserve_mib = -1;
    /// Free space below which the node stops and does not start, MiB; less than 0: the usual.
    std::int64_t stop_mib = -1;
    bool join_from_snapshot = true;
    std::int64_t serve_mib_per_second = 32;
    std::int64_t crypto_threads = 2;
};

/// Binds every key to `settings`, which must outlive `config`.
void bind_settings(Config& config, Settings& settings);

/// Makes relative paths relative to the folder of the configuration file.
void resolve_paths(Settings& settings, const std::string& config_file);

}  // namespace remit::node
