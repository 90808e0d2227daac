#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "test/support/consensus/network.h"

// Random faults from a seed on four (sometimes seven) engines: loss, crashes with restart from the
// disk, partitions. Safety is judged by the network at every step; afterwards the network heals
// and everything submitted to a node that stayed up must be executed everywhere, once.

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed * 2654435769U + 1) {}
    std::uint64_t below(std::uint64_t bound) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state_ >> 33U) % bound;
    }
    bool percent(std::uint64_t chance) { return below(100) < chance; }

private:
    std::uint64_t state_;
};

void storm(std::uint64_t seed, bool forgetful) {
    Chance chance(seed);
    const std::size_t n = chance.percent(80) ? 4 : 7;
    Params params;
    params.lag_max = chance.percent(30) ? 4 : 64;
    params.resend_ms = 500;
    VirtualNetwork network(n, params);
    network.delay_ms = 1 + static_cast<std::int64_t>(chance.below(30));
    const auto loss = chance.below(25);
    std::optional<ValidatorIndex> loser;
    std::size_t split = 0;  // validators below it hear only each other
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message&) {
        return !chance.percent(loss) && (from < split) == (to < split);
    };
    for (int round = 0; round < 30; ++round) {
        const auto node = static_cast<ValidatorIndex>(chance.below(n));
        const auto dice = chance.below(10);
        if (dice < 6 && network.node(node).engine) {
            network.submit(node, "item-" + std::to_string(round));
        } else if (dice == 6) {
            split = chance.below(n);
        } else if (dice == 7) {
            split = 0;
        } else if (network.node(node).engine) {
            network.crash(node);
        } else {
            // One disk of the network may be lost: more would be more than f.
            if (forgetful && !loser) {
                network.lose_journal(node);
                loser = node;
            }
            network.restart(node);
        }
        network.run_for(static_cast<std::int64_t>(chance.below(300)));
    }
    network.filter = nullptr;
    for (std::size_t i = 0; i < n; ++i) {
        if (!network.node(static_cast<ValidatorIndex>(i)).engine) {
            network.restart(static_cast<ValidatorIndex>(i));
        }
    }
    // Who asks where the others stand takes no items yet.
    network.submit(loser == 0 ? 1 : 0, "after the storm");
    const bool done = network.run_until(
        [&] {
            return network.all_executed("after the storm") &&
                   network.executed(0) == network.executed(static_cast<ValidatorIndex>(n - 1));
        },
        60000);
    INFO("seed " << seed);
    for (const auto& fault : network.faults()) {
        UNSCOPED_INFO(fault);
    }
    CHECK(network.faults().empty());
    for (std::size_t i = 0; i < n; ++i) {
        const auto m = network.node(static_cast<ValidatorIndex>(i)).engine->metrics();
        UNSCOPED_INFO(i << " view " << m.view << " height " << m.finalised_height << " executed "
                        << m.executed_height << " held " << m.batches_held << " amnesiac "
                        << m.amnesiac << " voting " << m.voting);
    }
    CHECK(done);
    const auto items = network.items(0);
    CHECK(std::set<Bytes>(items.begin(), items.end()).size() == items.size());
    for (std::size_t i = 0; i < n; ++i) {
        const auto& node = network.node(static_cast<ValidatorIndex>(i));
        for (const auto& reason : node.misbehaviour) {
            FAIL_CHECK("seed " << seed << ": an honest peer was blamed: " << reason);
        }
        CHECK_FALSE(node.divergence.has_value());
        CHECK(node.evidence.empty());
        // What a crash leaves behind never looks like an old copy.
        CHECK(
            std::none_of(node.disk.journal.begin(), node.disk.journal.end(),
                         [](const auto& record) { return record.type == RecordType::votes_lost; }));
    }
}

}  // namespace

TEST_CASE("engine: random loss, crashes and partitions never fork, and it heals", "[consensus]") {
    const char* wished = std::getenv("REMIT_STORM_SEEDS");  // for long runs by hand
    const auto seeds = wished == nullptr ? 25U : static_cast<unsigned>(std::atoi(wished));
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        storm(seed, false);
    }
}

TEST_CASE("engine: nor when one validator loses its votes on the way", "[consensus][amnesia]") {
    const char* wished = std::getenv("REMIT_STORM_SEEDS");
    const auto seeds = wished == nullptr ? 25U : static_cast<unsigned>(std::atoi(wished));
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        storm(seed, true);
    }
}
