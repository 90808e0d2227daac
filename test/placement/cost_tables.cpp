#include <algorithm>
#include <cstdio>

#include "test/placement/emulation.h"
#include "test/placement/percentile.h"
#include "test/placement/tables.h"

namespace remit::placement {

namespace {

constexpr std::uint32_t kib = 1024;

Figures one_by_one(const Costs& costs, std::uint64_t payments, std::size_t validators) {
    // Each ends before the next begins.
    constexpr double every_ms = 50;
    return Emulation(data_centre(validators), costs, {}, 1)
        .run({.payments = payments, .every_ms = every_ms});
}

void print_lag(const Ordering& done, std::uint64_t items) {
    std::printf(
        " %.0f | %llu | %llu | %.0f, %.0f%s |\n", static_cast<double>(done.items) / done.virtual_s,
        static_cast<unsigned long long>(done.lag_blocks),
        static_cast<unsigned long long>(done.lag_bytes / kib), percentile(done.behind_ms, 0.5),
        percentile(done.behind_ms, 0.99), done.items < items ? ", NOT ALL" : "");
    std::fflush(stdout);
}

}  // namespace

std::uint64_t growth_table(const Costs& costs, std::uint64_t payments) {
    std::printf(
        "\nThe model: what a view costs, of all views in which %llu payments of 300 bytes went, "
        "one every 50 ms; %.0f us a check, %.0f us a signature, %.0f us a message. CPU is one "
        "validator's for consensus, without execution and without waiting for its syncs.\n\n"
        "| validators | views a payment | CPU ms a view and node | checks | messages, all | KB "
        "sent, node | KB journal, node | syncs | KB of a block kept, node "
        "|\n|---|---|---|---|---|---|---|---|---|\n",
        static_cast<unsigned long long>(payments), costs.verify_us, costs.sign_us,
        costs.message_us);
    std::uint64_t unanswered = 0;
    for (const std::size_t count : {1U, 4U, 7U, 10U, 13U, 22U, 31U}) {
        const auto figures = one_by_one(costs, payments, count);
        std::printf("| %zu | %.2f | %.2f | %.1f | %.0f | %.1f | %.1f | %.1f | %.1f%s |\n", count,
                    static_cast<double>(figures.views) / static_cast<double>(payments),
                    figures.cpu_ms_per_view, figures.checks_per_view, figures.messages_per_view,
                    figures.bytes_per_view / kib, figures.journal_bytes_per_view / kib,
                    figures.syncs_per_view, figures.kept_bytes_per_block / kib,
                    figures.unanswered > 0 ? ", NOT ALL" : "");
        std::fflush(stdout);
        unanswered += figures.unanswered;
    }
    return unanswered;
}

std::uint64_t kind_table(const Costs& costs, std::uint64_t payments, std::size_t validators) {
    const auto figures = one_by_one(costs, payments, validators);
    std::printf(
        "\nMessages of %zu validators, of the whole network in one view.\n\n"
        "| message | of them | KB |\n|---|---|---|\n",
        validators);
    for (const auto& [kind, share] : figures.by_kind) {
        std::printf("| %s | %.1f | %.1f |\n", kind.c_str(), share.messages_per_view,
                    share.bytes_per_view / kib);
    }
    return figures.unanswered;
}

void acknowledgement_table() {
    std::printf(
        "\nMilliseconds until an author holds a certificate of f+1, or of q, its own word counted: "
        "distance alone, there and back.\n\n| placement | f+1 | q |\n|---|---|---|\n");
    for (const auto& placement : placements()) {
        double enough = 0;
        double quorum = 0;
        for (const auto& row : placement.one_way_ms) {
            auto sorted = row;
            std::sort(sorted.begin(), sorted.end());
            enough += 2 * sorted[placement.f()] / static_cast<double>(placement.size());
            quorum += 2 * sorted[placement.q() - 1] / static_cast<double>(placement.size());
        }
        std::printf("| %s | %.1f | %.1f |\n", placement.text.c_str(), enough, quorum);
    }
}

bool ordering_table(Costs costs, std::uint64_t items, std::size_t at_once) {
    costs.item_us = 0;
    bool all = true;
    std::printf(
        "\nOrdering alone, %llu items of 300 bytes, %zu submitted at once: processor time of all "
        "validators in one thread, no sockets, no TLS, no disk; the rates are computed from it.\n\n"
        "| n | us an item, all | of each | items a block | two cores for all of it, items/s | a "
        "core for each, items/s |\n|---|---|---|---|---|---|\n",
        static_cast<unsigned long long>(items), at_once);
    for (const std::size_t count : {4U, 7U, 13U}) {
        std::vector<double> item_us;
        double a_block = 0;
        bool complete = true;
        constexpr int runs = 3;
        for (int run = 0; run < runs; ++run) {
            Emulation network(data_centre(count), costs, {}, 1);
            const auto done = network.order(items, at_once);
            const auto ordered = static_cast<double>(done.items);
            item_us.push_back(done.cpu_s * 1e6 / ordered);
            a_block = ordered / static_cast<double>(done.blocks);
            complete = complete && done.items == items;
        }
        const auto middle = percentile(item_us, 0.5);
        std::printf("| %zu | %.1f [%.1f-%.1f] | %.1f | %.0f | %.0f | %.0f%s |\n", count, middle,
                    percentile(item_us, 0), percentile(item_us, 1),
                    middle / static_cast<double>(count), a_block, 2e6 / middle,
                    1e6 * static_cast<double>(count) / middle, complete ? "" : ", NOT ALL");
        std::fflush(stdout);
        all = all && complete;
    }
    return all;
}

bool overload_table(const Placement& placement, const Costs& costs, std::uint64_t items) {
    std::printf(
        "\n%s: %llu items of 300 bytes, %.0f us each to execute, offered as fast as authors take "
        "them.\n\n| MAX_LAG | block KiB | items/s | lag, blocks | lag, KiB | behind: p50, p99 ms "
        "|\n|---|---|---|---|---|---|\n",
        placement.text.c_str(), static_cast<unsigned long long>(items), costs.item_us);
    bool all = true;
    for (const std::uint32_t lag : {4U, 8U, 16U, 64U}) {
        for (const std::uint32_t block_kib : {256U, 512U, 1024U, 4096U}) {
            consensus::Params params;
            params.lag_max = lag;
            params.block_bytes_max = block_kib * kib;
            Emulation network(placement, costs, {}, 1, params);
            const auto done = network.order(items, 100);
            std::printf("| %u | %u |", lag, block_kib);
            print_lag(done, items);
            all = all && done.items == items;
        }
    }
    return all;
}

bool author_table(const Placement& placement, const Costs& costs, std::uint64_t items) {
    bool all = true;
    // Full batches, and batches of one envelope each, which fill a window with few bytes.
    for (const std::size_t at_once : {800U, 1U}) {
        std::printf(
            "\n%s: %llu items of 300 bytes, %.0f us each to execute, %zu submitted at once, each "
            "author's window kept full.\n\n| batches of an author | items/s | lag, blocks | lag, "
            "KiB | behind: p50, p99 ms |\n|---|---|---|---|---|\n",
            placement.text.c_str(), static_cast<unsigned long long>(items), costs.item_us, at_once);
        for (const std::uint32_t window : {2U, 4U, 8U, 16U, 64U, 256U}) {
            consensus::Params params;
            params.author_window = window;
            Emulation network(placement, costs, {}, 1, params);
            const auto done = network.order(items, at_once, window);
            std::printf("| %u |", window);
            print_lag(done, items);
            all = all && done.items == items;
        }
    }
    return all;
}

}  // namespace remit::placement
