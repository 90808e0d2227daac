#include <boost/program_options.hpp>
#include <cstdio>
#include <iostream>
#include <string>

#include "test/placement/tables.h"

// Latencies of real consensus engines in emulated placements, as ratios to the bound that distance
// alone sets, and what a view costs as the set grows.

namespace remit::placement {
namespace {

namespace options = boost::program_options;

struct Asked {
    Costs costs = Costs::measured();
    LatencyPlan latencies;
    std::uint64_t items = 0;
    std::uint64_t batches = 0;
    std::uint64_t payments = 0;
    int deaths = 0;
};

/// A number of things to do. Boost takes "-1" for a very large one.
auto* count(std::uint64_t& value) {
    return options::value(&value)->notifier([](std::uint64_t given) {
        constexpr std::uint64_t most = 100'000'000;
        if (given == 0 || given > most) {
            throw options::error("a count is from 1 to " + std::to_string(most));
        }
    });
}

options::options_description described(Asked& asked) {
    options::options_description all(
        "placement [options]\nReal consensus engines on virtual time in emulated placements: "
        "finality and receipts as ratios\nto the bound set by distance alone, and the cost of a "
        "view against the number of validators.\nSignatures cost what they cost here; a sync, a "
        "message and execution what the options say.\nTables are Markdown.\n\nOptions");
    auto& costs = asked.costs;
    all.add_options()("help,h", "this text")(
        "payments", options::value(&asked.latencies.payments)->default_value(100),
        "payments of each run")(
        "half-ms", options::value(&asked.latencies.half_ms)->default_value(asked.latencies.half_ms),
        "virtual time of a run at half of the highest rate; 0: none")(
        "sync-us", options::value(&costs.sync_us)->default_value(costs.sync_us), "one fdatasync")(
        "message-us", options::value(&costs.message_us)->default_value(costs.message_us),
        "one message")("item-us", options::value(&costs.item_us)->default_value(costs.item_us),
                       "executing one item")("only", options::value(&asked.latencies.only),
                                             "lines whose name has this in it")(
        "lag-max", options::value(&asked.latencies.lag_max)->default_value(asked.latencies.lag_max),
        "blocks ordered above the executed one, for latencies")(
        "no-growth", "leave out the cost against n")("growth", "the cost against n alone")(
        "order", count(asked.items), "order so many items of 300 bytes, nothing else")(
        "overload", count(asked.items),
        "order so many items faster than they are executed, with other bounds")(
        "author-windows", count(asked.items), "likewise, with other author windows")(
        "leader-deaths", options::value(&asked.deaths)->implicit_value(100),
        "how long the network pauses when a leader dies, so many times")(
        "slow-links", count(asked.batches), "so many batches over links of little capacity")(
        "timers", count(asked.batches), "likewise, with other timers")(
        "syncs", count(asked.payments),
        "so many payments where syncs of votes, of batches or none take time");
    return all;
}

/// A machine that cannot execute what is offered, and one that nearly can, far away.
bool overload(Asked& asked) {
    bool sound = overload_table(data_centre(4), asked.costs, asked.items);
    for (const auto& placement : {placements()[1], placements()[2]}) {
        sound = overload_table(placement, asked.costs, asked.items) && sound;
    }
    asked.costs.item_us /= 10;
    for (const auto& placement : {placements()[1], placements()[2]}) {
        sound = overload_table(placement, asked.costs, asked.items) && sound;
    }
    return sound;
}

bool author_windows(Asked& asked) {
    bool sound = author_table(data_centre(4), asked.costs, asked.items);
    return author_table(placements()[2], asked.costs, asked.items) && sound;
}

bool growth(const Asked& asked) {
    return growth_table(asked.costs, asked.latencies.payments) +
               kind_table(asked.costs, asked.latencies.payments, 31) ==
           0;
}

bool carry_out(Asked& asked, const options::variables_map& given) {
    if (given.contains("order")) {
        bool sound = true;
        for (const std::size_t at_once : {1U, 100U, 800U}) {
            sound = ordering_table(asked.costs, asked.items, at_once) && sound;
        }
        return sound;
    }
    if (given.contains("leader-deaths")) {
        return leader_death_table(asked.costs, asked.deaths) == 0;
    }
    if (given.contains("slow-links")) {
        return slow_link_table(asked.costs, asked.batches) == 0;
    }
    if (given.contains("timers")) {
        return timer_table(asked.costs, asked.batches) == 0;
    }
    if (given.contains("syncs")) {
        return sync_table(asked.costs, asked.payments) == 0;
    }
    if (given.contains("overload")) {
        return overload(asked);
    }
    if (given.contains("author-windows")) {
        return author_windows(asked);
    }
    if (given.contains("growth")) {
        return growth(asked);
    }
    bool sound = latency_table(asked.costs, asked.latencies) == 0;
    if (asked.latencies.only.empty() && !given.contains("no-growth")) {
        sound = growth(asked) && sound;
        acknowledgement_table();
    }
    return sound;
}

int run(int argc, char** argv) {
    Asked asked;
    const auto all = described(asked);
    options::variables_map given;
    try {
        options::store(options::parse_command_line(argc, argv, all), given);
        options::notify(given);
        asked.costs.batch_sync_us = asked.costs.sync_us;
    } catch (const options::error& error) {
        std::cerr << "error: " << error.what() << "\nhelp: placement --help\n";
        return 2;
    }
    if (given.contains("help")) {
        std::cout << all
                  << "\nExamples: placement --payments 200\n          placement --order "
                     "200000\nExit: 0, 1 a payment was never answered or a network never went on, "
                     "2 wrong usage.\n";
        return 0;
    }
    return carry_out(asked, given) ? 0 : 1;
}

}  // namespace
}  // namespace remit::placement

int main(int argc, char** argv) {
    return remit::placement::run(argc, argv);
}
