#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace remit::sim {

/// What happens to a network during the safety phase. Chances are per million; times in virtual
/// milliseconds; "every" values are means, 0 means never.
struct Profile {
    std::string name;
    std::size_t validators = 4;  ///< 1 to 31
    std::uint64_t loss = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t replayed = 0;  ///< a message comes once more, seconds later
    std::int64_t delay_min_ms = 1;
    std::int64_t delay_mean_ms = 4;        ///< exponential part
    std::int64_t clock_offset_max_ms = 0;  ///< of each node's wall clock, either way
    std::int64_t clock_jump_every_ms = 0;  ///< one node's wall clock is put elsewhere within that
    bool gray_node = false;                ///< one node's processor and wires are far slower
    std::int64_t gray_every_ms = 0;        ///< one machine at a time is slow in all for a while
    std::int64_t gray_execution_ms = 0;    ///< one node takes up to so long for each block
    bool rare = false;                     ///< rare things are made to happen (rare_points.h)
    std::int64_t execution_max_ms = 5;
    std::int64_t kill_every_ms = 0;      ///< one process ends, the machine goes on
    std::int64_t power_every_ms = 0;     ///< one machine loses power, often inside a sync
    std::int64_t blackout_every_ms = 0;  ///< all machines lose power at once
    std::int64_t partition_every_ms = 0;
    std::int64_t forget_every_ms = 0;  ///< one machine, always the same, loses its vote journal
    bool forget_as_leader = false;     ///< mostly while its own proposal is voted on
    std::int64_t set_back_every_ms =
        0;  ///< one machine, always the same, is copied, later set back
    std::int64_t down_max_ms = 4000;
    std::int64_t safety_ms = 30'000;
    std::int64_t stop_at_ms =
        0;  ///< the run ends then, judged by what it showed; 0: with its audit
    std::uint64_t remittances = 30;
    std::int64_t escrow_ms = 6000;        ///< from Prepare to expiry
    bool some_stay_dead = false;          ///< in the liveness phase, f at most
    std::uint32_t snapshot_interval = 0;  ///< of the chain; 0: it makes none
    bool small_blocks = false;            ///< of the chain: windows and maxima of a few
    std::int64_t erase_every_ms = 0;      ///< one machine, always the same, loses its database
    bool prune = false;                   ///< all but one let go of what snapshots cover
    std::int64_t rot_every_ms = 0;        ///< one machine, always the same: a bit of its disk flips
    std::int64_t misdirect_every_ms = 0;  ///< the same one: a write lands elsewhere
    std::int64_t disk_error_every_ms = 0;  ///< some machine: a write or sync fails
    std::int64_t disk_full_every_ms = 0;   ///< some machine, until somebody makes room
    std::uint64_t epoch_blocks = 0;        ///< length of an epoch; 0: longer than any run
    std::int64_t plan_every_ms = 0;        ///< governance names another set; one machine more
    std::int64_t upgrade_every_ms = 0;     ///< programs that know the next version come; it begins
    int bereavements = 0;  ///< in the liveness phase: one comes back without its votes, and as
                           ///< soon as it votes again another dies; so often
    std::string actor;     ///< what one of the validators is, or several are, with commas between;
                           ///< empty: all are honest
};

/// Nodes of a run.
inline std::size_t machines(const Profile& profile) {
    return profile.validators + (profile.plan_every_ms > 0 ? 1 : 0);
}

/// calm, lossy, crashing, split, storm, forgetful, set_back, snapshots, bereaved, epochs,
/// bad_disks, gray, gray_executor, slow_execution, versions; `swarm` draws one and its figures from
/// the seed, `byzantine` a shorter one and an actor, `byzantine_epochs` the same with sets that
/// change, `byzantine_snapshots` is `snapshots` with an actor.
std::optional<Profile> profile_named(const std::string& name, std::uint64_t seed);

/// How many of n validators may be faulty.
inline std::size_t faulty_max(std::size_t validators) {
    return (validators - 1) / 3;
}
/// The names of actors with commas between them, one a validator.
std::vector<std::string> actors_named(const std::string& actors);
/// Keeps no more than so many of them.
void keep_actors(Profile& profile, std::size_t count);
/// Where more than one may be faulty, and an actor is seated: others of other kinds beside it, as
/// many as the network bears; in some seeds none, so that others may stay dead.
void add_accomplices(Profile& profile, std::uint64_t seed);
/// One machine loses votes that it sent.
inline bool forgets(const Profile& profile) {
    return profile.forget_every_ms > 0 || profile.set_back_every_ms > 0 ||
           profile.erase_every_ms > 0 || profile.rot_every_ms > 0 || profile.misdirect_every_ms > 0;
}
/// So many validators, and no more faults than these can bear.
void resize(Profile& profile, std::size_t validators);

}  // namespace remit::sim
