#include "ledger/base/consensus_params.h"

#include <catch2/catch.hpp>

using namespace remit;  // NOLINT(google-build-using-namespace)

namespace {
using Changes = std::vector<ParamChange>;

/// Genesis parameters that leave each governed one room to reach its bounds alone.
ConsensusParams roomy() {
    ConsensusParams out;
    out.delta_ms_min = 1;
    out.delta_ms_max = 60'000;
    out.batch_bytes_max = 512;
    out.inline_bytes_max = 0;
    return out;
}

std::optional<ConsensusParams> with(const ParamBounds& bounds, std::uint32_t value) {
    auto from = roomy();
    if (bounds.param == GovernedParam::inline_bytes_max) {
        from.batch_bytes_max = bounds.most;
    }
    return changed(from, Changes{{bounds.param, value}});
}
}  // namespace

TEST_CASE("consensus params: a plan reaches each bound, and not one beyond", "[ledger]") {
    REQUIRE(governed_params().size() == 10);
    for (const auto& each : governed_params()) {
        CAPTURE(each.name);
        REQUIRE(each.least < each.most);
        for (const auto value : {each.least, each.most}) {
            const auto done = with(each, value);
            REQUIRE(done);
            CHECK((*done).*(each.field) == value);
            CHECK(done->acceptable());
        }
        CHECK_FALSE(with(each, each.most + 1));
        if (each.least > 0) {
            CHECK_FALSE(with(each, each.least - 1));
        }
    }
}

TEST_CASE("consensus params: a change leaves the others as they are", "[ledger]") {
    const ConsensusParams before;
    const auto after = changed(
        before, Changes{{GovernedParam::lag_max, 8}, {GovernedParam::block_bytes_max, 2'097'152}});
    REQUIRE(after);
    ConsensusParams wanted;
    wanted.lag_max = 8;
    wanted.block_bytes_max = 2'097'152;
    CHECK(*after == wanted);
    CHECK(after->hash() != before.hash());
    CHECK(changed(before, Changes{}) == before);
}

TEST_CASE("consensus params: changes that contradict what stays are refused", "[ledger]") {
    ConsensusParams now;
    now.delta_ms_max = 600;
    now.expiry_window = 32;
    CHECK(changed(now, Changes{{GovernedParam::delta_ms_min, 600}}));
    CHECK_FALSE(changed(now, Changes{{GovernedParam::delta_ms_min, 601}}));
    CHECK(changed(now,
                  Changes{{GovernedParam::delta_ms_min, 601}, {GovernedParam::delta_ms_max, 601}}));
    CHECK(changed(now, Changes{{GovernedParam::lag_max, 32}}));
    CHECK_FALSE(changed(now, Changes{{GovernedParam::lag_max, 33}}));
    CHECK(changed(now, Changes{{GovernedParam::block_bytes_max, now.batch_bytes_max}}));
    CHECK_FALSE(changed(now, Changes{{GovernedParam::block_bytes_max, now.batch_bytes_max - 1}}));
    now.batch_bytes_max = 1024;
    now.inline_bytes_max = 0;
    CHECK(changed(now, Changes{{GovernedParam::inline_bytes_max, 1024}}));
    CHECK_FALSE(changed(now, Changes{{GovernedParam::inline_bytes_max, 1025}}));
}

TEST_CASE("consensus params: changes are ascending, once each, and of governed ones", "[ledger]") {
    const ConsensusParams now;
    CHECK_FALSE(changed(now, Changes{{GovernedParam::lag_max, 8}, {GovernedParam::lag_max, 8}}));
    CHECK_FALSE(
        changed(now, Changes{{GovernedParam::resend_ms, 500}, {GovernedParam::lag_max, 8}}));
    CHECK_FALSE(changed(now, Changes{{GovernedParam{}, 8}}));
}
