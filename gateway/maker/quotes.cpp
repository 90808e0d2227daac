#include "gateway/maker/quotes.h"

#include "gateway/bank/rates.h"
#include "gateway/crash_points.h"
#include "ledger/wire/encode.h"
#include "ledger/wire/quote.h"

namespace remit::gateway {

namespace {

using ledger::LedgerError;

/// One synced write for so many quotes; a crash skips the rest of them.
constexpr std::uint64_t nonces_per_write = 1'000;

ledger::Rate to_rate(const remit::v1::Rate& rate) {
    return {.mantissa = rate.mantissa(), .scale = rate.scale()};
}

v1::QuoteAnswer refused(LedgerError error) {
    v1::QuoteAnswer answer;
    *answer.mutable_refusal() = ledger::wire::to_proto(error);
    return answer;
}

/// A refusal that is the desk's own, not one of the ledger's.
v1::QuoteAnswer refused(const char* name, const char* iso_reason, const char* meaning,
                        const char* remedy) {
    v1::QuoteAnswer answer;
    auto& refusal = *answer.mutable_refusal();
    refusal.set_name(name);
    refusal.set_iso_reason(iso_reason);
    refusal.set_meaning(meaning);
    refusal.set_remedy(remedy);
    return answer;
}

}  // namespace

QuoteDesk::QuoteDesk(const Journal& journal, const MarkBook& marks, const Registry& registry,
                     const SecretKey& key, const node::Clock& clock, node::Random& random,
                     const MakerOptions& options)
    : journal_(journal),
      marks_(marks),
      registry_(registry),
      key_(key),
      clock_(clock),
      random_(random),
      options_(options) {
    nonce_ = nonces_written_ = journal_.number(Journal::Number::quote_nonce);
}

Result<ledger::Quote, LedgerError> QuoteDesk::terms_of(const v1::QuoteRequest& request) const {
    const auto source = registry_.assets.find(request.source_asset_id());
    const auto target = registry_.assets.find(request.target_asset_id());
    if (source == registry_.assets.end() || target == registry_.assets.end() || source == target) {
        return fail(LedgerError::currency_not_open);
    }
    TRY(ledger::check_amount(request.amount_minor()));
    const auto mark = marks_.find({request.source_asset_id(), request.target_asset_id()});
    if (!mark) {
        return fail(LedgerError::rate_not_marked);
    }
    ledger::Quote quote;
    quote.issued_at = {clock_.wall_ms()};
    quote.expires_at = {quote.issued_at.ms + options_.quote_life_ms};
    if (mark->valid_to_ms() <= quote.issued_at.ms) {
        return fail(LedgerError::mark_expired);
    }
    quote.maker = {options_.participant};
    quote.requester = {request.requester_id()};
    quote.source_asset = {static_cast<std::uint16_t>(request.source_asset_id())};
    quote.target_asset = {static_cast<std::uint16_t>(request.target_asset_id())};
    quote.mark_id = mark->mark_id();
    quote.rate = shifted(to_rate(mark->bid()), -static_cast<std::int32_t>(options_.spread_bps));
    quote.return_days = options_.return_days;
    for (const auto& fee : request.fees()) {
        quote.fees.push_back({.participant = {fee.participant_id()}, .amount = fee.amount_minor()});
    }
    const ledger::Exponents exponents{static_cast<int>(source->second.exponent()),
                                      static_cast<int>(target->second.exponent())};
    if (request.fixed() == remit::v1::FIXED_SIDE_RECEIVE) {
        quote.fixed = ledger::FixedSide::receive;
        quote.target = request.amount_minor();
        TRY_ASSIGN(quote.source, ledger::source_of(quote.target, quote.rate, exponents));
    } else {
        quote.fixed = ledger::FixedSide::send;
        quote.source = request.amount_minor();
        TRY_ASSIGN(quote.target, ledger::target_of(quote.source, quote.rate, exponents));
    }
    return quote;
}

bool QuoteDesk::has_room(std::uint32_t requester, std::int64_t now_ms) {
    auto& expiries = open_[requester];
    while (!expiries.empty() && expiries.front() <= now_ms) {
        expiries.pop_front();
    }
    return expiries.size() < options_.open_quotes_max;
}

std::uint64_t QuoteDesk::next_nonce() {
    if (nonce_ == nonces_written_) {
        node::KvBatch batch;
        const auto last = nonces_written_ + nonces_per_write;
        Journal::put(batch, Journal::Number::quote_nonce, last);
        crash_point(CrashPoint::quote_before_write);
        node::or_die(journal_.kv().write(batch, node::KvSync::durable));
        crash_point(CrashPoint::quote_after_write);
        nonces_written_ = last;
    }
    return ++nonce_;
}

v1::QuoteAnswer QuoteDesk::quote(const v1::QuoteRequest& request) {
    if (request.maker_id() != 0 && request.maker_id() != options_.participant) {
        return refused("OTHER_MAKER", "RC01", "this desk quotes for another market maker",
                       "mend [makers]: each number with that maker's own address");
    }
    auto terms = terms_of(request);
    if (!terms) {
        return refused(terms.error());
    }
    {
        const std::lock_guard lock(mutex_);
        if (!has_room(request.requester_id(), terms->issued_at.ms)) {
            return refused("OPEN_QUOTES", "AM23", "too many quotes of yours are open",
                           "use them or let them expire");
        }
        open_[request.requester_id()].push_back(terms->expires_at.ms);
        terms->nonce = next_nonce();
    }
    terms->quote_id = uuid_v4_from(random_.draw<Uuid>());
    ledger::sign_quote(*terms, options_.chain_id, key_);
    v1::QuoteAnswer answer;
    *answer.mutable_quote() = ledger::wire::to_proto(*terms);
    return answer;
}

}  // namespace remit::gateway
