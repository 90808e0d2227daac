#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "node/ops/http_server.h"
#include "node/ops/log.h"
#include "node/ops/metrics.h"
#include "node/ops/secret_file.h"
#include "test/support/node/temporary_folder.h"

namespace remit::node {
namespace {
/// Below the ephemeral range, apart per process.
std::uint16_t a_port() {
    return static_cast<std::uint16_t>(20'000 + ::getpid() % 10'000);
}
}  // namespace

TEST_CASE("log: fields are escaped so that a line stays one JSON object", "[node][log]") {
    REQUIRE(log_line_json(LogLevel::info, "node", "peer_connected",
                          {{"peer", "a\"b\n\x1b[31m"}, {"height", 7}, {"voting", true}},
                          "2025-01-01T00:00:00.000Z") ==
            R"({"ts":"2025-01-01T00:00:00.000Z","level":"info","module":"node",)"
            R"("event":"peer_connected","peer":"a\"b\n\u001b[31m","height":7,"voting":true})");
}

TEST_CASE("metrics: values appear in the text format with their labels", "[node][metrics]") {
    Metrics metrics;
    metrics.counter("remit_blocks_committed_total", "Blocks.").add(3);
    metrics.counter("remit_blocks_committed_total", "Blocks.").add(2);
    metrics.gauge("remit_peers_connected", "Peers.", {{"class", "votes"}}).set(3);
    metrics.histogram("remit_apply_duration_seconds", "Apply.").observe(0.02);
    const auto text = metrics.text();
    REQUIRE_THAT(text, Catch::Contains("remit_blocks_committed_total 5\n"));
    REQUIRE_THAT(text, Catch::Contains("remit_peers_connected{class=\"votes\"} 3\n"));
    REQUIRE_THAT(text, Catch::Contains("remit_apply_duration_seconds_count 1\n"));
}

TEST_CASE("http server: serves its paths, and a second on the port is refused", "[node][http]") {
    HttpServer server;
    server.get("/healthz",
               [](const HttpRequest&) { return HttpReply{.status = 200, .body = "ok\n"}; });
    server.post("/echo", [](const HttpRequest& request) {
        return HttpReply{.status = 201, .body = request.body + request.query("x")};
    });
    const auto port = a_port();
    REQUIRE(server.start("127.0.0.1", port));
    httplib::Client client("127.0.0.1", port);
    REQUIRE(client.Get("/healthz")->body == "ok\n");
    REQUIRE(client.Get("/nothing")->status == 404);
    const auto echo = client.Post("/echo?x=2", "1", "text/plain");
    REQUIRE(echo->status == 201);
    REQUIRE(echo->body == "12");
    HttpServer second;
    const auto refused = second.start("127.0.0.1", port);
    REQUIRE(refused.error().exit == ExitCode::bad_configuration);
    REQUIRE_THAT(refused.error().message, Catch::Contains(std::to_string(port)));
}

TEST_CASE("secret file: open modes, links, folders and old files are refused", "[node][secret]") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "operate.key";
    REQUIRE(write_secret_file(path, "secret"));
    REQUIRE(read_secret_file(path).value() == "secret");
    REQUIRE(write_secret_file(path, "other").error().exit == ExitCode::wrong_usage);
    REQUIRE(read_secret_file(path, 3).error().exit == ExitCode::not_allowed);
    ::chmod(path.c_str(), 0640);
    REQUIRE_THAT(read_secret_file(path).error().help, Catch::Contains("chmod 600"));
    std::filesystem::create_symlink(path, folder.path() / "link.key");
    REQUIRE(read_secret_file(folder.path() / "link.key").error().exit == ExitCode::not_allowed);
    REQUIRE(read_secret_file(folder.path()).error().exit == ExitCode::not_allowed);
    REQUIRE(read_secret_file(folder.path() / "none.key").error().exit == ExitCode::not_allowed);
}

}  // namespace remit::node
