#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "test/sim/byzantine/actors.h"
#include "test/sim/colluding_twins.h"
#include "test/sim/faults.h"
#include "test/sim/oracle.h"
#include "test/sim/simulation.h"

namespace {

using remit::sim::Report;

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    std::string profile;
    std::string actor;  // empty: the profile's
    bool every_actor = false;
    bool fork = false;
    std::vector<std::string> without;
    bool shrink = false;
    bool twice = false;
    bool quiet = false;
};

void usage() {
    std::puts(
        "sim --seed N [--seeds K] [--profile NAME] [--actor NAME | --every-actor]\n"
        "    [--without FAULT]... [--shrink] [--twice] [--quiet]\n"
        "sim --colluding-twins [--seed N] [--seeds K]\n"
        "Runs a network of four validators in one thread on virtual time, K seeds from N on.\n"
        "  --profile      swarm (drawn from the seed), calm, lossy, crashing, split, storm, "
        "forgetful,\n"
        "                 set_back, snapshots (a node joins from them again and again),\n"
        "                 byzantine (swarm, shorter, one validator is an actor of the seed)\n"
        "  --actor        what one validator is, whatever the profile says (then byzantine unless\n"
        "                 another is named); none: all are honest\n"
        "  --every-actor  K seeds for each actor there is (a few more for one that did not get to\n"
        "                 act); one that never acted is an error\n"
        "  --colluding-twins  two of four are twins: 0 if the oracles see the fork in each seed\n"
        "  --without      a kind of fault to leave out; may be said again\n"
        "  --shrink       takes out of a failing seed what it does not need\n"
        "  --twice        runs each seed again and compares the traces\n"
        "Example: sim --seed 1 --seeds 20 --profile crashing\n"
        "Exit: 0 all seeds hold, 1 an invariant broke, 2 wrong usage.\n"
        "Faults:");
    for (const auto& kind : remit::sim::fault_kinds()) {
        std::printf("  %s\n", kind.name.c_str());
    }
    std::puts("Actors:");
    for (const auto& kind : remit::sim::actor_kinds()) {
        std::printf("  %s\n", kind.name.c_str());
    }
}

bool number(const char* text, std::uint64_t& out) {
    const auto* end = text + std::strlen(text);
    const auto [rest, code] = std::from_chars(text, end, out);
    return code == std::errc() && rest == end;
}

bool parse(int count, char** words, Options& options) {
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--twice") {
            options.twice = true;
        } else if (word == "--quiet") {
            options.quiet = true;
        } else if (word == "--every-actor") {
            options.every_actor = true;
        } else if (word == "--shrink") {
            options.shrink = true;
        } else if (word == "--colluding-twins") {
            options.fork = true;
        } else if (i + 1 == count) {
            return false;
        } else if (word == "--seed" || word == "--seeds") {
            if (!number(words[++i], word == "--seed" ? options.seed : options.seeds)) {
                return false;
            }
        } else if (word == "--profile") {
            options.profile = words[++i];
        } else if (word == "--actor") {
            options.actor = words[++i];
        } else if (word == "--without") {
            remit::sim::Profile any;
            options.without.emplace_back(words[++i]);
            if (!remit::sim::remove_fault(options.without.back(), any)) {
                return false;
            }
        } else {
            return false;
        }
    }
    const bool actor =
        options.actor.empty() || options.actor == "none" || remit::sim::actor_named(options.actor);
    if (options.profile.empty()) {
        options.profile = options.actor.empty() && !options.every_actor ? "swarm" : "byzantine";
    }
    return actor && remit::sim::profile_named(options.profile, 1);
}

unsigned long long plain(std::uint64_t number) {
    return number;
}

void tell(std::uint64_t seed, const std::string& what, const Report& report, std::int64_t took_ms) {
    std::printf(
        "seed %llu %-8s ok: height %llu, %llu remittances (%llu accepted), %llu answers, %llu "
        "starts, %llu votes, %.1f s virtual, %lld ms, root %s, trace %s",
        plain(seed), what.c_str(), plain(report.height), plain(report.remittances),
        plain(report.accepted), plain(report.answers), plain(report.boots), plain(report.votes),
        static_cast<double>(report.virtual_ms) / 1000.0, static_cast<long long>(took_ms),
        report.state_root.hex().substr(0, 8).c_str(), report.trace.hex().substr(0, 8).c_str());
    if (report.misdeeds > 0) {
        std::printf(", %llu misdeeds, %llu times evidence, %llu connections closed",
                    plain(report.misdeeds), plain(report.evidence), plain(report.closed));
    }
    if (report.installed > 0) {
        std::printf(", %llu snapshots installed", plain(report.installed));
    }
    std::printf("\n");
}

