#include "ledger/rules/route.h"

#include <map>

#include "ledger/posting.h"

namespace remit::ledger {

namespace {
AccountId settlement_of(ParticipantId participant, AssetId asset) {
    return own_account(participant, asset, AccountKind::settlement);
}

/// Adds a step unless it would move money from an account to itself (one maker on both sides).
void add_step(std::vector<Posting>& route, const Posting& posting) {
    if (posting.debit != posting.credit) {
        route.push_back(posting);
    }
}
}  // namespace

AccountId payer_account(const Remittance& remittance) {
    return customer_account(remittance.payer_operator, remittance.source.asset,
                            remittance.payer_tag);
}

AccountId payee_account(const Remittance& remittance) {
    return customer_account(remittance.payee_operator, remittance.target.asset,
                            remittance.payee_tag);
}

AccountId escrow_of_payer(const Remittance& remittance) {
    return own_account(remittance.payer_operator, remittance.source.asset, AccountKind::escrow);
}

AccountId escrow_of_payee(const Remittance& remittance) {
    return own_account(remittance.payee_operator, remittance.target.asset, AccountKind::escrow);
}

std::vector<Posting> commit_route(const Remittance& remittance) {
    std::vector<Posting> route;
    AccountId from = escrow_of_payer(remittance);
    for (const Exchange& exchange : remittance.exchanges) {
        add_step(route, {.debit = from,
                         .credit = settlement_of(exchange.maker, exchange.source.asset),
                         .amount = exchange.source.minor});
        from = settlement_of(exchange.maker, exchange.target.asset);
    }
    add_step(
        route,
        {.debit = from, .credit = payee_account(remittance), .amount = remittance.target.minor});
    for (const Fee& fee : remittance.fees) {
        route.push_back(
            {.debit = escrow_of_payer(remittance),
             .credit = own_account(fee.participant, remittance.source.asset, AccountKind::fee),
             .amount = fee.amount});
    }
    return route;
}

std::vector<Posting> return_route(const Remittance& remittance, const Return& movement) {
    std::vector<Posting> route;
    AccountId from = escrow_of_payee(remittance);
    for (auto exchange = movement.exchanges.rbegin(); exchange != movement.exchanges.rend();
         ++exchange) {
        add_step(route, {.debit = from,
                         .credit = settlement_of(exchange->maker, exchange->target.asset),
                         .amount = exchange->target.minor});
        from = settlement_of(exchange->maker, exchange->source.asset);
    }
    add_step(route,
             {.debit = from, .credit = payer_account(remittance), .amount = movement.source});
    return route;
}

std::vector<CrossingDebit> crossing_debits(std::span<const Posting> route) {
    std::map<std::pair<ParticipantId, AssetId>, Minor> sums;
    for (const Posting& posting : route) {
        if (posting.debit.participant != posting.credit.participant) {
            // At most a principal and its fees, together no more than the largest amount.
            sums[{posting.debit.participant, posting.debit.asset}] += posting.amount;
        }
    }
    std::vector<CrossingDebit> out;
    out.reserve(sums.size());
    for (const auto& [key, amount] : sums) {
        out.push_back({.participant = key.first, .money = {key.second, amount}});
    }
    return out;
}

Status<Refusal> reserve_route(LedgerState& state, std::span<const Posting> route) {
    const Policy policy = state.policy();
    for (const CrossingDebit& debit : crossing_debits(route)) {
        const Position position = state.position(debit.participant, debit.money.asset);
        if (!has_headroom_to_reserve(position, debit.money.minor, policy)) {
            return fail(Refusal(LedgerError::ndc_exceeded, debit.participant));
        }
        reserve(state, debit.participant, debit.money);
    }
    return {};
}

void unreserve_route(LedgerState& state, std::span<const Posting> route) {
    for (const CrossingDebit& debit : crossing_debits(route)) {
        unreserve(state, debit.participant, debit.money);
    }
}

Status<Refusal> commit_reserved_route(LedgerState& state, std::span<const Posting> route) {
    const Policy policy = state.policy();
    for (const CrossingDebit& debit : crossing_debits(route)) {
        const Position position = state.position(debit.participant, debit.money.asset);
        if (!has_headroom_to_pay(position, debit.money.minor, policy)) {
            return fail(Refusal(LedgerError::ndc_exceeded, debit.participant));
        }
    }
    unreserve_route(state, route);
    for (const Posting& posting : route) {
        if (const auto posted = post(state, posting); !posted) {
            return fail(Refusal(posted.error(), posting.debit.participant));
        }
    }
    for (const Posting& posting : route) {
        if (posting.debit.kind == AccountKind::settlement &&
            !is_safeguarded(state, posting.debit.participant, posting.debit.asset)) {
            return fail(Refusal(LedgerError::reserve_exceeded, posting.debit.participant));
        }
    }
    return {};
}

Status<LedgerError> release(LedgerState& state, const Remittance& remittance) {
    unreserve_route(state, commit_route(remittance));
    return post_home(state, {.debit = escrow_of_payer(remittance),
                             .credit = payer_account(remittance),
                             .amount = remittance.total_debit()});
}

Status<LedgerError> release_return(LedgerState& state, const Remittance& remittance,
                                   const Return& movement) {
    unreserve_route(state, return_route(remittance, movement));
    const AccountId home = movement.operator_bears
                               ? settlement_of(remittance.payee_operator, remittance.target.asset)
                               : payee_account(remittance);
    return post_home(
        state, {.debit = escrow_of_payee(remittance), .credit = home, .amount = movement.target});
}

}  // namespace remit::ledger
