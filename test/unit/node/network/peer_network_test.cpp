#include "node/network/peer_network.h"

#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <deque>

#include "remit/peer/v1/peer_service.grpc.pb.h"
#include "test/support/node/free_port.h"

using namespace std::chrono_literals;

namespace remit::node {
namespace {

/// Keeps what arrived; `hold_leases` plays a reactor that does not get on.
class Mailbox : public PeerReceiver {
public:
    void on_message(consensus::ValidatorIndex peer, consensus::Message message,
                    ReadLease lease) override {
        const std::lock_guard lock(mutex_);
        messages_.emplace_back(peer, std::move(message));
        if (hold_leases) {
            leases_.push_back(std::move(lease));
        }
    }
    void on_garbage(consensus::ValidatorIndex /*peer*/) override { ++garbage; }
    void on_connected(consensus::ValidatorIndex /*peer*/) override { ++connects; }
    void on_disconnected(consensus::ValidatorIndex /*peer*/) override { ++disconnects; }

    [[nodiscard]] std::size_t count() const {
        const std::lock_guard lock(mutex_);
        return messages_.size();
    }
    [[nodiscard]] std::pair<consensus::ValidatorIndex, consensus::Message> at(
        std::size_t index) const {
        const std::lock_guard lock(mutex_);
        return messages_.at(index);
    }
    void release_leases() {
        std::vector<ReadLease> gone;
        const std::lock_guard lock(mutex_);
        gone.swap(leases_);
        hold_leases = false;
    }

    std::atomic<int> garbage = 0;
    std::atomic<int> connects = 0;
    std::atomic<int> disconnects = 0;
    std::atomic<int> second_sessions = 0;
    std::atomic<std::size_t> superseded = 0;
    std::atomic<bool> hold_leases = false;

private:
    mutable std::mutex mutex_;
    std::deque<std::pair<consensus::ValidatorIndex, consensus::Message>> messages_;
    std::vector<ReadLease> leases_;
};

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = 30s) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

/// Validators with keys and ports; each may be started and stopped.
struct Mesh {
    SystemClock clock;
    Hash chain = hash(domain::genesis, "mesh");
    std::vector<TlsIdentity> identities;
    std::vector<PeerAddress> addresses;
    std::vector<Mailbox> mailboxes;
    std::vector<std::unique_ptr<PeerNetwork>> networks;
    std::atomic<int> refused = 0;

    explicit Mesh(std::size_t size) : mailboxes(size), networks(size) {
        const auto ports = free_ports(size);
        for (std::size_t i = 0; i < size; ++i) {
            identities.push_back(make_tls_identity("v" + std::to_string(i)).value());
            addresses.push_back({.name = "v" + std::to_string(i),
                                 .pins = {read_certificate(identities[i].certificate_pem)->pin},
                                 .endpoints = {Endpoint{"127.0.0.1", ports[i]}}});
        }
    }
    ~Mesh() {
        for (auto& network : networks) {
            network.reset();
        }
    }
    Status<Failure> start(std::size_t i, Session session = {}) {
        networks[i] = make(i, mailboxes[i], addresses[i].endpoints.front());
        return networks[i]->start(session);
    }
    /// A process with the key of validator `i`, wherever it listens.
    std::unique_ptr<PeerNetwork> make(std::size_t i, Mailbox& mailbox, const Endpoint& listen) {
        return make(i, mailbox, listen, clock);
    }
    std::unique_ptr<PeerNetwork> make(std::size_t i, Mailbox& mailbox, const Endpoint& listen,
                                      const Clock& own) {
        return std::make_unique<PeerNetwork>(
            PeerNetworkConfig{.chain_id = chain,
                              .self = static_cast<consensus::ValidatorIndex>(i),
                              .listen = listen,
                              .validators = addresses,
                              .identity = identities[i]},
            PeerNetwork::Parts{
                .receiver = mailbox,
                .clock = own,
                .notice = [this](HandshakeNotice, const CertificateFacts&) { ++refused; },
                .on_second_session = [&mailbox](auto /*peer*/) { ++mailbox.second_sessions; },
                .on_superseded =
                    [&mailbox](const std::set<consensus::PeerNumber>& peers) {
                        mailbox.superseded = peers.size();
                    }});
    }
    void send(std::size_t from, std::size_t to, const consensus::Message& message,
              Channel channel = Channel::votes) const {
        networks[from]->send(static_cast<std::uint16_t>(to), channel,
                             consensus::encode_message(message));
        networks[from]->flush();
    }
    [[nodiscard]] bool linked(std::size_t a, std::size_t b) const {
        return networks[a]->connected(static_cast<consensus::ValidatorIndex>(b));
    }
};

/// The machine's, set forward.
struct FastClock : Clock {
    [[nodiscard]] std::int64_t wall_ms() const override { return true_clock.wall_ms() + 5000; }
    [[nodiscard]] std::int64_t mono_ms() const override { return true_clock.mono_ms(); }
    SystemClock true_clock;
};

consensus::Message a_pong(std::int64_t number) {
    return consensus::Pong{.sent_ms = number};
}

std::int64_t number_of(const consensus::Message& message) {
    return std::get<consensus::Pong>(message).sent_ms;
}

}  // namespace

