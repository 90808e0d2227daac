#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "test/sim/byzantine/actors.h"
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
    bool twice = false;
    bool quiet = false;
};

void usage() {
    std::puts(
        "sim --seed N [--seeds K] [--profile NAME] [--actor NAME | --every-actor] [--twice]\n"
        "    [--quiet]\n"
        "Runs a network of four validators in one thread on virtual time, K seeds from N on.\n"
        "  --profile      swarm (drawn from the seed), calm, lossy, crashing, split, storm,\n"
        "                 byzantine (swarm, shorter, one validator is an actor of the seed)\n"
        "  --actor        what one validator is, whatever the profile says (then byzantine unless\n"
        "                 another is named); none: all are honest\n"
        "  --every-actor  K seeds for each actor there is; one that never acted is an error\n"
        "  --twice        runs each seed again and compares the traces\n"
        "Example: sim --seed 1 --seeds 20 --profile crashing\n"
        "Exit: 0 all seeds hold, 1 an invariant broke, 2 wrong usage.\n"
        "Actors:");
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
    std::printf("\n");
}

/// None when an invariant broke.
std::optional<Report> run_seed(const Options& options, std::uint64_t seed) {
    using remit::sim::Simulation;
    auto profile = *remit::sim::profile_named(options.profile, seed);
    if (!options.actor.empty()) {
        profile.actor = options.actor == "none" ? "" : options.actor;
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
        std::printf("seed %llu %-8s BROKEN %s\nreplay: sim --seed %llu --profile %s%s\n",
                    plain(seed), what.c_str(), breach.what(), plain(seed), options.profile.c_str(),
                    options.actor.empty() ? "" : (" --actor " + options.actor).c_str());
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
        for (auto seed = first; seed < first + options.seeds && held; ++seed) {
            const auto report = run_seed(options, seed);
            held = report.has_value();
            misdeeds += held ? report->misdeeds : 0;
            evidence += held ? report->evidence : 0;
        }
        first += options.seeds;
        std::printf("%-30s %llu misdeeds, %llu times evidence\n", kind.name.c_str(),
                    plain(misdeeds), plain(evidence));
        if (held && (misdeeds == 0 || (kind.leaves_evidence && evidence == 0))) {
            std::printf("%s: %s\n", kind.name.c_str(),
                        misdeeds == 0 ? "NEVER ACTED" : "LEFT NO EVIDENCE");
            held = false;
        }
        good = good && held;
    }
    return good;
}

}  // namespace

int main(int count, char** words) {
    Options options;
    if (!parse(count, words, options) || !remit::init_crypto()) {
        usage();
        return 2;
    }
    return (options.every_actor ? run_every_actor(options) : run_seeds(options)) ? 0 : 1;
}
