#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "test/sim/byzantine/actors.h"
#include "test/sim/colluding_twins.h"
#include "test/sim/options.h"
#include "test/sim/oracle.h"
#include "test/sim/shrink.h"
#include "test/sim/simulation.h"
#include "test/sim/twins.h"

namespace {

using remit::sim::Options;
using remit::sim::Report;

unsigned long long plain(std::uint64_t number) {
    return number;
}

/// What all runs of this process came to.
struct Total {
    std::uint64_t seeds = 0;
    std::int64_t virtual_ms = 0;
    std::uint64_t height = 0;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

void tell(const Total& total) {
    using Seconds = std::chrono::duration<double>;
    const double real = Seconds(std::chrono::steady_clock::now() - total.began).count();
    const double simulated = static_cast<double>(total.virtual_ms) / 1000.0;
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    const double cpu = static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                       static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    std::printf(
        "%llu seeds, %llu blocks: %.0f s of virtual time in %.1f s (%.1f s of processor): %.0f to "
        "1, %.0f seeds an hour of processor, peak memory %ld MiB\n",
        plain(total.seeds), plain(total.height), simulated, real, cpu, simulated / cpu,
        static_cast<double>(total.seeds) * 3600.0 / cpu, use.ru_maxrss / 1024);
}

void tell(std::uint64_t seed, const std::string& what, const Report& report, std::int64_t took_ms) {
    std::printf(
        "seed %llu %-8s ok: height %llu, %llu remittances (%llu accepted), %llu answers, %llu "
        "starts, %llu votes, %.1f s virtual, %lld ms, root %s, trace %s",
        plain(seed), what.c_str(), plain(report.height), plain(report.remittances),
        plain(report.accepted), plain(report.answers), plain(report.boots), plain(report.votes),
        static_cast<double>(report.virtual_ms) / 1000.0, static_cast<long long>(took_ms),
        report.state_root.hex().substr(0, 8).c_str(), report.trace.hex().substr(0, 8).c_str());
    if (report.version > 1) {
        std::printf(", protocol version %u, %llu times too new for a program",
                    unsigned{report.version}, plain(report.outrun));
    }
    if (report.blocks_waiting > 0) {
        std::printf(", up to %llu blocks with %llu KiB waited for execution",
                    plain(report.blocks_waiting), plain(report.bytes_waiting / 1024));
    }
    if (report.longest_wait_ms > 0) {
        std::printf(", at most %lld ms for a height beside a slow one",
                    static_cast<long long>(report.longest_wait_ms));
    }
    if (report.deaths > 0) {
        std::printf(", %llu processes ended by a bad disk", plain(report.deaths));
    }
    if (report.open_groups_rotten > 0) {
        std::printf(", newest votes damaged %llu times", plain(report.open_groups_rotten));
    }
    if (report.installed > 0) {
        std::printf(", %llu snapshots installed", plain(report.installed));
    }
    if (report.epochs > 1) {
        std::printf(", %llu epochs of %llu sets, %llu demoted, parameters changed %llu times",
                    plain(report.epochs), plain(report.sets), plain(report.demotions),
                    plain(report.parameter_changes));
    }
    if (report.misdeeds > 0 && report.epochs > 1) {
        std::printf(", the actor in %llu", plain(report.epochs - report.epochs_without_actor));
    }
    if (report.misdeeds > 0) {
        std::printf(
            ", %llu misdeeds, %llu times evidence (%llu recorded), "
            "%llu connections closed",
            plain(report.misdeeds), plain(report.evidence), plain(report.recorded),
            plain(report.closed));
    }
    std::printf("\n");
}

/// Of a seed that failed.
void shrink(const Options& options, std::uint64_t seed, const remit::sim::Profile& profile) {
    const auto shrunk = remit::sim::shrink(seed, profile);
    if (!shrunk) {
        std::printf("shrunk: no, it holds when it is told its own faults\n");
        return;
    }
    const auto text = shrunk->repro.text();
    const auto& script = shrunk->repro.script;
    std::printf(
        "shrunk: %llu faults of %llu, %llu lost messages of %llu, %llu remittances, in %llu "
        "runs and %.1f s:\n%s",
        plain(script.faults.size()), plain(shrunk->faults_before), plain(script.lost->size()),
        plain(shrunk->lost_before), plain(shrunk->repro.profile.remittances), plain(shrunk->runs),
        shrunk->seconds, text.c_str());
    if (!options.out_file.empty() && !(std::ofstream(options.out_file) << text)) {
        std::printf("sim: cannot write %s\n", options.out_file.c_str());
    }
}

/// Whether it holds now, whatever it broke when it was found.
int run_repro(const std::string& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto repro = remit::sim::Repro::parse(text);
    if (!repro) {
        std::printf("sim: %s: no repro\n", path.c_str());
        return 2;
    }
    std::string why;
    const auto broken = remit::sim::broken_by(*repro, why);
    std::printf("%s: %llu faults, found by %s: %s\n", path.c_str(),
                plain(repro->script.faults.size()), repro->invariant.c_str(),
                broken.empty() ? "ok" : ("BROKEN " + why).c_str());
    return broken.empty() ? 0 : 1;
}

/// None when an invariant broke.
std::optional<Report> run_seed(const Options& options, std::uint64_t seed, Total& total) {
    using remit::sim::Simulation;
    const auto profile = remit::sim::profile_of(options, seed);
    const auto what = profile.name + " n=" + std::to_string(profile.validators) +
                      (profile.actor.empty() ? "" : " " + profile.actor);
    const auto began = std::chrono::steady_clock::now();
    try {
        auto report = Simulation(seed, profile).run();
        if (options.twice && Simulation(seed, profile).run().trace != report.trace) {
            throw remit::sim::Breach("DETERMINISM", "two runs of the seed differ");
        }
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
        ++total.seeds;
        total.virtual_ms += report.virtual_ms;
        total.height += report.height;
        if (!options.quiet) {
            tell(seed, what, report, took.count());
        }
        std::fflush(stdout);
        return report;
    } catch (const remit::sim::Breach& breach) {
        std::printf("seed %llu %-8s BROKEN %s\nreplay: %s\n", plain(seed), what.c_str(),
                    breach.what(), remit::sim::command_of(options, seed).c_str());
        if (options.shrink) {
            shrink(options, seed, profile);
        }
        std::fflush(stdout);
        return std::nullopt;
    }
}

bool run_seeds(const Options& options, Total& total) {
    for (auto seed = options.seed; seed < options.seed + options.seeds; ++seed) {
        if (!run_seed(options, seed, total)) {
            return false;
        }
    }
    return true;
}

/// A behaviour that never happened shows nothing, nor does a search for evidence that finds none.
bool run_every_actor(Options options, Total& total) {
    bool good = true;
    // Seeds of their own for each, so that they meet all kinds of weather.
    auto first = options.seed;
    const auto profile = options.profile;
    for (const auto& kind : remit::sim::actor_kinds()) {
        options.actor = kind.name;
        options.profile = remit::sim::stage_of(kind.name, profile);
        std::uint64_t joins = 0;  // by others, after blame
        std::uint64_t misdeeds = 0;
        std::uint64_t evidence = 0;
        std::uint64_t recorded = 0;
        bool held = true;
        const auto shown = [&] {
            return misdeeds > 0 && ((evidence > 0 && recorded > 0) || !kind.leaves_evidence) &&
                   (joins > 0 || !kind.needs_joiners);
        };
        constexpr std::uint64_t patience = 5;
        for (auto seed = first; held && (seed < first + options.seeds ||
                                         (!shown() && seed < first + options.seeds + patience));
             ++seed) {
            const auto report = run_seed(options, seed, total);
            held = report.has_value();
            misdeeds += held ? report->misdeeds : 0;
            evidence += held ? report->evidence : 0;
            recorded += held ? report->recorded : 0;
            joins += held && report->blamed > 0 ? report->installed : 0;
        }
        first += options.seeds;
        std::printf("%-30s %llu misdeeds, %llu times evidence, %llu recorded\n", kind.name.c_str(),
                    plain(misdeeds), plain(evidence), plain(recorded));
        if (held && !shown()) {
            std::printf("%s: %s\n", kind.name.c_str(),
                        misdeeds == 0        ? "NEVER ACTED"
                        : kind.needs_joiners ? "NEVER BLAMED BY ONE THAT JOINED"
                                             : "LEFT NO EVIDENCE");
            held = false;
        }
        good = good && held;
    }
    return good;
}

/// A fork is a breach of C1 to C4; anything else, or nothing, is a failure of the oracles. So is
/// one whose certificates do not name the f+1 that made it.
bool detect_forks(const Options& options) {
    for (auto seed = options.seed; seed < options.seed + options.seeds; ++seed) {
        const auto fork = remit::sim::fork_by_colluding_twins(seed, seed % 2 == 0);
        const auto rule = fork ? fork->breach.invariant : "";
        std::printf("seed %llu: %s\n", plain(seed), fork ? fork->breach.what() : "NO FORK SEEN");
        if (rule < "C1" || rule > "C4") {
            return false;
        }
        std::printf("  %llu keys proven guilty by both sides' certificates%s\n",
                    plain(fork->guilty.size()),
                    fork->names_the_twins ? ": the twins'" : ", NOT THE TWINS");
        if (!fork->names_the_twins) {
            return false;
        }
    }
    return true;
}

/// Each line of the file is a run that failed once, or stands for a kind of run.
int run_file(const Options& options, Total& total) {
    std::ifstream file(options.replay_file);
    if (!file) {
        std::printf("sim: cannot read %s\n", options.replay_file.c_str());
        return 2;
    }
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream text(line.substr(0, line.find('#')));
        const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
        auto each = remit::sim::parse_options(words);
        if (!each) {
            std::printf("sim: %s: not understood: %s\n", options.replay_file.c_str(), line.c_str());
            return 2;
        }
        each->quiet = options.quiet;
        if (!words.empty() && !run_seeds(*each, total)) {
            return 1;
        }
    }
    if (total.seeds == 0) {
        std::printf("sim: %s holds no seeds\n", options.replay_file.c_str());
        return 2;
    }
    return 0;
}

bool run_twins(const Options& options) {
    const auto began = std::chrono::steady_clock::now();
    const auto result = remit::sim::enumerate_twins({.views = options.twins,
                                                     .groups_max = options.groups,
                                                     .every = options.every,
                                                     .first = options.seed - 1});
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::printf(
        "twins of %llu views, up to %llu groups: 1 in %llu of %llu scenarios: %llu run (%llu more "
        "are the same renamed), %llu blocks, %llu views nullified, evidence in %llu, %.1f s\n",
        plain(options.twins), plain(options.groups), plain(result.every), plain(result.in_scope),
        plain(result.scenarios), plain(result.pruned), plain(result.blocks),
        plain(result.nullified), plain(result.evidence), took);
    if (result.breach) {
        std::printf("BROKEN %s\nscenario: %s\n", result.breach->what(),
                    result.found.text().c_str());
        return false;
    }
    if (result.evidence == 0) {
        std::printf("BROKEN C5: a twin that nobody ever catches was not one\n");
    }
    return result.evidence > 0;
}

bool report_rare_points() {
    bool all = true;
    for (const auto& [name, count] : remit::sim::RarePoints::hits()) {
        std::printf("rare point %-22s %llu%s\n", name.c_str(), plain(count),
                    count == 0 ? "  NEVER HIT" : "");
        all = all && count > 0;
    }
    return all;
}

}  // namespace

int main(int count, char** words) {
    const auto options =
        remit::sim::parse_options(std::vector<std::string>(words + 1, words + count));
    if (!options || !remit::init_crypto()) {
        remit::sim::print_usage();
        return 2;
    }
    if (options->colluding_twins) {
        return detect_forks(*options) ? 0 : 1;
    }
    if (options->twins > 0) {
        return run_twins(*options) ? 0 : 1;
    }
    if (!options->repro_file.empty()) {
        return run_repro(options->repro_file);
    }
    Total total;
    int code = 0;
    if (!options->replay_file.empty()) {
        code = run_file(*options, total);
    } else if (options->every_actor) {
        code = run_every_actor(*options, total) ? 0 : 1;
    } else {
        code = run_seeds(*options, total) ? 0 : 1;
    }
    tell(total);
    if (options->rare_report && code == 0 && !report_rare_points()) {
        code = 1;
    }
    return code;
}
