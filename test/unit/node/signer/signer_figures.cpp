// Prints what a signature costs: test_signer "[figures]". Nothing is asserted of time.
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "node/seams/posix_disk.h"
#include "node/signer/remote_signer.h"
#include "node/signer/server.h"
#include "test/support/node/temporary_folder.h"
#include "test/support/signer/statements.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)

namespace {

using Clock = std::chrono::steady_clock;

template <class Sign>
void measure(const char* what, int count, Sign sign) {
    std::vector<double> micros;
    const auto begin = Clock::now();
    for (int i = 0; i < count; ++i) {
        const auto at = Clock::now();
        REQUIRE(sign(i));
        micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - at).count());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(micros.begin(), micros.end());
    const auto part = [&](double share) {
        return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
    };
    std::printf("%-42s p50 %8.1f us  p99 %8.1f us  %8.0f/s\n", what, part(0.5), part(0.99),
                count / seconds);
}

}  // namespace

TEST_CASE("signer figures: in the process, with a journal, over the socket", "[.][figures]") {
    constexpr int count = 2000;
    const test::Statements says;
    const node::TemporaryFolder folder;
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
    node::PosixDisk disk;
    test::Prng random(1, "figures");
    const VoteKeeperParts parts{.disk = disk,
                                .random = random,
                                .key = says.key(),
                                .public_key = says.key().public_key(),
                                .chain_id = says.chain.chain_id};
    REQUIRE(VoteKeeper::init(disk, random, path("journal"), says.place(1)));
    auto keeper = VoteKeeper::open(parts, path("journal")).value();
    int view = 0;
    measure("key alone", count, [&](int i) {
        return says.key().signature_of(says.notarize(static_cast<consensus::View>(i) + 1));
    });
    measure("vote, journal synced", count, [&](int /*i*/) {
        return keeper->sign(says.notarize(static_cast<consensus::View>(++view))).has_value();
    });
    Server server(*keeper, {.socket = path("socket"), .client_uid = ::geteuid()});
    REQUIRE(server.open());
    const Descriptor stop(::eventfd(0, EFD_CLOEXEC));
    std::thread thread([&] { server.run(stop.get()); });
    {
        const auto node = RemoteSigner::open({.socket = path("socket"),
                                              .chain_id = says.chain.chain_id,
                                              .key = says.key().public_key(),
                                              .wait = std::chrono::seconds(5)},
                                             nullptr)
                              .value();
        measure("batch or result over the socket", count,
                [&](int /*i*/) { return node->signature_of(says.batch()); });
        measure("vote over the socket, journal synced", count, [&](int /*i*/) {
            return node->signature_of(says.notarize(static_cast<consensus::View>(++view)));
        });
    }
    const std::uint64_t one = 1;
    REQUIRE(::write(stop.get(), &one, sizeof one) == sizeof one);
    thread.join();
}
