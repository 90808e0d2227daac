#include "test/faults/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <thread>

namespace remit::test {

using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

double seconds(std::chrono::milliseconds time) {
    return static_cast<double>(time.count()) / 1000;
}

/// How much slower everything is here than where each thread that can run has a processor: those
/// that can run over the last minute (ours among them), by the processors they share.
double crowding() {
    double runnable = 0;
    if (::getloadavg(&runnable, 1) != 1) {
        return 1;
    }
    return std::max(1.0, runnable / std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

Run::Run(Cluster& cluster, const RunPlan& plan)
    : cluster_(cluster),
      plan_(plan),
      stage_(cluster, plan.seed, plan.quick),
      load_(cluster, plan.seed),
      oracle_(cluster) {}

void Run::start() {
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        cluster_.start(node);
    }
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        if (!cluster_.await_up(node, 60s)) {
            throw std::runtime_error("no start:\n" + cluster_.log_tail(node));
        }
    }
    load_.begin(plan_.clients);
    if (!await_recovery().complete) {
        throw std::runtime_error("no payment goes through before any fault");
    }
}

bool Run::execute(const std::vector<Fault>& faults) {
    start();
    const auto begin = Clock::now();
    // Every kind once, in an order of this seed, before any comes again.
    std::vector<Fault> round;
    while (violations_.empty() && since(begin) < plan_.length) {
        if (round.empty()) {
            const auto order = faults;
            for (const auto& fault : order) {
                round.insert(
                    round.begin() + static_cast<std::ptrdiff_t>(stage_.draw(round.size() + 1)),
                    fault);
            }
        }
        if (!run_fault(round.back())) {
            break;
        }
        round.pop_back();
    }
    stage_.note("no more faults: the last payments are waited for");
    load_.finish(plan_.recovery);
    require(load_.violations());
    const auto acknowledged = load_.acknowledged();
    require(oracle_.check_all(acknowledged));
    print_table(faults);
    // Each lost one is found on every node that lost it.
    std::set<std::string> lost;
    for (const auto& violation : violations_) {
        if (const auto at = violation.find("receipt of wallet "); violation.starts_with("LOST")) {
            lost.insert(violation.substr(std::min(at, violation.size())));
        }
    }
    fmt::print("\nseed {}, {} s: {} payments acknowledged, {} lost, {} violations\n", plan_.seed,
               since(begin).count() / 1000, acknowledged.size(), lost.size(), violations_.size());
    for (const auto& violation : violations_) {
        fmt::print("VIOLATION: {}\n", violation);
    }
    if (!violations_.empty()) {
        describe_nodes();
        for (std::size_t node = 0; node < cluster_.size(); ++node) {
            fmt::print("log of {}:{}\n", stage_.name(node), cluster_.log_tail(node));
        }
    }
    return violations_.empty();
}

bool Run::run_fault(const Fault& fault) {
    auto& row = rows_[fault.name];
    const auto acknowledged = load_.acknowledged_count();
    const auto proofs = proofs_of_guilt();
    load_.take_longest_pause();
    stage_.note("--- " + fault.name);
    row.times += 1;
    try {
        fault.run(stage_);
    } catch (const std::exception& error) {
        violations_.push_back(fault.name + ": " + error.what());
        return false;
    }
    const auto end = Clock::now();
    const auto crowded = crowding();
    const auto recovered = await_recovery();
    const auto recovery = since(end);
    const auto pause = load_.take_longest_pause();
    row.longest_recovery = std::max(row.longest_recovery, recovery);
    row.longest_stop = std::max(row.longest_stop, recovered.next_block.value_or(recovery));
    row.longest_pause = std::max(row.longest_pause, pause);
    row.acknowledged += load_.acknowledged_count() - acknowledged;
    const auto limit_s = static_cast<double>(fault.goes_on_within.count()) * crowded;
    if (seconds(recovered.next_block.value_or(recovery)) > limit_s) {
        violations_.push_back(
            fmt::format("LIVENESS: no block for {:.1f} s after {}, where {:.1f} are allowed ({} s, "
                        "times {:.1f} "
                        "for the load of this machine)",
                        seconds(recovered.next_block.value_or(recovery)), fault.name, limit_s,
                        fault.goes_on_within.count(), crowded));
        return false;
    }
    if (!recovered.complete) {
        violations_.push_back(fmt::format("LIVENESS: no recovery within {} s of {}",
                                          plan_.recovery.count(), fault.name));
        return false;
    }
    stage_.note(fmt::format(
        "    a block after {:.1f} s, recovered in {:.1f} s, longest pause {:.1f} s, {} payments",
        seconds(recovered.next_block.value_or(recovery)), seconds(recovery), seconds(pause),
        load_.acknowledged_count() - acknowledged));
    require(oracle_.check_blocks());
    require(load_.violations());
    judge_pause(fault, pause, crowded);
    if (!fault.may_equivocate && proofs_of_guilt() > proofs) {
        violations_.push_back("EQUIVOCATION: somebody is proven guilty after " + fault.name);
    }
    return violations_.empty();
}

/// One validator that is away does not stop the others.
void Run::judge_pause(const Fault& fault, std::chrono::milliseconds pause, double crowded) {
    const auto limit_s = static_cast<double>(fault.pauses_at_most.count()) * crowded;
    if (fault.within_f && seconds(pause) > limit_s) {
        violations_.push_back(fmt::format(
            "LIVENESS: nothing was acknowledged for {:.1f} s of {}, where {:.1f} are allowed ({} "
            "s, "
            "times {:.1f} for the load of this machine)",
            seconds(pause), fault.name, limit_s, fault.pauses_at_most.count(), crowded));
    }
}

/// What the chain records, and what a node has seen in this life of it and not handed in.
double Run::proofs_of_guilt() const {
    double out = 0;
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        out = std::max({out, cluster_.gauge(node, "remit_evidence_recorded"),
                        cluster_.gauge(node, "remit_equivocations_total")});
    }
    return out;
}

