#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <iostream>
#include <string>

#include "test/placement/bound.h"
#include "test/placement/emulation.h"

// Latencies of real consensus engines in emulated placements, as ratios to the bound that distance
// alone sets, and what a view costs as the set grows.

namespace remit::placement {
namespace {

namespace options = boost::program_options;

double percentile(std::vector<double> values, double share) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values[std::min(at, values.size() - 1)];
}

struct Line {
    std::string name;
    Figures figures;
    Bound bound;
};

/// Times, and how each sample compares with the bound of its own leader and place.
void print_side(const std::vector<Figures::Sample>& samples, const Delays& bound) {
    std::vector<double> ratios;
    std::vector<double> times;
    for (const auto& each : samples) {
        ratios.push_back(each.ms / bound[each.leader][each.at]);
        times.push_back(each.ms);
    }
    std::printf(" %7.2f %7.2f %7.2f %5.2fx %5.2fx", Bound::mean(bound), percentile(times, 0.5),
                percentile(times, 0.99), percentile(ratios, 0.5), percentile(ratios, 0.99));
}

void print_latency(const Line& line) {
    std::printf("%-22s", line.name.c_str());
    print_side(line.figures.finalities, line.bound.finality_ms);
    std::printf("  |");
    print_side(line.figures.receipts, line.bound.receipt_ms);
    std::printf("  %llu\n", static_cast<unsigned long long>(line.figures.unanswered));
    std::fflush(stdout);
}

void print_cost(std::size_t validators, const Figures& figures) {
    std::printf("%5zu %12.3f %8.1f %10.0f %10.1f %10.1f %8.2f\n", validators,
                figures.cpu_ms_per_view, figures.checks_per_view, figures.messages_per_view,
                figures.bytes_per_view / 1024, figures.journal_bytes_per_view / 1024,
                figures.syncs_per_view);
    std::fflush(stdout);
}

Figures figures_of(const Placement& placement, const Costs& costs, const Conditions& conditions,
                   const Load& load) {
    return Emulation(placement, costs, conditions, 1).run(load);
}

std::uint64_t latencies(const Costs& costs, std::uint64_t payments, const std::string& only) {
    std::uint64_t unanswered = 0;
    const auto show = [&](const std::string& name, const Placement& placement,
                          const Conditions& conditions, const Load& load) {
        if (name.find(only) != std::string::npos) {
            const Line line{name, figures_of(placement, costs, conditions, load),
                            bound_of(placement)};
            print_latency(line);
            unanswered += line.figures.unanswered;
        }
    };
    std::printf(
        "One payment at a time, milliseconds; and as multiples of what distance alone allows.\n"
        "%-22s %39s  |%40s\n%-22s %7s %7s %7s %6s %6s  | %7s %7s %7s %6s %6s  unanswered\n",
        "", "finality: proposal to Finalization", "receipt: submission to proof", "placement",
        "bound", "p50", "p99", "p50", "p99", "bound", "p50", "p99", "p50", "p99");
    for (const auto& placement : placements()) {
        const auto receipt_ms = Bound::mean(bound_of(placement).receipt_ms);
        show(placement.name, placement, {},
             {.payments = payments, .every_ms = 1000 + 6 * receipt_ms + 0.7});
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
        const Load load{.payments = payments, .every_ms = 100.7};
        show(placement.name + ", 10/s", placement, {}, load);
        show(placement.name + ", executes final", placement, late, load);
        show(placement.name + ", one dead", placement, one_dead, load);
        show(placement.name + ", one gray 500ms", placement, one_gray, load);
        show(placement.name + ", 1% loss", placement, lossy, load);
    }
    return unanswered;
}

void growth(const Costs& costs, std::uint64_t payments) {
    std::printf(
        "\nCosts of one view with one payment of 300 bytes, %.0f us a check.\n"
        "%5s %12s %8s %10s %10s %10s %8s\n",
        costs.verify_us, "n", "CPU ms/node", "checks", "messages", "KB out", "KB journal", "syncs");
    for (const std::size_t count : {1U, 4U, 7U, 10U, 13U, 22U, 31U}) {
        const auto placement = data_centre(count);
        print_cost(count, figures_of(placement, costs, {}, {.payments = payments, .every_ms = 50}));
    }
}

/// How many items two cores order, were they all that n validators have.
bool throughput(Costs costs, std::uint64_t items, std::size_t at_once) {
    costs.item_us = 0;
    bool all = true;
    std::printf(
        "\nOrdering alone, %llu items of 300 bytes, %zu submitted at once: processor time of all "
        "validators together.\n%5s %12s %14s %12s %14s %16s\n",
        static_cast<unsigned long long>(items), at_once, "n", "us an item", "of each, us",
        "items a block", "two cores, /s", "one each, /s");
    for (const std::size_t count : {4U, 7U, 13U}) {
        Emulation network(data_centre(count), costs, {}, 1);
        const auto done = network.order(items, at_once);
        const auto ordered = static_cast<double>(done.items);
        const auto item_us = done.cpu_s * 1e6 / ordered;
        std::printf("%5zu %12.2f %14.2f %12.0f %14.0f %16.0f%s\n", count, item_us,
                    item_us / static_cast<double>(count),
                    ordered / static_cast<double>(done.blocks), 2e6 / item_us,
                    1e6 * static_cast<double>(count) / item_us,
                    done.items < items ? "  NOT ALL" : "");
        std::fflush(stdout);
        all = all && done.items == items;
    }
    return all;
}

/// More is offered than four validators can execute: how far ordering runs ahead, by the bound on
/// blocks that may wait for execution and by what one of them may carry.
bool overload(const Placement& placement, const Costs& costs, std::uint64_t items) {
    std::printf(
        "\n%s: %llu items of 300 bytes, %.0f us each to execute, offered as fast as authors take "
        "them.\n%8s %12s %10s %12s %12s %12s %12s\n",
        placement.name.c_str(), static_cast<unsigned long long>(items), costs.item_us, "MAX_LAG",
        "block KiB", "items/s", "lag, blocks", "lag, KiB", "behind p50", "p99 ms");
    bool all = true;
    constexpr std::uint32_t kib = 1024;
    for (const std::uint32_t lag : {8U, 16U, 32U, 64U, 128U}) {
        for (const std::uint32_t block_kib : {256U, 1024U, 4096U}) {
            consensus::Params params;
            params.lag_max = lag;
            params.block_bytes_max = block_kib * kib;
            Emulation network(placement, costs, {}, 1, params);
            const auto done = network.order(items, 100);
            std::printf("%8u %12u %10.0f %12llu %12llu %12.0f %12.0f%s\n", lag, block_kib,
                        static_cast<double>(done.items) / done.virtual_s,
                        static_cast<unsigned long long>(done.lag_blocks),
                        static_cast<unsigned long long>(done.lag_bytes / kib),
                        percentile(done.behind_ms, 0.5), percentile(done.behind_ms, 0.99),
                        done.items < items ? "  NOT ALL" : "");
            std::fflush(stdout);
            all = all && done.items == items;
        }
    }
    return all;
}

/// From the death of a leader to the next final block, a hundred deaths under ten payments a
/// second.
void leader_deaths(const Costs& costs) {
    std::printf(
        "\nFrom the death of the leader of a view to the next final block, ms.\n"
        "%-10s %10s %10s %10s %10s\n",
        "placement", "3 hops", "p50", "p99", "most");
    for (const auto& placement : {placements()[0], placements()[1], placements()[2]}) {
        std::vector<double> pauses;
        for (int death = 0; death < 100; ++death) {
            Conditions conditions;
            conditions.leader_dies_ms = 1'000 + 37.3 * death;
            const auto figures =
                figures_of(placement, costs, conditions, {.payments = 70, .every_ms = 100.7});
            pauses.push_back(figures.pause_ms);
        }
        std::printf("%-10s %10.2f %10.0f %10.0f %10.0f\n", placement.name.c_str(),
                    Bound::mean(bound_of(placement).finality_ms), percentile(pauses, 0.5),
                    percentile(pauses, 0.99), percentile(pauses, 1));
        std::fflush(stdout);
    }
}

/// Batches of 240 KB that take half of what every validator can send, over slower and slower links.
std::uint64_t slow_links(const Costs& costs, std::uint64_t batches) {
    std::printf(
        "\nBatches of 800 items, half of each uplink in use.\n%-10s %10s %8s %10s %10s %12s %12s\n",
        "placement", "Mbit/s", "views", "nullified", "copies", "receipt p50", "p99 ms");
    std::uint64_t unanswered = 0;
    constexpr std::size_t of = 800;
    for (const auto& placement : {placements()[1], placements()[2]}) {
        for (const double mbit : {0.0, 1000.0, 100.0, 20.0, 10.0, 5.0, 2.0}) {
            Conditions conditions;
            conditions.uplink_mbit = mbit;
            // Bits of a batch to all others, at twice the time that the uplink takes; in turn.
            const double bits = of * 304.0 * 8 * static_cast<double>(placement.size() - 1);
            const double every_ms = mbit == 0 ? 1000 : std::max(1000.0, 2 * bits / (mbit * 1000));
            const auto figures =
                figures_of(placement, costs, conditions,
                           {.payments = batches,
                            .every_ms = every_ms / static_cast<double>(placement.size()),
                            .of = of});
            const auto sent = figures.by_kind.find("batch");
            const auto copies =
                sent == figures.by_kind.end()
                    ? 0
                    : sent->second.messages_per_view * static_cast<double>(figures.views);
            std::vector<double> times;
            for (const auto& each : figures.receipts) {
                times.push_back(each.ms);
            }
            std::printf("%-10s %10.0f %8llu %10llu %10.2f %12.0f %12.0f%s\n",
                        placement.name.c_str(), mbit,
                        static_cast<unsigned long long>(figures.views),
                        static_cast<unsigned long long>(figures.nullified),
                        copies / static_cast<double>(batches * (placement.size() - 1)),
                        percentile(times, 0.5), percentile(times, 0.99),
                        figures.unanswered > 0 ? "  NOT ALL" : "");
            std::fflush(stdout);
            unanswered += figures.unanswered;
        }
    }
    return unanswered;
}

/// What the messages of a network of this size are, one payment a view.
void kinds(const Costs& costs, std::uint64_t payments, std::size_t validators) {
    const auto figures =
        figures_of(data_centre(validators), costs, {}, {.payments = payments, .every_ms = 50});
    std::printf("\nMessages of %zu validators, of the whole network in one view.\n%-24s %9s %9s\n",
                validators, "", "messages", "KB");
    for (const auto& [kind, share] : figures.by_kind) {
        std::printf("%-24s %9.1f %9.1f\n", kind.c_str(), share.messages_per_view,
                    share.bytes_per_view / 1024);
    }
}

/// How long a batch's author waits for so many acknowledgements, itself counted: there and back.
void acknowledgements() {
    std::printf(
        "\nMilliseconds until an author holds a certificate of f+1, or of q, its own word "
        "counted.\n%-10s %8s %8s\n",
        "placement", "f+1", "q");
    for (const auto& placement : placements()) {
        double enough = 0;
        double quorum = 0;
        for (const auto& row : placement.one_way_ms) {
            auto sorted = row;
            std::sort(sorted.begin(), sorted.end());
            enough += 2 * sorted[placement.f()] / static_cast<double>(placement.size());
            quorum += 2 * sorted[placement.q() - 1] / static_cast<double>(placement.size());
        }
        std::printf("%-10s %8.1f %8.1f\n", placement.name.c_str(), enough, quorum);
    }
}

int run(int argc, char** argv) {
    options::options_description all(
        "placement [options]\nReal consensus engines on virtual time in emulated placements: "
        "finality and receipts as ratios\nto the bound set by distance alone, and the cost of a "
        "view against the number of validators.\nSignatures cost what they cost here; a sync, a "
        "message and execution what the options say.\n\nOptions");
    std::uint64_t payments = 0;
    std::uint64_t ordered = 0;
    std::uint64_t overloaded = 0;
    std::uint64_t batches = 0;
    std::string only;
    auto costs = Costs::measured();
    all.add_options()("help,h", "this text")(
        "payments", options::value(&payments)->default_value(100), "payments of each run")(
        "sync-us", options::value(&costs.sync_us)->default_value(costs.sync_us), "one fdatasync")(
        "message-us", options::value(&costs.message_us)->default_value(costs.message_us),
        "one message")("only", options::value(&only), "lines whose name has this in it")(
        "no-growth", "leave out the cost against n")(
        "order", options::value(&ordered), "order so many items of 300 bytes, and nothing else")(
        "overload", options::value(&overloaded),
        "order so many items faster than they are executed, with other bounds")(
        "leader-deaths", "how long the network pauses when a leader dies")(
        "slow-links", options::value(&batches), "so many batches over links of little capacity");
    options::variables_map given;
    try {
        options::store(options::parse_command_line(argc, argv, all), given);
        options::notify(given);
    } catch (const options::error& error) {
        std::cerr << "error: " << error.what() << "\nhelp: placement --help\n";
        return 2;
    }
    if (given.contains("help")) {
        std::cout << all
                  << "\nExamples: placement --payments 200\n          placement --order "
                     "200000\nExit: 0, 1 a payment was never "
                     "answered, 2 wrong usage.\n";
        return 0;
    }
    if (given.contains("order")) {
        bool sound = true;
        for (const std::size_t at_once : {1U, 100U, 800U}) {
            sound = throughput(costs, ordered, at_once) && sound;
        }
        return sound ? 0 : 1;
    }
    if (given.contains("leader-deaths")) {
        leader_deaths(costs);
        return 0;
    }
    if (given.contains("slow-links")) {
        return slow_links(costs, batches) == 0 ? 0 : 1;
    }
    if (given.contains("overload")) {
        // A machine that cannot execute what is offered, and one that nearly can, far away.
        bool sound = overload(data_centre(4), costs, overloaded);
        costs.item_us /= 10;
        for (const auto& placement : {placements()[1], placements()[2]}) {
            sound = overload(placement, costs, overloaded) && sound;
        }
        return sound ? 0 : 1;
    }
    const auto unanswered = latencies(costs, payments, only);
    if (only.empty() && !given.contains("no-growth")) {
        growth(costs, payments);
        kinds(costs, payments, 31);
        acknowledgements();
    }
    return unanswered == 0 ? 0 : 1;
}

}  // namespace
}  // namespace remit::placement

int main(int argc, char** argv) {
    return remit::placement::run(argc, argv);
}
