#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

#include "test/faults/command.h"
#include "test/faults/stage.h"
#include "test/support/node/free_port.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {

std::string names(const Stage& stage, const std::vector<std::size_t>& nodes) {
    std::string out;
    for (const auto node : nodes) {
        out += (out.empty() ? "" : ", ") + stage.name(node);
    }
    return out;
}

void kill_and_restart(Stage& stage, std::size_t count) {
    const auto victims = stage.pick(count);
    stage.note("kill -9 " + names(stage, victims));
    for (const auto node : victims) {
        stage.cluster.kill(node);
    }
    stage.hold();
    stage.note("start " + names(stage, victims));
    for (const auto node : victims) {
        stage.cluster.start(node);
        stage.wait(std::chrono::milliseconds(stage.draw(2) * stage.draw(1000)));
    }
}

/// Killed again at any instant of its recovery.
void kill_while_starting(Stage& stage) {
    const auto node = stage.pick();
    const auto times = 2 + stage.draw(5);
    stage.note(fmt::format("kill -9 {} {} times while it starts", stage.name(node), times));
    for (std::size_t i = 0; i < times; ++i) {
        stage.cluster.kill(node);
        stage.cluster.start(node);
        stage.wait(std::chrono::milliseconds(stage.draw(1500)));
    }
    stage.cluster.kill(node);
    stage.cluster.start(node);
}

/// The one that was away has just come back, and the quorum needs it.
void return_then_kill(Stage& stage) {
    const auto two = stage.pick(2);
    stage.note("kill -9 " + stage.name(two[0]));
    stage.cluster.kill(two[0]);
    stage.hold();
    stage.cluster.restart(two[0]);
    stage.note(stage.name(two[0]) + " is up again: kill -9 " + stage.name(two[1]));
    stage.cluster.kill(two[1]);
    stage.hold();
    stage.cluster.start(two[1]);
}

void stop_in_order(Stage& stage) {
    const auto node = stage.pick();
    stage.note("SIGTERM " + stage.name(node));
    stage.cluster.process(node).signal(SIGTERM);
    const auto status = stage.cluster.process(node).wait(60s);
    if (status != 0) {
        throw std::runtime_error(fmt::format("{} ended with {} on SIGTERM:\n{}", stage.name(node),
                                             status.value_or(-1), stage.cluster.log_tail(node)));
    }
    stage.hold();
    stage.cluster.start(node);
}

void restart_in_turn(Stage& stage) {
    stage.note("restart all, one after the other");
    for (const auto node : stage.pick(stage.cluster.size())) {
        stage.cluster.kill(node);
        stage.cluster.restart(node);
    }
}

void freeze(Stage& stage, std::size_t count) {
    const auto victims = stage.pick(count);
    stage.note("freeze " + names(stage, victims));
    for (const auto node : victims) {
        stage.cluster.freeze(node);
    }
    stage.hold();
    stage.note("thaw " + names(stage, victims));
    for (const auto node : victims) {
        stage.cluster.thaw(node);
    }
}

/// Stopped and let go many times a second: a processor that somebody else uses.
void stutter(Stage& stage) {
    const auto node = stage.pick();
    const auto turns = stage.is_quick() ? 5 : 20;
    stage.note("stutter " + stage.name(node));
    for (int i = 0; i < turns; ++i) {
        stage.cluster.freeze(node);
        stage.wait(std::chrono::milliseconds(100 + stage.draw(300)));
        stage.cluster.thaw(node);
        stage.wait(std::chrono::milliseconds(10 + stage.draw(40)));
    }
}

