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

TEST_CASE("disk reserve: two gibibytes or a twentieth of the volume, whichever is more") {
    CHECK(DiskReserve::usual(0) == 2 * gib);
    CHECK(DiskReserve::usual(40 * gib) == 2 * gib);
    CHECK(DiskReserve::usual(100 * gib) == 5 * gib);
}

TEST_CASE("disk reserve: touched when less is free, never without one or without a volume") {
    const TemporaryFolder folder;
    const SetClock clock;
    const auto path = folder.path().string();
    CHECK(DiskReserve::volume_bytes(path) > 0);
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    CHECK(DiskReserve(path, all, clock).is_touched());
    CHECK_FALSE(DiskReserve(path, 1, clock).is_touched());
    CHECK_FALSE(DiskReserve(path, 0, clock).is_touched());
    const DiskReserve nowhere(path + "/no such folder", all, clock);
    CHECK(nowhere.free_bytes() == all);
    CHECK_FALSE(nowhere.is_touched());
}

TEST_CASE("disk reserve: what was seen counts for a quarter of a second") {
    const TemporaryFolder folder;
    SetClock clock;
    const auto path = (folder.path() / "volume").string();
    const DiskReserve reserve(path, std::numeric_limits<std::uint64_t>::max(), clock);
    CHECK_FALSE(reserve.is_touched());  // there is none yet
    std::filesystem::create_directory(path);
    clock.now += 249;
    CHECK_FALSE(reserve.is_touched());
    clock.now += 1;
    CHECK(reserve.is_touched());
}

}  // namespace remit::node
