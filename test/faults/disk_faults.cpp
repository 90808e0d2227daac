#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

#include "test/faults/command.h"
#include "test/faults/disk_image.h"
#include "test/faults/stage.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {

std::string strace_obstacle(const Cluster&) {
    return has_program("strace") ? "" : "strace is not installed";
}

std::vector<std::string> tracer(const std::string& call, const std::string& what) {
    return {"strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=" + call,
            "-e",
            "inject=" + call + ":" + what};
}

/// Attaches to a running node; the faults end with the tracer. `files`: only where these are meant.
std::unique_ptr<NodeProcess> attach(const Stage& stage, std::size_t node, const std::string& call,
                                    const std::string& what,
                                    const std::vector<std::filesystem::path>& files = {}) {
    auto words = tracer(call, what);
    for (const auto& file : files) {
        words.insert(words.end(), {"-P", file.string()});
    }
    words.insert(words.end(), {"-p", std::to_string(stage.cluster.process(node).pid())});
    return std::make_unique<NodeProcess>(words, stage.cluster.devnet().folder_of(node) + "/strace");
}

void detach(std::unique_ptr<NodeProcess> strace) {
    strace->signal(SIGINT);
    strace->wait(20s);
}

void slow_disk(Stage& stage) {
    const auto node = stage.pick();
    const auto ms = 20 + stage.draw(300);
    stage.note(fmt::format("every fdatasync of {} takes {} ms more", stage.name(node), ms));
    auto strace = attach(stage, node, "fdatasync", fmt::format("delay_enter={}", ms * 1000));
    stage.hold();
    detach(std::move(strace));
    stage.note("the disk is quick again");
}

/// Ended with 70, or went on where `may_go_on`. `may_abort`: RocksDB's own assertion (Debian's
/// build), where a write finds the disk full without warning.
struct DiskExit {
    bool may_go_on = false;
    bool may_abort = false;
};
void expect_disk_exit(Stage& stage, std::size_t node, const std::string& what, DiskExit expected) {
    constexpr int aborted = 134;
    const auto status = stage.cluster.process(node).wait(40s);
    if (!status && expected.may_go_on) {
        stage.note(stage.name(node) + " went on under " + what + ": killed");
        stage.cluster.kill(node);
        return;
    }
    const auto end = status ? fmt::format("ended with {}", *status) : std::string("went on");
    stage.note(fmt::format("{} {} on {}", stage.name(node), end, what));
    if (status != 70 && !(expected.may_abort && status == aborted)) {
        throw std::runtime_error(fmt::format("{} must end with 70 on {}, it {}:\n{}",
                                             stage.name(node), what, end,
                                             stage.cluster.log_tail(node)));
    }
}

/// The reason has its number, in the run that has just ended.
void expect_number(const Stage& stage, std::size_t node, const std::string& number) {
    const auto log = stage.cluster.log_tail(node);
    if (log.find(number) == std::string::npos) {
        throw std::runtime_error(stage.name(node) + " must say " + number + ":\n" + log);
    }
}

/// One call fails; nothing is tried again. The journal's calls, or the database's own writes and
/// reads (of the files that it has now).
void fail_calls(Stage& stage) {
    const auto node = stage.pick();
    struct Kind {
        const char* call;
        const char* error;
        bool database = false;
    };
    static constexpr Kind kinds[] = {{"fdatasync", "EIO"},    {"fdatasync", "ENOSPC"},
                                     {"pwritev", "EIO"},      {"pwritev", "ENOSPC"},
                                     {"write", "EIO", true},  {"write", "ENOSPC", true},
                                     {"pread64", "EIO", true}};
    const auto& [call, error, database] = kinds[stage.draw(std::size(kinds))];
    const auto nth = 1 + stage.draw(20);
    const auto what =
        fmt::format("{} of {} number {}{}", error, call, nth, database ? " of its database" : "");
    stage.note(stage.name(node) + ": " + what);
    auto strace = attach(stage, node, call, fmt::format("error={}:when={}", error, nth),
                         database ? files_like(stage.cluster.data_folder(node), "/db/")
                                  : std::vector<std::filesystem::path>());
    // A tracer's fault comes on a disk that has room: nothing warned of it.
    expect_disk_exit(stage, node, what,
                     {.may_go_on = true, .may_abort = error == std::string("ENOSPC")});
    strace.reset();
    stage.hold();
    stage.cluster.start(node);
}

/// Dies inside the N-th call of one kind, counted from its start.
void kill_at_call(Stage& stage) {
    const auto node = stage.pick();
    static const char* const calls[] = {"pwritev", "fdatasync", "write",     "fsync",
                                        "rename",  "unlink",    "fallocate", "openat"};
    const std::string call = calls[stage.draw(8)];
    const auto nth = 1 + stage.draw(call == "pwritev" || call == "fdatasync" ? 150 : 30);
    stage.note(fmt::format("{} dies in {} number {} of a thread", stage.name(node), call, nth));
    stage.cluster.kill(node);
    stage.cluster.start(node, tracer(call, fmt::format("signal=KILL:when={}", nth)));
    const auto limit = stage.is_quick() ? 3s : 12s;
    if (!stage.cluster.process(node).wait(limit)) {
        stage.note("it made no such call so far: killed");
        stage.cluster.kill(node);
    }
    stage.cluster.start(node);
}

