#include "node/tls/pinned_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/support/server_interceptor.h>

#include "node/ops/descriptor_limit.h"

namespace remit::node {

namespace {

constexpr int metadata_bytes_max = 8192;
constexpr int server_memory_max = 512 << 20;
constexpr int keepalive_ms = 20'000;
constexpr int keepalive_timeout_ms = 10'000;
constexpr int ping_interval_ms_min = 10'000;
constexpr int age_ms_max = 3'600'000;
constexpr int age_grace_ms = 60'000;
constexpr int idle_ms_max = 300'000;
constexpr std::chrono::milliseconds patience_at_stop{500};

void set_limits(grpc::ServerBuilder& builder, const PinnedServer::Settings& settings) {
    builder.SetMaxReceiveMessageSize(settings.received_bytes_max);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                               static_cast<int>(PinnedServer::handshake_max.count()));
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes_max);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, settings.streams_max);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               ping_interval_ms_min);
    if (settings.ends_old_connections) {
        builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, age_ms_max);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, age_grace_ms);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, idle_ms_max);
    }
    builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
    builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
    grpc::ResourceQuota quota(settings.name);
    quota.Resize(server_memory_max);
    builder.SetResourceQuota(quota);
}

/// Tells the listener whose a connection is, when a call's headers have come: gRPC's verifier of
/// certificates does not learn the connection, and earlier a blocking service's call has none.
class CallerNotice : public grpc::experimental::Interceptor {
public:
    CallerNotice(ConnectionListener& listener, const grpc::ServerContextBase& context)
        : listener_(listener), context_(context) {}
    void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
        using Point = grpc::experimental::InterceptionHookPoints;
        if (methods->QueryInterceptionHookPoint(Point::POST_RECV_INITIAL_METADATA)) {
            const auto caller = context_.auth_context();
            if (const auto pin = caller ? peer_pin(*caller) : std::nullopt) {
                (void)listener_.identify(context_.peer(), *pin);  // over its share: the call ends
            }
        }
        methods->Proceed();
    }

private:
    ConnectionListener& listener_;
    const grpc::ServerContextBase& context_;
};

class CallerNotices : public grpc::experimental::ServerInterceptorFactoryInterface {
public:
    explicit CallerNotices(ConnectionListener& listener) : listener_(listener) {}
    grpc::experimental::Interceptor* CreateServerInterceptor(
        grpc::experimental::ServerRpcInfo* call) override {
        return new CallerNotice(listener_, *call->server_context());  // gRPC deletes it
    }

private:
    ConnectionListener& listener_;
};

}  // namespace

Result<std::unique_ptr<PinnedServer>, Failure> PinnedServer::start(
    const Settings& settings, const std::vector<grpc::Service*>& services) {
    std::unique_ptr<PinnedServer> out(new PinnedServer());
    TRY_ASSIGN(
        out->listener_,
        ConnectionListener::open({.name = settings.name,
                                  .listen = settings.listen,
                                  .limits = ConnectionLimits::of(descriptor_limit(), handshake_max),
                                  .silence_max = std::chrono::milliseconds(keepalive_timeout_ms),
                                  .metrics = settings.metrics}));
    grpc::ServerBuilder builder;
    set_limits(builder, settings);
    out->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        pinned_server_credentials(settings.identity, settings.peers, settings.notice));
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> notices;
    notices.push_back(std::make_unique<CallerNotices>(*out->listener_));
    builder.experimental().SetInterceptorCreators(std::move(notices));
    for (auto* service : services) {
        builder.RegisterService(service);
    }
    out->server_ = builder.BuildAndStart();
    if (!out->server_) {
        return fail_with(ExitCode::bug, settings.name + ": gRPC does not start its server");
    }
    out->listener_->start([&acceptor = *out->acceptor_](int socket) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
        connection.fd = socket;
        acceptor.HandleNewConnection(&connection);
    });
    return out;
}

PinnedServer::~PinnedServer() {
    stop();
}

void PinnedServer::stop() {
    // Before the server, which would not close what comes after its end. None: it did not start.
    if (listener_) {
        listener_->stop();
    }
    if (server_) {
        server_->Shutdown(std::chrono::system_clock::now() + patience_at_stop);
        server_->Wait();
        server_.reset();
    }
}

}  // namespace remit::node
