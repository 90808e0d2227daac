#include "node/ops/http_server.h"

#include <httplib.h>

#include <thread>

namespace remit::node {

namespace {
constexpr std::size_t body_bytes_max = 1U << 20U;
constexpr std::size_t worker_count = 4;
constexpr time_t read_seconds_max = 5;

httplib::Server::Handler adapted(HttpHandler handler) {
    return [handler = std::move(handler)](const httplib::Request& in, httplib::Response& out) {
        const HttpRequest request{
            .method = in.method,
            .path = in.path,
            .body = in.body,
            .query = [&in](const std::string& name) { return in.get_param_value(name.c_str()); }};
        auto reply = handler(request);
        out.status = reply.status;
        out.set_content(std::move(reply.body), reply.content_type.c_str());
    };
}
}  // namespace

struct HttpServer::Server {
    httplib::Server http;
    std::thread thread;
};

HttpServer::HttpServer() : server_(std::make_unique<Server>()) {
    auto& http = server_->http;
    http.new_task_queue = [] { return new httplib::ThreadPool(worker_count); };
    http.set_payload_max_length(body_bytes_max);
    http.set_read_timeout(read_seconds_max);
    http.set_write_timeout(read_seconds_max);
    http.set_keep_alive_timeout(1);
    // Only SO_REUSEADDR: the library's default SO_REUSEPORT lets a second server share the port.
    http.set_socket_options([](socket_t socket) {
        const int yes = 1;
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
}

HttpServer::~HttpServer() {
    stop();
}

void HttpServer::get(const std::string& path, HttpHandler handler) {
    server_->http.Get(path, adapted(std::move(handler)));
}

void HttpServer::post(const std::string& path, HttpHandler handler) {
    server_->http.Post(path, adapted(std::move(handler)));
}

Status<Failure> HttpServer::start(const std::string& host, std::uint16_t port) {
    if (!server_->http.bind_to_port(host.c_str(), port)) {
        return fail_with(ExitCode::bad_configuration,
                         "cannot listen on " + host + ":" + std::to_string(port) +
                             ": the address is in use or not of this machine",
                         "stop the other program or choose another port");
    }
    server_->thread = std::thread([this] { server_->http.listen_after_bind(); });
    while (!server_->http.is_running()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
}

void HttpServer::stop() {
    if (server_->thread.joinable()) {
        server_->http.stop();
        server_->thread.join();
    }
}

}  // namespace remit::node
