#include "tools/bench/market.h"

#include "node/seams/random.h"
#include "tools/cli/signing.h"
#include "tools/devnet/plan.h"

namespace remit::bench {
namespace {

using devnet::hkd_id;
using devnet::php_id;

// Cross rates of the ECB's reference rates of 2024-12-31 (tools/devnet/rates.csv), 10 decimals.
constexpr ledger::Rate hkd_php{74'735'393'996, 10};
constexpr ledger::Rate php_hkd{1'338'054'095, 10};

constexpr std::int64_t life_ms = 60'000;
constexpr std::int64_t escrow_life_ms = 30'000;  // the most the policy allows

}  // namespace

Market::Market(const devnet::Network& network, SecretKey quote_key, std::uint64_t mark_id,
               std::int64_t now_ms)
    : chain_id_(network.chain_id),
      quote_key_(std::move(quote_key)),
      maker_{devnet::id_of(devnet::Place::maker)},
      mark_id_(mark_id),
      now_ms_(now_ms),
      nonce_(static_cast<std::uint64_t>(now_ms) * 1'000'000) {}

ledger::Rate Market::rate(ledger::AssetId source) const {
    return source.value == hkd_id ? hkd_php : php_hkd;
}

std::vector<ledger::Operation> Market::marks() const {
    constexpr std::int64_t day_ms = 86'400'000;
    const auto mark = [&](std::uint16_t source, std::uint16_t target) {
        ledger::BankMark out;
        out.mark_id = mark_id_;
        out.source = {source};
        out.target = {target};
        out.bid = rate(out.source);
        out.ask = rate(out.source);
        // Block time may be a little behind this clock.
        out.valid_from = {now_ms_ - life_ms};
        out.valid_to = {now_ms_ + day_ms};
        return out;
    };
    return {mark(hkd_id, php_id), mark(php_id, hkd_id)};
}

ledger::Prepare Market::prepare(const Side& from, const Side& to, std::uint64_t number) {
    node::SystemRandom random;
    constexpr std::int64_t amount_minor_min = 1'000;
    constexpr std::uint64_t amount_steps = 4'001;
    const auto now = cli::wall_clock_ms();
    ledger::Quote quote;
    quote.quote_id = uuid_v4_from(random.draw<Uuid>());
    quote.maker = maker_;
    quote.requester = from.operator_id;
    quote.source_asset = from.asset;
    quote.target_asset = to.asset;
    quote.fixed = ledger::FixedSide::send;
    // Odd steps spread the amounts over 10.00 to 50.00 in no order.
    quote.source =
        amount_minor_min + static_cast<std::int64_t>(number * 2'654'435'761 % amount_steps);
    quote.rate = rate(from.asset);
    quote.target = ledger::target_of(quote.source, quote.rate, {2, 2}).value_or(0);
    quote.mark_id = mark_id_;
    quote.issued_at = {now};
    quote.expires_at = {now + life_ms};
    quote.nonce = nonce_.fetch_add(1);
    ledger::sign_quote(quote, chain_id_, quote_key_);

    ledger::Prepare prepare;
    prepare.uetr = uuid_v4_from(random.draw<Uuid>());
    prepare.source_asset = from.asset;
    prepare.payer_tag = from.tags[number % from.tags.size()];
    prepare.payee_operator = to.operator_id;
    prepare.target_asset = to.asset;
    prepare.payee_tag = to.tags[number * 31 % to.tags.size()];
    prepare.source = quote.source;
    prepare.target = quote.target;
    prepare.quotes = {quote};
    prepare.purpose = "OTHR";
    prepare.travel_commit = hash(domain::account, {prepare.uetr.view()});
    prepare.screening.list_hash = hash(domain::account, "bench");
    prepare.expires_at = {now + escrow_life_ms};
    return prepare;
}

}  // namespace remit::bench
