#pragma once

#include <vector>

#include "ledger/base/result.h"
#include "ledger/errors.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/policy.h"
#include "ledger/position.h"
#include "ledger/state_access.h"

/// The only thing that moves money (ledger.md 1), and the arithmetic of caps and safeguarding.
namespace remit::ledger {

/// Lowers `debit`, raises `credit`. Both accounts are of one asset; amount > 0.
struct Posting {
    AccountId debit{};
    AccountId credit{};
    Minor amount = 0;
};

/// Moves money outside settlement. When the two accounts have different owners the posting
/// crosses: `open` of the debited owner falls and that of the credited one rises. Freezing and
/// closing are the caller's to judge; signs are judged here.
/// Errors: zero_amount, negative_amount, amount_too_large, wrong_account (assets differ, CLEARING
/// named, a CUSTOMER account that does not exist), insufficient_funds (an account other than
/// SETTLEMENT would fall below zero).
Status<LedgerError> post(LedgerState& state, const Posting& posting);

/// Moves money in settlement of a closed window: changes `due[window]` of both owners, never
/// `open`. CLEARING is no part of its bank's position. Errors as `post`; also insufficient_funds
/// when CLEARING would become positive.
Status<LedgerError> post_settlement(LedgerState& state, const Posting& posting, WindowId window);

/// Floor of k x (cover - locked), never below 0.
Minor cap_of(const Position& position, const Policy& policy);
/// Sum over closed windows of what is still owed: max(0, -due[k]).
Minor old_debt(const Position& position);
/// max(0, -open) + old_debt: what is owed already. A close does not change it.
Minor committed_debt(const Position& position);

/// At prepare, `amount` being reserved anew: max(0, reserved + amount - open) + old <= cap.
bool has_headroom_to_reserve(const Position& position, Minor amount, const Policy& policy);
/// At accept, `amount` being paid now: max(0, amount - open) + old <= cap.
bool has_headroom_to_pay(const Position& position, Minor amount, const Policy& policy);
/// What is reserved and owed stays within the cap (asked before cover is released).
bool is_within_cap(const Position& position, const Policy& policy);

/// Raises or lowers `reserved`.
void reserve(LedgerState& state, ParticipantId participant, Money money);
void unreserve(LedgerState& state, ParticipantId participant, Money money);

/// -SETTLEMENT <= reserve, for a participant that holds CUSTOMER accounts. True for others.
bool is_safeguarded(const StateReader& state, ParticipantId participant, AssetId asset);

/// An attestation exists and is no older than the policy allows at `now`.
bool is_fresh(const Attestation& attestation, BlockTime now, const Policy& policy);

}  // namespace remit::ledger
