#include "node/ops/config.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "test/support/node/temporary_folder.h"

using namespace std::chrono_literals;

namespace remit::node {
namespace {

/// A small program's settings, and a file to read them from.
struct ExampleSettings {
    TemporaryFolder folder;
    Config config{"REMIT_EXAMPLE"};
    std::string name;
    Endpoint listen{.host = "127.0.0.1", .port = 7001};
    std::int64_t limit = 5;
    std::chrono::milliseconds wait = 250ms;
    bool reflection = false;
    std::vector<std::string> origins;
    std::map<std::string, std::string> peers;

    ExampleSettings() {
        config.text("node.name", name, "what this node is called");
        config.required();
        config.endpoint("api.listen", listen, "where members connect");
        config.integer("api.limit", limit, {.low = 1, .high = 10}, "calls at once");
        config.duration("api.wait", wait, 1h, "longest wait");
        config.flag("api.reflection", reflection, "tell tools the methods");
        config.texts("api.origins", origins, "who may ask");
        config.section("peers", peers, "addresses of validators");
    }

    std::string file(const std::string& text) const {
        const auto path = (folder.path() / "node.toml").string();
        std::ofstream(path) << text;
        return path;
    }
    std::string refusal(const std::string& text) {
        const auto done = config.load(file(text), {});
        REQUIRE_FALSE(done);
        return done.error().message.substr(folder.path().string().size() + 1) + "|" +
               done.error().help;
    }
};

}  // namespace

TEST_CASE("config: a file sets every kind of key", "[node][config]") {
    ExampleSettings example;
    REQUIRE(example.config.load(example.file("[node]\nname = \"gcash\"\n[api]\n"
                                             "listen = \"127.0.0.1:9000\"\nlimit = 7\n"
                                             "wait = \"3m\"\nreflection = true\n"
                                             "origins = [\"a\", \"b\"]\n[peers]\n"
                                             "alipayhk = \"127.0.0.1:7000\"\n"),
                                {}));
    REQUIRE(example.name == "gcash");
    REQUIRE(example.listen.text() == "127.0.0.1:9000");
    REQUIRE(example.limit == 7);
    REQUIRE(example.wait == 180s);
    REQUIRE(example.reflection);
    REQUIRE(example.origins == std::vector<std::string>{"a", "b"});
    REQUIRE(example.peers.at("alipayhk") == "127.0.0.1:7000");
}

TEST_CASE("config: what is shown reads the same, whatever its texts and names hold",
          "[node][config]") {
    ExampleSettings example;
    REQUIRE(example.config.load(
        example.file("node.name = \"two\\nlines\\u001b[2J\\\"\\\\\"\napi.origins = [\"\\t\"]\n"
                     "[peers]\n\"a b\" = \"1\"\n\"\" = \"2\"\n\"new\\nline\" = \"3\"\n"),
        {}));
    REQUIRE(example.name == "two\nlines\x1b[2J\"\\");
    const auto shown = example.config.show(false);
    REQUIRE(shown.find('\x1b') == std::string::npos);
    ExampleSettings again;
    REQUIRE(again.config.load(again.file(shown), {}));
    REQUIRE(again.name == example.name);
    REQUIRE(again.origins == std::vector<std::string>{"\t"});
    REQUIRE(again.peers == example.peers);
    REQUIRE(again.peers.size() == 3);
}

TEST_CASE("config: an unknown key is refused with its line and the nearest name",
          "[node][config]") {
    ExampleSettings example;
    REQUIRE(example.refusal("[node]\nname = \"a\"\n[api]\nlisten_on = \"x\"\n") ==
            "node.toml:4: unknown key 'api.listen_on'|did you mean api.listen?");
    ExampleSettings other;
    REQUIRE(other.refusal("[colour]\nred = 1\n") == "node.toml:1: unknown key 'colour'|");
}

TEST_CASE("config: a repeated key is refused", "[node][config]") {
    ExampleSettings example;
    const auto refusal = example.refusal("[node]\nname = \"a\"\nname = \"b\"\n");
    REQUIRE(refusal.starts_with("node.toml:3: "));
}

TEST_CASE("config: values out of bounds are refused by name", "[node][config]") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"listen = \"127.0.0.1:0\"", "port from 1 to 65535"},
        {"listen = \"127.0.0.1:70000\"", "port from 1 to 65535"},
        {"listen = \"127.0.0.1:http\"", "port from 1 to 65535"},
        {"listen = 7001", "cannot be a number"},
        {"limit = 0", "not from 1 to 10"},
        {"limit = 11", "not from 1 to 10"},
        {"limit = -1", "not from 1 to 10"},
        {"wait = \"250\"", "not a duration"},
        {"wait = \"2h\"", "more than 1h"},
        {"wait = \"-1s\"", "not a duration"},
        {"reflection = \"yes\"", "cannot be a text"},
        {"origins = [1]", "list of texts"},
    }));
    CAPTURE(line);
    ExampleSettings example;
    const auto refusal = example.refusal("[node]\nname = \"a\"\n[api]\n" + line + "\n");
    REQUIRE_THAT(refusal, Catch::StartsWith("node.toml:4: ") && Catch::Contains(expected));
}

