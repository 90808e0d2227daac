#include "test/sim/options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include "test/sim/byzantine/actors.h"
#include "test/sim/faults.h"

namespace remit::sim {

namespace {

constexpr std::size_t validators_max = 31;

template <class T>
bool number(const std::string& text, T& out) {
    const auto* end = text.data() + text.size();
    const auto [rest, code] = std::from_chars(text.data(), end, out);
    return code == std::errc() && rest == end;
}

bool take_value(const std::string& word, const std::string& value, Options& out) {
    if (word == "--seed") {
        return number(value, out.seed);
    }
    if (word == "--seeds") {
        return number(value, out.seeds);
    }
    if (word == "--validators") {
        return number(value, out.validators) && out.validators > 0 &&
               out.validators <= validators_max;
    }
    if (word == "--twins") {
        return number(value, out.twins) && out.twins > 0 && out.twins <= 4;
    }
    if (word == "--groups") {
        return number(value, out.groups) && out.groups > 0;
    }
    if (word == "--every") {
        return number(value, out.every) && out.every > 0;
    }
    if (word == "--profile") {
        out.profile = value;
        return true;
    }
    if (word == "--actor") {
        out.actor = value;
        return true;
    }
    if (word == "--replay") {
        out.replay_file = value;
        return true;
    }
    if (word == "--repro") {
        out.repro_file = value;
        return true;
    }
    if (word == "--out") {
        out.out_file = value;
        return true;
    }
    Profile any;
    out.without.push_back(value);
    return word == "--without" && remove_fault(value, any);
}

}  // namespace

std::string stage_of(const std::string& actors, const std::string& otherwise) {
    const auto any = [&](bool ActorKind::* needs) {
        const auto names = actors_named(actors);
        return std::any_of(names.begin(), names.end(), [&](const auto& name) {
            const auto* kind = actor_named(name);
            return kind != nullptr && kind->*needs;
        });
    };
    return any(&ActorKind::needs_epochs)    ? "byzantine_epochs"
           : any(&ActorKind::needs_joiners) ? "byzantine_snapshots"
                                            : otherwise;
}

std::optional<Options> parse_options(const std::vector<std::string>& words) {
    Options out;
    const std::map<std::string, bool Options::*> flags = {
        {"--every-actor", &Options::every_actor},
        {"--colluding-twins", &Options::colluding_twins},
        {"--shrink", &Options::shrink},
        {"--twice", &Options::twice},
        {"--quiet", &Options::quiet},
        {"--rare-report", &Options::rare_report},
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (const auto flag = flags.find(words[i]); flag != flags.end()) {
            out.*(flag->second) = true;
        } else if (i + 1 == words.size() || !take_value(words[i], words[i + 1], out)) {
            return std::nullopt;
        } else {
            ++i;
        }
    }
    if (out.profile.empty()) {
        const bool alone = out.actor.empty() && !out.every_actor;
        out.profile = alone ? "swarm" : stage_of(out.actor, "byzantine");
    }
    const auto actors = out.actor == "none" ? std::vector<std::string>() : actors_named(out.actor);
    const bool known = std::all_of(actors.begin(), actors.end(),
                                   [](const auto& name) { return actor_named(name) != nullptr; });
    const bool seated = out.validators == 0 || actors.size() <= faulty_max(out.validators);
    return known && seated && profile_named(out.profile, 1) ? std::optional(out) : std::nullopt;
}

Profile profile_of(const Options& options, std::uint64_t seed) {
    auto out = *profile_named(options.profile, seed);
    if (options.validators > 0) {
        resize(out, options.validators);
    }
    if (options.actor.empty()) {
        add_accomplices(out, seed);
    } else {
        out.actor = options.actor == "none" ? "" : options.actor;
    }
    const auto actors = actors_named(out.actor);
    if (actors.size() > faulty_max(out.validators)) {
        resize(out, 3 * actors.size() + 1);
    }
    // Who lost its votes asks q others, and an actor may never answer: both are faulty. The one of
    // snapshots answers like anybody.
    const bool answers = actors.size() == 1 && actor_named(out.actor)->needs_joiners;
    if (!actors.empty() && !answers && options.validators == 0 && forgets(out) &&
        actors.size() + 1 > faulty_max(out.validators)) {
        resize(out, 3 * actors.size() + 4);
    }
    for (const auto& name : options.without) {
        remove_fault(name, out);
    }
    return out;
}

std::string command_of(const Options& options, std::uint64_t seed) {
    auto out = "sim --seed " + std::to_string(seed) + " --profile " + options.profile;
    if (!options.actor.empty()) {
        out += " --actor " + options.actor;
    }
    if (options.validators > 0) {
        out += " --validators " + std::to_string(options.validators);
    }
    for (const auto& name : options.without) {
        out += " --without " + name;
    }
    return out;
}

void print_usage() {
    std::puts(
        "sim --seed N [--seeds K] [--profile NAME] [--actor NAME | --every-actor]\n"
        "    [--validators N] [--without FAULT]... [--shrink] [--twice] [--quiet] [--rare-report]\n"
        "sim --replay FILE\n"
        "sim --repro FILE\n"
        "sim --twins VIEWS [--groups G] [--every K] [--seed N]\n"
        "sim --colluding-twins [--seed N] [--seeds K]\n"
        "Runs a network of validators in one thread on virtual time, K seeds from N on.\n"
        "  --profile      swarm (drawn from the seed: kind and figures, 1 to 31 validators), "
        "calm,\n"
        "                 lossy, crashing, split, storm, forgetful, set_back, snapshots (a node "
        "joins\n"
        "                 from them again and again), bereaved (validators die as soon as another\n"
        "                 one that lost its votes is back), bad_disks (bits rot, writes fail, "
        "disks\n"
        "                 are full), gray (one is slow in everything for a while, again "
        "and again),\n"
        "                 gray_executor (one executes far slower than the chain grows),\n"
        "                 slow_execution (all do, and payload waits for them),\n"
        "                 versions (epochs, and programs that know the next protocol version\n"
        "                 come), byzantine (swarm, shorter, one\n"
        "                 validator is an actor of the seed), epochs (the set changes again and\n"
        "                 again), byzantine_epochs (both), byzantine_snapshots (snapshots, "
        "shorter, with an\n"
        "                 actor)\n"
        "  --actor        what one validator is, whatever the profile says (then byzantine unless\n"
        "                 another is named); with commas, what several are; none: all are honest\n"
        "  --every-actor  K seeds for each actor there is (a few more for one that did not get to\n"
        "                 act); one that never acted is an error\n"
        "  --validators   so many (1 to 31) instead of the profile's\n"
        "  --without      a kind of fault to leave out; may be said again\n"
        "  --shrink       makes a failing seed a list of the few faults that it needs, and prints "
        "it\n"
        "  --out          file that --shrink writes it to as well\n"
        "  --repro        runs such a list again\n"
        "  --twice        runs each seed again and compares the traces\n"
        "  --rare-report  says at the end how often each rare point fired; one that never did is\n"
        "                 an error\n"
        "  --replay       runs each line of a file (seeds.txt): options as above; # begins a "
        "remark\n"
        "  --twins        enumerates what a twin can do in so many views (1 to 4): each validator "
        "as\n"
        "                 two processes, each partition of the five into at most G groups (5) per\n"
        "                 view; every K-th scenario, from the N-th on (1)\n"
        "  --colluding-twins  two of four are twins: 0 if the oracles see the fork in each seed\n"
        "Example: sim --seed 1 --seeds 20 --profile crashing\n"
        "Exit: 0 all seeds hold, 1 an invariant broke, 2 wrong usage.\n"
        "Faults:");
    for (const auto& kind : fault_kinds()) {
        std::printf("  %s\n", kind.name.c_str());
    }
    std::puts("Actors:");
    for (const auto& kind : actor_kinds()) {
        std::printf("  %s\n", kind.name.c_str());
    }
}

}  // namespace remit::sim
