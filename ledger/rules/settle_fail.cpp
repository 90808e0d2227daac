#include "ledger/rules/settle_fail.h"

#include <algorithm>
#include <vector>

#include "ledger/base/check.h"
#include "ledger/bilateral.h"
#include "ledger/rules/cash.h"
#include "ledger/rules/leg.h"
#include "ledger/rules/sale.h"
#include "ledger/rules/standing.h"
#include "ledger/settlement.h"

namespace remit::ledger {

namespace {
constexpr std::size_t line_reference_size_max = 64;

/// A leg on its way down the table of ledger.md 4. `missing` is what is still owed.
struct Failure {
    const OperationContext& context;
    LedgerState& state;
    Asset asset;
    Window window;
    ParticipantId participant;
    Minor missing = 0;
};

/// CLEARING -> SETTLEMENT(p): cash that came in for the leg, from wherever.
Status<LedgerError> pay_in(Failure& failure, Minor amount) {
    TRY(post_settlement(failure.state,
                        {.debit = clearing_account(failure.asset),
                         .credit = settlement_account(failure.participant, failure.asset.id),
                         .amount = amount},
                        failure.window.id));
    failure.missing -= amount;
    return {};
}

Status<LedgerError> draw_cover(Failure& failure) {
    Position position = failure.state.position(failure.participant, failure.asset.id);
    const Minor drawn = std::min(failure.missing, position.cover);
    if (drawn <= 0) {
        return {};
    }
    move_cash(failure.state,
              {.participant = failure.participant,
               .asset = failure.asset.id,
               .book = keys::CashBook::cover},
              -drawn, failure.context.height);
    position = failure.state.position(failure.participant, failure.asset.id);
    position.drawn += drawn;
    position.locked = std::min(position.locked, position.cover);
    failure.state.put(position);
    return pay_in(failure, drawn);
}

/// What falls short is shared in id order: a lower id that still owes comes first.
bool is_first_in_order(const Failure& failure) {
    bool first = true;
    scan(failure.state.view(), keys::legs_of(failure.window.id.value),
         [&](ByteView, ByteView value) {
             const auto leg = decode<Leg>(value);
             CHECK(leg.has_value());
             if (leg->participant >= failure.participant) {
                 return false;
             }
             const Position position = failure.state.position(leg->participant, leg->asset);
             first = leg->asset != failure.asset.id || position.due_of(failure.window.id) >= 0;
             return first;
         });
    return first;
}

/// The bank's newest mark of the pair must be valid now: it is the price of a forced sale.
/// Errors: rate_not_marked, mark_expired.
Result<SalePrice, LedgerError> price_of(const Failure& failure, const Asset& sold) {
    const SaleTerms terms{.exponent_sold = sold.exponent,
                          .exponent_short = failure.asset.exponent,
                          .haircut_bps = failure.state.policy().haircut_bps};
    const auto direct = failure.state.mark(sold.id, failure.asset.id);
    if (direct && direct->is_valid_at(failure.context.time)) {
        return price_by_bid(direct->bid, terms);
    }
    const auto inverse = failure.state.mark(failure.asset.id, sold.id);
    if (inverse && inverse->is_valid_at(failure.context.time)) {
        return price_by_ask(inverse->ask, terms);
    }
    return fail(direct || inverse ? LedgerError::mark_expired : LedgerError::rate_not_marked);
}

/// How much of a credit can be sold now: not what the safeguarding of its own customers rests on,
/// and no more than is paid in already, so that CLEARING never turns positive.
Minor sellable(const Failure& failure, const Asset& sold, Minor credit) {
    const Position position = failure.state.position(failure.participant, sold.id);
    Minor out = std::min(credit, cash_in_clearing(failure.state, sold));
    if (position.holds_customers) {
        const Minor settlement =
            failure.state.balance(settlement_account(failure.participant, sold.id));
        out = std::min(out, position.reserve + settlement);
    }
    return std::max<Minor>(0, out);
}

Status<LedgerError> sell_one_credit(Failure& failure, const Leg& leg) {
    const Minor credit =
        failure.state.position(leg.participant, leg.asset).due_of(failure.window.id);
    if (credit <= 0 || failure.missing == 0) {
        return {};
    }
    TRY_ASSIGN(const Asset sold, known_asset(failure.state, leg.asset));
    // The cash behind a credit at another bank is not this bank's to take; and a bank that fails
    // itself does not buy from itself at its own mark.
    if (sold.issuer != failure.asset.issuer || failure.participant == failure.asset.issuer) {
        return {};
    }
    const Minor available = sellable(failure, sold, credit);
    if (available == 0) {
        return {};
    }
    TRY_ASSIGN(const SalePrice price, price_of(failure, sold));
    const Sale sale = sell(available, failure.missing, price);
    if (sale.sold == 0) {
        return {};
    }
    TRY(post_settlement(failure.state,
                        {.debit = settlement_account(failure.participant, sold.id),
                         .credit = clearing_account(sold),
                         .amount = sale.sold},
                        failure.window.id));
    if (sale.sold == credit) {
        Leg ended = leg;
        ended.state = LegState::paid_out;
        failure.state.put(ended);
    }
    return pay_in(failure, sale.proceeds);
}

/// Assets in id order.
Status<LedgerError> sell_credits(Failure& failure) {
    std::vector<Leg> legs;
    scan(failure.state.view(), keys::legs_of(failure.window.id.value, failure.participant.value),
         [&](ByteView, ByteView value) {
             const auto leg = decode<Leg>(value);
             CHECK(leg.has_value());
             legs.push_back(*leg);
             return true;
         });
    for (const Leg& leg : legs) {
        TRY(sell_one_credit(failure, leg));
    }
    return {};
}

/// The bank names a line and so takes over all that is still missing.
/// Errors: bad_reference, id_reused.
Status<LedgerError> draw_bank_line(Failure& failure, const SettleFail& operation) {
    const Bytes& reference = operation.bank_line_reference;
    TRY(check_reference(reference, line_reference_size_max));
    const Bytes name = participant_reference(failure.context.signer, reference);
    if (failure.state.reference(keys::ReferenceKind::bank_line, name)) {
        return fail(LedgerError::id_reused);
    }
    failure.state.claim_reference(
        keys::ReferenceKind::bank_line, name,
        ReferenceRecord{.transaction = failure.context.transaction, .body = digest_of(operation)});
    const BankLine line{.window = failure.window.id,
                        .debtor = failure.participant,
                        .money = {failure.asset.id, failure.missing},
                        .reference = reference,
                        .height = failure.context.height};
    failure.state.delta().put(
        keys::bank_line(line.debtor.value, line.money.asset.value, line.window.value),
        encode(line));
    return pay_in(failure, failure.missing);
}

struct Creditor {
    ParticipantId id;
    Minor due = 0;      // left of its credit in the window
    Minor against = 0;  // part of it that the failed participant owes, as the postings went
};

std::vector<Creditor> creditors_of(const Failure& failure) {
    std::vector<Creditor> out;
    scan(failure.state.view(), keys::legs_of(failure.window.id.value),
         [&](ByteView, ByteView value) {
             const auto leg = decode<Leg>(value);
             CHECK(leg.has_value());
             const Minor due =
                 failure.state.position(leg->participant, leg->asset).due_of(failure.window.id);
             if (leg->asset == failure.asset.id && due > 0) {
                 const Minor net = bilateral_net(
                     failure.state, {.window = failure.window.id, .asset = failure.asset.id},
                     {.debtor = failure.participant, .creditor = leg->participant});
                 out.push_back({.id = leg->participant,
                                .due = due,
                                .against = std::clamp<Minor>(net, 0, due)});
             }
             return true;
         });
    return out;
}

/// First by what each has to get from the failed one, then by what each has to get at all.
std::vector<Minor> loss_shares(const std::vector<Creditor>& creditors, Minor missing) {
    std::vector<Minor> against;
    std::vector<Minor> rest;
    Minor against_sum = 0;
    for (const Creditor& creditor : creditors) {
        against.push_back(creditor.against);
        rest.push_back(creditor.due - creditor.against);
        against_sum += creditor.against;
    }
    if (missing <= against_sum) {
        return split(missing, against);
    }
    std::vector<Minor> shares = split(missing - against_sum, rest);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        shares[i] += against[i];
    }
    return shares;
}

/// SETTLEMENT(creditor) -> SETTLEMENT(p), both in what is due, and a claim for each.
Status<LedgerError> share_loss(Failure& failure) {
    const auto creditors = creditors_of(failure);
    const auto shares = loss_shares(creditors, failure.missing);
    for (std::size_t i = 0; i < creditors.size(); ++i) {
        if (shares[i] == 0) {
            continue;
        }
        // What is due in a window sums to the cash paid in, so credits always cover a debt.
        CHECK(shares[i] <= creditors[i].due);
        TRY(post_settlement(failure.state,
                            {.debit = settlement_account(creditors[i].id, failure.asset.id),
                             .credit = settlement_account(failure.participant, failure.asset.id),
                             .amount = shares[i]},
                            failure.window.id));
        failure.missing -= shares[i];
        const Claim claim{.window = failure.window.id,
                          .debtor = failure.participant,
                          .creditor = creditors[i].id,
                          .money = {failure.asset.id, shares[i]},
                          .height = failure.context.height};
        failure.state.delta().put(keys::claim(claim.debtor.value, claim.money.asset.value,
                                              claim.window.value, claim.creditor.value),
                                  encode(claim));
        if (shares[i] == creditors[i].due) {
            auto leg = failure.state.leg(failure.window.id, creditors[i].id, failure.asset.id);
            CHECK(leg.has_value());
            leg->state = LegState::paid_out;
            failure.state.put(*leg);
        }
        review_standing(failure.state, creditors[i].id, failure.asset.id, failure.state.policy());
    }
    CHECK(failure.missing == 0);
    return {};
}

/// The first failed window restricts, the next one suspends; two legs of one window count once.
/// After a short leg the restriction is governance's to lift: no top-up ends it by itself.
void count_failure(Failure& failure, bool failed_before, bool fell_short) {
    auto participant = failure.state.participant(failure.participant);
    CHECK(participant.has_value());
    const auto before = participant->status;
    if (!failed_before) {
        ++participant->failed_legs;
    }
    if (participant->failed_legs > 1 && participant->status != ParticipantStatus::exited) {
        participant->status = ParticipantStatus::suspended;
        participant->restricted_by_ledger = false;
    } else if (participant->status == ParticipantStatus::active) {
        participant->status = ParticipantStatus::restricted;
        participant->restricted_by_ledger = true;
    }
    participant->restricted_by_ledger = participant->restricted_by_ledger && !fell_short;
    failure.state.put(*participant);
    if (participant->status != before) {
        failure.state.note_own_status(failure.participant);
    }
}

/// The very same operation drew its line before: it gets its first result again.
bool is_retry(const SettleFail& operation, const OperationContext& context,
              const StateReader& state) {
    const auto known =
        state.reference(keys::ReferenceKind::bank_line,
                        participant_reference(context.signer, operation.bank_line_reference));
    return known && known->body == digest_of(operation);
}
}  // namespace

