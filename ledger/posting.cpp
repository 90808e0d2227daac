#include "ledger/posting.h"

#include <algorithm>

#include "ledger/base/check.h"
#include "ledger/bilateral.h"

namespace remit::ledger {

namespace {
/// May this account hold this balance? Only SETTLEMENT has any sign; CLEARING never is positive.
bool is_allowed(AccountKind kind, Minor balance) {
    if (kind == AccountKind::settlement) {
        return true;
    }
    return kind == AccountKind::clearing ? balance <= 0 : balance >= 0;
}

/// CUSTOMER accounts are opened by their operator; the others come with their first posting.
Result<Account, LedgerError> open_for_posting(const StateReader& state, const AccountId& id) {
    auto found = state.account(id);
    if (found) {
        return *std::move(found);
    }
    if (id.kind == AccountKind::customer) {
        return fail(LedgerError::wrong_account);
    }
    return Account{.id = id};
}

Status<LedgerError> move_balances(LedgerState& state, const Posting& posting) {
    TRY(check_amount(posting.amount));
    const bool same_account = posting.debit == posting.credit;
    if (posting.debit.asset != posting.credit.asset || same_account) {
        return fail(LedgerError::wrong_account);
    }
    TRY_ASSIGN(Account debit, open_for_posting(state, posting.debit));
    TRY_ASSIGN(Account credit, open_for_posting(state, posting.credit));
    const Wide before = Wide{debit.balance} + credit.balance;
    TRY_ASSIGN(debit.balance, subtract(debit.balance, posting.amount));
    TRY_ASSIGN(credit.balance, add(credit.balance, posting.amount));
    if (!is_allowed(debit.id.kind, debit.balance) || !is_allowed(credit.id.kind, credit.balance)) {
        return fail(LedgerError::insufficient_funds);
    }
    CHECK(Wide{debit.balance} + credit.balance == before);
    state.put(debit);
    state.put(credit);
    return {};
}

bool is_clearing(const AccountId& id) {
    return id.kind == AccountKind::clearing;
}

Status<LedgerError> change_open(LedgerState& state, const AccountId& id, Minor change) {
    Position position = state.position(id.participant, id.asset);
    TRY_ASSIGN(position.open, add(position.open, change));
    state.put(position);
    return {};
}

Status<LedgerError> change_due(LedgerState& state, const AccountId& id, WindowId window,
                               Minor change) {
    if (is_clearing(id)) {
        return {};
    }
    Position position = state.position(id.participant, id.asset);
    TRY(add(position.due_of(window), change));
    position.add_due(window, change);
    state.put(position);
    return {};
}
}  // namespace

Status<LedgerError> post(LedgerState& state, const Posting& posting) {
    if (is_clearing(posting.debit) || is_clearing(posting.credit)) {
        return fail(LedgerError::wrong_account);
    }
    TRY(move_balances(state, posting));
    if (posting.debit.participant != posting.credit.participant) {
        TRY(change_open(state, posting.debit, -posting.amount));
        TRY(change_open(state, posting.credit, posting.amount));
        TRY(add_bilateral(
            state, {.window = state.windows().open, .asset = posting.debit.asset},
            {.debtor = posting.debit.participant, .creditor = posting.credit.participant},
            posting.amount));
    }
    return {};
}

Status<LedgerError> post_settlement(LedgerState& state, const Posting& posting, WindowId window) {
    TRY(move_balances(state, posting));
    const bool has_clearing = is_clearing(posting.debit) || is_clearing(posting.credit);
    if (has_clearing || posting.debit.participant != posting.credit.participant) {
        TRY(change_due(state, posting.debit, window, -posting.amount));
        TRY(change_due(state, posting.credit, window, posting.amount));
    }
    return {};
}

Minor cap_of(const Position& position, const Policy& policy) {
    const Minor free_cover = std::max<Minor>(0, position.cover - position.locked);
    return share_of(free_cover, policy.cap_bps);
}

Minor old_debt(const Position& position) {
    Minor out = 0;
    for (const Due& due : position.due) {
        out += std::max<Minor>(0, -due.amount);
    }
    return out;
}

Minor committed_debt(const Position& position) {
    return std::max<Minor>(0, -position.open) + old_debt(position);
}

bool has_headroom_to_reserve(const Position& position, Minor amount, const Policy& policy) {
    const Wide open_debt = Wide{position.reserved} + amount - position.open;
    return std::max<Wide>(0, open_debt) + old_debt(position) <= cap_of(position, policy);
}

bool has_headroom_to_pay(const Position& position, Minor amount, const Policy& policy) {
    const Wide open_debt = Wide{amount} - position.open;
    return std::max<Wide>(0, open_debt) + old_debt(position) <= cap_of(position, policy);
}

bool is_within_cap(const Position& position, const Policy& policy) {
    return has_headroom_to_reserve(position, 0, policy);
}

void reserve(LedgerState& state, ParticipantId participant, Money money) {
    CHECK(money.minor > 0);
    Position position = state.position(participant, money.asset);
    position.reserved += money.minor;
    state.put(position);
}

void unreserve(LedgerState& state, ParticipantId participant, Money money) {
    Position position = state.position(participant, money.asset);
    CHECK(position.reserved >= money.minor);
    position.reserved -= money.minor;
    state.put(position);
}

bool is_safeguarded(const StateReader& state, ParticipantId participant, AssetId asset) {
    const Position position = state.position(participant, asset);
    const Minor settlement =
        state.balance(own_account(participant, asset, AccountKind::settlement));
    return !position.holds_customers || -settlement <= position.reserve;
}

bool is_fresh(const Attestation& attestation, BlockTime now, const Policy& policy) {
    return attestation.present() && now.ms - attestation.at.ms <= policy.attestation_age_max_ms;
}

}  // namespace remit::ledger
