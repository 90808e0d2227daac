#pragma once

#include "ledger/operation.h"
#include "ledger/rules/rule.h"

namespace remit::ledger {

/// Judges every quote of a prepare and that together they form its chain of assets and amounts.
///
/// Errors: quote_missing, quote_bad_signature, quote_requester, quote_life, quote_not_yet_valid,
///         quote_expired, quote_used, quote_mismatch, rate_not_marked, mark_expired, bad_rate, and
///         those of recomputing the amounts; about the maker.
Status<Refusal> check_quotes(const Prepare& operation, const OperationContext& context,
                             const StateReader& state);

}  // namespace remit::ledger
