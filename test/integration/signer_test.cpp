#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "test/support/devnet/lying_validator.h"
#include "test/support/devnet/member_client.h"
#include "test/support/devnet/signer_process.h"
#include "test/support/node/free_port.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

namespace fs = std::filesystem;

/// Four validators; the keys of the last ones are in processes of their own.
struct SignedDevnet {
    Devnet devnet;
    std::vector<std::unique_ptr<SignerProcess>> signers;

    explicit SignedDevnet(std::size_t with_signer) {
        for (std::size_t i = 0; i < devnet.size(); ++i) {
            signers.push_back(i + with_signer < devnet.size()
                                  ? nullptr
                                  : std::make_unique<SignerProcess>(devnet, i));
            if (signers[i]) {
                REQUIRE(signers[i]->run({"init", "--first-view", "1"}) == 0);
                signers[i]->start();
            }
            start(i);
        }
        for (std::size_t i = 0; i < devnet.size(); ++i) {
            CAPTURE(i, devnet.process(i).output());
            REQUIRE(ready(i));
        }
    }
    void start(std::size_t i) {
        devnet.start(i, signers[i] ? signers[i]->node_settings() : std::vector<std::string>{});
    }
    [[nodiscard]] bool ready(std::size_t i) const {
        return eventually([&] { return http_get(devnet.ops_port(i), "/readyz").status == 200; });
    }
    [[nodiscard]] double gauge(std::size_t i, const std::string& name) const {
        return metric(devnet.ops_port(i), name);
    }
    /// The chain goes on, and the others have seen no validator contradict itself.
    void pay(int count, std::size_t by = 0) const {
        const MemberClient client(devnet, by);
        for (int n = 0; n < count; ++n) {
            client.must_open();
        }
    }
    [[nodiscard]] double equivocations() const {
        double out = 0;
        for (std::size_t i = 0; i < devnet.size(); ++i) {
            out += std::max(0.0, gauge(i, "remit_equivocations_total"));
        }
        return out;
    }
};

constexpr std::size_t last = 3;

}  // namespace

TEST_CASE("signer: evidence against a validator reaches the chain from nodes without a key",
          "[integration][signer][evidence]") {
    SignedDevnet net(4);
    net.pay(2);
    net.devnet.process(last).kill();
    net.signers[last]->process().kill();
    LyingValidator liar(net.devnet, last);
    // A running view: votes far ahead of it are not kept.
    liar.notarize_twice(static_cast<consensus::View>(net.gauge(0, "remit_view")));
    for (std::size_t i = 0; i < last; ++i) {
        CAPTURE(i, net.devnet.process(i).output());
        CHECK(eventually([&] { return net.gauge(i, "remit_evidence_recorded") == 1; }));
    }
    const MemberClient client(net.devnet, 0);
    v1::ListEvidenceResponse listed;
    REQUIRE(client.call(&v1::LedgerService::Stub::ListEvidence, v1::ListEvidenceRequest{}, listed)
                .ok());
    REQUIRE(listed.evidence_size() == 1);
    CHECK(listed.evidence(0).participant_id() == last + 1);
    // A validator reported it by its own key, which only its signer has.
    CHECK(listed.evidence(0).reporter_id() <= last);
    for (std::size_t i = 0; i < last; ++i) {
        CHECK_THAT(net.signers[i]->output(), !Catch::Contains("signature_refused"));
    }
    net.pay(2);
}

TEST_CASE("signer: four validators with their keys in other processes; one loses its signer",
          "[integration][signer]") {
    SignedDevnet net(4);
    net.pay(5);
    net.signers[last]->process().kill();
    REQUIRE(eventually([&] { return net.gauge(last, "remit_signer_connected") == 0; }));
    // It follows and stays up; the other three are enough.
    net.pay(5);
    const auto height = net.gauge(0, "remit_block_height");
    REQUIRE(eventually([&] { return net.gauge(last, "remit_block_height") >= height; }));
    CHECK(http_get(net.devnet.ops_port(last), "/healthz").status == 200);
    const auto readiness = http_get(net.devnet.ops_port(last), "/readyz");
    CHECK(readiness.status == 503);
    CHECK_THAT(readiness.body, Catch::Contains("no signer"));

    net.signers[last]->start();
    REQUIRE(net.ready(last));
    // Now it is needed, and votes.
    net.devnet.process(1).kill();
    net.pay(5);
    CHECK(net.gauge(last, "remit_signer_connected") == 1);
    CHECK_THAT(net.devnet.process(last).output(), Catch::Contains("signer_away"));
    // Both die at once and come back.
    net.signers[last]->process().kill();
    net.devnet.process(last).kill();
    net.signers[last]->start();
    net.start(last);
    net.pay(5);
    CHECK(net.equivocations() == 0);
}

TEST_CASE("signer: a node folder set back to an old copy votes on and never twice",
          "[integration][signer]") {
    SignedDevnet net(1);
    net.pay(3);
    net.devnet.process(last).signal(SIGTERM);
    REQUIRE(net.devnet.process(last).wait(20s) == 0);
    const fs::path data = net.devnet.data_folder(last);
    const fs::path copy = data.string() + ".old";
    fs::copy(data, copy, fs::copy_options::recursive);
    net.start(last);
    REQUIRE(net.ready(last));
    net.pay(5);
    for (int round = 0; round < 2; ++round) {
        net.devnet.process(last).kill();
        fs::remove_all(data);
        fs::copy(copy, data, fs::copy_options::recursive);
        net.start(last);
        REQUIRE(net.ready(last));
        net.pay(5);
    }
    // Its vote is needed.
    REQUIRE(eventually([&] {
        net.pay(1);
        return net.gauge(last, "remit_voting") == 1;
    }));
    net.devnet.process(0).kill();
    net.pay(5, 1);
    CHECK(net.equivocations() == 0);
}

