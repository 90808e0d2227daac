#include "ledger/rules/settle_confirm.h"

#include <algorithm>
#include <set>

#include "ledger/rules/cash.h"
#include "ledger/rules/leg.h"
#include "ledger/rules/standing.h"

namespace remit::ledger {

namespace {
constexpr std::size_t account_size_max = 34;    // ISO 20022 Max34Text: an account number
constexpr std::size_t reference_size_max = 35;  // ISO 20022 Max35Text
constexpr std::size_t entries_max = 1000;

Bytes name_of_entry(const BankEntry& entry, ParticipantId signer) {
    return bank_entry_reference({.bank = signer,
                                 .account = entry.account,
                                 .booking_date = entry.booking_date,
                                 .entry_reference = entry.entry_reference});
}

/// The very same operation took its entries before: it gets its first result again.
bool is_retry(const SettleConfirm& operation, const OperationContext& context,
              const StateReader& state) {
    if (operation.entries.empty()) {
        return false;
    }
    const auto known = state.reference(keys::ReferenceKind::bank_entry,
                                       name_of_entry(operation.entries.front(), context.signer));
    return known && known->body == digest_of(operation);
}

/// Takes the names of the entries for ever and gives their sum.
/// Errors: bad_reference, id_reused (by another operation), reference_used (twice in this one), and
/// those of amounts.
Result<Minor, LedgerError> claim_entries(const SettleConfirm& operation,
                                         const OperationContext& context, LedgerState& state) {
    if (operation.entries.empty() || operation.entries.size() > entries_max) {
        return fail(LedgerError::bad_reference);
    }
    const ReferenceRecord claim{.transaction = context.transaction, .body = digest_of(operation)};
    Minor sum = 0;
    for (const BankEntry& entry : operation.entries) {
        TRY(check_reference(entry.account, account_size_max));
        TRY(check_reference(entry.entry_reference, reference_size_max));
        if (!day_from_text(entry.booking_date)) {
            return fail(LedgerError::bad_reference);
        }
        TRY(check_amount(entry.amount));
        TRY_ASSIGN(sum, add(sum, entry.amount));
        const Bytes name = name_of_entry(entry, context.signer);
        if (const auto known = state.reference(keys::ReferenceKind::bank_entry, name)) {
            return fail(known->body == claim.body ? LedgerError::reference_used
                                                  : LedgerError::id_reused);
        }
        state.claim_reference(keys::ReferenceKind::bank_entry, name, claim);
    }
    return sum;
}

CashAccount cash_account(const Leg& leg, keys::CashBook book) {
    return {.participant = leg.participant, .asset = leg.asset, .book = book};
}

/// CLEARING -> SETTLEMENT(p). Errors: bad_source (unspecified, or the figure is smaller than that).
Status<LedgerError> pay_in(const SettleConfirm& operation, const OperationContext& context,
                           const Asset& asset, const DueLeg& due, LedgerState& state) {
    const Minor amount = -due.due;
    const Position position = state.position(due.leg.participant, due.leg.asset);
    switch (operation.source) {
        case SettleSource::unspecified:
            return fail(LedgerError::bad_source);
        case SettleSource::reserve:
            if (position.reserve < amount) {
                return fail(LedgerError::bad_source);
            }
            move_cash(state, cash_account(due.leg, keys::CashBook::reserve), -amount,
                      context.height);
            break;
        case SettleSource::cover:
            if (position.cover - position.locked < amount) {
                return fail(LedgerError::bad_source);
            }
            move_cash(state, cash_account(due.leg, keys::CashBook::cover), -amount, context.height);
            break;
        case SettleSource::own:
            break;
    }
    return post_settlement(state,
                           {.debit = clearing_account(asset),
                            .credit = settlement_account(due.leg.participant, asset.id),
                            .amount = amount},
                           due.window.id);
}

/// What of a failed participant's pay-out its reserve needs, so that its customers' tokens stay
/// safeguarded once its SETTLEMENT has fallen by `amount`. The rest becomes locked cover.
Minor needed_in_reserve(const StateReader& state, const Leg& leg, Minor amount) {
    const Position position = state.position(leg.participant, leg.asset);
    if (!position.holds_customers) {
        return 0;
    }
    const Minor settlement = state.balance(settlement_account(leg.participant, leg.asset));
    return std::clamp<Minor>(amount - settlement - position.reserve, 0, amount);
}

/// Where the cash of a pay-out must have gone: to locked cover after a failed leg, to an operator's
/// reserve, to anybody else's own account.
SettleSource destination_of(const StateReader& state, const DueLeg& due) {
    if (has_failed_leg(state, due.window.id, due.leg.participant)) {
        return SettleSource::cover;
    }
    const auto participant = state.participant(due.leg.participant);
    return participant && participant->has(Role::wallet_operator) ? SettleSource::reserve
                                                                  : SettleSource::own;
}

/// Cash that arrives at p's accounts: to its reserve, or to its cover. There it gives no cap until
/// what was drawn is restored; when that came first, nothing is left to wait for.
/// Error: amount_too_large (the bank attested a figure so high that no more fits).
Status<LedgerError> take_in(LedgerState& state, const Leg& leg, Minor to_reserve, Minor to_cover,
                            std::uint64_t height) {
    const Position before = state.position(leg.participant, leg.asset);
    TRY(add(before.reserve, to_reserve));
    TRY(add(before.cover, to_cover));
    move_cash(state, cash_account(leg, keys::CashBook::reserve), to_reserve, height);
    move_cash(state, cash_account(leg, keys::CashBook::cover), to_cover, height);
    if (has_drawn_cover(state, leg.participant) ||
        has_short_leg(state, leg.window, leg.participant)) {
        Position position = state.position(leg.participant, leg.asset);
        position.locked += to_cover;
        state.put(position);
    }
    return {};
}

/// SETTLEMENT(p) -> CLEARING. Errors: pay_in_first, bad_source, amount_too_large.
Status<LedgerError> pay_out(const SettleConfirm& operation, const OperationContext& context,
                            const Asset& asset, const DueLeg& due, LedgerState& state) {
    bool owes = false;
    scan(state.view(), keys::legs_of(due.window.id.value, due.leg.participant.value),
         [&](ByteView, ByteView value) {
             const auto leg = decode<Leg>(value);
             owes = owes || !leg ||
                    state.position(leg->participant, leg->asset).due_of(due.window.id) < 0;
             return !owes;
         });
    if (owes || cash_in_clearing(state, asset) < due.due) {
        return fail(LedgerError::pay_in_first);
    }
    const SettleSource destination = destination_of(state, due);
    if (operation.source != destination) {
        return fail(LedgerError::bad_source);
    }
    if (destination != SettleSource::own) {
        const Minor to_reserve = destination == SettleSource::reserve
                                     ? due.due
                                     : needed_in_reserve(state, due.leg, due.due);
        TRY(take_in(state, due.leg, to_reserve, due.due - to_reserve, context.height));
    }
    return post_settlement(state,
                           {.debit = settlement_account(due.leg.participant, asset.id),
                            .credit = clearing_account(asset),
                            .amount = due.due},
                           due.window.id);
}
}  // namespace

RuleResult settle_confirm(const SettleConfirm& operation, const OperationContext& context,
                          LedgerState& state) {
    TRY_ASSIGN(const Asset asset, known_asset(state, operation.asset));
    if (asset.issuer != context.signer) {
        return fail(Refusal(LedgerError::not_permitted));
    }
    if (is_retry(operation, context, state)) {
        return Effect{};
    }
    TRY_ASSIGN(const Minor sum, claim_entries(operation, context, state));
    TRY_ASSIGN(DueLeg due, find_due_leg(state, operation.window, operation.participant, asset.id));
    const bool paying_in = due.due < 0;
    if (sum != (paying_in ? -due.due : due.due)) {
        return fail(Refusal(LedgerError::amount_differs));
    }
    if (paying_in) {
        TRY(pay_in(operation, context, asset, due, state));
    } else {
        TRY(pay_out(operation, context, asset, due, state));
    }
    due.leg.state = paying_in ? LegState::paid_in : LegState::paid_out;
    state.put(due.leg);
    review_standing(state, operation.participant, asset.id, state.policy());
    settle_if_done(state, context, due.window.id);
    return Effect{.state = RemittanceState::none, .source = {asset.id, sum}, .target = {}};
}

}  // namespace remit::ledger
