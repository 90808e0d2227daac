#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <utility>

#include "test/support/devnet/member_client.h"
#include "test/support/devnet/process_facts.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

/// A node of a young network holds some 40 MiB; their threads and this test want room as well.
constexpr std::int64_t room_of_a_node_kib = 100 * 1024;

std::int64_t available_kib() {
    std::ifstream in("/proc/meminfo");
    std::string word;
    while (in >> word) {
        if (word == "MemAvailable:") {
            std::int64_t out = 0;
            in >> out;
            return out;
        }
    }
    return 0;
}

/// Height and state root of every node; one element once all are at the same height and agree.
std::set<std::pair<std::uint64_t, std::string>> standings(const Devnet& devnet) {
    std::set<std::pair<std::uint64_t, std::string>> out;
    for (std::size_t node = 0; node < devnet.size(); ++node) {
        const auto status = MemberClient(devnet, node).status();
        out.emplace(status.executed_height(), status.state_root());
    }
    return out;
}

/// Pays, kills f validators, pays on without them, brings them back, and compares all of them.
void live(std::size_t validators) {
    if (available_kib() < static_cast<std::int64_t>(validators) * room_of_a_node_kib) {
        WARN("skipped: " << validators << " nodes want more memory than there is free");
        return;
    }
    const auto faulty = (validators - 1) / 3;
    Devnet devnet(validators);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open(10);
    for (auto node = validators - faulty; node < validators; ++node) {
        devnet.process(node).kill();
    }
    client.must_open(10);
    long resident = 0;
    for (std::size_t node = 0; node < validators - faulty; ++node) {
        resident = std::max(resident, status_kib(devnet.process(node).pid(), "VmRSS"));
    }
    WARN(validators << " validators: at most " << resident / 1024 << " MiB resident");
    for (auto node = validators - faulty; node < validators; ++node) {
        devnet.start(node);
    }
    for (auto node = validators - faulty; node < validators; ++node) {
        REQUIRE(eventually([&] { return http_get(devnet.ops_port(node), "/readyz").status == 200; },
                           120s));
    }
    const auto paid_at = client.must_open().receipts(0).height();
    REQUIRE(paid_at > 0);
    REQUIRE(eventually(
        [&] {
            const auto all = standings(devnet);
            return all.size() == 1 && all.begin()->first >= paid_at;
        },
        120s));
}

}  // namespace

TEST_CASE("sizes: 1 validator runs alone", "[slow]") {
    live(1);
}
TEST_CASE("sizes: 7 validators run without 2 of them, which return", "[slow]") {
    live(7);
}
TEST_CASE("sizes: 10 validators run without 3 of them, which return", "[slow]") {
    live(10);
}
TEST_CASE("sizes: 13 validators run without 4 of them, which return", "[slow]") {
    live(13);
}

}  // namespace remit::test
