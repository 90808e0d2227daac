#include "test/sim/profile.h"

#include <algorithm>

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
    out.one_stays_dead = random.chance(250'000);
    return out;
}

/// Short, as many are run, and never more than f faulty for good.
Profile byzantine(std::uint64_t seed) {
    Profile out = swarm(seed);
    out.name = "byz/" + out.name;
    out.safety_ms = 8'000;
    out.remittances = 12;
    // Its own views cost five Delta each: slower wires would let every payment expire.
    out.delay_mean_ms = std::min<std::int64_t>(out.delay_mean_ms, 60);
    out.escrow_ms = 12'000;
    const auto& kinds = actor_kinds();
    const auto drawn = test::Prng(seed, "actor kind").below(kinds.size() + 1);
    out.actor = drawn < kinds.size() ? kinds[drawn].name : "";
    return out;
}

}  // namespace

std::optional<Profile> profile_named(const std::string& name, std::uint64_t seed) {
    if (name == "swarm") {
        return swarm(seed);
    }
    if (name == "byzantine") {
        return byzantine(seed);
    }
    for (const auto& each :
         {calm(), lossy(), crashing(), split(), storm(), forgetful(), set_back(), snapshots()}) {
        if (each.name == name) {
            return each;
        }
    }
    return std::nullopt;
}

}  // namespace remit::sim
