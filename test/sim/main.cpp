#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "test/sim/oracle.h"
#include "test/sim/simulation.h"

namespace {

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    std::string profile = "swarm";
    bool twice = false;
    bool quiet = false;
};

void usage() {
    std::puts(
        "sim --seed N [--seeds K] [--profile NAME] [--twice] [--quiet]\n"
        "Runs a network of four validators in one thread on virtual time, K seeds from N on.\n"
        "  --profile  swarm (drawn from the seed), calm, lossy, crashing, split, storm\n"
        "  --twice    runs each seed again and compares the traces\n"
        "Example: sim --seed 1 --seeds 20 --profile crashing\n"
        "Exit: 0 all seeds hold, 1 an invariant broke, 2 wrong usage.");
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
        } else if (i + 1 == count) {
            return false;
        } else if (word == "--seed" || word == "--seeds") {
            if (!number(words[++i], word == "--seed" ? options.seed : options.seeds)) {
                return false;
            }
        } else if (word == "--profile") {
            options.profile = words[++i];
        } else {
            return false;
        }
    }
    return true;
}

/// False when an invariant broke.
bool run_seed(const Options& options, std::uint64_t seed) {
    using remit::sim::Simulation;
    const auto profile = remit::sim::profile_named(options.profile, seed);
    const auto began = std::chrono::steady_clock::now();
    try {
        const auto report = Simulation(seed, *profile).run();
        if (options.twice && Simulation(seed, *profile).run().trace != report.trace) {
            throw remit::sim::Breach("DETERMINISM", "two runs of the seed differ");
        }
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
        if (!options.quiet) {
            std::printf(
                "seed %llu %-8s ok: height %llu, %llu remittances (%llu accepted), %llu answers, "
                "%llu "
                "starts, %llu votes, %.1f s virtual, %lld ms, root %s, trace %s\n",
                static_cast<unsigned long long>(seed), profile->name.c_str(),
                static_cast<unsigned long long>(report.height),
                static_cast<unsigned long long>(report.remittances),
                static_cast<unsigned long long>(report.accepted),
                static_cast<unsigned long long>(report.answers),
                static_cast<unsigned long long>(report.boots),
                static_cast<unsigned long long>(report.votes),
                static_cast<double>(report.virtual_ms) / 1000.0,
                static_cast<long long>(took.count()), report.state_root.hex().substr(0, 8).c_str(),
                report.trace.hex().substr(0, 8).c_str());
        }
    } catch (const remit::sim::Breach& breach) {
        std::printf("seed %llu %-8s BROKEN %s\nreplay: sim --seed %llu --profile %s\n",
                    static_cast<unsigned long long>(seed), profile->name.c_str(), breach.what(),
                    static_cast<unsigned long long>(seed), options.profile.c_str());
        return false;
    }
    std::fflush(stdout);
    return true;
}

}  // namespace

int main(int count, char** words) {
    Options options;
    if (!parse(count, words, options) || !remit::sim::profile_named(options.profile, 1) ||
        !remit::init_crypto()) {
        usage();
        return 2;
    }
    bool good = true;
    for (std::uint64_t seed = options.seed; seed < options.seed + options.seeds && good; ++seed) {
        good = run_seed(options, seed);
    }
    return good ? 0 : 1;
}
