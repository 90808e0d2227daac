#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ledger/epoch.h"
#include "test/sim/simulated_node.h"

namespace remit::sim {

/// The organisations: every few seconds they name another set of validators. The fifth machine
/// joins and leaves, a founder leaves and comes back, one key rotates, consensus parameters change.
class Governor {
public:
    Governor(SharedWorld world, std::vector<std::unique_ptr<SimulatedNode>>& nodes);

    void begin(std::int64_t every_ms);
    /// This machine leaves and comes back more often than others.
    /// The newest protocol version that any program knows: plans may begin the next one up to it.
    static constexpr std::uint16_t newest_version = 3;
    /// Plans the set that is in force with the next version, now.
    void plan_next_version() { plan_with(true); }
    void pick_on(std::size_t machine) { restless_ = machine; }
    /// The set stays what it is from now on.
    void rest() { resting_ = true; }
    [[nodiscard]] std::uint64_t plans() const { return plans_; }

private:
    void plan();
    void plan_with(bool next_version);
    [[nodiscard]] std::vector<ledger::EpochValidator> draw_set();
    [[nodiscard]] std::vector<ParamChange> draw_params();

    SharedWorld world_;
    std::vector<std::unique_ptr<SimulatedNode>>& nodes_;
    test::Prng random_;
    test::Prng versions_;
    test::Prng params_;
    std::int64_t every_ms_ = 0;
    std::uint64_t plans_ = 0;
    std::optional<std::size_t> restless_;
    bool resting_ = false;
};

}  // namespace remit::sim
