#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "test/support/devnet/held_connections.h"
#include "test/support/devnet/http2_frames.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

// A listed party has passed the handshake: what it holds is bounded by whose it is. Before, its
// connections counted for nobody once they were older than a handshake takes, and 32 of them were
// all that a listener of a process with 256 descriptors has.

namespace remit::test {
namespace {

constexpr int descriptors_max = 256;
/// Of 32 connections, those that may be unknown at a time.
constexpr int round_size = 16;
constexpr auto longer_than_young = 7s;
constexpr const char* status_path = "/remit.v1.LedgerService/GetNodeStatus";
constexpr const char* votes_path = "/remit.peer.v1.PeerService/Votes";

/// With an empty message behind it: a unary call is none before.
std::string call_of(const char* path) {
    return http2::frame(http2::FrameType::headers, http2::end_headers, 1,
                        http2::call_headers(path)) +
           http2::frame(http2::FrameType::data, http2::end_stream, 1, std::string(5, '\0'));
}

bool has_peers(const Devnet& devnet, std::size_t node) {
    return eventually([&] { return metric(devnet.ops_port(node), "remit_peers_connected") == 3; },
                      60s);
}

double ended(const Devnet& devnet, const std::string& listener, const std::string& reason) {
    return metric(devnet.ops_port(0), "remit_connections_ended_total{listener=\"" + listener +
                                          "\",reason=\"" + reason + "\"}");
}

/// One reader of events.
struct Watch {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> stream;
    explicit Watch(const MemberClient& member) {
        context.set_deadline(std::chrono::system_clock::now() + 120s);
        v1::WatchEventsRequest request;
        request.set_from_height(1);
        stream = member.stub().WatchEvents(&context, request);
    }
    bool reads() {
        v1::WatchEventsResponse event;
        return stream->Read(&event);
    }
};

}  // namespace

TEST_CASE("ports: a listed party that holds connections keeps nobody else out",
          "[integration][http2]") {
    const bool calls = GENERATE(false, true);
    CAPTURE(calls);
    Devnet devnet;
    devnet.start(0, {}, {"prlimit", "--nofile=" + std::to_string(descriptors_max)});
    for (std::size_t node = 1; node < devnet.size(); ++node) {
        devnet.start(node);
    }
    for (std::size_t node = 0; node < devnet.size(); ++node) {
        REQUIRE(has_peers(devnet, node));
    }
    HeldConnections at_peers(devnet.peer_port(0), devnet.identity(1),
                             calls ? call_of(votes_path) : "");
    HeldConnections at_api(devnet.api_port(0), devnet.other_client(),
                           calls ? call_of(status_path) : "");
    for (int round = 0; round < 2; ++round) {
        for (auto* held : {&at_peers, &at_api}) {
            held->add(round_size);
        }
        std::this_thread::sleep_for(longer_than_young);
    }
    // The share of a key is 16 as well, of which the real node 1 needs two.
    for (const auto* held : {&at_peers, &at_api}) {
        CHECK(held->open() > 0);
        CHECK(held->open() <= round_size);
    }
    const MemberClient member(devnet, 0);
    member.must_open();
    devnet.process(3).kill();
    devnet.start(3);
    REQUIRE(has_peers(devnet, 3));
    REQUIRE(has_peers(devnet, 0));
    for (const auto* listener : {"peer.listen", "api.listen"}) {
        CAPTURE(listener);
        CHECK(ended(devnet, listener, calls ? "share" : "silent") > 0);
        CHECK(ended(devnet, listener, calls ? "silent" : "share") == 0);
    }
}

TEST_CASE("api: one certificate has an eighth of the event streams, another still gets one",
          "[integration]") {
    constexpr std::size_t share = 125;
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient greedy(devnet, 0);
    const MemberClient other(devnet, 0, devnet.other_client());
    greedy.must_open();
    std::vector<std::unique_ptr<Watch>> watches;
    for (std::size_t i = 0; i < share; ++i) {
        watches.push_back(std::make_unique<Watch>(greedy));
        CAPTURE(i);
        REQUIRE(watches.back()->reads());
    }
    Watch one_more(greedy);
    REQUIRE_FALSE(one_more.reads());
    const auto refused = one_more.stream->Finish();
    CHECK(refused.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(reason_of(refused) == "TOO_MANY_WATCHERS");
    Watch of_other(other);
    REQUIRE(of_other.reads());
    // What ends gives its place back.
    watches.front()->context.TryCancel();
    REQUIRE_FALSE(watches.front()->reads());
    REQUIRE(eventually([&] { return Watch(greedy).reads(); }));
}

TEST_CASE("api: a certificate that used up its time for reads waits, another is answered",
          "[integration]") {
    Devnet devnet(1);
    devnet.start(0, {"--set", "api.reads_each_second=1ms"});
    REQUIRE(eventually([&] { return http_get(devnet.ops_port(0), "/readyz").status == 200; }));
    const MemberClient greedy(devnet, 0);
    const MemberClient other(devnet, 0, devnet.other_client());
    greedy.must_open(20);
    const auto read = [](const MemberClient& member) {
        v1::ListAccountsResponse accounts;
        return member.call(&v1::LedgerService::Stub::ListAccounts, v1::ListAccountsRequest(),
                           accounts);
    };
    grpc::Status last;
    constexpr int reads_max = 20'000;
    for (int i = 0; i < reads_max && last.ok(); ++i) {
        last = read(greedy);
    }
    CHECK(last.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(reason_of(last) == "NODE_BUSY");
    CHECK(read(other).ok());
    CHECK(metric(devnet.ops_port(0), "remit_reads_refused_total") > 0);
    // Payments are no reads.
    greedy.must_open();
    REQUIRE(eventually([&] { return read(greedy).ok(); }));
}

}  // namespace remit::test
