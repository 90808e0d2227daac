#include <algorithm>

#include "consensus/leader_schedule.h"
#include "test/sim/oracle.h"
#include "test/sim/simulation.h"

// What goes wrong in the safety phase, and when.

namespace remit::sim {

/// A kind of fault that happens again and again: every so often, drawn from the common stream or,
/// so that it disturbs no other kind, from its own.
struct Simulation::FaultClock {
    const char* kind;
    std::int64_t Profile::* every_ms;
    void (Simulation::*fault)(Dice& dice);
    bool own_stream = false;
};

const std::vector<Simulation::FaultClock>& Simulation::fault_clocks() {
    static const std::vector<FaultClock> clocks = {
        {"kill", &Profile::kill_every_ms, &Simulation::kill_one},
        {"power", &Profile::power_every_ms, &Simulation::cut_power_of_one},
        {"blackout", &Profile::blackout_every_ms, &Simulation::black_out},
        {"partition", &Profile::partition_every_ms, &Simulation::partition},
        {"forget", &Profile::forget_every_ms, &Simulation::forget_one},
        {"set_back", &Profile::set_back_every_ms, &Simulation::copy_or_set_back},
        {"erase", &Profile::erase_every_ms, &Simulation::erase_one},
        {"jump", &Profile::clock_jump_every_ms, &Simulation::shift_clock},
        {"gray_spell", &Profile::gray_every_ms, &Simulation::make_one_gray, true},
        {"upgrade", &Profile::upgrade_every_ms, &Simulation::upgrade_one, true},
        {"rot", &Profile::rot_every_ms, &Simulation::rot_one, true},
        {"misdirect", &Profile::misdirect_every_ms, &Simulation::misdirect_a_write, true},
        {"disk_error", &Profile::disk_error_every_ms, &Simulation::fail_a_disk, true},
        {"disk_full", &Profile::disk_full_every_ms, &Simulation::fill_a_disk, true},
    };
    return clocks;
}

test::Prng& Simulation::stream_of(const FaultClock& clock) {
    return clock.own_stream
               ? streams_.try_emplace(clock.kind, test::Prng(seed_, clock.kind)).first->second
               : faults_;
}

Dice& Simulation::dice(const std::string& name) {
    const auto found = dice_.find(name);
    if (found != dice_.end()) {
        return found->second;
    }
    std::vector<std::uint64_t> told;
    if (told_ != nullptr && told_->others.contains(name)) {
        told = told_->others.at(name);
    }
    return dice_.emplace(name, Dice(faults_, kept_.others[name], std::move(told))).first->second;
}

void Simulation::plan(const FaultClock& clock) {
    const auto every_ms = profile_.*clock.every_ms;
    if (told_ != nullptr) {
        plan_told(clock);
    } else if (every_ms > 0) {
        scheduler_.after(stream_of(clock).between(1, 2 * every_ms), [this, &clock] {
            if (faults_on_) {
                happen(clock, {});
                plan(clock);
            }
        });
    }
}

/// Draws as many places in the scheduler's order as the run that is told again did.
void Simulation::plan_told(const FaultClock& clock) {
    auto& left = told_by_kind_[clock.kind];
    if (left.empty()) {
        if (profile_.*clock.every_ms > 0) {
            scheduler_.after(1, [] {});
        }
        return;
    }
    const auto next = std::move(left.front());
    left.pop_front();
    scheduler_.at(next.at_ms, [this, &clock, told = next.drawn] {
        if (faults_on_) {
            happen(clock, told);
            plan(clock);
        }
    });
}

void Simulation::happen(const FaultClock& clock, std::vector<std::uint64_t> told) {
    auto& kept = kept_.faults.emplace_back(Happening{scheduler_.now_ms(), clock.kind, {}});
    Dice dice(stream_of(clock), kept.drawn, std::move(told));
    (this->*clock.fault)(dice);
}

void Simulation::plan_faults() {
    if (told_ != nullptr) {
        for (const auto& each : told_->faults) {
            told_by_kind_[each.kind].push_back(each);
        }
    }
    for (const auto& clock : fault_clocks()) {
        plan(clock);
    }
    if (profile_.rare) {
        plan_resets();
    }
    if (profile_.gray_every_ms > 0) {
        judge_pace({});
    }
    if (profile_.gray_node) {
        links_.make_slow(dice("gray").below(nodes_.size()));
    }
}

void Simulation::end_faults() {
    faults_on_ = false;
    links_.heal();
    for (auto& node : nodes_) {
        node->arm_power_loss(0);
        node->mend_disk();
    }
    if (profile_.upgrade_every_ms > 0) {
        upgrade_the_rest();
    }
    if (profile_.clock_jump_every_ms > 0) {
        nodes_[seed_ % nodes_.size()]->set_clock_offset(0);
    }
}

void Simulation::kill_one(Dice& dice) {
    nodes_[dice.below(nodes_.size())]->crash(false);
}

void Simulation::cut_power_of_one(Dice& dice) {
    auto& node = *nodes_[dice.below(nodes_.size())];
    constexpr std::uint64_t inside_a_write = 700'000;
    if (dice.chance(inside_a_write)) {
        node.arm_power_loss(1 + dice.below(20));
    } else {
        node.crash(true);
    }
}

void Simulation::black_out(Dice&) {
    for (auto& node : nodes_) {
        node->crash(true);
    }
}

/// Always the same one: two would be more than f.
void Simulation::forget_one(Dice& dice) {
    if (profile_.forget_as_leader && dice.chance(800'000)) {
        constexpr std::int64_t patience_ms = 3000;
        forget_as_leader(dice, scheduler_.now_ms() + patience_ms);
        return;
    }
    nodes_[seed_ % nodes_.size()]->forget(dice.chance(500'000));
}

/// While others wait in a view for what it proposed there, and often for one that died as well:
/// it comes back to that view, and would propose again.
void Simulation::forget_as_leader(Dice dice, std::int64_t until_ms) {
    const auto index = seed_ % nodes_.size();
    auto& node = *nodes_[index];
    const auto leads = [&] {
        const auto metrics = node.metrics();
        return consensus_.proposed(index, metrics.epoch, metrics.view);
    };
    if (!faults_on_) {
        return;
    }
    if (scheduler_.now_ms() < until_ms && (!node.up() || !leads())) {
        constexpr std::int64_t look_every_ms = 3;
        scheduler_.after(look_every_ms,
                         [this, dice, until_ms] { forget_as_leader(dice, until_ms); });
        return;
    }
    if (dice.chance(700'000)) {
        nodes_[(index + 1) % nodes_.size()]->crash(false);
    }
    node.forget(dice.chance(500'000));
}

/// Always the same machine. What it sent before it stops arrives: who was shown nothing cannot show
/// it. Often a second validator is down meanwhile, so that views wait for the one that comes back.
void Simulation::copy_or_set_back(Dice& dice) {
    const auto index = seed_ % nodes_.size();
    auto& node = *nodes_[index];
    if (!node.up() || node.frozen()) {
        return;
    }
    if (!node.has_copy()) {
        node.keep_copy();
        return;
    }
    node.freeze();
    constexpr std::uint64_t mostly = 700'000;
    if (dice.chance(mostly)) {
        nodes_[(index + 1) % nodes_.size()]->crash(false);
    }
    constexpr std::int64_t all_arrived_ms = 400;
    scheduler_.after(all_arrived_ms, [&node] {
        if (node.frozen()) {
            node.set_back();
        }
    });
}

/// Always the same one; its votes are on another disk.
void Simulation::erase_one(Dice&) {
    nodes_[seed_ % profile_.validators]->erase();
}

void Simulation::partition(Dice& dice) {
    enum Shape : std::uint64_t { isolate, halves, one_way, bridge, ring, swizzle, chase, shapes };
    const auto shape = dice.below(shapes);
    const auto lonely = dice.below(nodes_.size());
    const auto lasts_ms = dice.between(200, profile_.down_max_ms);
    if (shape == swizzle || shape == chase) {
        shape == swizzle ? clog_one_by_one(dice, lasts_ms)
                         : chase_leaders(scheduler_.now_ms() + lasts_ms);
        return;
    }
    const auto n = nodes_.size();
    for (std::size_t from = 0; from < n; ++from) {
        for (std::size_t to = 0; to < n; ++to) {
            const bool at_lonely = from == lonely || to == lonely;
            const bool other_half = (from % 2 == lonely % 2) != (to % 2 == lonely % 2);
            const auto distance = (from + n - to) % n;
            const bool apart = shape == isolate   ? (from == lonely) != (to == lonely)
                               : shape == halves  ? other_half
                               : shape == one_way ? dice.chance(300'000)
                               : shape == bridge  ? other_half && !at_lonely
                                                  : distance != 1 && distance + 1 != n;
            if (apart && from != to) {
                links_.cut(from, to);
            }
        }
    }
    scheduler_.after(lasts_ms, [this] { links_.join_all(); });
}

/// Single wires stop one after another and go on in another order.
void Simulation::clog_one_by_one(Dice& dice, std::int64_t lasts_ms) {
    for (std::size_t from = 0; from < nodes_.size(); ++from) {
        for (std::size_t to = 0; to < nodes_.size(); ++to) {
            if (from != to && dice.chance(400'000)) {
                scheduler_.after(dice.between(0, lasts_ms / 2), [this, from, to] {
                    if (faults_on_) {
                        links_.cut(from, to);
                    }
                });
                scheduler_.after(lasts_ms / 2 + dice.between(1, lasts_ms / 2 + 1),
                                 [this, from, to] { links_.join(from, to); });
            }
        }
    }
}

/// Whoever leads the newest view is cut off.
void Simulation::chase_leaders(std::int64_t until_ms) {
    links_.join_all();
    if (!faults_on_ || scheduler_.now_ms() >= until_ms) {
        return;
    }
    consensus::View newest = 1;
    for (const auto& node : nodes_) {
        newest = std::max(newest, node->up() ? node->metrics().view : 1);
    }
    const auto leader = consensus::LeaderSchedule(chain_.id, chain_.validators).leader(newest);
    for (std::size_t other = 0; other < nodes_.size(); ++other) {
        if (other != leader) {
            links_.cut(leader, other);
            links_.cut(other, leader);
        }
    }
    constexpr std::int64_t look_every_ms = 50;
    scheduler_.after(look_every_ms, [this, until_ms] { chase_leaders(until_ms); });
}

/// Always the same one: two would be more than f. Within what still lets it hear the others.
void Simulation::shift_clock(Dice& dice) {
    constexpr std::int64_t far_ms = 4000;
    nodes_[seed_ % nodes_.size()]->set_clock_offset(dice.between(-far_ms, far_ms));
}

/// Always the same one: Delta remembers round trips for eight seconds, and of two that were slow
/// meanwhile one would be among the nearest quorum.
void Simulation::make_one_gray(Dice& dice) {
    const auto index = seed_ % nodes_.size();
    const auto factor = dice.between(10, 100);
    const auto lasts_ms = dice.between(2000, 6000);
    if (links_.slow_node()) {
        return;
    }
    links_.make_slow(index, factor, factor);  // a sync takes a millisecond otherwise
    scheduler_.after(lasts_ms, [this] { links_.end_slowness(); });
}

/// C12 while one machine is slow and nothing else is wrong: what a sound one has to order does not
/// wait for the slow one. The slow one's view ends after 5 Delta, and the next leader's after twice
/// that at most; Delta is that of the nearest quorum (consensus.md 3.4).
void Simulation::judge_pace(Pace pace) {
    if (!faults_on_) {
        return;
    }
    const auto now = scheduler_.now_ms();
    constexpr std::int64_t recovers_ms = 2000;
    if (pace.slow != links_.slow_node()) {
        pace.sound_from_ms = pace.slow ? now + recovers_ms : std::max(now, pace.sound_from_ms);
        pace.slow = links_.slow_node();
    }
    consensus::Height newest = 0;
    bool work = false;
    for (const auto& node : nodes_) {
        if (node->up() && node->index() != pace.slow) {
            newest = std::max(newest, node->metrics().finalised_height);
            work = work || node->metrics().batches_own > 0;
        }
    }
    if (newest > pace.height || !work) {
        pace.height = newest;
        pace.waits_from_ms = now;
    }
    constexpr std::int64_t answers_ms = 10;  // a ping waits for a sync and for what it came behind
    const auto farthest_ms = profile_.delay_min_ms + 9 * profile_.delay_mean_ms + answers_ms;
    const auto delta_ms = std::max<std::int64_t>(chain_.params.delta_ms_min, 2 * farthest_ms + 50);
    const auto waited_ms = now - std::max(pace.waits_from_ms, pace.sound_from_ms);
    if (waited_ms > (5 + 2 * 5) * delta_ms) {
        throw Breach(
            "C12",
            "sound validators have work and no new height for " + std::to_string(waited_ms) +
                " ms" +
                (pace.slow ? " while validator " + std::to_string(*pace.slow) + " is slow" : ""));
    }
    if (pace.slow && waited_ms > 0) {
        longest_wait_ms_ = std::max(longest_wait_ms_, waited_ms);
    }
    constexpr std::int64_t look_every_ms = 10;
    scheduler_.after(look_every_ms, [this, pace] { judge_pace(pace); });
}

/// Its operator installs the next release and starts it again.
void Simulation::upgrade_one(Dice& dice) {
    auto& node = *nodes_[dice.below(nodes_.size())];
    if (node.program() < Governor::newest_version) {
        node.install_program(static_cast<std::uint16_t>(node.program() + 1));
        node.crash(false);
    }
}

void Simulation::upgrade_the_rest() {
    for (auto& node : nodes_) {
        if (node->program() < Governor::newest_version) {
            node->install_program(Governor::newest_version);
            node->crash(false);
        }
    }
}

/// Rot is always on the same machine: what it lost the others have.
void Simulation::rot_one(Dice& dice) {
    nodes_[seed_ % nodes_.size()]->rot(dice);
}

void Simulation::misdirect_a_write(Dice& dice) {
    nodes_[seed_ % nodes_.size()]->misdirect(dice);
}

void Simulation::fail_a_disk(Dice& dice) {
    auto& node = *nodes_[dice.below(nodes_.size())];
    node.trouble().fail_in(1 + dice.below(30));
}

/// Somebody makes room after a while.
void Simulation::fill_a_disk(Dice& dice) {
    auto& node = *nodes_[dice.below(nodes_.size())];
    constexpr std::uint64_t left_max = 64 * 1024;
    node.trouble().fill_after(dice.below(left_max));
    scheduler_.after(dice.between(500, 6000), [&node] { node.trouble().free_space(); });
}

/// Looked at all the time and rare: from a stream of its own, and no happening of the script.
void Simulation::plan_resets() {
    constexpr std::int64_t look_every_ms = 20;
    scheduler_.after(resets_.between(1, 2 * look_every_ms), [this] {
        if (faults_on_) {
            reset_connection();
            plan_resets();
        }
    });
}

void Simulation::reset_connection() {
    const auto one = resets_.below(nodes_.size());
    const auto other = resets_.below(nodes_.size());
    if (one != other && rare_.maybe("connection_reset")) {
        close_connection(one, other);
    }
}

/// As many as the network can bear beside its actors. Who lost its votes asks q others: beside
/// actors, which may never answer, it counts as faulty until it votes again.
void Simulation::let_some_die() {
    const std::size_t forgetful = !actors_.empty() && forgets(profile_) ? 1 : 0;
    const auto faulty = actors_.size() + forgetful;
    // Of the founders: a set never has fewer.
    const auto most = std::max(faulty_max(profile_.validators), faulty) - faulty;
    if (most == 0) {
        return;
    }
    auto& drawn = dice("dead");
    const auto count = 1 + drawn.below(most);
    while (dead_.size() < count) {
        const auto index = drawn.below(nodes_.size());
        if (!actors_.contains(index) && dead_.insert(index).second) {
            nodes_[index]->crash(true);
        }
    }
}

void Simulation::came_down(std::size_t index) {
    for (auto& other : nodes_) {
        if (other->index() != index) {
            scheduler_.after(1, [this, &other, index] {
                if (!nodes_[index]->up()) {
                    other->peer_down(index);
                }
            });
        }
    }
    if (dead_.contains(index)) {
        return;
    }
    const auto down_ms = dice("down." + std::to_string(index)).between(50, profile_.down_max_ms);
    scheduler_.after(down_ms, [this, index] { revive(index); });
}

void Simulation::revive(std::size_t index) {
    auto& node = *nodes_[index];
    if (node.up() || dead_.contains(index)) {
        return;
    }
    node.boot();
    for (auto& other : nodes_) {
        if (other->index() != index && other->up() && node.up()) {
            other->peer_up(index);
            node.peer_up(other->index());
        }
    }
}

}  // namespace remit::sim
