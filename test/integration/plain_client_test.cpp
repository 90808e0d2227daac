#include <grpcpp/create_channel.h>

#include <catch2/catch.hpp>
#include <thread>

#include "node/tls/client_polling.h"
#include "node/tls/credentials.h"
#include "node/tls/pinned_server.h"
#include "remit/v1/ledger_service.grpc.pb.h"
#include "test/support/devnet/devnet.h"

using namespace std::chrono_literals;

namespace remit::test {
namespace {

/// grpc++'s synchronous client as anybody would write it: a channel without arguments
/// (docs/reference/clients.md).
class PlainClient {
public:
    explicit PlainClient(const Devnet& devnet) {
        const auto list =
            std::make_shared<node::PeerList>(std::map<node::TransportPin, node::ListedPeer>{
                {devnet.node_pin(0), {.name = devnet.name(0)}}});
        stub_ = v1::LedgerService::NewStub(
            grpc::CreateChannel("127.0.0.1:" + std::to_string(devnet.api_port(0)),
                                node::pinned_channel_credentials(devnet.client(), list)));
    }

    [[nodiscard]] grpc::StatusCode call(bool waits_for_ready = false) const {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + 60s);
        context.set_wait_for_ready(waits_for_ready);
        v1::GetNodeStatusResponse response;
        return stub_->GetNodeStatus(&context, v1::GetNodeStatusRequest{}, &response).error_code();
    }

private:
    std::unique_ptr<v1::LedgerService::Stub> stub_;
};

bool is_up(const Devnet& devnet) {
    return eventually([&] { return http_get(devnet.ops_port(0), "/readyz").status == 200; }, 120s);
}

}  // namespace

TEST_CASE("plain client: a channel that lay idle connects at its first call", "[integration]") {
    Devnet devnet(1);
    devnet.start(0);
    REQUIRE(is_up(devnet));
    const PlainClient client(devnet);
    std::this_thread::sleep_for(node::PinnedServer::handshake_max + 1s);
    CHECK(client.call() == grpc::StatusCode::OK);
}

TEST_CASE("plain client: a call that waits for ready finds a node again that was away",
          "[integration]") {
    Devnet devnet(1);
    devnet.start(0);
    REQUIRE(is_up(devnet));
    const PlainClient client(devnet);
    REQUIRE(client.call() == grpc::StatusCode::OK);
    devnet.process(0).kill();
    REQUIRE(eventually([&] { return client.call() == grpc::StatusCode::UNAVAILABLE; }));
    devnet.start(0);
    CHECK(client.call(true) == grpc::StatusCode::OK);
}

TEST_CASE("plain client: calls that fail at once find a node again where connections are polled",
          "[integration]") {
    node::poll_connections_often();
    Devnet devnet(1);
    devnet.start(0);
    REQUIRE(is_up(devnet));
    const PlainClient client(devnet);
    REQUIRE(client.call() == grpc::StatusCode::OK);
    devnet.process(0).kill();
    REQUIRE(eventually([&] { return client.call() == grpc::StatusCode::UNAVAILABLE; }));
    devnet.start(0);
    REQUIRE(is_up(devnet));
    CHECK(eventually([&] { return client.call() == grpc::StatusCode::OK; }, 60s));
}

}  // namespace remit::test
