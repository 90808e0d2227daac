#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "test/faults/stage.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {

const PathState cut_off{.cut = true};
const std::vector<std::size_t> everybody{0, 1, 2, 3};

void hold_and_heal(Stage& stage) {
    stage.hold();
    stage.note("heal");
    stage.heal();
}

void cut_one_way(Stage& stage) {
    const auto two = stage.pick(2);
    stage.note(fmt::format("nothing from {} reaches {}", stage.name(two[0]), stage.name(two[1])));
    stage.cluster.links().set(two[0], two[1], cut_off);
    hold_and_heal(stage);
}

void make_deaf(Stage& stage) {
    const auto node = stage.pick();
    const bool mute = stage.draw(2) == 0;
    stage.note(fmt::format("{} {} nobody", stage.name(node), mute ? "reaches" : "hears"));
    for (const auto other : everybody) {
        if (other != node) {
            stage.cluster.links().set(mute ? node : other, mute ? other : node, cut_off);
        }
    }
    hold_and_heal(stage);
}

void isolate(Stage& stage) {
    const auto node = stage.pick();
    stage.note("cut off " + stage.name(node));
    stage.set_between({node}, everybody, cut_off);
    hold_and_heal(stage);
}

void halve(Stage& stage) {
    const auto order = stage.pick(4);
    stage.note(fmt::format("halves: {} {} | {} {}", stage.name(order[0]), stage.name(order[1]),
                           stage.name(order[2]), stage.name(order[3])));
    stage.set_between({order[0], order[1]}, {order[2], order[3]}, cut_off);
    hold_and_heal(stage);
}

/// The first sees all; the second and third do not see each other.
void bridge(Stage& stage) {
    const auto order = stage.pick(4);
    stage.note(fmt::format("bridge: {} and {} do not see each other", stage.name(order[0]),
                           stage.name(order[1])));
    stage.set_between({order[0]}, {order[1]}, cut_off);
    if (stage.draw(2) == 0) {
        stage.note(fmt::format("nor do {} and {}", stage.name(order[2]), stage.name(order[3])));
        stage.set_between({order[2]}, {order[3]}, cut_off);
    }
    hold_and_heal(stage);
}

void scatter(Stage& stage) {
    stage.note("nobody sees anybody");
    stage.set_between(everybody, everybody, cut_off);
    hold_and_heal(stage);
}

/// Paths come and go.
void flap(Stage& stage) {
    const auto turns = stage.is_quick() ? 4 : 15;
    stage.note("paths come and go");
    for (int i = 0; i < turns; ++i) {
        const auto two = stage.pick(2);
        stage.cluster.links().set(two[0], two[1], stage.draw(2) == 0 ? cut_off : PathState{});
        stage.wait(std::chrono::milliseconds(stage.draw(800)));
    }
    stage.note("heal");
    stage.heal();
}

void set_everywhere(Stage& stage, const PathState& state) {
    stage.set_between(everybody, everybody, state);
    hold_and_heal(stage);
}

void slow_down(Stage& stage) {
    PathState state;
    state.delay = std::chrono::milliseconds(10 + stage.draw(stage.draw(4) == 0 ? 1000 : 200));
    state.jitter = state.delay / 2;
    stage.note(fmt::format("every path takes {} to {} ms", state.delay.count(),
                           (state.delay + state.jitter).count()));
    set_everywhere(stage, state);
}

void lose(Stage& stage) {
    const unsigned percents[] = {1, 5, 10, 30};
    PathState state;
    state.loss_percent = percents[stage.draw(4)];
    stage.note(fmt::format("{}% of everything is lost", state.loss_percent));
    set_everywhere(stage, state);
}

/// Order, number and bits of packets: what TCP and TLS must hide.
void garble(Stage& stage) {
    PathState state;
    state.double_percent = 20;
    state.damage_percent = 1;
    state.jitter = 20ms;
    stage.note("packets reordered, 20% doubled, 1% damaged");
    set_everywhere(stage, state);
}

/// Validators' connections that were made since their starts.
double connections_made(const Stage& stage) {
    double out = 0;
    for (const auto node : everybody) {
        out +=
            stage.cluster.gauge(node, "remit_connections_accepted_total{listener=\"peer.listen\"}");
    }
    return out;
}

/// Bits that TCP does not miss: TLS has to, and the connection is made anew.
void damage(Stage& stage) {
    PathState state;
    state.damage_percent = 1;
    stage.note("a bit of 1% of everything flips");
    const auto before = connections_made(stage);
    stage.set_between(everybody, everybody, state);
    stage.hold();
    const bool seen = eventually([&] { return connections_made(stage) > before; }, 30s);
    stage.note(
        fmt::format("heal: {} connections were made anew", connections_made(stage) - before));
    stage.heal();
    if (!seen) {
        throw std::runtime_error("no connection ended over damaged bytes");
    }
}

/// One is far away: late, and lossy.
void gray(Stage& stage) {
    const auto node = stage.pick();
    PathState state;
    state.loss_percent = 10;
    state.delay = 200ms;
    state.jitter = 300ms;
    stage.note(stage.name(node) + " is 200 to 500 ms away and loses 10%");
    stage.set_between({node}, everybody, state);
    hold_and_heal(stage);
}

}  // namespace

std::vector<Fault> network_faults() {
    std::vector<Fault> out{
        {"cut_one_way", "one direction between two carries nothing", true, cut_one_way},
        {"deaf_or_mute", "one hears nobody, or reaches nobody", true, make_deaf},
        {"isolate", "one is cut off", true, isolate},
        {"halves", "two and two", false, halve},
        {"bridge", "pairs that do not see each other, joined by the others", true, bridge},
        {"scatter", "nobody sees anybody", false, scatter},
        {"flap", "single directions come and go", false, flap},
        {"delay", "every path slow, up to 1.5 s", false, slow_down},
        {"loss", "1 to 30% lost everywhere", false, lose},
        {"garble", "packets reordered, doubled and damaged", false, garble},
        {"damage", "bits flip that TCP does not notice", false, damage},
        {"gray", "one far away behind a lossy path", true, gray},
    };
    for (auto& fault : out) {
        fault.goes_on_within = 10s;  // reliability.md N3
        fault.quick = fault.name == "halves" || fault.name == "cut_one_way";
    }
    const auto garbled = std::find_if(out.begin(), out.end(),
                                      [](const auto& fault) { return fault.name == "garble"; });
    garbled->obstacle = [](const Cluster& cluster) {
        return cluster.links().has_packets() ? "" : "needs network namespaces";
    };
    return out;
}

}  // namespace remit::test
