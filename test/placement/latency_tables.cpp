#include <algorithm>
#include <cmath>
#include <cstdio>

#include "test/placement/bound.h"
#include "test/placement/emulation.h"
#include "test/placement/percentile.h"
#include "test/placement/tables.h"

namespace remit::placement {

namespace {

/// Three digits, or all of those before the point.
std::string digits(double value) {
    char text[32];
    std::snprintf(text, sizeof text, value >= 100 ? "%.0f" : "%.3g", value);
    return text;
}

/// Times, and how each sample compares with the bound of its own leader and place.
void print_side(const std::vector<Figures::Sample>& samples, const Delays& bound) {
    std::vector<double> ratios;
    std::vector<double> times;
    for (const auto& each : samples) {
        ratios.push_back(each.ms / bound[each.leader][each.at]);
        times.push_back(each.ms);
    }
    std::printf(" %s, %s, %s | %.2f, %.2f |", digits(Bound::mean(bound)).c_str(),
                digits(percentile(times, 0.5)).c_str(), digits(percentile(times, 0.99)).c_str(),
                percentile(ratios, 0.5), percentile(ratios, 0.99));
}

std::uint64_t print_line(const std::string& name, const Placement& placement,
                         const Figures& figures) {
    const auto bound = bound_of(placement);
    std::printf("| %s |", name.c_str());
    print_side(figures.finalities, bound.finality_ms);
    print_side(figures.receipts, bound.receipt_ms);
    std::printf(" %zu%s |\n", figures.receipts.size(), figures.unanswered > 0 ? ", NOT ALL" : "");
    std::fflush(stdout);
    return figures.unanswered;
}

Figures figures_of(const Placement& placement, const Costs& costs, const Conditions& conditions,
                   const Load& load) {
    return Emulation(placement, costs, conditions, 1).run(load);
}

/// Payments that are half of what one executor takes, which is what bounds a network today.
Load half_load(const Costs& costs, double half_ms) {
    const double every_ms = 2 * costs.item_us / 1000;
    return {.payments = static_cast<std::uint64_t>(std::max(1.0, half_ms / every_ms)),
            .every_ms = every_ms};
}

}  // namespace

std::uint64_t latency_table(const Costs& costs, const LatencyPlan& plan) {
    std::uint64_t unanswered = 0;
    const auto show = [&](const std::string& name, const Placement& placement,
                          const Conditions& conditions, const Load& load) {
        if (name.find(plan.only) != std::string::npos) {
            consensus::Params params;
            params.lag_max = plan.lag_max;
            unanswered += print_line(name, placement,
                                     Emulation(placement, costs, conditions, 1, params).run(load));
        }
    };
    std::printf(
        "A check %.0f us, a sync %.0f us, a message %.0f us, a block %.0f us and an item %.0f us "
        "to execute; MAX_LAG %u. One payment at a time unless said.\n\n"
        "| placement | finality ms: bound, p50, p99 | times the bound: p50, p99 | receipt ms: "
        "bound, p50, p99 | times: p50, p99 | payments |\n|---|---|---|---|---|---|\n",
        costs.verify_us, costs.sync_us, costs.message_us, costs.block_us, costs.item_us,
        plan.lag_max);
    for (const auto& placement : placements()) {
        const auto receipt_ms = Bound::mean(bound_of(placement).receipt_ms);
        show(placement.name, placement, {},
             {.payments = plan.payments, .every_ms = 1000 + 6 * receipt_ms + 0.7});
        if (plan.half_ms > 0) {
            show(placement.name + ", half load", placement, {}, half_load(costs, plan.half_ms));
        }
    }
    Conditions late;
    late.executes_ahead = false;
    Conditions one_dead;
    one_dead.dead = 1;
    Conditions one_gray;
    one_gray.gray = 1;
    one_gray.gray_ms = 500;
    Conditions lossy;
    lossy.loss = 0.01;
    for (const auto& placement : {placements()[1], placements()[2]}) {
        const Load load{.payments = plan.payments, .every_ms = 100.7};
        show(placement.name + ", 10/s", placement, {}, load);
        show(placement.name + ", 10/s, executed when final", placement, late, load);
        show(placement.name + ", 10/s, one dead", placement, one_dead, load);
        show(placement.name + ", 10/s, one 500 ms late", placement, one_gray, load);
        show(placement.name + ", 10/s, 1 % of messages lose a packet", placement, lossy, load);
    }
    return unanswered;
}

std::uint64_t leader_death_table(const Costs& costs, int deaths) {
    std::printf(
        "From the death of the leader of a view, with a payment at that moment, to the next block "
        "that is final and was proposed after it; ms, %d deaths.\n\n"
        "| placement | three hops | p50 | p90 | most |\n|---|---|---|---|---|\n",
        deaths);
    std::uint64_t failed = 0;
    for (const auto& placement : {placements()[0], placements()[1], placements()[2]}) {
        std::vector<double> pauses;
        for (int death = 0; death < deaths; ++death) {
            Conditions conditions;
            conditions.leader_dies_ms = 1'000 + 37.3 * death;
            const auto figures =
                figures_of(placement, costs, conditions, {.payments = 70, .every_ms = 100.7});
            failed += figures.unanswered;
            if (figures.pause_ms) {
                pauses.push_back(*figures.pause_ms);
            } else {
                ++failed;
            }
        }
        std::printf("| %s | %.2f | %.0f | %.0f | %.0f%s |\n", placement.text.c_str(),
                    Bound::mean(bound_of(placement).finality_ms), percentile(pauses, 0.5),
                    percentile(pauses, 0.9), percentile(pauses, 1),
                    pauses.size() < static_cast<std::size_t>(deaths) ? ", NOT ALL WENT ON" : "");
        std::fflush(stdout);
    }
    return failed;
}

}  // namespace remit::placement