std::string replay(const Options& options, std::uint64_t seed) {
    auto out = "sim --seed " + std::to_string(seed) + " --profile " + options.profile;
    if (!options.actor.empty()) {
        out += " --actor " + options.actor;
    }
    for (const auto& name : options.without) {
        out += " --without " + name;
    }
    return out;
}

void shrink(Options options, std::uint64_t seed, const remit::sim::Profile& profile,
            const remit::sim::Breach& breach) {
    const auto breaks = [seed](const remit::sim::Profile& simpler) {
        try {
            remit::sim::Simulation(seed, simpler).run();
            return std::string();
        } catch (const remit::sim::Breach& found) {
            return found.invariant;
        }
    };
    const auto needless = remit::sim::needless_faults(profile, breach.invariant, breaks);
    options.without.insert(options.without.end(), needless.begin(), needless.end());
    std::printf("shrunk: %s\n", replay(options, seed).c_str());
}

/// None when an invariant broke.
std::optional<Report> run_seed(const Options& options, std::uint64_t seed) {
    using remit::sim::Simulation;
    auto profile = *remit::sim::profile_named(options.profile, seed);
    if (!options.actor.empty()) {
        profile.actor = options.actor == "none" ? "" : options.actor;
    }
    for (const auto& name : options.without) {
        remit::sim::remove_fault(name, profile);
    }
    const auto what = profile.name + (profile.actor.empty() ? "" : " " + profile.actor);
    const auto began = std::chrono::steady_clock::now();
    try {
        auto report = Simulation(seed, profile).run();
        if (options.twice && Simulation(seed, profile).run().trace != report.trace) {
            throw remit::sim::Breach("DETERMINISM", "two runs of the seed differ");
        }
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
        if (!options.quiet) {
            tell(seed, what, report, took.count());
        }
        std::fflush(stdout);
        return report;
    } catch (const remit::sim::Breach& breach) {
        std::printf("seed %llu %-8s BROKEN %s\nreplay: %s\n", plain(seed), what.c_str(),
                    breach.what(), replay(options, seed).c_str());
        if (options.shrink) {
            shrink(options, seed, profile, breach);
        }
        std::fflush(stdout);
        return std::nullopt;
    }
}

bool run_seeds(const Options& options) {
    for (auto seed = options.seed; seed < options.seed + options.seeds; ++seed) {
        if (!run_seed(options, seed)) {
            return false;
        }
    }
    return true;
}

/// A behaviour that never happened shows nothing, nor does a search for evidence that finds none.
bool run_every_actor(Options options) {
    bool good = true;
    // Seeds of their own for each, so that they meet all kinds of weather.
    auto first = options.seed;
    for (const auto& kind : remit::sim::actor_kinds()) {
        options.actor = kind.name;
        std::uint64_t misdeeds = 0;
        std::uint64_t evidence = 0;
        bool held = true;
        const auto shown = [&] { return misdeeds > 0 && (evidence > 0 || !kind.leaves_evidence); };
        constexpr std::uint64_t patience = 5;
        for (auto seed = first; held && (seed < first + options.seeds ||
                                         (!shown() && seed < first + options.seeds + patience));
             ++seed) {
            const auto report = run_seed(options, seed);
            held = report.has_value();
            misdeeds += held ? report->misdeeds : 0;
            evidence += held ? report->evidence : 0;
        }
        first += options.seeds;
        std::printf("%-30s %llu misdeeds, %llu times evidence\n", kind.name.c_str(),
                    plain(misdeeds), plain(evidence));
        if (held && !shown()) {
            std::printf("%s: %s\n", kind.name.c_str(),
                        misdeeds == 0 ? "NEVER ACTED" : "LEFT NO EVIDENCE");
            held = false;
        }
        good = good && held;
    }
    return good;
}

/// A fork is a breach of C1 to C4; anything else, or nothing, is a failure of the oracles.
bool detect_forks(const Options& options) {
    for (auto seed = options.seed; seed < options.seed + options.seeds; ++seed) {
        const auto fork = remit::sim::fork_by_colluding_twins(seed, seed % 2 == 0);
        const bool seen = fork && fork->invariant >= "C1" && fork->invariant <= "C4";
        std::printf("seed %llu: %s\n", plain(seed), fork ? fork->what() : "NO FORK SEEN");
        if (!seen) {
            return false;
        }
    }
    return true;
}

}  // namespace

int main(int count, char** words) {
    Options options;
    if (!parse(count, words, options) || !remit::init_crypto()) {
        usage();
        return 2;
    }
    if (options.fork) {
        return detect_forks(options) ? 0 : 1;
    }
    return (options.every_actor ? run_every_actor(options) : run_seeds(options)) ? 0 : 1;
}