TEST_CASE("peer network: messages arrive in order, under their sender's index", "[node][network]") {
    Mesh mesh(3);
    for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(mesh.start(i));
    }
    REQUIRE(
        eventually([&] { return mesh.linked(2, 0) && mesh.linked(2, 1) && mesh.linked(0, 2); }));
    REQUIRE(mesh.networks[2]->connected_count() == 2);
    for (int n = 0; n < 500; ++n) {
        mesh.send(2, 0, a_pong(n));
    }
    REQUIRE(eventually([&] { return mesh.mailboxes[0].count() == 500; }));
    for (std::size_t n = 0; n < 500; ++n) {
        REQUIRE(mesh.mailboxes[0].at(n).first == 2);
        REQUIRE(number_of(mesh.mailboxes[0].at(n).second) == static_cast<std::int64_t>(n));
    }
    REQUIRE(mesh.mailboxes[1].count() == 0);
}

TEST_CASE("peer network: a stopped peer is noticed and found again", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(0, 1) && mesh.linked(1, 0); }));
    mesh.networks[1].reset();
    REQUIRE(eventually([&] { return mesh.mailboxes[0].disconnects == 1; }));
    mesh.send(0, 1, a_pong(1));  // into the void
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(0, 1); }));
    mesh.send(0, 1, a_pong(2), Channel::bulk);
    REQUIRE(eventually([&] { return mesh.mailboxes[1].count() == 1; }));
    REQUIRE(number_of(mesh.mailboxes[1].at(0).second) == 2);
}

TEST_CASE("peer network: of two processes with one key the older run is told by every peer",
          "[node][network]") {
    Mesh mesh(3);
    const bool newer_comes_last = GENERATE(true, false);
    const Session older{.boot_counter = 4, .started = 100};
    const Session newer = GENERATE(Session{.boot_counter = 5, .started = 50},
                                   Session{.boot_counter = 4, .started = 101});
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    REQUIRE(mesh.start(2, newer_comes_last ? older : newer));
    REQUIRE(eventually([&] { return mesh.linked(2, 0) && mesh.linked(2, 1); }));
    Mailbox copys_mailbox;
    const auto copy = mesh.make(2, copys_mailbox, {"127.0.0.1", free_ports(1)[0]});
    REQUIRE(copy->start(newer_comes_last ? newer : older));
    auto& original = mesh.mailboxes[2];
    auto& told = newer_comes_last ? original : copys_mailbox;
    auto& kept = newer_comes_last ? copys_mailbox : original;
    auto& speaks = newer_comes_last ? *copy : *mesh.networks[2];
    // Both of its peers say so, and count it, as soon as the newer one speaks.
    REQUIRE(eventually([&] {
        for (const std::uint16_t peer : {std::uint16_t{0}, std::uint16_t{1}}) {
            speaks.send(peer, Channel::votes, consensus::encode_message(a_pong(1)));
            speaks.send(peer, Channel::bulk, consensus::encode_message(a_pong(2)));
        }
        speaks.flush();
        return told.superseded == 2 && mesh.mailboxes[0].second_sessions > 0 &&
               mesh.mailboxes[1].second_sessions > 0;
    }));
    CHECK(kept.superseded == 0);
    // What the newer one says still arrives.
    const auto before = mesh.mailboxes[0].count();
    speaks.send(0, Channel::votes, consensus::encode_message(a_pong(3)));
    speaks.flush();
    CHECK(eventually([&] { return mesh.mailboxes[0].count() > before; }));
}

