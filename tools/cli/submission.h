#pragma once

#include "ledger/base/keys.h"
#include "tools/cli/connection.h"

namespace remit::cli {

using Receipts = google::protobuf::RepeatedPtrField<v1::Receipt>;

/// A table of what the ledger did with each operation; the first twenty.
std::string receipts_text(const devnet::Network& network, const Receipts& receipts);

/// The first refusal as a failure (exit 3), or success.
Status<Failure> verdict(const Receipts& receipts);

/// Signs `body` with `key`, submits it, waits until it is final and prints the receipts. Exit 5
/// with how to ask again when the outcome is unknown.
Status<Failure> submit_body(Context& context, const Session& session, const v1::Body& body,
                            const SecretKey& key);

/// `participant_id`, `client_key`, `valid_until_ms` and `mode` are filled in where they are not
/// given.
void complete_body(v1::Body& body, std::uint32_t participant_id);

}  // namespace remit::cli
