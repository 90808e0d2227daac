#include "test/sim/rare_points.h"

#include "test/sim/oracle.h"

namespace remit::sim {

namespace {
constexpr std::uint64_t sometimes = 5'000, often = 50'000, half = 500'000;

std::map<std::string, std::uint64_t>& counted() {
    static std::map<std::string, std::uint64_t> counts = [] {
        std::map<std::string, std::uint64_t> out;
        for (const auto& point : rare_points()) {
            out[point.name] = 0;
        }
        return out;
    }();
    return counts;
}
}  // namespace

const std::vector<RarePoint>& rare_points() {
    static const std::vector<RarePoint> points = {
        {"early_tick", often},            // the host looks at the clock before the deadline
        {"late_tick", often},             // and long after it
        {"merged_turn", often},           // several events before one sync
        {"small_segments", half},         // the vote journal turns over all the time
        {"checkpoint_each_block", half},  // nothing to replay
        {"no_checkpoint", half},          // everything to replay
        {"database_flushed", sometimes},  // RocksDB made writes durable by itself
        {"connection_reset", sometimes},  // both ends live, what was under way is lost
        {"power_in_recovery", often},     // a machine dies while its process starts
        {"killed_at_start", often},       // a process dies just after it started
        {"execution_stalls", sometimes},  // one block takes seconds
        {"result_late", often},           // the reactor hears of a result long after it
        {"tiny_limits", 200'000},         // windows and maxima of a few
        {"answer_lost", often},           // the client asks again for what was done
        {"asked_of_all", often},          // the same item at every validator at once
    };
    return points;
}

RarePoints::RarePoints(std::uint64_t seed, bool on) {
    std::uint64_t entity = 0;
    for (const auto& point : rare_points()) {
        test::Prng random(seed, "rare", entity++);
        if (on && random.chance(half)) {
            armed_.emplace(point.name, Armed{random, point.per_million});
        }
    }
}

bool RarePoints::maybe(const std::string& name) {
    const auto count = counted().find(name);
    if (count == counted().end()) {
        throw Breach("SETUP", "no rare point has the name " + name);
    }
    const auto found = armed_.find(name);
    if (found == armed_.end() || !found->second.random.chance(found->second.per_million)) {
        return false;
    }
    ++count->second;
    return true;
}

const std::map<std::string, std::uint64_t>& RarePoints::hits() {
    return counted();
}

}  // namespace remit::sim
