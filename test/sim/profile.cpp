#include "test/sim/profile.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "test/sim/byzantine/actors.h"
#include "test/support/node/prng.h"

namespace remit::sim {

namespace {

Profile calm() {
    Profile out;
    out.name = "calm";
    return out;
}

Profile lossy() {
    Profile out;
    out.name = "lossy";
    out.loss = 100'000;
    out.duplicate = 50'000;
    out.delay_mean_ms = 30;
    out.clock_offset_max_ms = 200;
    return out;
}

Profile crashing() {
    Profile out;
    out.name = "crashing";
    out.kill_every_ms = 4000;
    out.power_every_ms = 2500;
    out.blackout_every_ms = 15'000;
    out.execution_max_ms = 60;
    out.clock_offset_max_ms = 100;
    return out;
}

Profile split() {
    Profile out;
    out.name = "split";
    out.partition_every_ms = 4000;
    out.loss = 20'000;
    out.delay_mean_ms = 15;
    out.clock_offset_max_ms = 300;
    return out;
}

Profile storm() {
    Profile out = crashing();
    out.name = "storm";
    out.loss = 80'000;
    out.duplicate = 50'000;
    out.delay_mean_ms = 25;
    out.partition_every_ms = 6000;
    out.clock_offset_max_ms = 300;
    return out;
}

/// f of the validators lose what they signed, again and again.
Profile forgetful() {
    Profile out;
    out.name = "forgetful";
    out.forget_every_ms = 6000;
    out.forget_as_leader = true;
    out.kill_every_ms = 9000;
    out.power_every_ms = 9000;
    out.loss = 20'000;
    out.delay_mean_ms = 15;
    out.down_max_ms = 1500;
    out.execution_max_ms = 60;
    return out;
}

/// One machine is restored from old copies of all it holds while another one comes and goes.
Profile set_back() {
    Profile out;
    out.name = "set_back";
    out.set_back_every_ms = 2500;
    out.delay_mean_ms = 15;
    out.down_max_ms = 1500;
    out.execution_max_ms = 60;
    return out;
}

/// One validator loses its database again and again and joins from a snapshot, while power goes
/// inside of copying, gathering, installing and pruning.
Profile snapshots() {
    Profile out;
    out.name = "snapshots";
    out.snapshot_interval = 16;
    out.prune = true;
    out.erase_every_ms = 9000;
    out.power_every_ms = 4000;
    out.kill_every_ms = 9000;
    out.loss = 20'000;
    out.delay_mean_ms = 10;
    out.down_max_ms = 1500;
    out.execution_max_ms = 20;
    return out;
}

/// Short epochs whose sets change, under the faults of a swarm.
Profile epochs(std::uint64_t seed) {
    test::Prng random(seed, "epochs");
    const std::uint64_t kind = random.below(7);
    Profile out = kind == 0   ? calm()
                  : kind == 1 ? lossy()
                  : kind == 2 ? crashing()
                  : kind == 3 ? split()
                  : kind == 4 ? forgetful()
                  : kind == 5 ? snapshots()
                              : storm();
    out.name = "epochs/" + out.name;
    out.forget_as_leader = false;  // the kept seeds stay the runs that they were
    out.epoch_blocks = 4 + random.below(20);
    out.plan_every_ms = 3000;
    out.escrow_ms = 12'000;
    return out;
}

/// Bits rot on one machine, writes fail and disks fill on any, while machines come and go; half of
/// the chains make snapshots.
Profile bad_disks(std::uint64_t seed) {
    test::Prng random(seed, "bad disks");
    Profile out = random.chance(500'000) ? snapshots() : calm();
    out.name = out.snapshot_interval > 0 ? "bad_disks/snapshots" : "bad_disks";
    out.erase_every_ms = 0;
    out.kill_every_ms = 9000;
    out.power_every_ms = random.chance(500'000) ? 6000 : 0;
    out.rot_every_ms = random.chance(700'000) ? random.between(1000, 5000) : 0;
    out.disk_error_every_ms = random.chance(600'000) ? random.between(600, 4000) : 0;
    out.disk_full_every_ms = random.chance(400'000) ? random.between(2000, 8000) : 0;
    if (out.rot_every_ms + out.disk_error_every_ms + out.disk_full_every_ms == 0) {
        out.rot_every_ms = 2000;
    }
    test::Prng elsewhere(seed, "misdirected writes");
    out.misdirect_every_ms = elsewhere.chance(300'000) ? elsewhere.between(2000, 6000) : 0;
    out.down_max_ms = 1500;
    out.escrow_ms = 9000;
    return out;
}

/// One machine is 10 to 100 times slower for seconds again and again, in its wires, its disk and
/// its execution. Nothing else goes wrong, so the pace of the others is judged.
Profile gray() {
    Profile out;
    out.name = "gray";
    out.gray_every_ms = 4000;
    out.delay_mean_ms = 2;
    out.safety_ms = 40'000;
    out.remittances = 120;
    out.escrow_ms = 12'000;
    return out;
}

/// One machine executes so slowly that what waits there reaches its bound.
Profile gray_executor() {
    Profile out;
    out.name = "gray_executor";
    out.gray_execution_ms = 4000;
    out.small_blocks = true;
    out.safety_ms = 40'000;
    out.remittances = 240;
    out.delay_mean_ms = 1;
    return out;
}

/// All execute slowly, on a chain of small blocks: payload runs into MAX_LAG and must wait there.
Profile slow_execution() {
    Profile out;
    out.name = "slow_execution";
    out.execution_max_ms = 600;
    out.small_blocks = true;
    out.delay_mean_ms = 1;
    out.remittances = 120;
    out.escrow_ms = 20'000;
    return out;
}

/// Low rates: a disk fails less often than a process does.
void draw_disk_faults(std::uint64_t seed, Profile& profile) {
    test::Prng random(seed, "disk faults");
    const auto maybe = [&random] { return random.chance(60'000) ? random.between(3000, 9000) : 0; };
    profile.rot_every_ms = maybe();
    profile.disk_error_every_ms = maybe();
    profile.disk_full_every_ms = maybe();
    if (profile.rot_every_ms > 0) {
        profile.some_stay_dead = false;  // no more than f are faulty
    }
}

/// Releases come that know the next protocol version, on one machine after the other; governance
/// begins it as soon as the ledger lets it, under the faults of `epochs`.
Profile versions(std::uint64_t seed) {
    Profile out = epochs(seed);
    out.name += "/versions";
    out.upgrade_every_ms = test::Prng(seed, "versions").between(700, 3000);
    return out;
}

/// f of the validators lose what they signed, and right after they are back others die: never more
/// than f faulty, so progress is due all the time.
Profile bereaved(std::uint64_t seed) {
    test::Prng random(seed, "profile");
    Profile out;
    out.name = "bereaved";
    out.bereavements = 6;
    out.safety_ms = 3000;
    out.remittances = 6;
    out.down_max_ms = 1500;
    out.delay_mean_ms = random.chance(500'000) ? 1 : random.between(1, 40);
    out.execution_max_ms = random.chance(500'000) ? 5 : random.between(0, 200);
    return out;
}

Profile swarm(std::uint64_t seed) {
    test::Prng random(seed, "profile");
    const std::uint64_t kind = random.below(5);
    Profile out = kind == 0   ? calm()
                  : kind == 1 ? lossy()
                  : kind == 2 ? crashing()
                  : kind == 3 ? split()
                              : storm();
    // Extreme figures find more than middling ones.
    if (random.chance(300'000)) {
        out.delay_mean_ms = random.between(1, 120);
    }
    if (random.chance(200'000)) {
        out.loss = random.below(250'000);
    }
    if (random.chance(300'000)) {
        out.execution_max_ms = random.between(0, 400);
    }
    out.some_stay_dead = random.chance(250'000);
    if (random.chance(200'000)) {
        out.replayed = random.below(50'000);
    }
    if (random.chance(150'000)) {
        out.clock_jump_every_ms = 3000;
    }
    out.gray_node = random.chance(150'000);
    out.rare = random.chance(400'000);
    draw_disk_faults(seed, out);
    test::Prng slow(seed, "gray execution");
    out.gray_execution_ms = slow.chance(50'000) ? slow.between(300, 4000) : 0;
    if (random.chance(300'000)) {
        // Large ones are rare: one of 31 costs as much as thirty of four.
        static constexpr std::array<std::size_t, 8> sizes = {1, 2, 3, 5, 6, 7, 10, 13};
        static constexpr std::array<std::size_t, 4> large = {16, 19, 22, 31};
        resize(out, random.chance(30'000) ? large.at(random.below(large.size()))
                                          : sizes.at(random.below(sizes.size())));
    }
    return out;
}

std::vector<std::string> actors_anywhere(bool epochs_end) {
    std::vector<std::string> names;
    for (const auto& kind : actor_kinds()) {
        if (!kind.needs_joiners && (epochs_end || !kind.needs_epochs)) {
            names.push_back(kind.name);
        }
    }
    return names;
}

std::string draw_actor(std::uint64_t seed, bool epochs_end) {
    const auto names = actors_anywhere(epochs_end);
    const auto drawn = test::Prng(seed, "actor kind").below(names.size() + 1);
    return drawn < names.size() ? names[drawn] : "";
}

/// Short, as many are run, and never more than f faulty for good.
Profile byzantine(std::uint64_t seed) {
    Profile out = swarm(seed);
    out.name = "byz/" + out.name;
    out.rot_every_ms = out.disk_error_every_ms = out.disk_full_every_ms = 0;
    out.gray_execution_ms = 0;
    if (faulty_max(out.validators) == 0) {
        resize(out, 4);
    }
    out.safety_ms = 8'000;
    out.remittances = 12;
    // Its own views cost five Delta each: slower wires would let every payment expire.
    out.delay_mean_ms = std::min<std::int64_t>(out.delay_mean_ms, 60);
    out.escrow_ms = 12'000;
    out.actor = draw_actor(seed, false);
    return out;
}

/// One joins from snapshots again and again, and another one lies to it. Shorter, as in
/// `byzantine`.
Profile byzantine_snapshots() {
    Profile out = snapshots();
    out.name = "byzantine_snapshots";
    out.safety_ms = 16'000;
    out.remittances = 16;
    out.erase_every_ms = 3000;
    out.escrow_ms = 12'000;
    out.actor = "poisoned_snapshot";
    return out;
}

/// An actor lives through changes of the set: it stays, leaves, comes back or joins. Nobody else
/// forgets, so that no set has more than f faulty.
Profile byzantine_epochs(std::uint64_t seed) {
    Profile out = byzantine(seed);
    out.name += "/epochs";
    test::Prng random(seed, "epochs");
    constexpr std::size_t largest = 7;
    resize(out, out.validators > largest ? largest : out.validators);
    out.epoch_blocks = 4 + random.below(11);
    out.plan_every_ms = 2500;
    out.safety_ms = 14'000;
    out.remittances = 16;
    out.actor = draw_actor(seed, true);
    return out;
}

}  // namespace

std::vector<std::string> actors_named(const std::string& actors) {
    std::vector<std::string> out;
    std::istringstream names(actors);
    for (std::string name; std::getline(names, name, ',');) {
        out.push_back(name);
    }
    return out;
}

void keep_actors(Profile& profile, std::size_t count) {
    auto names = actors_named(profile.actor);
    names.resize(std::min(names.size(), count));
    profile.actor.clear();
    for (const auto& name : names) {
        profile.actor += (profile.actor.empty() ? "" : ",") + name;
    }
}

void add_accomplices(Profile& profile, std::uint64_t seed) {
    test::Prng random(seed, "accomplices");
    constexpr std::uint64_t alone = 300'000;
    if (profile.actor.empty() || random.chance(alone)) {
        return;
    }
    auto names = actors_anywhere(profile.plan_every_ms > 0);
    std::erase(names, profile.actor);
    const std::size_t forgetful = forgets(profile) ? 1 : 0;
    for (auto faulty = 1 + forgetful; faulty < faulty_max(profile.validators); ++faulty) {
        const auto drawn = names.begin() + static_cast<std::ptrdiff_t>(random.below(names.size()));
        profile.actor += "," + *drawn;
        names.erase(drawn);
    }
}

void resize(Profile& profile, std::size_t validators) {
    profile.validators = validators;
    if (faulty_max(validators) == 0) {
        // Nobody may be away for good, forget what it signed or live in another time.
        profile.some_stay_dead = false;
        profile.forget_every_ms = 0;
        profile.set_back_every_ms = 0;
        profile.erase_every_ms = 0;
        profile.rot_every_ms = 0;
        profile.misdirect_every_ms = 0;
        profile.gray_every_ms = 0;
        profile.gray_execution_ms = 0;
        profile.bereavements = 0;
        profile.clock_jump_every_ms = 0;
    }
    keep_actors(profile, faulty_max(validators));
    constexpr std::size_t many = 10;
    if (validators >= many) {
        profile.remittances = std::min<std::uint64_t>(profile.remittances, 6);
        profile.safety_ms = std::min<std::int64_t>(profile.safety_ms, 6'000);
    }
}

std::optional<Profile> profile_named(const std::string& name, std::uint64_t seed) {
    if (name == "swarm") {
        return swarm(seed);
    }
    if (name == "byzantine") {
        return byzantine(seed);
    }
    if (name == "byzantine_epochs") {
        return byzantine_epochs(seed);
    }
    if (name == "epochs") {
        return epochs(seed);
    }
    if (name == "versions") {
        return versions(seed);
    }
    if (name == "bad_disks") {
        return bad_disks(seed);
    }
    if (name == "bereaved") {
        return bereaved(seed);
    }
    for (const auto& each :
         {calm(), lossy(), crashing(), split(), storm(), forgetful(), set_back(), snapshots(),
          gray(), gray_executor(), slow_execution(), byzantine_snapshots()}) {
        if (each.name == name) {
            return each;
        }
    }
    return std::nullopt;
}

}  // namespace remit::sim
