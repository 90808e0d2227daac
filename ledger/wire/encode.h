#pragma once

#include "ledger/base/keys.h"
#include "ledger/operation.h"
#include "ledger/receipt.h"
#include "ledger/wire/envelope.h"
#include "remit/v1/ledger_service.pb.h"
#include "remit/v1/operation.pb.h"

/// What clients send and read: gateways, the CLI and tests build with these.
namespace remit::ledger::wire {

v1::Operation to_proto(const Operation& operation);

/// The body of `transaction`: participant, client key, valid-until, mode and operations. The other
/// members (id, key, signature, verdict, body) are not read.
Bytes encode_body(const Transaction& transaction);

/// Encodes and signs. The transaction's id is `transaction_id(chain_id, result.body)`.
SignedBody sign_transaction(const Transaction& transaction, const SecretKey& key,
                            const ChainId& chain_id);

/// `number`, name, ISO reason, meaning and remedy of the one table.
v1::Refusal to_proto(LedgerError error);

/// A code this release does not know gives its number alone.
v1::Receipt to_proto(const Receipt& receipt);

}  // namespace remit::ledger::wire