constexpr std::size_t image_mib = 700;
constexpr const char* disk_full = "1203 disk_full";

/// A real file system without space: the node stops in order, and comes back when there is some.
void fill_disk(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto node = stage.pick();
    cluster.kill(node);
    {
        DiskImage disk(cluster.data_folder(node), image_mib, false);
        // Small files are used up at once: large ones were laid out ahead and last for minutes.
        const std::vector<std::string> small{"--set", "store.write_buffer_mib=1"};
        cluster.restart(node, {}, small);
        stage.wait(1s);
        const auto free_kib = stage.draw(200);
        stage.note(fmt::format("the disk of {} has {} KiB left", stage.name(node), free_kib));
        disk.fill(free_kib);
        expect_disk_exit(stage, node, "a full disk", {});
        expect_number(stage, node, disk_full);
        // Started again without any: it refuses, and spoils nothing.
        disk.fill(0);
        cluster.start(node, {}, small);
        expect_disk_exit(stage, node, "a start on the full disk", {});
        expect_number(stage, node, disk_full);
        disk.free_space();
        stage.note("space is free again");
        cluster.restart(node);
        stage.wait(2s);
        cluster.kill(node);
    }
    cluster.start(node);
}

/// What the device had not taken is gone, whatever the node had written.
void cut_power(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto node = stage.pick();
    cluster.kill(node);
    {
        DiskImage disk(cluster.data_folder(node), image_mib, true);
        cluster.restart(node);
        const auto times = stage.is_quick() ? 1 : 2 + stage.draw(4);
        for (std::size_t i = 0; i < times; ++i) {
            stage.wait(std::chrono::milliseconds(500 + stage.draw(4000)));
            stage.note("power cut of " + stage.name(node));
            disk.cut_power();
            stage.wait(std::chrono::milliseconds(stage.draw(200)));
            cluster.kill(node);
            disk.restore_power();
            cluster.restart(node);
        }
        cluster.kill(node);
    }
    cluster.start(node);
}

/// Until clients are served again, on blocks that are only just on disk.
void await_blocks(const Stage& stage, std::uint64_t count) {
    std::optional<std::uint64_t> first;
    const auto served = [&] {
        const auto height = stage.cluster.height(0);
        first = first ? first : height;
        return first && height.value_or(0) >= *first + count;
    };
    if (!eventually(served, 120s)) {
        throw std::runtime_error("no blocks between power cuts:\n" + stage.cluster.log_tail(0));
    }
}

/// Nobody has more than what the devices had taken: what was acknowledged must be there.
void cut_power_of_all(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto for_all = [&](const std::function<void(std::size_t)>& what) {
        for (std::size_t node = 0; node < cluster.size(); ++node) {
            what(node);
        }
    };
    for_all([&](std::size_t node) { cluster.kill(node); });
    {
        std::vector<std::unique_ptr<DiskImage>> disks;
        for_all([&](std::size_t node) {
            disks.push_back(
                std::make_unique<DiskImage>(cluster.data_folder(node), image_mib, true));
        });
        for_all([&](std::size_t node) { cluster.start(node); });
        const auto times = 1 + stage.draw(3);
        for (std::size_t i = 0; i < times; ++i) {
            await_blocks(stage, 10 + stage.draw(20));
            stage.note("power cut of all");
            for (const auto& disk : disks) {
                disk->cut_power();
            }
            for_all([&](std::size_t node) { cluster.kill(node); });
            for (const auto& disk : disks) {
                disk->restore_power();
            }
            for_all([&](std::size_t node) { cluster.start(node); });
        }
        await_blocks(stage, 5);
        for_all([&](std::size_t node) { cluster.kill(node); });
    }
    for_all([&](std::size_t node) { cluster.start(node); });
}

}  // namespace

std::vector<Fault> disk_faults() {
    Fault slow{"slow_disk", "every sync of one takes 20 to 320 ms more", true, slow_disk,
               strace_obstacle};
    Fault fail{"failed_call", "one write or sync of one fails: EIO, ENOSPC", true, fail_calls,
               strace_obstacle};
    fail.quick = true;
    Fault at_call{"kill_at_call", "one dies inside its N-th call of a kind", true, kill_at_call,
                  strace_obstacle};
    Fault full{"full_disk", "a file system of one is full", true, fill_disk,
               [](const Cluster&) { return DiskImage::obstacle(false); }};
    Fault power{"power_cut", "one loses what its device had not taken", true, cut_power,
                [](const Cluster&) { return DiskImage::obstacle(true); }};
    Fault power_all{"power_cut_all", "all lose at once what their devices had not taken", false,
                    cut_power_of_all, [](const Cluster&) { return DiskImage::obstacle(true); }};
    return {slow, fail, at_call, full, power, power_all};
}

}  // namespace remit::test
