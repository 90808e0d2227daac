#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "test/faults/load.h"
#include "test/faults/oracle.h"
#include "test/faults/stage.h"

namespace remit::test {

struct RunPlan {
    std::chrono::seconds length{60};
    std::uint64_t seed = 1;
    std::size_t clients = 4;
    std::vector<std::string> only;  // names of faults; empty: all that a schedule takes
    bool quick = false;
    bool lying_disk = false;  // syncs do nothing: a positive control, which has to be found out
    /// The most that may pass, once all faults are gone, until every node executes new payments.
    /// Generous: about progress, not about speed.
    std::chrono::seconds recovery{120};
};

/// What one kind of fault did.
struct FaultRow {
    std::size_t times = 0;
    std::chrono::milliseconds longest_pause{0};     // without any receipt, fault and recovery
    std::chrono::milliseconds longest_stop{0};      // from the end of the fault to the next block
    std::chrono::milliseconds longest_recovery{0};  // from there to everybody's
    std::size_t acknowledged = 0;                   // payments, meanwhile
};

/// Runs fault after fault under load, drawn from the seed, and judges the network after each and at
/// the end.
class Run {
public:
    Run(Cluster& cluster, const RunPlan& plan);

    /// True when nothing was violated. Prints the schedule, the table and what is wrong.
    bool execute(const std::vector<Fault>& faults);

private:
    void start();
    bool run_fault(const Fault& fault);
    struct Recovery {
        bool complete = false;
        std::optional<std::chrono::milliseconds> next_block;  ///< none: there was none
    };
    /// Every node executes beyond what any had, votes, and clients get receipts.
    Recovery await_recovery();
    void judge_pause(const Fault& fault, std::chrono::milliseconds pause, double crowded);
    [[nodiscard]] double proofs_of_guilt() const;
    void require(const std::vector<std::string>& violations);
    void require_running();
    void describe_nodes() const;
    void print_table(const std::vector<Fault>& faults) const;

    Cluster& cluster_;
    RunPlan plan_;
    Stage stage_;
    Load load_;
    Oracle oracle_;
    std::map<std::string, FaultRow> rows_;
    std::vector<std::string> violations_;
};

}  // namespace remit::test
