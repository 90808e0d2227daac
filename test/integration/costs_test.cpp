#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "test/support/devnet/member_client.h"
#include "test/support/devnet/process_facts.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

using Clock = std::chrono::steady_clock;

/// What all validators together have used since they were started.
struct Used {
    double processor_ms = 0;
    double blocks = 0;  ///< of one of them
    double checks = 0;
    double sent_bytes = 0;
    double journal_bytes = 0;
    double syncs = 0;

    static Used of(Devnet& devnet) {
        Used out;
        for (std::size_t node = 0; node < devnet.size(); ++node) {
            const auto value = [&](const char* name) {
                const auto found = metric(devnet.ops_port(node), name);
                INFO(name);
                REQUIRE(found >= 0);
                return found;
            };
            out.processor_ms += static_cast<double>(test::processor_ms(devnet.process(node).pid()));
            out.blocks +=
                value("remit_blocks_committed_total") / static_cast<double>(devnet.size());
            out.checks += value("remit_consensus_signatures_verified_total");
            out.sent_bytes += value("remit_peer_sent_bytes_total");
            out.journal_bytes += value("remit_journal_bytes_total");
            out.syncs += value("remit_journal_syncs_total");
        }
        return out;
    }
};

/// Accounts are opened one after the other, at all validators in turn; a row of what a block took.
void measure(std::size_t validators) {
    if (!room_for_nodes(validators)) {
        std::printf("| %zu | skipped: not enough free memory |\n", validators);
        return;
    }
    Devnet devnet(validators);
    if (const auto* program = std::getenv("REMIT_NODE_PROGRAM")) {
        for (std::size_t node = 0; node < validators; ++node) {
            devnet.install(node, program);  // of another build
        }
    }
    devnet.start_all();
    std::vector<MemberClient> clients;
    for (std::size_t node = 0; node < validators; ++node) {
        clients.emplace_back(devnet, node);
    }
    std::size_t opened = 0;
    const auto open_until = [&](const std::function<bool()>& done) {
        for (opened = 0; !done(); ++opened) {
            clients[opened % validators].must_open();
        }
    };
    open_until([&] { return opened == 5 * validators; });  // connections, caches
    std::this_thread::sleep_for(3s);
    const auto idle = Used::of(devnet);
    constexpr auto idle_for = 5s;
    std::this_thread::sleep_for(idle_for);
    const auto before = Used::of(devnet);
    const auto begin = Clock::now();
    open_until([&] { return Clock::now() - begin > 20s; });
    const auto after = Used::of(devnet);
    const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
    const auto nodes = static_cast<double>(validators);
    const auto blocks = after.blocks - before.blocks;
    REQUIRE(blocks > 0);
    const auto idle_ms_a_second = (before.processor_ms - idle.processor_ms) / nodes /
                                  std::chrono::duration<double>(idle_for).count();
    const auto a_block = [&](double Used::* what) {
        return (after.*what - before.*what) / blocks / nodes;
    };
    constexpr double kib = 1024;
    std::printf("| %zu | %.2f, %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |\n", validators,
                blocks / static_cast<double>(opened), blocks / took, a_block(&Used::processor_ms),
                idle_ms_a_second, a_block(&Used::checks), a_block(&Used::sent_bytes) / kib,
                a_block(&Used::journal_bytes) / kib, a_block(&Used::syncs));
    std::fflush(stdout);
}

}  // namespace

/// Not a test of a figure: prints what it measures, beside which the model's table stands
/// (tools/bench/costs.sh).
TEST_CASE("costs: of a block and validator, by the number of validators", "[.measure]") {
    std::printf(
        "\nProcesses: what a block costs each validator, one client, one account opened after the "
        "other. CPU is the whole process's: API, TLS, execution and database are in it.\n\n"
        "| validators | blocks: a payment, a second | CPU ms a block and node | idle, CPU ms a "
        "second | checks | KB sent, node | KB journal, node | syncs |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (const std::size_t validators : {1U, 4U, 7U, 10U, 13U}) {
        measure(validators);
    }
}

}  // namespace remit::test
