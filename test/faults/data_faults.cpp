#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "test/faults/command.h"
#include "test/faults/stage.h"

namespace remit::test {

using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// Offset behind the last byte that is not zero: files are preallocated.
std::uintmax_t written_end(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return bytes.find_last_not_of('\0') + 1;
}

void flip_bit(const fs::path& file, std::uintmax_t offset, unsigned bit) {
    std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
    io.seekg(static_cast<std::streamoff>(offset));
    const int byte = io.get() ^ static_cast<int>(1U << bit);
    io.seekp(static_cast<std::streamoff>(offset));
    io.put(static_cast<char>(byte));
}

/// What of a data folder is damaged, in words, and the text its path contains.
struct Target {
    const char* what;
    const char* path;
};
constexpr Target targets[] = {
    {"journal", "/journal/segment"},     {"journal's high water", "/journal/high"},
    {"database's log", ".log"},          {"database's tables", ".sst"},
    {"database's manifest", "MANIFEST"}, {"database's CURRENT", "CURRENT"},
};

/// Damages one file of a stopped node and says how; empty when there is no such file.
std::string damage(Stage& stage, std::size_t node) {
    const auto& target = targets[stage.draw(std::size(targets))];
    const auto files = files_like(stage.cluster.data_folder(node), target.path);
    if (files.empty()) {
        return "";
    }
    const auto& file = files[stage.draw(files.size())];
    const auto end = std::max<std::uintmax_t>(1, written_end(file));
    const auto offset = stage.draw(end);
    const auto name = file.filename().string();
    switch (stage.draw(4)) {
        case 0:
            fs::resize_file(file, offset);
            return fmt::format("{}: {} cut to {} of {} bytes", target.what, name, offset, end);
        case 1:
            fs::remove(file);
            return fmt::format("{}: {} removed", target.what, name);
        default:
            flip_bit(file, offset, static_cast<unsigned>(stage.draw(8)));
            return fmt::format("{}: one bit of byte {} of {} of {} flipped", target.what, offset,
                               end, name);
    }
}

/// Starts a node on data that may be bad: it comes up, or refuses in order. Then its operator gives
/// it an empty folder, and it takes everything from the others.
void start_or_wipe(Stage& stage, std::size_t node) {
    auto& cluster = stage.cluster;
    cluster.start(node);
    if (cluster.await_up(node, 60s)) {
        // Damage of a table may show only when it is read.
        const auto status = cluster.process(node).wait(2s);
        if (!status) {
            return;
        }
    }
    const auto status = cluster.process(node).wait(1s).value_or(-1);
    if (status != 7 && status != 70) {
        throw std::runtime_error(fmt::format("{} must refuse damage with 7 or 70, not {}:\n{}",
                                             stage.name(node), status, cluster.log_tail(node)));
    }
    stage.note(fmt::format("{} refuses with {}: starts again on an empty folder", stage.name(node),
                           status));
    cluster.kill(node);
    must_run("rm -rf " + cluster.data_folder(node));
    cluster.start(node);
}

void damage_file(Stage& stage) {
    const auto node = stage.pick();
    stage.cluster.kill(node);
    const auto what = damage(stage, node);
    stage.note(stage.name(node) + ": " + (what.empty() ? "nothing there to damage" : what));
    stage.hold();
    start_or_wipe(stage, node);
}

void lose_data(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto node = stage.pick();
    static const std::pair<const char*, const char*> parts[] = {
        {"everything", ""}, {"the database", "/db"}, {"the journal", "/journal"}};
    const auto& [what, path] = parts[stage.draw(3)];
    stage.note(fmt::format("{} loses {}", stage.name(node), what));
    cluster.kill(node);
    must_run("rm -rf " + cluster.data_folder(node) + path);
    stage.hold();
    start_or_wipe(stage, node);
}

/// A snapshot of the machine from some time ago, journal and high water together.
void restore_old_copy(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto node = stage.pick();
    const auto copy = cluster.devnet().folder_of(node) + "/old";
    cluster.kill(node);
    must_run("rm -rf " + copy + " && cp -a " + cluster.data_folder(node) + " " + copy);
    cluster.restart(node);
    stage.hold();
    stage.note(stage.name(node) + " is set back to an old copy of its data");
    cluster.kill(node);
    must_run("rm -rf " + cluster.data_folder(node) + " && mv " + copy + " " +
             cluster.data_folder(node));
    start_or_wipe(stage, node);
}

/// Damage, repair by the others, and at once another is gone.
void lose_votes_then_kill(Stage& stage) {
    auto& cluster = stage.cluster;
    const auto two = stage.pick(2);
    stage.note(stage.name(two[0]) + " loses its journal");
    cluster.kill(two[0]);
    must_run("rm -rf " + cluster.data_folder(two[0]) + "/journal");
    start_or_wipe(stage, two[0]);
    if (!eventually([&] { return cluster.gauge(two[0], "remit_votes_lost") == 0; }, 120s)) {
        throw std::runtime_error(stage.name(two[0]) + " does not vote again within 120 s:\n" +
                                 cluster.log_tail(two[0]));
    }
    stage.note(stage.name(two[0]) + " votes again: kill -9 " + stage.name(two[1]));
    cluster.kill(two[1]);
    stage.wait(10s);
    stage.hold();
    cluster.start(two[1]);
}

}  // namespace

std::vector<Fault> data_faults() {
    std::vector<Fault> out{
        {"damaged_file", "one file of one is damaged, cut or removed", true, damage_file},
        {"lost_data", "one loses its journal, its database, or both", true, lose_data},
        {"old_copy", "one is set back to an old copy of its data", true, restore_old_copy},
        {"lost_votes_then_kill", "one comes back without its votes, at once another is killed",
         true, lose_votes_then_kill},
    };
    out.back().pauses_at_most = 60s;  // two are away as long as the first one cannot vote
    return out;
}

}  // namespace remit::test
