#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "node/tls/credentials.h"
#include "test/faults/command.h"
#include "test/faults/namespace_links.h"
#include "test/faults/relay_links.h"
#include "test/faults/run.h"

namespace remit::test {
namespace {

namespace options = boost::program_options;

constexpr int violated = 1;
constexpr int wrong_usage = 2;

std::vector<Fault> all_faults() {
    std::vector<Fault> out;
    for (auto* make : {&process_faults, &network_faults, &disk_faults, &data_faults}) {
        for (auto& fault : make()) {
            out.push_back(std::move(fault));
        }
    }
    return out;
}

/// Those that the plan asks for and this machine can do; says which it cannot.
std::vector<Fault> chosen(const RunPlan& plan, const Cluster& cluster) {
    std::vector<Fault> out;
    for (auto& fault : all_faults()) {
        const bool named =
            std::find(plan.only.begin(), plan.only.end(), fault.name) != plan.only.end();
        const bool wanted =
            plan.only.empty() ? !fault.by_name_only && (fault.quick || !plan.quick) : named;
        if (!wanted) {
            continue;
        }
        if (const auto obstacle = fault.obstacle(cluster); !obstacle.empty()) {
            fmt::print("left out: {}: {}\n", fault.name, obstacle);
        } else {
            out.push_back(std::move(fault));
        }
    }
    return out;
}

int run(const RunPlan& plan, bool namespaces) {
    node::quiet_grpc_log([](std::string_view) {});
    Devnet devnet;
    std::unique_ptr<Links> links;
    if (namespaces) {
        links = std::make_unique<NamespaceLinks>(devnet, plan.seed);
    } else {
        links = std::make_unique<RelayLinks>(devnet, plan.seed);
    }
    Cluster cluster(devnet, *links);
    if (plan.lying_disk) {
        cluster.run_under({"env", "LD_PRELOAD=libeatmydata.so"});
    }
    fmt::print("faults: seed {}, {} s, {} clients, {}{}\n", plan.seed, plan.length.count(),
               plan.clients, links->name(), plan.lying_disk ? ", disks that lie" : "");
    const auto faults = chosen(plan, cluster);
    if (faults.empty()) {
        fmt::print(stderr, "faults: nothing to do\n");
        return wrong_usage;
    }
    const bool sound = Run(cluster, plan).execute(faults);
    if (!sound) {
        const auto kept = fmt::format("faults-{}", plan.seed);
        run_command(
            fmt::format("rm -rf {0} && cp -r {1} {0} && rm -rf {0}/*/data/db", kept,
                        std::filesystem::path(devnet.genesis_file()).parent_path().string()));
        fmt::print("logs and journals are kept in {}\nagain: tools/faults.sh MINUTES --seed {}\n",
                   kept, plan.seed);
    }
    return sound ? 0 : violated;
}

int list() {
    for (const auto& fault : all_faults()) {
        fmt::print("{:<20} {}{}{}\n", fault.name, fault.meaning, fault.within_f ? "" : " (over f)",
                   fault.by_name_only ? " (by name only)" : "");
    }
    return 0;
}

int main_of(int count, char** words) {
    RunPlan plan;
    std::size_t seconds = 0;
    std::size_t recovery = 0;
    options::options_description known(
        "Four validators under load, one fault after the other; clients' receipts are the "
        "judge.\n\n"
        "usage: faults --seconds N [options]\n\nexit: 0 sound, 1 something was violated, 2 wrong "
        "usage");
    known.add_options()("help", "this text")("list", "the faults and what they do")(
        "seconds", options::value(&seconds)->default_value(60), "no new fault after so long")(
        "seed", options::value(&plan.seed), "the schedule; from the clock when not given")(
        "only", options::value(&plan.only)->composing(), "this fault alone; may be repeated")(
        "clients", options::value(&plan.clients)->default_value(plan.clients), "paying at once")(
        "recovery", options::value(&recovery)->default_value(120),
        "seconds until everybody must get on again; a busy machine needs more")(
        "lying-disk", "nodes whose syncs do nothing (eatmydata): power_cut_all has to find it")(
        "quick", "the short slice: a few faults, short holds")(
        "namespaces", "this process tree has namespaces of its own: unshare -n -m -p");
    plan.seed = static_cast<std::uint64_t>(std::time(nullptr));
    options::variables_map given;
    try {
        options::store(options::parse_command_line(count, words, known), given);
        options::notify(given);
    } catch (const options::error& error) {
        std::cerr << "faults: " << error.what() << "\n" << known;
        return wrong_usage;
    }
    if (given.count("help") != 0) {
        std::cout << known;
        return 0;
    }
    if (given.count("list") != 0) {
        return list();
    }
    for (const auto& name : plan.only) {
        const auto faults = all_faults();
        if (std::none_of(faults.begin(), faults.end(),
                         [&](const auto& fault) { return fault.name == name; })) {
            fmt::print(stderr, "faults: no fault is called {}: see --list\n", name);
            return wrong_usage;
        }
    }
    plan.length = std::chrono::seconds(seconds);
    plan.recovery = std::chrono::seconds(recovery);
    plan.quick = given.count("quick") != 0;
    plan.lying_disk = given.count("lying-disk") != 0;
    try {
        return run(plan, given.count("namespaces") != 0);
    } catch (const std::exception& error) {
        fmt::print(stderr, "faults: {}\n", error.what());
        return violated;
    }
}

}  // namespace
}  // namespace remit::test

int main(int count, char** words) {
    return remit::test::main_of(count, words);
}
