#include "ledger/rules/prepare.h"

#include "ledger/posting.h"
#include "ledger/rules/quote_check.h"
#include "ledger/rules/route.h"

namespace remit::ledger {

namespace {
constexpr std::size_t end_to_end_id_max = 35;
constexpr std::size_t fees_max = 8;
constexpr std::size_t quotes_max = 8;  // a refusal keeps what each said: a record must stay small

/// What can be seen without the state. A mistake here does not use up the UETR.
Status<LedgerError> check_fields(const Prepare& operation) {
    if (operation.fees.size() > fees_max || operation.quotes.size() > quotes_max) {
        return fail(LedgerError::bad_encoding);
    }
    if (!is_four_letter_code(operation.purpose)) {
        return fail(LedgerError::bad_purpose);
    }
    if (!operation.end_to_end_id.empty()) {
        TRY(check_reference(operation.end_to_end_id, end_to_end_id_max));
    }
    return {};
}

Refusal refusal_about(LedgerError error, ParticipantId whom) {
    return {error, whom};
}

Status<Refusal> check_payer_operator(const StateReader& state, ParticipantId id) {
    TRY_ASSIGN(const Participant payer, registered(state, id));
    if (!is_operating(payer)) {
        return fail(Refusal(LedgerError::participant_suspended));
    }
    if (payer.status == ParticipantStatus::restricted) {
        return fail(Refusal(LedgerError::participant_restricted));
    }
    return {};
}

Status<Refusal> check_counterparty(const StateReader& state, ParticipantId id, Role role) {
    const auto found = state.participant(id);
    if (!found) {
        return fail(refusal_about(LedgerError::not_registered, id));
    }
    if (!found->has(role)) {
        return fail(refusal_about(LedgerError::not_permitted, id));
    }
    if (!is_operating(*found)) {
        return fail(refusal_about(LedgerError::participant_suspended, id));
    }
    // A restricted participant may receive, but not make a market.
    if (role == Role::market_maker && found->status == ParticipantStatus::restricted) {
        return fail(refusal_about(LedgerError::participant_restricted, id));
    }
    return {};
}

Status<Refusal> check_participants(const Prepare& operation, const OperationContext& context,
                                   const StateReader& state) {
    TRY(check_payer_operator(state, context.signer));
    TRY(check_counterparty(state, operation.payee_operator, Role::wallet_operator));
    for (const Quote& quote : operation.quotes) {
        TRY(check_counterparty(state, quote.maker, Role::market_maker));
    }
    for (const Fee& fee : operation.fees) {
        const auto owner = state.participant(fee.participant);
        if (!owner) {
            return fail(refusal_about(LedgerError::not_registered, fee.participant));
        }
        // Who has left could never take it out again.
        if (owner->status == ParticipantStatus::exited) {
            return fail(refusal_about(LedgerError::participant_suspended, fee.participant));
        }
    }
    return {};
}

Status<LedgerError> check_policy(const Prepare& operation, const OperationContext& context,
                                 const StateReader& state) {
    const Policy policy = state.policy();
    TRY(known_asset(state, operation.source_asset));
    TRY(known_asset(state, operation.target_asset));
    const Corridor* corridor = policy.corridor(operation.source_asset, operation.target_asset);
    if (corridor == nullptr) {
        return fail(LedgerError::currency_not_open);
    }
    if (operation.source > corridor->single_limit) {
        return fail(LedgerError::single_limit);
    }
    if (operation.expires_at <= context.time ||
        Wide{operation.expires_at.ms} - context.time.ms >
            Wide{policy.escrow_life_max_ms} + policy.skew_max_ms) {
        return fail(LedgerError::bad_deadline);
    }
    return {};
}

Status<Refusal> check_accounts(const Remittance& remittance, const StateReader& state) {
    if (payer_account(remittance) == payee_account(remittance)) {
        return fail(Refusal(LedgerError::wrong_account));
    }
    TRY(check_debit_allowed(state, payer_account(remittance)));
    if (const auto checked = check_credit_allowed(state, payee_account(remittance)); !checked) {
        return fail(refusal_about(checked.error(), remittance.payee_operator));
    }
    return {};
}

/// Principal, fees and their sum are amounts.
Status<LedgerError> check_amounts(const Prepare& operation) {
    TRY(check_amount(operation.source));
    TRY(check_amount(operation.target));
    Minor total = operation.source;
    for (const Fee& fee : operation.fees) {
        TRY(check_amount(fee.amount));
        TRY_ASSIGN(total, add(total, fee.amount));
    }
    return {};
}

/// Whoever needs its cap for this must have cover that the bank attested lately. The bank itself is
/// not asked: nobody attests for himself, its cover is set m of n.
Status<Refusal> check_attested(const StateReader& state, std::span<const CrossingDebit> debits,
                               BlockTime now) {
    const Policy policy = state.policy();
    for (const CrossingDebit& debit : debits) {
        const Position position = state.position(debit.participant, debit.money.asset);
        const Wide debt = Wide{position.reserved} + debit.money.minor - position.open;
        const bool needs_cap = debt > 0 || old_debt(position) > 0;
        const auto asset = state.asset(debit.money.asset);
        const bool is_issuer = asset && asset->issuer == debit.participant;
        if (needs_cap && !is_issuer && !is_fresh(position.cover_attested, now, policy)) {
            return fail(refusal_about(LedgerError::attestation_stale, debit.participant));
        }
    }
    return {};
}

Status<Refusal> take_liquidity(const Remittance& remittance, const OperationContext& context,
                               LedgerState& state) {
    const std::vector<Posting> route = commit_route(remittance);
    const std::vector<CrossingDebit> debits = crossing_debits(route);
    TRY(post(state, {.debit = payer_account(remittance),
                     .credit = escrow_of_payer(remittance),
                     .amount = remittance.total_debit()}));
    if (!debits.empty() && state.windows().unsettled.size() >= unsettled_windows_max) {
        return fail(Refusal(LedgerError::settlement_pending));
    }
    TRY(check_attested(state, debits, context.time));
    return reserve_route(state, route);
}

Remittance remittance_from(const Prepare& operation, const OperationContext& context) {
    Remittance out;
    out.uetr = operation.uetr;
    out.body = digest_of(operation);
    out.payer_operator = context.signer;
    out.payer_tag = operation.payer_tag;
    out.payee_operator = operation.payee_operator;
    out.payee_tag = operation.payee_tag;
    out.source = {operation.source_asset, operation.source};
    out.target = {operation.target_asset, operation.target};
    out.fees = operation.fees;
    for (const Quote& quote : operation.quotes) {
        out.exchanges.push_back({.maker = quote.maker,
                                 .source = {quote.source_asset, quote.source},
                                 .target = {quote.target_asset, quote.target},
                                 .rate = quote.rate,
                                 .quote_id = quote.quote_id,
                                 .mark_id = quote.mark_id,
                                 .nonce = quote.nonce,
                                 .return_days = quote.return_days,
                                 .return_bps = quote.return_bps});
    }
    out.end_to_end_id = operation.end_to_end_id;
    out.purpose = operation.purpose;
    out.travel_commit = operation.travel_commit;
    out.payer_screening = operation.screening;
    out.expires_at = operation.expires_at;
    return out;
}

Status<Refusal> attempt(const Prepare& operation, const OperationContext& context,
                        LedgerState& state) {
    TRY(check_policy(operation, context, state));
    Remittance remittance = remittance_from(operation, context);
    TRY(check_accounts(remittance, state));
    TRY(check_quotes(operation, context, state));
    TRY(check_amounts(operation));
    TRY(take_liquidity(remittance, context, state));
#ifndef SIM_BUG_quote_nonce_not_stored
    for (const Quote& quote : operation.quotes) {
        state.claim_quote_nonce(quote.maker, quote.nonce, quote.expires_at);
    }
#endif
    remittance.state = RemittanceState::prepared;
    remittance.timeline.push_back(step_of(RemittanceState::prepared, Verb::prepare, context));
    state.put(remittance);
    state.add_expiry(remittance.expires_at, keys::ExpiryKind::remittance, remittance.uetr);
    return {};
}

/// What the UETR gave first, for the same operation; id_reused for another one.
RuleResult first_result(const Remittance& known, const Hash& body,
                        const OperationContext& context) {
    if (known.payer_operator != context.signer || known.body != body) {
        return fail(Refusal(LedgerError::id_reused));
    }
    if (known.state == RemittanceState::refused) {
        return fail(refusal_about(static_cast<LedgerError>(known.refusal), known.refusal_about));
    }
    return Effect{
        .state = known.state_at(context.time), .source = known.source, .target = known.target};
}
}  // namespace

RuleResult prepare(const Prepare& operation, const OperationContext& context, LedgerState& state) {
    if (!is_uuid_v4(operation.uetr)) {
        return fail(Refusal(LedgerError::not_a_uuid));
    }
    if (const auto known = state.remittance(operation.uetr)) {
        return first_result(*known, digest_of(operation), context);
    }
    TRY(check_fields(operation));
    TRY(check_participants(operation, context, state));
    if (auto done = attempt(operation, context, state); !done) {
        Refusal refusal = done.error();
        refusal.keeps_record = true;
        return fail(refusal);
    }
    return Effect{.state = RemittanceState::prepared,
                  .source = {operation.source_asset, operation.source},
                  .target = {operation.target_asset, operation.target}};
}

void record_refused(const Prepare& operation, const Refusal& refusal,
                    const OperationContext& context, LedgerState& state) {
    Remittance remittance = remittance_from(operation, context);
    remittance.state = RemittanceState::refused;
    remittance.refusal = static_cast<std::uint16_t>(refusal.error);
    remittance.refusal_about = refusal.about;
    remittance.timeline.push_back(step_of(RemittanceState::refused, Verb::prepare, context));
    state.put(remittance);
#ifdef SIM_BUG_refused_burns_quote
    for (const Quote& quote : operation.quotes) {
        state.claim_quote_nonce(quote.maker, quote.nonce, quote.expires_at);
    }
#endif
}

}  // namespace remit::ledger