RuleResult settle_fail(const SettleFail& operation, const OperationContext& context,
                       LedgerState& state) {
    TRY_ASSIGN(const Asset asset, known_asset(state, operation.asset));
    if (asset.issuer != context.signer) {
        return fail(Refusal(LedgerError::not_permitted));
    }
    if (is_retry(operation, context, state)) {
        return Effect{};
    }
    TRY_ASSIGN(DueLeg due, find_due_leg(state, operation.window, operation.participant, asset.id));
    if (due.due > 0) {
        return fail(Refusal(LedgerError::leg_not_due));
    }
    if (context.time < due.window.pay_in_deadline) {
        return fail(Refusal(LedgerError::deadline_not_reached));
    }
    const bool failed_before = has_failed_leg(state, due.window.id, operation.participant);
    Failure failure{.context = context,
                    .state = state,
                    .asset = asset,
                    .window = due.window,
                    .participant = operation.participant,
                    .missing = -due.due};
    TRY(draw_cover(failure));
    due.leg.state = failure.missing == 0 ? LegState::drawn : LegState::short_leg;
    if (failure.missing > 0) {
        if (!is_first_in_order(failure)) {
            return fail(Refusal(LedgerError::pay_in_first));
        }
        TRY(sell_credits(failure));
    }
    if (failure.missing > 0) {
        if (operation.bank_line_reference.empty()) {
            TRY(share_loss(failure));
        } else {
            TRY(draw_bank_line(failure, operation));
        }
    }
    state.put(due.leg);
    count_failure(failure, failed_before, due.leg.state == LegState::short_leg);
    review_standing(state, operation.participant, asset.id, state.policy());
    settle_if_done(state, context, due.window.id);
    return Effect{.state = RemittanceState::none, .source = {asset.id, -due.due}, .target = {}};
}

}  // namespace remit::ledger