TEST_CASE("peer network: a restart with a lower boot counter is let in once the old run is gone",
          "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1, {.boot_counter = 9, .started = 1}));
    REQUIRE(eventually([&] { return mesh.linked(1, 0); }));
    mesh.networks[1].reset();
    REQUIRE(mesh.start(1, {.boot_counter = 1, .started = 2}));
    REQUIRE(eventually([&] {
        mesh.send(1, 0, a_pong(7));
        return mesh.mailboxes[0].count() > 0;
    }));
    CHECK(mesh.mailboxes[1].superseded == 0);
    CHECK(mesh.mailboxes[0].second_sessions == 0);
}

TEST_CASE("peer network: a validator under another key is refused", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    mesh.identities[1] = make_tls_identity("v1").value();
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.refused > 0; }));
    REQUIRE_FALSE(eventually([&] { return mesh.linked(0, 1) || mesh.linked(1, 0); }, 1s));
    REQUIRE(mesh.mailboxes[0].connects == 0);
}

TEST_CASE("peer network: a validator of another chain is not listened to", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    mesh.chain = hash(domain::genesis, "another");
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.mailboxes[1].connects > 0; }));
    mesh.send(1, 0, a_pong(1));
    REQUIRE(eventually([&] { return mesh.mailboxes[1].disconnects > 0; }));
    REQUIRE(mesh.mailboxes[0].count() == 0);
}

TEST_CASE("peer network: bytes that are no message end the stream", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(1, 0); }));
    mesh.networks[1]->send(0, Channel::votes, "\xff\xff no message");
    mesh.networks[1]->flush();
    REQUIRE(eventually([&] { return mesh.mailboxes[0].garbage == 1; }));
    REQUIRE(eventually([&] { return mesh.mailboxes[1].disconnects == 1; }));
    REQUIRE(eventually([&] { return mesh.mailboxes[1].connects == 2; }));
}

