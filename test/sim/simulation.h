#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "test/sim/byzantine/actor.h"
#include "test/sim/clients.h"
#include "test/sim/dice.h"
#include "test/sim/fault_script.h"
#include "test/sim/governor.h"
#include "test/sim/simulated_node.h"

namespace remit::sim {

/// What a run was like.
struct Report {
    std::uint64_t height = 0;
    std::uint64_t remittances = 0;
    std::uint64_t accepted = 0;
    std::uint64_t answers = 0;
    std::uint64_t boots = 0;
    std::uint64_t votes = 0;
    std::uint64_t events = 0;
    std::int64_t virtual_ms = 0;
    std::uint64_t misdeeds = 0;  ///< of Byzantine validators
    std::uint64_t evidence = 0;  ///< against them, held by honest ones
    std::uint64_t recorded = 0;  ///< of that, on the chain
    std::uint64_t closed = 0;    ///< connections that honest ones closed on them
    std::uint64_t blamed = 0;    ///< how often they had a reason of their own
    std::uint64_t deaths = 0;    ///< processes that ended by themselves after a disk fault
    std::uint64_t open_groups_rotten = 0;  ///< times that newest records of a journal were damaged
    std::uint64_t installed = 0;           ///< snapshots that took the place of a database
    std::uint64_t epochs = 0;
    std::uint16_t version = 1;         ///< of the newest epoch
    std::uint64_t outrun = 0;          ///< how often a version began that some program did not know
    std::uint64_t blocks_waiting = 0;  ///< for execution somewhere, at most
    std::uint64_t bytes_waiting = 0;   ///< of their batches, at most
    std::int64_t longest_wait_ms = 0;  ///< of sound validators for a height, while one was slow
    std::uint64_t sets = 0;            ///< different ones that validated
    std::uint64_t parameter_changes = 0;  ///< epochs that began with other consensus parameters
    std::uint64_t demotions = 0;          ///< seats that led no view of an epoch
    std::uint64_t epochs_without_actor = 0;
    Hash state_root;
    Hash trace;  ///< of every delivery: equal for equal seeds
    std::map<ledger::RemittanceState, std::uint64_t> by_state;
};

/// A network of validators and their clients in one thread on virtual time: a safety phase
/// with faults, a liveness phase on a healed network, an audit. Throws Breach.
class Simulation {
public:
    /// With a script its faults happen instead of those that the profile would draw.
    Simulation(std::uint64_t seed, Profile profile, const FaultScript* told = nullptr);
    ~Simulation();

    Report run();
    /// What happened so far, also after a Breach: told to another run it is the same run.
    [[nodiscard]] const FaultScript& script() const { return kept_; }
    [[nodiscard]] std::int64_t now_ms() const { return scheduler_.now_ms(); }
    /// The wires have healed.
    [[nodiscard]] bool healed() const { return !faults_on_; }

private:
    // simulation_faults.cpp
    struct FaultClock;
    static const std::vector<FaultClock>& fault_clocks();
    void plan_faults();
    void end_faults();
    void plan(const FaultClock& clock);
    void plan_told(const FaultClock& clock);
    void happen(const FaultClock& clock, std::vector<std::uint64_t> told);
    [[nodiscard]] test::Prng& stream_of(const FaultClock& clock);
    /// The dice of what is no fault by itself, by its name.
    Dice& dice(const std::string& name);
    void plan_resets();
    void kill_one(Dice& dice);
    void cut_power_of_one(Dice& dice);
    void black_out(Dice& dice);
    void forget_one(Dice& dice);
    void forget_as_leader(Dice dice, std::int64_t until_ms);
    void copy_or_set_back(Dice& dice);
    void erase_one(Dice& dice);
    void partition(Dice& dice);
    void clog_one_by_one(Dice& dice, std::int64_t lasts_ms);
    void chase_leaders(std::int64_t until_ms);
    void shift_clock(Dice& dice);
    void make_one_gray(Dice& dice);
    /// What the sound validators of a run with a slow one have got done.
    struct Pace {
        std::optional<std::size_t> slow;
        std::int64_t sound_from_ms = 0;
        consensus::Height height = 0;
        std::int64_t waits_from_ms = 0;
    };
    void judge_pace(Pace pace);
    void upgrade_one(Dice& dice);
    void upgrade_the_rest();
    void await_newest_version();
    void rot_one(Dice& dice);
    void misdirect_a_write(Dice& dice);
    void fail_a_disk(Dice& dice);
    void fill_a_disk(Dice& dice);
    void reset_connection();
    void let_some_die();
    void came_down(std::size_t index);
    void revive(std::size_t index);

    void seat_actors(const SharedWorld& world);
    void seat(const std::string& kind, std::size_t at, const SharedWorld& world);
    void close_connection(std::size_t one, std::size_t other);
    [[nodiscard]] Report report() const;
    void safety_phase();
    void liveness_phase();
    void grow(consensus::Height from);
    void bereave();
    void judge_views(std::uint64_t heights, std::uint64_t nullified) const;
    void audit();
    void audit_evidence();
    void replay(SimulatedNode& node);
    void wait_until(const std::string& invariant, const std::string& what, std::int64_t limit_ms,
                    const std::function<std::string()>& missing);
    void run_for(std::int64_t ms);
    [[nodiscard]] bool judged(const SimulatedNode& node) const {
        return node.up() && node.honest();
    }
    [[nodiscard]] std::string behind(consensus::Height target) const;
    [[nodiscard]] std::string unequal() const;
    [[nodiscard]] std::string unsettled() const;
    [[nodiscard]] static std::string where(const SimulatedNode& node);

    std::uint64_t seed_;
    Profile profile_;
    RarePoints rare_;
    Bytes genesis_file_;
    node::Chain chain_;
    Scheduler scheduler_;
    test::Prng faults_;
    test::Prng resets_;
    std::map<std::string, test::Prng> streams_;  // of kinds that have their own
    FaultScript kept_;
    const FaultScript* told_;
    std::map<std::string, std::deque<Happening>> told_by_kind_;  // still to come
    std::map<std::string, Dice> dice_;
    Links links_;
    ConsensusOracle consensus_;
    MoneyOracle money_;
    bool faults_on_ = true;
    std::set<std::size_t> dead_;  // indexes of those that stay down
    Bytes trace_;
    std::vector<std::unique_ptr<SimulatedNode>> nodes_;
    std::map<std::size_t, std::unique_ptr<Actor>> actors_;  // by the machine that each has
    std::uint64_t closed_ = 0;
    std::uint64_t blamed_ = 0;
    std::unique_ptr<Clients> clients_;
    std::unique_ptr<Governor> governor_;
    std::uint64_t recorded_ = 0;
    std::int64_t longest_wait_ms_ = 0;  // for a new height, while one machine was slow
    std::uint64_t concluded_ill_ = 0;   // remittances, until the network had healed
    std::uint64_t accepted_ill_ = 0;
    std::map<Hash, Clients::Receipts> answers_;  ///< final ones, as of the audit
};

}  // namespace remit::sim
