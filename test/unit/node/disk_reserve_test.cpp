#include "node/disk_reserve.h"

#include <catch2/catch.hpp>
#include <limits>

#include "test/support/node/temporary_folder.h"

namespace remit::node {
namespace {

struct SetClock : Clock {
    [[nodiscard]] std::int64_t wall_ms() const override { return 0; }
    [[nodiscard]] std::int64_t mono_ms() const override { return now; }
    std::int64_t now = 1000;
};

constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

}  // namespace

TEST_CASE("disk reserve: three gibibytes or a twentieth of the volume, whichever is more") {
    CHECK(DiskReserve::usual(0) == 3 * gib);
    CHECK(DiskReserve::usual(40 * gib) == 3 * gib);
    CHECK(DiskReserve::usual(100 * gib) == 5 * gib);
}

TEST_CASE("disk reserve: touched when less is free, never without one or without a volume") {
    const TemporaryFolder folder;
    const SetClock clock;
    const auto path = folder.path().string();
    CHECK(DiskReserve::volume_bytes(path) > 0);
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    CHECK(DiskReserve(path, {.reserve = all}, clock).is_touched());
    CHECK_FALSE(DiskReserve(path, {.reserve = 1}, clock).is_touched());
    CHECK_FALSE(DiskReserve(path, {}, clock).is_touched());
    const DiskReserve nowhere(path + "/no such folder", {.reserve = all, .stop = all}, clock);
    CHECK(nowhere.free_bytes() == all);
    CHECK_FALSE(nowhere.is_touched());
    CHECK_FALSE(nowhere.shortage());
}

TEST_CASE("disk reserve: what was seen counts for a quarter of a second") {
    const TemporaryFolder folder;
    SetClock clock;
    const auto path = (folder.path() / "volume").string();
    const DiskReserve reserve(path, {.reserve = std::numeric_limits<std::uint64_t>::max()}, clock);
    CHECK_FALSE(reserve.is_touched());  // there is none yet
    std::filesystem::create_directory(path);
    clock.now += 249;
    CHECK_FALSE(reserve.is_touched());
    clock.now += 1;
    CHECK(reserve.is_touched());
}

TEST_CASE("disk reserve: below the stop mark the node ends, below a quarter nothing is written") {
    const TemporaryFolder folder;
    const SetClock clock;
    const auto path = folder.path().string();
    const auto left = DiskReserve(path, {}, clock).free_bytes();
    CHECK_FALSE(DiskReserve(path, {.stop = 0}, clock).shortage());
    CHECK_FALSE(DiskReserve(path, {.stop = 1}, clock).shortage());
    const DiskReserve short_of_it(path, {.stop = 2 * left}, clock);
    const auto shortage = short_of_it.shortage();
    REQUIRE(shortage);
    CHECK(shortage->exit == ExitCode::io_error);
    CHECK_THAT(shortage->message, Catch::StartsWith("1203 disk_full: ") && Catch::Contains(path));
    CHECK_FALSE(shortage->help.empty());
    CHECK_FALSE(short_of_it.no_room_to_write());  // the end itself writes
    CHECK(DiskReserve(path, {.stop = 8 * left}, clock).no_room_to_write());
    CHECK_FALSE(DiskReserve(path, {.stop = 0}, clock).no_room_to_write());
}

TEST_CASE("disk reserve: the stop mark lies below the reserve") {
    constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
    CHECK(DiskReserve::usual_stop(DiskReserve::usual(0), false) == 512 * mib);
    CHECK(DiskReserve::usual_stop(100 * gib, false) == 512 * mib);
    CHECK(DiskReserve::usual_stop(100 * mib, true) == 25 * mib);
    CHECK(DiskReserve::usual_stop(0, false) == 512 * mib);
    CHECK(DiskReserve::usual_stop(0, true) == 64 * mib);
}

}  // namespace remit::node