TEST_CASE("peer network: a reactor that does not get on stops the sender", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(1, 0); }));
    mesh.mailboxes[0].hold_leases = true;
    consensus::Batch batch;
    batch.items = {Bytes(200'000, 'x')};
    batch.items_root = consensus::items_root_of(batch.items);
    batch.bytes = static_cast<std::uint32_t>(consensus::encoded_items_bytes(batch.items));
    const consensus::Message message = std::make_shared<const consensus::Batch>(batch);
    for (int n = 0; n < 200; ++n) {
        mesh.send(1, 0, message, Channel::bulk);
    }
    REQUIRE_FALSE(eventually([&] { return mesh.mailboxes[0].count() > 100; }, 1s));
    REQUIRE(mesh.mailboxes[0].count() > 20);
    mesh.send(1, 0, a_pong(1), Channel::votes);  // does not queue behind the batches
    REQUIRE(eventually([&] {
        const auto last = mesh.mailboxes[0].count() - 1;
        return std::holds_alternative<consensus::Pong>(mesh.mailboxes[0].at(last).second);
    }));
    mesh.mailboxes[0].release_leases();
    REQUIRE(eventually([&] { return mesh.mailboxes[0].count() == 201; }));
}

TEST_CASE("peer network: both ends may close a stream at the same moment", "[node][network]") {
    Mesh mesh(2);
    for (int round = 0; round < 40; ++round) {
        REQUIRE(mesh.start(0));
        REQUIRE(mesh.start(1));
        REQUIRE(eventually([&] { return mesh.linked(1, 0) && mesh.linked(0, 1); }));
        std::thread closing([&] { mesh.networks[0].reset(); });
        std::this_thread::sleep_for(std::chrono::microseconds(round * 20));
        mesh.networks[1]->interrupt(0);
        mesh.networks[1].reset();
        closing.join();
    }
    REQUIRE(mesh.mailboxes[0].connects == 40);
    REQUIRE(mesh.mailboxes[0].disconnects == 40);
}

TEST_CASE("peer network: garbage on the port harms nobody", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    for (int n = 0; n < 20; ++n) {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(mesh.addresses[0].endpoints.front().port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
        const std::string garbage(100'000, static_cast<char>(n * 13));
        (void)::send(socket, garbage.data(), garbage.size(), MSG_NOSIGNAL);
        ::close(socket);
    }
    REQUIRE(eventually([&] { return mesh.linked(0, 1) && mesh.linked(1, 0); }));
    mesh.send(1, 0, a_pong(7));
    REQUIRE(eventually([&] { return mesh.mailboxes[0].count() == 1; }));
}

TEST_CASE("peer network: a second listener on the port is refused", "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    mesh.addresses[1].endpoints = mesh.addresses[0].endpoints;
    const auto refused = mesh.start(1);
    REQUIRE(refused.error().exit == ExitCode::bad_configuration);
    REQUIRE_THAT(refused.error().message, Catch::Contains("in use"));
}

TEST_CASE("peer network: a peer that left is closed and refused until it is admitted again") {
    Mesh mesh(3);
    for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(mesh.start(i));
    }
    REQUIRE(eventually([&] {
        return mesh.linked(0, 1) && mesh.linked(1, 0) && mesh.linked(0, 2) && mesh.linked(2, 0);
    }));

    CHECK(mesh.networks[0]->admit(1, false));
    CHECK_FALSE(mesh.networks[0]->admit(1, false));
    REQUIRE(eventually([&] { return !mesh.linked(0, 1) && !mesh.linked(1, 0); }));
    const auto heard = mesh.mailboxes[0].count();
    const auto told = mesh.mailboxes[1].count();
    for (int i = 0; i < 40; ++i) {  // longer than a link waits before it tries again
        mesh.send(1, 0, a_pong(i));
        mesh.send(0, 1, a_pong(i));
        std::this_thread::sleep_for(100ms);
        REQUIRE_FALSE(mesh.linked(1, 0));
    }
    CHECK(mesh.mailboxes[0].count() == heard);
    CHECK(mesh.mailboxes[1].count() == told);
    mesh.send(2, 0, a_pong(7));
    CHECK(eventually([&] { return mesh.mailboxes[0].count() == heard + 1; }));  // others stay

    CHECK(mesh.networks[0]->admit(1, true));
    REQUIRE(eventually([&] { return mesh.linked(0, 1) && mesh.linked(1, 0); }, 60s));
    mesh.send(1, 0, a_pong(8));
    CHECK(eventually([&] { return mesh.mailboxes[0].count() == heard + 2; }));
}

TEST_CASE("peer network: another certificate counts beside the first, then in its place",
          "[node][network]") {
    Mesh mesh(2);
    for (std::size_t i = 0; i < 2; ++i) {
        REQUIRE(mesh.start(i));
    }
    const auto both = [&] { return mesh.linked(0, 1) && mesh.linked(1, 0); };
    REQUIRE(eventually(both));
    const auto first = mesh.addresses[1];
    const auto identity = mesh.identities[1];
    const auto next = make_tls_identity("v1").value();
    const auto pin = read_certificate(next.certificate_pem)->pin;

    // Named beside the first one it changes nothing: no connection ends.
    auto renewed = first;
    renewed.pins.insert(renewed.pins.begin(), pin);
    CHECK(mesh.networks[0]->renew(1, renewed));
    CHECK_FALSE(mesh.networks[0]->renew(1, renewed));
    std::this_thread::sleep_for(300ms);
    CHECK(both());
    CHECK(mesh.mailboxes[0].disconnects == 0);
    CHECK(mesh.mailboxes[1].disconnects == 0);

    // The peer starts again with it, and is let in.
    mesh.networks[1].reset();
    mesh.identities[1] = next;
    REQUIRE(mesh.start(1));
    REQUIRE(eventually(both));
    renewed.pins = {pin};
    CHECK(mesh.networks[0]->renew(1, renewed));
    // Its connections end, as one cannot tell on which certificate they rest, and open again: what
    // is said meanwhile may be lost.
    REQUIRE(eventually([&] {
        mesh.send(1, 0, a_pong(1));
        return mesh.mailboxes[0].count() > 0;
    }));

    // With the first one it comes in no more, nor is it called.
    mesh.networks[1].reset();
    mesh.identities[1] = identity;
    REQUIRE(eventually([&] { return !mesh.linked(0, 1); }));
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.refused > 0; }));
    std::this_thread::sleep_for(500ms);
    CHECK_FALSE(mesh.linked(0, 1));
    CHECK_FALSE(mesh.linked(1, 0));
}

