#include "ledger/rules/quote_check.h"

#include "ledger/fx.h"

namespace remit::ledger {

namespace {
constexpr std::int64_t quote_life_min_ms = 5000;
constexpr std::size_t quotes_max = 2;  // two makers, one asset between them

Status<LedgerError> check_signature(const Quote& quote, const OperationContext& context,
                                    const StateReader& state) {
    const auto key = state.key(quote.key);
    const bool may_quote = key && key->in_force() && key->participant == quote.maker &&
                           key->purpose == KeyPurpose::quote;
    if (!may_quote || !has_valid_signature(quote, context.chain_id)) {
        return fail(LedgerError::quote_bad_signature);
    }
    return {};
}

/// The terms that do not depend on amounts: whose it is, when it lives, whether it was used.
Status<LedgerError> check_offer(const Quote& quote, const OperationContext& context,
                                const StateReader& state, const Policy& policy) {
    if (quote.requester != context.signer) {
        return fail(LedgerError::quote_requester);
    }
    // As wide integers: a signed quote may hold any two times.
    const Wide life = Wide{quote.expires_at.ms} - quote.issued_at.ms;
    if (life < quote_life_min_ms || life > policy.quote_life_max_ms) {
        return fail(LedgerError::quote_life);
    }
    if (quote.issued_at.ms > context.time.ms + policy.skew_max_ms) {
        return fail(LedgerError::quote_not_yet_valid);
    }
    if (context.time >= quote.expires_at) {
        return fail(LedgerError::quote_expired);
    }
    if (state.has_quote_nonce(quote.maker, quote.nonce)) {
        return fail(LedgerError::quote_used);
    }
    return {};
}

/// The stated amounts are exactly those its own rate gives.
Status<LedgerError> check_own_amounts(const Quote& quote, const StateReader& state) {
    TRY_ASSIGN(const Asset source, known_asset(state, quote.source_asset));
    TRY_ASSIGN(const Asset target, known_asset(state, quote.target_asset));
    const Exponents exponents{source.exponent, target.exponent};
    if (quote.fixed == FixedSide::send) {
        TRY_ASSIGN(const Minor expected, target_of(quote.source, quote.rate, exponents));
        return expected == quote.target ? Status<LedgerError>{} : fail(LedgerError::quote_mismatch);
    }
    if (quote.fixed == FixedSide::receive) {
        TRY_ASSIGN(const Minor expected, source_of(quote.target, quote.rate, exponents));
        return expected == quote.source ? Status<LedgerError>{} : fail(LedgerError::quote_mismatch);
    }
    return fail(LedgerError::quote_mismatch);
}

/// The rate keeps to the bank's mark it names. A mark that a newer one replaced counts only for
/// quotes issued before that.
Status<LedgerError> check_mark(const Quote& quote, const OperationContext& context,
                               const StateReader& state, const Policy& policy) {
    if (policy.rate_mode == RateMode::market) {
        return {};
    }
    const auto mark = state.mark(quote.source_asset, quote.target_asset, quote.mark_id);
    if (!mark) {
        return fail(LedgerError::rate_not_marked);
    }
    const std::uint32_t bps = policy.rate_mode == RateMode::bank_band ? policy.rate_band_bps : 0;
    if (!is_within(quote.rate, {.bid = mark->bid, .ask = mark->ask, .bps = bps})) {
        return fail(LedgerError::rate_not_marked);
    }
    const bool superseded = mark->superseded_at.ms != 0 && quote.issued_at > mark->superseded_at;
    if (superseded || !mark->is_valid_at(context.time)) {
        return fail(LedgerError::mark_expired);
    }
    return {};
}

/// The prepare says exactly what was quoted: assets and amounts chain from source to target, and
/// the fees are those of the first quote.
bool is_what_was_quoted(const Prepare& operation) {
    AssetId asset = operation.source_asset;
    Minor amount = operation.source;
    for (const Quote& quote : operation.quotes) {
        if (quote.source_asset != asset || quote.source != amount ||
            quote.target_asset == quote.source_asset) {
            return false;
        }
        asset = quote.target_asset;
        amount = quote.target;
    }
    const bool ends_right = asset == operation.target_asset && amount == operation.target;
    const bool no_later_fees = operation.quotes.size() < 2 || operation.quotes.back().fees.empty();
    return ends_right && no_later_fees &&
           (operation.quotes.empty() || operation.quotes.front().fees == operation.fees);
}
}  // namespace

Status<Refusal> check_quotes(const Prepare& operation, const OperationContext& context,
                             const StateReader& state) {
    const bool needs_quote = operation.source_asset != operation.target_asset;
    if (needs_quote == operation.quotes.empty() || operation.quotes.size() > quotes_max) {
        return fail(Refusal(LedgerError::quote_missing));
    }
    const Policy policy = state.policy();
    const auto about = [](const Quote& quote, LedgerError error) {
        return fail(Refusal(error, quote.maker));
    };
    for (const Quote& quote : operation.quotes) {
        if (const auto checked = check_signature(quote, context, state); !checked) {
            return about(quote, checked.error());
        }
    }
    for (const Quote& quote : operation.quotes) {
        if (const auto checked = check_offer(quote, context, state, policy); !checked) {
            return about(quote, checked.error());
        }
    }
    const bool nonce_twice = operation.quotes.size() == quotes_max &&
                             operation.quotes[0].maker == operation.quotes[1].maker &&
                             operation.quotes[0].nonce == operation.quotes[1].nonce;
    if (nonce_twice) {
        return about(operation.quotes[1], LedgerError::quote_used);
    }
    if (!is_what_was_quoted(operation)) {
        return fail(Refusal(LedgerError::quote_mismatch));
    }
    for (const Quote& quote : operation.quotes) {
        if (const auto checked = check_mark(quote, context, state, policy); !checked) {
            return about(quote, checked.error());
        }
        if (const auto checked = check_own_amounts(quote, state); !checked) {
            return about(quote, checked.error());
        }
    }
    return {};
}

}  // namespace remit::ledger
