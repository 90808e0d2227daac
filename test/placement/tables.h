#pragma once

#include <cstdint>
#include <string>

#include "test/placement/host.h"
#include "test/placement/sites.h"

namespace remit::placement {

// Each prints a table in Markdown, a row as soon as it is there. False, or payments that never
// ended: the run shows nothing.

/// Latencies against the bound of distance: one payment at a time, at half of the highest rate (for
/// `half_ms`; 0: not), with faults. Lines whose name has `only` in it. Payments never answered.
struct LatencyPlan {
    std::uint64_t payments = 100;
    double half_ms = 2000;
    std::string only;
    std::uint32_t lag_max = consensus::Params().lag_max;
};
std::uint64_t latency_table(const Costs& costs, const LatencyPlan& plan);

/// From the death of a leader to the next final block. Payments never answered, and networks that
/// never went on.
std::uint64_t leader_death_table(const Costs& costs, int deaths);

/// Large batches over slower and slower uplinks. Payments never answered.
std::uint64_t slow_link_table(const Costs& costs, std::uint64_t batches);

/// The same with other timers, and with more validators. Likewise.
std::uint64_t timer_table(const Costs& costs, std::uint64_t batches);
/// What syncing batches and votes costs payments. Likewise.
std::uint64_t sync_table(const Costs& costs, std::uint64_t payments);

/// What a view costs as the set grows. Payments never answered.
std::uint64_t growth_table(const Costs& costs, std::uint64_t payments);
/// What the messages of a network of this size are, one payment at a time. Likewise.
std::uint64_t kind_table(const Costs& costs, std::uint64_t payments, std::size_t validators);
/// How long a batch's author waits for acknowledgements: distance alone, nothing runs.
void acknowledgement_table();

/// How many items processors order that do nothing else.
bool ordering_table(Costs costs, std::uint64_t items, std::size_t at_once);
/// More is offered than is executed: how far ordering runs ahead, by MAX_LAG and the block's size.
bool overload_table(const Placement& placement, const Costs& costs, std::uint64_t items);
/// The same by how many batches of one author may wait.
bool author_table(const Placement& placement, const Costs& costs, std::uint64_t items);

}  // namespace remit::placement
