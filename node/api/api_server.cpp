#include "node/api/api_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace remit::node {

namespace {

constexpr int message_bytes_max = 4 << 20;
constexpr int metadata_bytes_max = 8192;
constexpr int streams_max = 1000;
constexpr int server_memory_max = 512 << 20;

void set_limits(grpc::ServerBuilder& builder) {
    builder.SetMaxReceiveMessageSize(message_bytes_max);
    // Two servers on one port would share its connections: the second must fail instead.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes_max);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, streams_max);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
    // An idle or old connection ends, so that its certificate is checked again.
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 3'600'000);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 60'000);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300'000);
    builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    grpc::ResourceQuota quota("api");
    quota.Resize(server_memory_max);
    builder.SetResourceQuota(quota);
}

}  // namespace

ApiServer::ApiServer(ApiServerConfig config, LedgerService::Parts parts, NoticeFunction notice)
    : config_(std::move(config)),
      members_(parts.members),
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
    grpc::ServerBuilder builder;
    set_limits(builder);
    int port = 0;
    builder.AddListeningPort(config_.listen.text(),
                             pinned_server_credentials(config_.identity, members_, notice_), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    if (!server_ || port == 0) {
        server_.reset();
        return fail_with(ExitCode::bad_configuration,
                         "api.listen: cannot listen on " + config_.listen.text() +
                             ": the address is in use or not of this machine",
                         "stop the other program or choose another port");
    }
    set_serving(false);
    return {};
}

void ApiServer::set_serving(bool serving) {
    if (server_ && server_->GetHealthCheckService() != nullptr) {
        server_->GetHealthCheckService()->SetServingStatus(serving);
    }
}

void ApiServer::stop() {
    if (!server_) {
        return;
    }
    set_serving(false);
    service_.watchers().close();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    server_->Wait();
    server_.reset();
}

}  // namespace remit::node
