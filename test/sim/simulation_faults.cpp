#include <algorithm>

#include "consensus/leader_schedule.h"
#include "test/sim/simulation.h"

// What goes wrong in the safety phase, and when.

namespace remit::sim {

void Simulation::plan(std::int64_t every_ms, void (Simulation::*fault)()) {
    if (every_ms == 0) {
        return;
    }
    scheduler_.after(faults_.between(1, 2 * every_ms), [this, every_ms, fault] {
        if (faults_on_) {
            (this->*fault)();
            plan(every_ms, fault);
        }
    });
}

void Simulation::plan_faults() {
    plan(profile_.kill_every_ms, &Simulation::kill_one);
    plan(profile_.power_every_ms, &Simulation::cut_power_of_one);
    plan(profile_.blackout_every_ms, &Simulation::black_out);
    plan(profile_.partition_every_ms, &Simulation::partition);
    plan(profile_.forget_every_ms, &Simulation::forget_one);
    plan(profile_.set_back_every_ms, &Simulation::copy_or_set_back);
    plan(profile_.erase_every_ms, &Simulation::erase_one);
    plan(profile_.clock_jump_every_ms, &Simulation::shift_clock);
    constexpr std::int64_t look_every_ms = 20;
    plan(profile_.rare ? look_every_ms : 0, &Simulation::reset_connection);
    if (profile_.gray_node) {
        links_.make_slow(faults_.below(nodes_.size()));
    }
}

void Simulation::end_faults() {
    faults_on_ = false;
    links_.heal();
    for (auto& node : nodes_) {
        node->arm_power_loss(0);
    }
    if (profile_.clock_jump_every_ms > 0) {
        nodes_[seed_ % nodes_.size()]->set_clock_offset(0);
    }
}

void Simulation::kill_one() {
    nodes_[faults_.below(nodes_.size())]->crash(false);
}

void Simulation::cut_power_of_one() {
    auto& node = *nodes_[faults_.below(nodes_.size())];
    constexpr std::uint64_t inside_a_write = 700'000;
    if (faults_.chance(inside_a_write)) {
        node.arm_power_loss(1 + faults_.below(20));
    } else {
        node.crash(true);
    }
}

void Simulation::black_out() {
    for (auto& node : nodes_) {
        node->crash(true);
    }
}

/// Always the same one: two would be more than f.
void Simulation::forget_one() {
    if (profile_.forget_as_leader && faults_.chance(800'000)) {
        constexpr std::int64_t patience_ms = 3000;
        forget_as_leader(scheduler_.now_ms() + patience_ms);
        return;
    }
    nodes_[seed_ % nodes_.size()]->forget(faults_.chance(500'000));
}

/// While others wait in a view for what it proposed there, and often for one that died as well:
/// it comes back to that view, and would propose again.
void Simulation::forget_as_leader(std::int64_t until_ms) {
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
        scheduler_.after(look_every_ms, [this, until_ms] { forget_as_leader(until_ms); });
        return;
    }
    if (faults_.chance(700'000)) {
        nodes_[(index + 1) % nodes_.size()]->crash(false);
    }
    node.forget(faults_.chance(500'000));
}

/// Always the same machine. What it sent before it stops arrives: who was shown nothing cannot show
/// it. Often a second validator is down meanwhile, so that views wait for the one that comes back.
void Simulation::copy_or_set_back() {
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
    if (faults_.chance(mostly)) {
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
void Simulation::erase_one() {
    nodes_[seed_ % profile_.validators]->erase();
}

void Simulation::partition() {
    enum Shape : std::uint64_t { isolate, halves, one_way, bridge, ring, swizzle, chase, shapes };
    const auto shape = faults_.below(shapes);
    const auto lonely = faults_.below(nodes_.size());
    const auto lasts_ms = faults_.between(200, profile_.down_max_ms);
    if (shape == swizzle || shape == chase) {
        shape == swizzle ? clog_one_by_one(lasts_ms)
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
                               : shape == one_way ? faults_.chance(300'000)
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
void Simulation::clog_one_by_one(std::int64_t lasts_ms) {
    for (std::size_t from = 0; from < nodes_.size(); ++from) {
        for (std::size_t to = 0; to < nodes_.size(); ++to) {
            if (from != to && faults_.chance(400'000)) {
                scheduler_.after(faults_.between(0, lasts_ms / 2), [this, from, to] {
                    if (faults_on_) {
                        links_.cut(from, to);
                    }
                });
                scheduler_.after(lasts_ms / 2 + faults_.between(1, lasts_ms / 2 + 1),
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
void Simulation::shift_clock() {
    constexpr std::int64_t far_ms = 4000;
    nodes_[seed_ % nodes_.size()]->set_clock_offset(faults_.between(-far_ms, far_ms));
}

void Simulation::reset_connection() {
    const auto one = faults_.below(nodes_.size());
    const auto other = faults_.below(nodes_.size());
    if (one != other && rare_.maybe("connection_reset")) {
        close_connection(one, other);
    }
}

/// As many as the network can bear.
void Simulation::let_some_die() {
    const auto count = 1 + faults_.below(std::max<std::size_t>(faulty_max(nodes_.size()), 1));
    while (dead_.size() < std::min(count, faulty_max(nodes_.size()))) {
        const auto index = faults_.below(nodes_.size());
        if (dead_.insert(index).second) {
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
    scheduler_.after(faults_.between(50, profile_.down_max_ms), [this, index] { revive(index); });
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
