#include "node/tls/pinned_server.h"

#include <catch2/catch.hpp>

#include "grpc/health/v1/health.grpc.pb.h"
#include "test/support/node/free_port.h"

namespace remit::node {

TEST_CASE("server: a port in use is said, and free again after the stop", "[node][tls]") {
    const PinnedServer::Settings settings{
        .name = "test.listen",
        .listen = {.host = "127.0.0.1", .port = free_ports(1).front()},
        .identity = make_tls_identity("server").value(),
        .peers = std::make_shared<PeerList>(),
        .received_bytes_max = 1 << 20,
        .streams_max = 10};
    grpc::health::v1::Health::Service one;
    grpc::health::v1::Health::Service two;
    auto first = PinnedServer::start(settings, {&one}).value();
    const auto refused = PinnedServer::start(settings, {&two});
    REQUIRE(refused.error().exit == ExitCode::bad_configuration);
    REQUIRE_THAT(refused.error().message,
                 Catch::Contains("test.listen") && Catch::Contains("in use"));
    first->stop();
    REQUIRE(PinnedServer::start(settings, {&two}));
}

}  // namespace remit::node
