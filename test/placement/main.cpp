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
    std::string only;
    auto costs = Costs::measured();
    all.add_options()("help,h", "this text")(
        "payments", options::value(&payments)->default_value(100), "payments of each run")(
        "sync-us", options::value(&costs.sync_us)->default_value(costs.sync_us), "one fdatasync")(
        "message-us", options::value(&costs.message_us)->default_value(costs.message_us),
        "one message")("only", options::value(&only), "lines whose name has this in it")(
        "no-growth", "leave out the cost against n");
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
                  << "\nExample: placement --payments 200\nExit: 0, 1 a payment was never "
                     "answered, 2 wrong usage.\n";
        return 0;
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
