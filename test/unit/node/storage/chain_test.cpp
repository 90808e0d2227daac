#include "node/storage/chain.h"

#include <catch2/catch.hpp>

#include "test/support/ledger/network.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

ledger::Genesis genesis_with(const consensus::Params& params) {
    auto genesis = test::Network().genesis();
    genesis.consensus_params = consensus::encode(params);
    return genesis;
}

}  // namespace

TEST_CASE("chain: a genesis file whose consensus parameters cannot work is refused", "[storage]") {
    REQUIRE(chain_of(ledger::encode_genesis(genesis_with({}))));
    consensus::Params no_window;
    no_window.author_window = 0;
    consensus::Params tiny_batches;
    tiny_batches.batch_bytes_max = 1;
    tiny_batches.inline_bytes_max = 2;
    consensus::Params no_delta;
    no_delta.delta_ms_min = no_delta.delta_ms_max + 1;
    for (const auto& params : {no_window, tiny_batches, no_delta}) {
        const auto chain = chain_of(ledger::encode_genesis(genesis_with(params)));
        REQUIRE_FALSE(chain);
        CHECK(chain.error().find("consensus parameters") != std::string::npos);
    }
}

TEST_CASE("chain: a genesis file with more validators than the limit is refused", "[storage]") {
    auto genesis = genesis_with({});
    REQUIRE_FALSE(genesis.validators.empty());
    const auto one = genesis.validators.front();
    for (std::size_t i = 0; genesis.validators.size() <= consensus::limits::validators; ++i) {
        KeySeed seed;
        seed.data.fill(static_cast<std::uint8_t>(100 + i));
        auto another = one;
        another.validate_key = SecretKey(seed).public_key();
        genesis.validators.push_back(another);
    }
    const auto chain = chain_of(ledger::encode_genesis(genesis));
    REQUIRE_FALSE(chain);
    CHECK(chain.error().find("validators") != std::string::npos);
}
