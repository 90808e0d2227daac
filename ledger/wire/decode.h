#pragma once

#include <cstddef>

#include "ledger/base/result.h"
#include "ledger/block.h"
#include "ledger/errors.h"
#include "ledger/operation.h"
#include "ledger/wire/envelope.h"
#include "remit/v1/operation.pb.h"

/// Signed bodies become fixed-layout operations here, once, at arrival. What is refused here never
/// reaches a rule: it has no reading, or one that no honest client sends. What a rule can judge
/// (zero amounts, lengths of references, states) is left to it, so that one bad operation of an
/// EACH envelope does not take the others with it.
namespace remit::ledger::wire {

/// Bounds of memory, whatever the chain's policy says; policy may only be narrower.
inline constexpr std::size_t body_bytes_max = std::size_t{4} << 20U;
inline constexpr int operations_max = 10'000;

/// The transaction a client signed. Its verdict is `unchecked`: whoever verifies sets it.
///
/// Errors, the first that holds: too_large (body, operations, lists inside one), bad_encoding (no
/// Protobuf, ids of another size or all zero, an enum UNSPECIFIED or unknown, a verb missing, times
/// outside the years 1970 to 9999, text over 140 bytes or with control characters, a field that
/// does not belong to the step), unknown_field, not_a_uuid, bad_rate, amount_too_large, bad_action.
Result<Transaction, LedgerError> decode(const SignedBody& signed_body, const ChainId& chain_id);

/// What a block makes of one item of a batch. Never fails: an unreadable item leaves a receipt.
BlockItem decode_item(ByteView item, const ChainId& chain_id);

/// One operation, with its unknown fields already refused.
Result<Operation, LedgerError> from_proto(const v1::Operation& operation);

}  // namespace remit::ledger::wire