TEST_CASE("signer: a lost journal of the signer locks it until it is raised",
          "[integration][signer]") {
    SignedDevnet net(1);
    net.pay(3);
    auto& signer = *net.signers[last];
    signer.process().signal(SIGTERM);
    REQUIRE(signer.process().wait(20s) == 0);
    REQUIRE(signer.run({"init", "--first-view", "1"}) == 7);  // there is one
    for (const auto& entry : fs::directory_iterator(signer.journal())) {
        if (entry.path().filename().string().starts_with("segment-")) {
            fs::remove(entry.path());
        }
    }
    signer.start();
    REQUIRE(eventually([&] { return net.gauge(last, "remit_signer_locked") == 1; }));
    net.pay(3);
    CHECK_THAT(http_get(net.devnet.ops_port(last), "/readyz").body, Catch::Contains("locked"));
    CHECK_THAT(signer.output(), Catch::Contains("signer_locked"));
    signer.process().signal(SIGTERM);
    REQUIRE(signer.process().wait(20s) == 0);
    double view = 0;
    for (std::size_t i = 0; i < last; ++i) {
        view = std::max(view, net.gauge(i, "remit_view"));
    }
    REQUIRE(signer.run({"raise", "--view", std::to_string(static_cast<long>(view) + 2)}) == 0);
    signer.start();
    REQUIRE(net.ready(last));
    net.pay(5);
    net.devnet.process(0).kill();
    net.pay(5, 1);
    CHECK(net.equivocations() == 0);
}

TEST_CASE("signer: one that hangs does not hang the node", "[integration][signer]") {
    SignedDevnet net(1);
    net.pay(3);
    net.signers[last]->process().signal(SIGSTOP);
    net.pay(5);
    const auto height = net.gauge(0, "remit_block_height");
    REQUIRE(eventually([&] { return net.gauge(last, "remit_block_height") >= height; }));
    CHECK(http_get(net.devnet.ops_port(last), "/readyz").status == 503);
    net.signers[last]->process().signal(SIGCONT);
    REQUIRE(net.ready(last));
    net.devnet.process(0).kill();
    net.pay(3, 1);
}

TEST_CASE("signer: that of another validator is refused at the start", "[integration][signer]") {
    Devnet devnet;
    SignerProcess other(devnet, 1);
    CHECK(other.run({"run"}) == 7);  // no journal was begun
    REQUIRE(other.run({"init", "--first-view", "1"}) == 0);
    other.start();
    auto& node = devnet.start(0, other.node_settings());
    CHECK(node.wait(30s) == 6);
    CHECK_THAT(node.output(), Catch::Contains("the signer at"));
    // And two places for one key are one too many.
    auto settings = other.node_settings();
    settings.erase(settings.begin(), settings.begin() + 2);
    CHECK(devnet.start(0, settings).wait(30s) == 7);
}

TEST_CASE("one key, two processes: the older one falls silent and everybody is told",
          "[integration][signer]") {
    Devnet devnet;
    devnet.start_all();
    const MemberClient client(devnet, 0);
    client.must_open();
    // Two copies of one folder: both are at the same start of the same journal.
    devnet.process(last).signal(SIGTERM);
    REQUIRE(devnet.process(last).wait(20s) == 0);
    const auto folder = devnet.folder_of(last);
    const auto copy = folder + ".copy";
    fs::copy(folder, copy, fs::copy_options::recursive);
    devnet.start(last);
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(last), "/readyz").status == 200; }));
    const auto ports = node::free_ports(3);
    const auto listen = [&](const std::string& what, std::size_t i) {
        return what + ".listen=127.0.0.1:" + std::to_string(ports[i]);
    };
    NodeProcess second({REMIT_BIN_DIR "/remit-node", "run", "--config", copy + "/node.toml",
                        "--set", "node.genesis=" + devnet.genesis_file(), "--set",
                        listen("peer", 0), "--set", listen("api", 1), "--set", listen("ops", 2)},
                       copy + "/log.copy");
    const auto gauge = [&](std::size_t i, const std::string& name) {
        return metric(devnet.ops_port(i), name);
    };
    REQUIRE(eventually([&] { return gauge(last, "remit_superseded") == 1; }));
    CHECK_THAT(http_get(devnet.ops_port(last), "/readyz").body, Catch::Contains("newer process"));
    CHECK(http_get(devnet.ops_port(last), "/healthz").status == 200);
    CHECK(eventually([&] { return gauge(last, "remit_voting") == 0; }));
    for (std::size_t i = 0; i < last; ++i) {
        CAPTURE(i, devnet.process(i).output());
        CHECK(eventually([&] {
            return devnet.process(i).output().find("two_processes_one_key") != std::string::npos;
        }));
    }
    client.must_open();
    CHECK(second.is_running());
    CHECK(metric(ports[2], "remit_superseded") == 0);
}

}  // namespace remit::test
