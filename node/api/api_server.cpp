#include "node/api/api_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

namespace remit::node {

namespace {

constexpr int message_bytes_max = 4 << 20;
constexpr int streams_max = 1000;

}  // namespace

ApiServer::ApiServer(ApiServerConfig config, LedgerService::Parts parts, NoticeFunction notice)
    : config_(std::move(config)),
      members_(parts.members),
      metrics_(parts.metrics),
      notice_(std::move(notice)),
      service_(std::move(parts)) {}

ApiServer::~ApiServer() {
    stop();
}

Status<Failure> ApiServer::start() {
    grpc::EnableDefaultHealthCheckService(true);
    if (config_.reflection) {
        grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    }
    TRY_ASSIGN(server_, PinnedServer::start({.name = "api.listen",
                                             .listen = config_.listen,
                                             .identity = config_.identity,
                                             .peers = members_,
                                             .notice = notice_,
                                             .received_bytes_max = message_bytes_max,
                                             .streams_max = streams_max,
                                             .ends_old_connections = true,
                                             .metrics = &metrics_},
                                            {&service_}));
    set_serving(false);
    return {};
}

void ApiServer::set_serving(bool serving) {
    if (server_ && server_->grpc_server().GetHealthCheckService() != nullptr) {
        server_->grpc_server().GetHealthCheckService()->SetServingStatus(serving);
    }
}

void ApiServer::stop() {
    if (!server_) {
        return;
    }
    set_serving(false);
    service_.watchers().close();
    server_->stop();
    server_.reset();
}

}  // namespace remit::node
