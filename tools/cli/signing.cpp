#include "tools/cli/signing.h"

#include <chrono>

#include "ledger/operation.h"
#include "ledger/wire/envelope.h"
#include "node/seams/key_file.h"

namespace remit::cli {

Result<SecretKey, Failure> read_member_key(const devnet::Network& network,
                                           const std::string& member, KeyPurpose purpose) {
    const auto path = network.key_file(member, std::string(name_of(purpose)));
    auto key = node::read_key_file(path.string(), {.purpose = purpose, .devnet = true});
    if (!key) {
        return fail(Failure{"KEY_FILE", key.error().text,
                            member + " signs with keys below " + path.parent_path().string(),
                            ExitCode::not_allowed});
    }
    return std::move(*key);
}

SignedTransaction sign_body(const v1::Body& body, const SecretKey& key, const Hash& chain_id) {
    auto bytes = body.SerializeAsString();
    const auto id = ledger::transaction_id(chain_id, bytes);
    return {ledger::wire::to_proto(ledger::wire::sign(std::move(bytes), key, chain_id)), id};
}

std::int64_t wall_clock_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace remit::cli