Run::Recovery Run::await_recovery() {
    const auto acknowledged = load_.acknowledged_count();
    std::uint64_t highest = 0;
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        highest = std::max(highest, cluster_.height(node).value_or(0));
    }
    Recovery out;
    const auto node_is_well = [&](std::size_t node) {
        return cluster_.height(node).value_or(0) > highest &&
               cluster_.gauge(node, "remit_votes_lost") == 0 &&
               cluster_.gauge(node, "remit_voting") == 1;
    };
    std::size_t well = 0;
    const auto begin = Clock::now();
    bool described = false;
    const auto all_well = [&] {
        require_running();
        for (std::size_t node = 0; node < cluster_.size() && !out.next_block; ++node) {
            if (cluster_.height(node).value_or(0) > highest) {
                out.next_block = since(begin);
            }
        }
        if (!described && since(begin) > 20s) {
            described = true;
            stage_.note("not recovered after 20 s:");
            describe_nodes();
        }
        while (well < cluster_.size() && node_is_well(well)) {
            ++well;
        }
        return !violations_.empty() ||
               (well == cluster_.size() && load_.acknowledged_count() > acknowledged);
    };
    out.complete = eventually(all_well, plan_.recovery) && violations_.empty();
    return out;
}

void Run::require_running() {
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        if (!cluster_.is_running(node)) {
            violations_.push_back(fmt::format("{} ended by itself with {}:\n{}", stage_.name(node),
                                              cluster_.process(node).wait().value_or(-1),
                                              cluster_.log_tail(node)));
        }
    }
}

void Run::require(const std::vector<std::string>& violations) {
    violations_.insert(violations_.end(), violations.begin(), violations.end());
}

void Run::describe_nodes() const {
    for (std::size_t node = 0; node < cluster_.size(); ++node) {
        fmt::print("  {}: {}", stage_.name(node), cluster_.is_running(node) ? "runs" : "ended");
        for (const auto* gauge : {"remit_view", "remit_block_height", "remit_executed_height",
                                  "remit_peers_connected", "remit_voting", "remit_votes_lost",
                                  "remit_batches_held", "remit_mempool_transactions"}) {
            fmt::print(", {} {}", std::string_view(gauge).substr(sizeof("remit")),
                       cluster_.gauge(node, gauge));
        }
        fmt::print("\n");
    }
}

void Run::print_table(const std::vector<Fault>& faults) const {
    fmt::print("\n{:<20} {:>5} {:>15} {:>15} {:>18} {:>12}\n", "fault", "times", "longest pause",
               "to a block", "longest recovery", "acknowledged");
    for (const auto& fault : faults) {
        const auto found = rows_.find(fault.name);
        if (found == rows_.end()) {
            continue;
        }
        const auto& row = found->second;
        fmt::print("{:<20} {:>5} {:>13.1f} s {:>13.1f} s {:>16.1f} s {:>12}\n", fault.name,
                   row.times, seconds(row.longest_pause), seconds(row.longest_stop),
                   seconds(row.longest_recovery), row.acknowledged);
    }
}

}  // namespace remit::test
