#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "test/placement/emulation.h"
#include "test/placement/percentile.h"
#include "test/placement/tables.h"

// Large batches over slow links, and what other choices would cost: whether batches are synced when
// they come, other timers.

namespace remit::placement {

namespace {

std::vector<double> times_of(const std::vector<Figures::Sample>& samples) {
    std::vector<double> out;
    for (const auto& each : samples) {
        out.push_back(each.ms);
    }
    return out;
}

struct Syncs {
    const char* text;
    double vote_share;  // of the time a sync takes, for those that carry a vote
    double batch_share;
};

/// Half of each uplink in use by copies of batches of 800 items, but a batch a second of one author
/// at most (always without a limit, 0).
Load half_of_uplinks(const Placement& placement, double mbit, std::uint64_t batches) {
    constexpr std::size_t of = 800;
    const double bits = of * 304.0 * 8 * static_cast<double>(placement.size() - 1);
    // Twice the time that the uplink takes for a batch to all others.
    const double every_ms = mbit == 0 ? 1000 : std::max(1000.0, 2 * bits / (mbit * 1000));
    return {.payments = batches,
            .every_ms = every_ms / static_cast<double>(placement.size()),
            .of = of};
}

}  // namespace

std::uint64_t sync_table(const Costs& costs, std::uint64_t payments) {
    std::printf(
        "%llu payments, 10 a second; p50 and p99.\n\n"
        "| placement | a sync ms | which take time | syncs of a validator a view | finality ms | "
        "receipt ms |\n|---|---|---|---|---|---|\n",
        static_cast<unsigned long long>(payments));
    std::uint64_t unanswered = 0;
    for (const auto& placement : {placements()[0], placements()[1], placements()[2]}) {
        for (const double sync_us : {140.0, 1'000.0, 4'000.0, 20'000.0}) {
            for (const auto& [text, votes, batches] :
                 {Syncs{"all", 1, 1}, {"those with votes", 1, 0}, {"none", 0, 0}}) {
                auto charged = costs;
                charged.sync_us = sync_us * votes;
                charged.batch_sync_us = sync_us * batches;
                const auto figures = Emulation(placement, charged, {}, 1)
                                         .run({.payments = payments, .every_ms = 100.7});
                const auto finality = times_of(figures.finalities);
                const auto receipt = times_of(figures.receipts);
                std::printf("| %s | %.2f | %s | %.2f | %.2f, %.2f | %.2f, %.2f%s |\n",
                            placement.text.c_str(), sync_us / 1000, text, figures.syncs_per_view,
                            percentile(finality, 0.5), percentile(finality, 0.99),
                            percentile(receipt, 0.5), percentile(receipt, 0.99),
                            figures.unanswered > 0 ? ", NOT ALL" : "");
                std::fflush(stdout);
                unanswered += figures.unanswered;
            }
        }
    }
    return unanswered;
}

std::uint64_t slow_link_table(const Costs& costs, std::uint64_t batches) {
    std::printf(
        "Batches of 800 items, half of each uplink in use by their copies.\n\n"
        "| placement | Mbit/s | views | nullified | copies | receipt p50 ms | p99 |\n"
        "|---|---|---|---|---|---|---|\n");
    std::uint64_t unanswered = 0;
    for (const auto& placement : {placements()[1], placements()[2]}) {
        for (const double mbit : {0.0, 1000.0, 100.0, 20.0, 10.0, 5.0, 2.0}) {
            Conditions conditions;
            conditions.uplink_mbit = mbit;
            const auto figures = Emulation(placement, costs, conditions, 1)
                                     .run(half_of_uplinks(placement, mbit, batches));
            const auto sent = figures.by_kind.find("batch");
            const auto copies =
                sent == figures.by_kind.end()
                    ? 0
                    : sent->second.messages_per_view * static_cast<double>(figures.views);
            const auto times = times_of(figures.receipts);
            std::printf("| %s | %s | %llu | %llu | %.2f | %.0f | %.0f%s |\n",
                        placement.text.c_str(),
                        mbit == 0 ? "no limit" : std::to_string(std::lround(mbit)).c_str(),
                        static_cast<unsigned long long>(figures.views),
                        static_cast<unsigned long long>(figures.nullified),
                        copies / static_cast<double>(batches * (placement.size() - 1)),
                        percentile(times, 0.5), percentile(times, 0.99),
                        figures.unanswered > 0 ? ", NOT ALL" : "");
            std::fflush(stdout);
            unanswered += figures.unanswered;
        }
    }
    return unanswered;
}

std::uint64_t timer_table(const Costs& costs, std::uint64_t batches) {
    std::printf(
        "%llu batches of 800 items, half of each uplink in use by their copies.\n\n"
        "| placement | Mbit/s | least Delta ms | t_R ms | views | nullified | receipt p50 ms | p99 "
        "|\n|---|---|---|---|---|---|---|---|\n",
        static_cast<unsigned long long>(batches));
    constexpr consensus::Params usual;
    std::vector<consensus::Params> choices(5, usual);
    choices[1].delta_ms_min = 4 * usual.delta_ms_min;
    choices[2].delta_ms_min = 16 * usual.delta_ms_min;
    choices[3].resend_ms = usual.resend_ms / 4;
    choices[4].resend_ms = usual.resend_ms * 4;
    std::uint64_t unanswered = 0;
    for (const auto& placement : {placements()[1], placements()[2], placements()[3]}) {
        for (const double mbit : {20.0, 5.0, 2.0}) {
            for (const auto& params : choices) {
                Conditions conditions;
                conditions.uplink_mbit = mbit;
                const auto figures = Emulation(placement, costs, conditions, 1, params)
                                         .run(half_of_uplinks(placement, mbit, batches));
                const auto receipt = times_of(figures.receipts);
                std::printf("| %s | %.0f | %u | %u | %llu | %llu | %.0f | %.0f%s |\n",
                            placement.text.c_str(), mbit, params.delta_ms_min, params.resend_ms,
                            static_cast<unsigned long long>(figures.views),
                            static_cast<unsigned long long>(figures.nullified),
                            percentile(receipt, 0.5), percentile(receipt, 0.99),
                            figures.unanswered > 0 ? ", NOT ALL" : "");
                std::fflush(stdout);
                unanswered += figures.unanswered;
            }
        }
    }
    return unanswered;
}

}  // namespace remit::placement
