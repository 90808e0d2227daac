#include <grpcpp/create_channel.h>

#include <catch2/catch.hpp>

#include "node/tls/credentials.h"
#include "test/support/devnet/member_client.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

std::string http2_headers_flood() {
    std::string out = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (int i = 0; i < 2000; ++i) {
        out += std::string("\x00\x40\x00\x09\x00\x00\x00\x00\x01", 9) + std::string(16'384, 'a');
    }
    return out;
}

}  // namespace

TEST_CASE("ports: garbage, plain text and oversized frames leave the network going",
          "[integration]") {
    Devnet devnet;
    devnet.start_all();
    const std::vector<std::string> attacks{
        std::string(1'000'000, '\xff'),
        std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'a'),
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        http2_headers_flood(),
        std::string("\x00\x7f\xff\xff\xff", 5) + std::string(100'000, '\0'),
    };
    for (const auto& attack : attacks) {
        for (const auto port : {devnet.peer_port(0), devnet.api_port(0), devnet.ops_port(0)}) {
            send_raw(port, attack, 100ms);
        }
    }
    REQUIRE_THAT(send_raw(devnet.ops_port(0), "GET /" + std::string(200'000, 'a') + "\r\n\r\n"),
                 Catch::StartsWith("HTTP/1.1 4"));
    const MemberClient client(devnet, 0);
    REQUIRE_FALSE(client.must_open().receipts(0).has_refusal());
    for (std::size_t i = 0; i < devnet.size(); ++i) {
        REQUIRE(devnet.is_running(i));
        REQUIRE(metric(devnet.ops_port(i), "remit_peers_connected") == 3);
    }
}

TEST_CASE("api: a message over 4 MiB is refused and the connection kept", "[integration]") {
    Devnet devnet(1);
    devnet.start_all();
    const MemberClient client(devnet, 0);
    auto envelope = client.open_accounts();
    envelope.set_body(std::string((4U << 20U) + 1, 'x'));
    REQUIRE(client.submit(envelope).status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    envelope.set_body(std::string(1U << 20U, 'x'));
    REQUIRE_FALSE(client.submit(envelope).status.ok());
    client.must_open();
}

TEST_CASE("api: a certificate that is not listed, none, and plain text are refused",
          "[integration]") {
    Devnet devnet(1);
    devnet.start_all();
    const auto address = "127.0.0.1:" + std::to_string(devnet.api_port(0));
    const auto ask = [&](const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
        const auto stub = v1::LedgerService::NewStub(grpc::CreateChannel(address, credentials));
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + 30s);
        v1::GetNodeStatusResponse response;
        return stub->GetNodeStatus(&context, {}, &response).error_code();
    };
    const auto list =
        std::make_shared<node::PeerList>(std::map<node::TransportPin, node::ListedPeer>{
            {devnet.node_pin(0), {.name = devnet.name(0)}}});
    REQUIRE(ask(node::pinned_channel_credentials(devnet.client(), list)) == grpc::StatusCode::OK);
    const auto stranger = node::make_tls_identity("client").value();
    REQUIRE(ask(node::pinned_channel_credentials(stranger, list)) == grpc::StatusCode::UNAVAILABLE);
    REQUIRE(ask(grpc::InsecureChannelCredentials()) == grpc::StatusCode::UNAVAILABLE);
    REQUIRE(metric(devnet.ops_port(0), "remit_handshakes_noticed_total{notice=\"unlisted\"}") >= 1);
    // A member's certificate opens the API, not the peers' port.
    const auto peer = grpc::CreateChannel("127.0.0.1:" + std::to_string(devnet.peer_port(0)),
                                          node::pinned_channel_credentials(devnet.client(), list));
    REQUIRE_FALSE(peer->WaitForConnected(std::chrono::system_clock::now() + 1s));
}

}  // namespace remit::test
