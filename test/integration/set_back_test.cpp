#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

namespace fs = std::filesystem;

bool has_line(const std::string& metrics, const std::string& line) {
    return metrics.find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("set back: a validator restored from an old copy of its whole folder signs nothing twice",
          "[integration][amnesia]") {
    Devnet devnet(4);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    for (int i = 0; i < 3; ++i) {
        client.must_open();
    }
    // A copy of everything: database, journal, high-water file.
    devnet.process(3).signal(SIGTERM);
    REQUIRE(devnet.process(3).wait(20s) == 0);
    const fs::path data = devnet.data_folder(3);
    const fs::path copy = data.string() + ".copy";
    fs::copy(data, copy, fs::copy_options::recursive);
    devnet.start(3);
    const auto metrics = [&] { return http_get(devnet.ops_port(3), "/metrics").body; };
    REQUIRE(eventually([&] { return has_line(metrics(), "remit_voting 1"); }));
    CHECK(has_line(metrics(), "remit_votes_lost 0"));
    // Another one is away, so that every block rests on the votes of the one that will forget.
    devnet.process(2).kill();
    for (int i = 0; i < 3; ++i) {
        client.must_open();
    }
    devnet.process(3).kill();
    fs::remove_all(data);
    fs::rename(copy, data);
    devnet.start(3);
    const bool noticed = eventually([&] { return has_line(metrics(), "remit_votes_lost 1"); });
    CAPTURE(devnet.process(3).output());
    REQUIRE(noticed);
    CHECK(has_line(metrics(), "remit_voting 0"));
    CHECK_THAT(devnet.process(3).output(),
               Catch::Contains("votes_lost") && Catch::Contains("the data folder is an old copy"));
    // All others must be there before it votes again, two views on.
    devnet.start(2);
    const bool votes = eventually([&] {
        const auto now = metrics();
        return has_line(now, "remit_votes_lost 0") && has_line(now, "remit_voting 1");
    });
    REQUIRE(votes);
    // Nobody saw it sign anything twice.
    for (std::size_t node = 0; node < 4; ++node) {
        CAPTURE(node);
        const auto body = http_get(devnet.ops_port(node), "/metrics").body;
        CHECK(has_line(body, "remit_equivocations_total 0"));
        CHECK(has_line(body, "remit_evidence_recorded 0"));
    }
}

}  // namespace remit::test