TEST_CASE("config: odd files are refused", "[node][config]") {
    ExampleSettings example;
    REQUIRE_FALSE(example.config.load(example.folder.path().string(), {}));
    REQUIRE_FALSE(example.config.load("/nowhere/node.toml", {}));
    REQUIRE_THAT(example.refusal("[node]\r\nname = \"a\"\r\n"), Catch::Contains("carriage"));
    REQUIRE_THAT(example.refusal("\xEF\xBB\xBF[node]\n"), Catch::Contains("byte order"));
    REQUIRE_FALSE(example.config.load(example.file("name = \"\xff\xfe\"\n"), {}));
    REQUIRE_FALSE(example.config.load(example.file(std::string(2U << 20U, '#')), {}));
}

TEST_CASE("config: a required key without a value is named", "[node][config]") {
    ExampleSettings example;
    REQUIRE_THAT(example.refusal("[api]\nlimit = 3\n"), Catch::Contains("no value for node.name"));
}

TEST_CASE("config: flags win over environment, which wins over the file", "[node][config]") {
    ExampleSettings example;
    ::setenv("REMIT_EXAMPLE__API__LIMIT", "8", 1);
    ::setenv("REMIT_EXAMPLE__API__WAIT", "8s", 1);
    const auto file = example.file("[node]\nname = \"a\"\n[api]\nlimit = 7\nwait = \"7s\"\n");
    const auto done = example.config.load(file, {{"api.limit", "9"}});
    ::unsetenv("REMIT_EXAMPLE__API__LIMIT");
    ::unsetenv("REMIT_EXAMPLE__API__WAIT");
    REQUIRE(done);
    REQUIRE(example.limit == 9);
    REQUIRE(example.wait == 8s);
    REQUIRE_THAT(example.config.show(true),
                 Catch::Contains("limit = 9  # flag") &&
                     Catch::Contains("# environment REMIT_EXAMPLE__API__WAIT") &&
                     Catch::Contains("reflection = false  # default"));
}

TEST_CASE("config: an unknown flag or variable is refused", "[node][config]") {
    ExampleSettings example;
    const auto file = example.file("[node]\nname = \"a\"\n");
    REQUIRE(example.config.load(file, {{"api.limt", "9"}}).error().help ==
            "did you mean api.limit?");
    ::setenv("REMIT_EXAMPLE__API__LISTN", "8", 1);
    const auto done = example.config.load(file, {});
    ::unsetenv("REMIT_EXAMPLE__API__LISTN");
    REQUIRE(done.error().help == "did you mean api.listen?");
}

}  // namespace remit::node
