#include "test/sim/faults.h"

#include <algorithm>

namespace remit::sim {

const std::vector<FaultKind>& fault_kinds() {
    static const std::vector<FaultKind> kinds = {
        {"actor", [](Profile& profile) { profile.actor.clear(); }},
        {"accomplices", [](Profile& profile) { keep_actors(profile, 1); }},
        {"kills", [](Profile& profile) { profile.kill_every_ms = 0; }, "kill"},
        {"power", [](Profile& profile) { profile.power_every_ms = 0; }, "power"},
        {"blackouts", [](Profile& profile) { profile.blackout_every_ms = 0; }, "blackout"},
        {"forgets", [](Profile& profile) { profile.forget_every_ms = 0; }, "forget"},
        {"set_backs", [](Profile& profile) { profile.set_back_every_ms = 0; }, "set_back"},
        {"erasures", [](Profile& profile) { profile.erase_every_ms = 0; }, "erase"},
        {"rot", [](Profile& profile) { profile.rot_every_ms = 0; }, "rot"},
        {"misdirections", [](Profile& profile) { profile.misdirect_every_ms = 0; }, "misdirect"},
        {"disk_errors", [](Profile& profile) { profile.disk_error_every_ms = 0; }, "disk_error"},
        {"disk_full", [](Profile& profile) { profile.disk_full_every_ms = 0; }, "disk_full"},
        {"partitions", [](Profile& profile) { profile.partition_every_ms = 0; }, "partition"},
        {"dead", [](Profile& profile) { profile.some_stay_dead = false; }},
        {"size", [](Profile& profile) { resize(profile, 4); }},
        {"rare", [](Profile& profile) { profile.rare = false; }},
        {"gray", [](Profile& profile) { profile.gray_node = false; }},
        {"gray_spells", [](Profile& profile) { profile.gray_every_ms = 0; }, "gray_spell"},
        {"gray_execution", [](Profile& profile) { profile.gray_execution_ms = 0; }},
        {"upgrades", [](Profile& profile) { profile.upgrade_every_ms = 0; }, "upgrade"},
        {"replays", [](Profile& profile) { profile.replayed = 0; }},
        {"jumps", [](Profile& profile) { profile.clock_jump_every_ms = 0; }, "jump"},
        {"bereavements", [](Profile& profile) { profile.bereavements = 0; }},
        {"loss", [](Profile& profile) { profile.loss = 0; }},
        {"doubles", [](Profile& profile) { profile.duplicate = 0; }},
        {"delays", [](Profile& profile) { profile.delay_mean_ms = 1; }},
        {"clocks", [](Profile& profile) { profile.clock_offset_max_ms = 0; }},
        {"execution", [](Profile& profile) { profile.execution_max_ms = 0; }},
        {"traffic", [](Profile& profile) { profile.remittances = 3; }},
        {"time", [](Profile& profile) { profile.safety_ms = 5000; }},
    };
    return kinds;
}

bool remove_fault(const std::string& name, Profile& profile) {
    const auto& kinds = fault_kinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const FaultKind& each) { return each.name == name; });
    if (found != kinds.end()) {
        found->remove(profile);
    }
    return found != kinds.end();
}

}  // namespace remit::sim
