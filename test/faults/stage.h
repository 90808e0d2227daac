#pragma once

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "test/faults/cluster.h"

namespace remit::test {

/// What a fault acts on, and where it draws its choices from: one seed, one schedule.
class Stage {
public:
    /// `quick`: holds of about a second, for the slice that every build runs.
    Stage(Cluster& all, std::uint64_t seed, bool quick);

    Cluster& cluster;

    std::size_t draw(std::size_t count) { return random_() % count; }
    /// A validator.
    std::size_t pick() { return draw(cluster.size()); }
    /// So many of them, in no order.
    std::vector<std::size_t> pick(std::size_t count);
    /// Lets time pass under the fault: mostly some seconds, at times longer than any keepalive.
    void hold();
    void wait(std::chrono::milliseconds time);
    [[nodiscard]] bool is_quick() const { return quick_; }
    /// A line of the schedule's log, with the time since the start.
    void note(const std::string& text) const;
    [[nodiscard]] std::string name(std::size_t node) const { return cluster.devnet().name(node); }
    /// Paths between all pairs of two groups, both directions.
    void set_between(const std::vector<std::size_t>& one, const std::vector<std::size_t>& other,
                     const PathState& state) const;
    void heal() const;

private:
    std::mt19937_64 random_;
    bool quick_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One kind of fault. `run` brings it about, holds it and takes it away again; afterwards the
/// network has to come back by itself.
struct Fault {
    std::string name;
    std::string meaning;
    /// At most f validators are concerned: the others go on meanwhile.
    bool within_f = true;
    std::function<void(Stage&)> run;
    /// Why this machine cannot do it; empty when it can.
    std::function<std::string(const Cluster&)> obstacle = [](const Cluster&) { return ""; };
    /// Only by `--only`: known to fail, or too slow for a schedule.
    bool by_name_only = false;
    /// Part of the short slice.
    bool quick = false;
    /// Once the fault is gone: the most until the chain has another block, on a machine whose
    /// processors wait for work.
    std::chrono::seconds goes_on_within{120};
    /// Where the others go on meanwhile: the longest time without an acknowledgement, likewise.
    std::chrono::seconds pauses_at_most{20};
    /// Two histories of one key are meant to be: else nobody may prove anybody guilty.
    bool may_equivocate = false;
};

std::vector<Fault> process_faults();
std::vector<Fault> network_faults();
std::vector<Fault> disk_faults();
std::vector<Fault> data_faults();

}  // namespace remit::test
