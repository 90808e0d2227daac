#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "test/sim/profile.h"

namespace remit::sim {

/// What the command line asks for.
struct Options {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    std::string profile;
    std::string actor;           ///< empty: the profile's
    std::size_t validators = 0;  ///< 0: the profile's
    std::vector<std::string> without;
    std::string replay_file;
    std::string repro_file;
    std::string out_file;   ///< of what is shrunk; empty: printed alone
    std::size_t twins = 0;  ///< views to enumerate; 0: no Twins
    std::size_t groups = 5;
    std::uint64_t every = 1;
    bool every_actor = false;
    bool colluding_twins = false;
    bool shrink = false;
    bool twice = false;
    bool quiet = false;
    bool rare_report = false;
};

/// The profile in which an actor can act; `otherwise` for one that can anywhere.
std::string stage_of(const std::string& actors, const std::string& otherwise);
/// None for words that it does not understand.
std::optional<Options> parse_options(const std::vector<std::string>& words);
void print_usage();
/// The profile of one seed, with all that the options say of it.
Profile profile_of(const Options& options, std::uint64_t seed);
/// The command that runs this seed alone in the same way.
std::string command_of(const Options& options, std::uint64_t seed);

}  // namespace remit::sim
