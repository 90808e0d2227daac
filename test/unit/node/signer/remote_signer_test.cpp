#include "node/signer/remote_signer.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "ledger/wire/encode.h"
#include "node/signer/server.h"
#include "test/support/node/temporary_folder.h"
#include "test/support/signer/statements.h"
#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using namespace std::chrono_literals;

namespace {

template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    return condition();
}

/// A signer that serves on a real socket, in a thread of its own.
class RunningServer {
public:
    RunningServer(test::SignerDisk& disk, const std::string& socket, uid_t client_uid = ::geteuid())
        : keeper_(disk.open().value()),
          server_(*keeper_, {.socket = socket, .client_uid = client_uid}),
          stop_(::eventfd(0, EFD_CLOEXEC)) {
        const auto opened = server_.open();
        REQUIRE(opened);
        thread_ = std::thread([this] { server_.run(stop_.get()); });
    }
    ~RunningServer() {
        const std::uint64_t one = 1;
        REQUIRE(::write(stop_.get(), &one, sizeof one) == sizeof one);
        thread_.join();
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

private:
    std::unique_ptr<VoteKeeper> keeper_;
    Server server_;
    Descriptor stop_;
    std::thread thread_;
};

struct SignerPlace {
    node::TemporaryFolder folder;
    std::string socket = (folder.path() / "socket").string();
    test::SignerDisk disk;

    SignerPlace() {
        REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
        REQUIRE(disk.init());
    }
    [[nodiscard]] RemoteSignerConfig config(std::size_t validator = 0) const {
        return {.socket = socket,
                .chain_id = disk.statements.chain.chain_id,
                .key = disk.statements.chain.signers[validator]->public_key(),
                .wait = 2s};
    }
    [[nodiscard]] std::unique_ptr<RemoteSigner> node() const {
        return RemoteSigner::open(config(), nullptr).value();
    }
};

}  // namespace

