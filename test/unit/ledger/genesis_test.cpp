#include "ledger/genesis.h"

#include <catch2/catch.hpp>

#include "ledger/state/memory_view.h"
#include "ledger/state_access.h"
#include "test/unit/ledger/rules/payment_world.h"

using namespace remit;                    // NOLINT(google-build-using-namespace)
using namespace remit::ledger;            // NOLINT(google-build-using-namespace)
using namespace remit::ledger::payments;  // NOLINT(google-build-using-namespace)

TEST_CASE("genesis: the file is read back and names the chain", "[ledger][genesis]") {
    const Genesis genesis = example_genesis();
    const Bytes file = encode_genesis(genesis);
    const auto back = decode_genesis(file);
    REQUIRE(back.has_value());
    CHECK(*back == genesis);
    Bytes other = file;
    other.back() = static_cast<char>(other.back() ^ 1);
    CHECK(chain_id_of(other) != chain_id_of(file));
}

TEST_CASE("genesis: a damaged file is refused", "[ledger][genesis]") {
    const Bytes file = encode_genesis(example_genesis());
    CHECK_FALSE(decode_genesis("").has_value());
    CHECK_FALSE(decode_genesis("REMITGEN").has_value());
    for (std::size_t size = 0; size < file.size(); size += 7) {
        CHECK_FALSE(decode_genesis(ByteView(file).substr(0, size)).has_value());
    }
    CHECK_FALSE(decode_genesis(file + "x").has_value());
}

TEST_CASE("genesis: says which rule is broken", "[ledger][genesis]") {
    const auto complaint = [](const std::function<void(Genesis&)>& change) {
        Genesis genesis = example_genesis();
        change(genesis);
        const auto checked = check_genesis(genesis);
        return checked ? std::string("fine") : checked.error();
    };
    using Catch::Matchers::Contains;
    CHECK(complaint([](Genesis&) {}) == "fine");
    CHECK_THAT(complaint([](Genesis& g) { g.network = "Up"; }), Contains("network"));
    CHECK_THAT(complaint([](Genesis& g) { g.validators.clear(); }), Contains("validators"));
    CHECK_THAT(complaint([](Genesis& g) { g.participants[1].keys[0] = g.participants[0].keys[0]; }),
               Contains("used twice"));
    CHECK_THAT(complaint([](Genesis& g) { g.participants[0].keys[0].key = {}; }),
               Contains("no Ed25519 point"));
    CHECK_THAT(complaint([](Genesis& g) { std::swap(g.participants[0], g.participants[1]); }),
               Contains("rise"));
    CHECK_THAT(complaint([](Genesis& g) { g.policy.govern_threshold = 4; }), Contains("4 of 3"));
    for (const auto& spoil : std::vector<void (*)(Policy&)>{
             [](Policy& p) { p.cap_bps = 0; }, [](Policy& p) { p.quote_life_max_ms = 600'001; },
             [](Policy& p) { p.escrow_life_max_ms = 86'400'001; },
             [](Policy& p) { p.operations_per_envelope_max = 0; },
             [](Policy& p) { p.envelope_bytes_max = 1; },
             [](Policy& p) { p.rate_mode = RateMode::unspecified; },
             [](Policy& p) { p.corridors = {{hkd, AssetId{77}, 100}}; },
             [](Policy& p) { p.corridors.push_back(p.corridors.front()); }}) {
        CHECK_THAT(complaint([&](Genesis& g) { spoil(g.policy); }), Contains("policy"));
        Genesis genesis = example_genesis();
        spoil(genesis.policy);
        CHECK_THAT(decode_genesis(encode_genesis(genesis)).error(), Contains("policy"));
    }
    CHECK_THAT(complaint([](Genesis& g) { g.assets[0].exponent = 3; }), Contains("asset 1"));
    CHECK_THAT(complaint([](Genesis& g) { g.assets[0].issuer = alipay; }), Contains("issuer"));
    CHECK_THAT(complaint([](Genesis& g) { g.cash[0].cover = -1; }), Contains("cash"));
    CHECK_THAT(complaint([](Genesis& g) {
                   g.calendar.cut_offs = {{{2}, "2025-01-02"}, {{1}, "2025-01-03"}};
               }),
               Contains("calendar"));
}

TEST_CASE("genesis: writes the state of height 0", "[ledger][genesis]") {
    const Genesis genesis = example_genesis();
    const ChainId chain_id = chain_id_of(encode_genesis(genesis));
    MemoryView base;
    Delta delta(base);
    write_genesis(genesis, chain_id, delta);
    const StateReader state(delta);
    CHECK(state.chain()->chain_id == chain_id);
    CHECK(state.head().height == 0);
    CHECK(state.windows().open == WindowId{1});
    CHECK(state.window({1})->state == WindowState::open);
    CHECK(state.position(alipay, hkd).cover == 2'000'000);
    CHECK(state.position(alipay, hkd).cover_attested.present());
    CHECK(state.key(key_of(alipay, KeyPurpose::validate).public_key())->purpose ==
          KeyPurpose::validate);
    CHECK(state.participant(maker)->has(Role::market_maker));
}