/// A second process with the key and a copy of the data of a validator.
void run_twin(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto node = stage.pick();
    const auto copy = cluster.devnet().folder_of(node) + "/twin";
    stage.note("a twin of " + stage.name(node) + " with its key");
    cluster.kill(node);
    must_run("rm -rf " + copy + " && cp -a " + cluster.data_folder(node) + " " + copy);
    cluster.restart(node);
    auto words = cluster.links().wrapper(node);
    words.insert(words.end(), {REMIT_BIN_DIR "/remit-node", "run", "--config",
                               cluster.devnet().config_file(node)});
    const auto settings = cluster.links().settings(node);
    words.insert(words.end(), settings.begin(), settings.end());
    // Ports that nobody asks for: only its own connections reach the others.
    const auto ports = node::free_ports(3);
    for (std::size_t i = 0; const std::string key : {"peer", "api", "ops"}) {
        words.insert(words.end(),
                     {"--set", key + ".listen=127.0.0.1:" + std::to_string(ports[i++])});
    }
    words.insert(words.end(), {"--set", "node.data=" + copy});
    {
        NodeProcess twin(words, cluster.devnet().folder_of(node) + "/twin.log");
        stage.hold();
        if (!twin.is_running()) {
            stage.note("the twin ended with " + std::to_string(twin.wait().value_or(-1)));
        }
    }
    stage.note("the twin is gone");
    must_run("rm -rf " + copy);
    if (cluster.gauge(node, "remit_superseded") != 0) {
        // It signs nothing any more until its operator, who has found the twin, starts it again.
        stage.note(stage.name(node) + " fell silent, is started again");
        cluster.kill(node);
        cluster.restart(node);
    }
}

/// A clock that is wrong by an hour, runs away, or stands.
void jump_clock(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto node = stage.pick();
    const auto file = cluster.devnet().folder_of(node) + "/clock";
    const auto set_clock = [&](const std::string& text) {
        must_run("printf '%s\\n' '" + text + "' >" + file);
        stage.note("clock of " + stage.name(node) + ": " + text);
    };
    set_clock("+0");
    cluster.kill(node);
    cluster.restart(node, {"env", "LD_PRELOAD=libfaketimeMT.so.1",
                           "LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/faketime",
                           "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_CACHE_DURATION=1",
                           "FAKETIME_TIMESTAMP_FILE=" + file});
    for (const std::string text : {"+3600", "-3600", "+0 x1.05", "2026-01-01 00:00:00"}) {
        if (stage.draw(2) == 0) {
            set_clock(text);
            stage.hold();
        }
    }
    stage.note("clock of " + stage.name(node) + " is right again");
    cluster.kill(node);
    cluster.start(node);
}

}  // namespace

std::vector<Fault> process_faults() {
    const auto kill = [](std::size_t count) {
        return [count](Stage& stage) { kill_and_restart(stage, count); };
    };
    const auto freeze_some = [](std::size_t count) {
        return [count](Stage& stage) { freeze(stage, count); };
    };
    Fault twin{"twin", "two processes with one key and one history", true, run_twin};
    twin.may_equivocate = true;
    Fault clock{"clock", "one wall clock is an hour off, drifts, or stands", true, jump_clock};
    clock.obstacle = [](const Cluster&) {
        return has_program("faketime") ? "" : "faketime is not installed";
    };
    std::vector<Fault> out{
        {"kill_one", "kill -9 of one", true, kill(1)},
        {"kill_two", "kill -9 of two", false, kill(2)},
        {"kill_three", "kill -9 of three", false, kill(3)},
        {"kill_all", "kill -9 of all four", false, kill(4)},
        {"kill_starting", "kill -9 again and again while it starts", true, kill_while_starting},
        {"return_then_kill", "one returns, at once another is killed", true, return_then_kill},
        {"restart_in_turn", "kill -9 and restart of all, one after the other", true,
         restart_in_turn},
        {"stop", "SIGTERM of one", true, stop_in_order},
        {"freeze_one", "one stands still and goes on", true, freeze_some(1)},
        {"freeze_two", "two stand still and go on", false, freeze_some(2)},
        {"stutter", "one gets a few hundredths of the processor", true, stutter},
        std::move(twin),
        std::move(clock),
    };
    for (auto& fault : out) {
        fault.quick = fault.name == "kill_all" || fault.name == "freeze_one" ||
                      fault.name == "return_then_kill";
        if (fault.name == "return_then_kill" || fault.name == "restart_in_turn") {
            fault.pauses_at_most = 60s;  // the second is away as soon as the first is up
        }
    }
    return out;
}

}  // namespace remit::test