TEST_CASE("remote signer: signs over the socket, and a refusal is a number", "[signer]") {
    SignerPlace place;
    const RunningServer server(place.disk, place.socket);
    const auto node = place.node();
    const auto& says = place.disk.statements;
    REQUIRE(node->reading().ready());
    CHECK(node->signature_of(says.notarize(1)) == says.key().sign(says.notarize(1)));
    CHECK(node->signature_of(says.notarize(1, 'b')) == std::nullopt);
    CHECK(node->signature_of(signed_bytes(domain::govern, {Bytes(64, 'x')})) == std::nullopt);
    const auto reading = node->reading();
    CHECK(reading.refusals.at(Refusal::already_notarized) == 1);
    CHECK(reading.refusals.at(Refusal::unknown_domain) == 1);
    CHECK(reading.signatures == 1);
    CHECK(reading.ready());
    struct stat facts{};
    REQUIRE(::stat(place.socket.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("remote signer: evidence is signed over the socket, a payment never", "[signer]") {
    SignerPlace place;
    const RunningServer server(place.disk, place.socket);
    const auto node = place.node();
    const auto& key = place.disk.statements.key();
    const auto& chain = place.disk.statements.chain.chain_id;
    const auto envelope = [&](const ledger::Operation& operation) {
        return signed_bytes(
            domain::client,
            {chain.view(), ledger::wire::encode_body(test::sample_transaction(operation))});
    };
    const auto evidence = envelope(test::every_operation().back());
    REQUIRE(node->signature_of(evidence) == key.sign(evidence));
    CHECK(node->signature_of(envelope(ledger::ReturnAccept{.return_id = test::sample_uuid(4)})) ==
          std::nullopt);
    CHECK(node->reading().refusals.at(Refusal::foreign_verb) == 1);
    // What is too long for a frame does not cost the connection.
    CHECK(node->signature_of(evidence + Bytes(statement_bytes_max, 'x')) == std::nullopt);
    CHECK(node->reading().refusals.at(Refusal::malformed) == 1);
    CHECK(node->reading().ready());
    CHECK(node->signature_of(evidence) == key.sign(evidence));
}

TEST_CASE("remote signer: it may come later, go and come back", "[signer]") {
    SignerPlace place;
    std::atomic<int> changes = 0;
    auto config = place.config();
    const auto node =
        RemoteSigner::open(config, [&](const SignerReading& /*now*/) { ++changes; }).value();
    const auto& says = place.disk.statements;
    CHECK_FALSE(node->reading().connected);
    CHECK(node->signature_of(says.notarize(1)) == std::nullopt);
    {
        const RunningServer server(place.disk, place.socket);
        REQUIRE(eventually([&] { return node->reading().ready(); }));
        CHECK(node->signature_of(says.notarize(1)));
    }
    CHECK(node->signature_of(says.notarize(2)) == std::nullopt);
    CHECK_FALSE(node->reading().connected);
    const RunningServer server(place.disk, place.socket);
    REQUIRE(eventually([&] { return node->reading().ready(); }));
    CHECK(node->signature_of(says.notarize(2)));
    CHECK(node->signature_of(says.notarize(1, 'b')) == std::nullopt);
    CHECK(changes >= 4);
}

TEST_CASE("remote signer: a second node gets nothing while the first is there", "[signer]") {
    SignerPlace place;
    const RunningServer server(place.disk, place.socket);
    {
        const auto first = place.node();
        const auto second = RemoteSigner::open(place.config(), nullptr);
        REQUIRE_FALSE(second);
        CHECK_THAT(second.error().message, Catch::Contains("1110 busy"));
        CHECK(first->signature_of(place.disk.statements.notarize(1)));
    }
    REQUIRE(eventually([&] { return RemoteSigner::open(place.config(), nullptr).has_value(); }));
}

TEST_CASE("remote signer: another key or chain is refused at the start", "[signer]") {
    SignerPlace place;
    const RunningServer server(place.disk, place.socket);
    const auto other = RemoteSigner::open(place.config(1), nullptr);
    REQUIRE_FALSE(other);
    CHECK(other.error().exit == node::ExitCode::not_allowed);
    auto config = place.config();
    config.chain_id = place.disk.statements.chain.set.hash();
    const auto foreign = RemoteSigner::open(config, nullptr);
    REQUIRE_FALSE(foreign);
    CHECK_THAT(foreign.error().message, Catch::Contains("1103 foreign_chain"));
}

TEST_CASE("remote signer: another user's process gets no word", "[signer]") {
    SignerPlace place;
    const RunningServer server(place.disk, place.socket, ::geteuid() + 1);
    const auto node = place.node();
    CHECK_FALSE(node->reading().connected);
    CHECK(node->signature_of(place.disk.statements.notarize(1)) == std::nullopt);
}

TEST_CASE("remote signer: one that never answers costs one wait, then nothing", "[signer]") {
    SignerPlace place;
    const auto deaf = listen_at(place.socket, 0600).value();
    auto config = place.config();
    config.wait = 200ms;
    const auto begin = std::chrono::steady_clock::now();
    const auto node = RemoteSigner::open(config, nullptr).value();
    CHECK_FALSE(node->reading().connected);
    for (int i = 0; i < 1000; ++i) {
        CHECK(node->signature_of(place.disk.statements.notarize(1)) == std::nullopt);
    }
    CHECK(std::chrono::steady_clock::now() - begin < 60s);  // a wait for each would take 200 s
}

TEST_CASE("remote signer: one that gives wrong signatures is left", "[signer]") {
    SignerPlace place;
    const auto listener = listen_at(place.socket, 0600).value();
    const auto& says = place.disk.statements;
    std::thread liar([&] {
        const Descriptor client(::accept(listener.get(), nullptr, nullptr));
        const auto answer = [&](const Reply& reply) {
            std::array<char, 4096> request{};
            static_cast<void>(::recv(client.get(), request.data(), request.size(), 0));
            static_cast<void>(send_all(client.get(), frame_of(reply), 1000));
        };
        answer(SignerStatus{.key = says.key().public_key()});
        answer(Signed{says.key().sign("something else")});
    });
    {
        auto config = place.config();
        const auto node = RemoteSigner::open(config, nullptr).value();
        CHECK(node->signature_of(says.notarize(1)) == std::nullopt);
        CHECK(node->reading().trouble == "the signer gives wrong signatures");
        liar.join();
    }
}

TEST_CASE("remote signer: a signer set back is found by the votes of the node", "[signer]") {
    SignerPlace place;
    const auto& says = place.disk.statements;
    const RunningServer server(place.disk, place.socket);
    const auto node = place.node();
    node->show({says.is_signed(says.notarize(8)), says.is_signed(says.notarize(9))});
    const auto reading = node->reading();
    CHECK(reading.connected);
    CHECK(reading.locked);
    CHECK_FALSE(reading.ready());
    CHECK(node->signature_of(says.notarize(10)) == std::nullopt);
}

TEST_CASE("signer server: a folder that others may write to, and a second signer, are refused",
          "[signer]") {
    SignerPlace place;
    auto keeper = place.disk.open().value();
    REQUIRE(::chmod(place.folder.path().c_str(), 0770) == 0);
    Server open_folder(*keeper, {.socket = place.socket, .client_uid = ::geteuid()});
    CHECK(open_folder.open().error().exit == node::ExitCode::not_allowed);
    REQUIRE(::chmod(place.folder.path().c_str(), 0700) == 0);
    const RunningServer running(place.disk, place.socket);
    Server second(*keeper, {.socket = place.socket, .client_uid = ::geteuid()});
    CHECK(second.open().error().exit == node::ExitCode::bad_configuration);
}

TEST_CASE("signer server: garbage ends the connection, not the signer", "[signer]") {
    SignerPlace place;
    const RunningServer server(place.disk, place.socket);
    for (const auto& bytes :
         {Bytes(64, '\xff'), Bytes(64, '\0'), frame_of(Request(SignRequest{Bytes("x")})),
          frame_of(Request(StatusRequest{}))}) {
        // Without a Hello in front nothing is answered but the refusal.
        const auto client = connect_to(place.socket).value();
        REQUIRE(send_all(client.get(), bytes, 1000));
        std::array<char, 256> buffer{};
        REQUIRE(eventually([&] { return ::recv(client.get(), buffer.data(), 256, 0) == 0; }));
    }
    REQUIRE(eventually([&] { return RemoteSigner::open(place.config(), nullptr).has_value(); }));
}
