#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "test/support/devnet/member_client.h"
#include "test/support/devnet/process_facts.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

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
    if (!room_for_nodes(validators)) {
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
    // Who came back votes again: its counters began with its new life.
    for (auto node = validators - faulty; node < validators; ++node) {
        REQUIRE(eventually([&] {
            client.must_open();
            return metric(devnet.ops_port(node), "remit_voting") == 1 &&
                   metric(devnet.ops_port(node), "remit_votes_sent_total") > 0;
        }));
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
