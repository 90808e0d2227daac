#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "node/ops/failure.h"

namespace remit::node {

struct HttpRequest {
    std::string method;
    std::string path;
    std::string body;
    /// The first value of a query parameter; empty when absent.
    std::function<std::string(const std::string&)> query;
};

struct HttpReply {
    int status = 200;
    std::string body;
    std::string content_type = "text/plain; charset=utf-8";
};

using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

/// A small HTTP/1.1 server for health, metrics and sandbox rails. It has no TLS and no users:
/// listen on loopback, or behind something that has. Handlers run on its own few threads.
class HttpServer {
public:
    HttpServer();
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Before `start`. `path` is matched whole; a regular expression may stand for parts.
    void get(const std::string& path, HttpHandler handler);
    void post(const std::string& path, HttpHandler handler);

    /// Binds and serves in the background. Errors: bad_configuration when the address is in use.
    Status<Failure> start(const std::string& host, std::uint16_t port);
    /// Ends what is in flight and joins. Called by the destructor too.
    void stop();

private:
    struct Server;
    std::unique_ptr<Server> server_;
};

}  // namespace remit::node
