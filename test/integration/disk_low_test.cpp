#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {

TEST_CASE("disk low: a node short of disk sends clients elsewhere and goes on voting", "[slow]") {
    Devnet devnet(4);
    constexpr auto more_than_there_is = "store.reserve_mib=1000000000";
    for (std::size_t node = 0; node < 3; ++node) {
        devnet.start(node, node == 0 ? std::vector<std::string>{"--set", more_than_there_is}
                                     : std::vector<std::string>{});
    }
    for (std::size_t node = 0; node < 3; ++node) {
        REQUIRE(
            eventually([&] { return http_get(devnet.ops_port(node), "/readyz").status == 200; }));
    }
    // Three of four: each payment needs the vote of the node that is short.
    const MemberClient short_of_disk(devnet, 0);
    const MemberClient other(devnet, 1);
    const auto envelope = other.open_accounts();
    const auto refused = short_of_disk.submit(envelope);
    CHECK(refused.status.error_code() == grpc::StatusCode::UNAVAILABLE);
    CHECK(reason_of(refused.status) == "DISK_LOW");
    const auto paid = other.submit(envelope);
    REQUIRE(paid.is_final());
    CHECK_FALSE(paid.response.receipts(0).has_refusal());
    CHECK(eventually([&] {
        return short_of_disk.status().executed_height() >= paid.response.receipts(0).height();
    }));
    CHECK(metric(devnet.ops_port(0), "remit_disk_free_bytes") <
          metric(devnet.ops_port(0), "remit_disk_reserve_bytes"));
    CHECK(metric(devnet.ops_port(1), "remit_disk_reserve_bytes") == 0);  // a devnet
}

namespace {

/// So many bytes of the volume, given back with this object.
class Ballast {
public:
    Ballast(std::string path, std::uint64_t bytes) : path_(std::move(path)) {
        const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(file >= 0);
        const int failed = ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
        ::close(file);
        REQUIRE(failed == 0);
    }
    ~Ballast() { std::filesystem::remove(path_); }
    Ballast(const Ballast&) = delete;
    Ballast& operator=(const Ballast&) = delete;

private:
    std::string path_;
};

}  // namespace

TEST_CASE("disk full: the node stops in order, says why, and goes on once there is room",
          "[slow]") {
    Devnet devnet(1);
    const auto space = std::filesystem::space(devnet.folder_of(0)).available;
    // Others use this disk too: what they do meanwhile must not matter.
    const auto stop_mib = std::to_string((space - space / 16) >> 20U);
    const std::vector<std::string> extra{"--set", "store.stop_mib=" + stop_mib};
    devnet.start(0, extra);
    const auto is_ready = [&] { return http_get(devnet.ops_port(0), "/readyz").status == 200; };
    REQUIRE(eventually(is_ready));
    const MemberClient member(devnet, 0);
    const auto paid = member.submit(member.open_accounts());
    REQUIRE(paid.is_final());
    {
        const Ballast ballast(devnet.folder_of(0) + "/ballast", space / 8);
        REQUIRE(devnet.process(0).wait(60s) == 70);
        CHECK_THAT(devnet.process(0).output(), Catch::Contains("node_stopped") &&
                                                   Catch::Contains("error: 1203 disk_full") &&
                                                   Catch::Contains("help: free disk"));
        devnet.start(0, extra);
        REQUIRE(devnet.process(0).wait(60s) == 70);
    }
    devnet.start(0, extra);
    REQUIRE(eventually(is_ready));
    const MemberClient again(devnet, 0);
    CHECK(again.status().executed_height() >= paid.response.receipts(0).height());
    again.must_open();
}

}  // namespace remit::test