TEST_CASE("peer network: connections that rest on a certificate that is taken back end at once",
          "[node][network]") {
    Mesh mesh(2);
    for (std::size_t i = 0; i < 2; ++i) {
        REQUIRE(mesh.start(i));
    }
    REQUIRE(eventually([&] { return mesh.linked(0, 1) && mesh.linked(1, 0); }));
    auto renewed = mesh.addresses[1];
    renewed.pins = {read_certificate(make_tls_identity("v1")->certificate_pem)->pin};
    CHECK(mesh.networks[0]->renew(1, renewed));
    REQUIRE(eventually([&] { return !mesh.linked(0, 1) && !mesh.linked(1, 0); }));
    const auto heard = mesh.mailboxes[0].count();
    for (int i = 0; i < 40; ++i) {  // longer than a link waits before it tries again
        mesh.send(1, 0, a_pong(i));
        std::this_thread::sleep_for(10ms);
    }
    CHECK(mesh.mailboxes[0].count() == heard);
    CHECK_FALSE(mesh.linked(0, 1));
    CHECK_FALSE(mesh.linked(1, 0));
}

TEST_CASE("peer network: a peer that moved is found where it is now, or where it was",
          "[node][network]") {
    Mesh mesh(2);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(0, 1) && mesh.linked(1, 0); }));
    const auto old = mesh.addresses[1].endpoints.front();
    const Endpoint elsewhere{"127.0.0.1", free_ports(1).front()};
    // Announced, not done yet: what stands stays.
    auto renewed = mesh.addresses[1];
    renewed.endpoints = {elsewhere, old};
    CHECK(mesh.networks[0]->renew(1, renewed));
    std::this_thread::sleep_for(300ms);
    CHECK(mesh.linked(0, 1));
    CHECK(mesh.mailboxes[0].disconnects == 0);
    mesh.networks[1].reset();
    REQUIRE(eventually([&] { return !mesh.linked(0, 1); }));
    mesh.addresses[1].endpoints = {elsewhere};
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(0, 1) && mesh.linked(1, 0); }, 30s));
    mesh.send(0, 1, a_pong(5));
    REQUIRE(eventually([&] { return mesh.mailboxes[1].count() == 1; }));
    // The move went wrong: it comes back to where it was.
    mesh.networks[1].reset();
    mesh.addresses[1].endpoints = {old};
    REQUIRE(mesh.start(1));
    REQUIRE(eventually([&] { return mesh.linked(0, 1); }, 30s));
}

TEST_CASE("network: a clock that differs from the peers' is seen there and here",
          "[node][network]") {
    const FastClock fast;
    Mesh mesh(3);
    REQUIRE(mesh.start(0));
    REQUIRE(mesh.start(1));
    mesh.networks[2] = mesh.make(2, mesh.mailboxes[2], mesh.addresses[2].endpoints.front(), fast);
    REQUIRE(mesh.networks[2]->start({}));
    // A frame may wait a while on a busy machine; the difference is five seconds.
    const auto is_near = [&](std::size_t i, std::int64_t wanted_ms) {
        const auto skew_ms = mesh.networks[i]->clock_skew_ms();
        return skew_ms && std::abs(*skew_ms - wanted_ms) < 1000;
    };
    REQUIRE(eventually([&] { return is_near(2, 5000); }));
    // One of two is right: what lies between.
    REQUIRE(eventually([&] { return is_near(0, -2500) && is_near(1, -2500); }));
}

}  // namespace remit::node
