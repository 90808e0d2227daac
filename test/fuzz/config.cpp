// A program's TOML file: refused with a reason, or read so that what is shown reads the same.
#include "node/ops/config.h"

#include "test/fuzz/input.h"
#include "test/fuzz/memory_file.h"
#include "test/fuzz/require.h"

namespace remit::fuzz {
namespace {

using namespace node;  // NOLINT(google-build-using-namespace)

/// Keys of every kind, as the programs have them.
struct Settings {
    Config config{"REMIT_FUZZ_NO_SUCH_PROGRAM"};
    std::string name;
    Endpoint listen{.host = "127.0.0.1", .port = 7001};
    std::int64_t limit = 5;
    std::chrono::milliseconds wait{250};
    bool reflection = false;
    std::vector<std::string> origins;
    std::map<std::string, std::string> peers;

    Settings() {
        config.text("node.name", name, "what this node is called");
        config.endpoint("api.listen", listen, "where members connect");
        config.integer("api.limit", limit, {.low = 1, .high = 10}, "calls at once");
        config.duration("api.wait", wait, std::chrono::hours(1), "longest wait");
        config.flag("api.reflection", reflection, "tell tools the methods");
        config.texts("api.origins", origins, "who may ask");
        config.section("peers", peers, "addresses of validators");
    }
};

void run(ByteView bytes) {
    const MemoryFile file(bytes);
    Settings first;
    const auto loaded = first.config.load(file.path(), {});
    if (!loaded) {
        require(
            loaded.error().exit == ExitCode::bad_configuration && !loaded.error().message.empty(),
            "a refusal says why");
        return;
    }
    require(first.limit >= 1 && first.limit <= 10, "a number out of its bounds was taken");
    require(first.wait.count() >= 0 && first.wait <= std::chrono::hours(1),
            "a duration out of its bounds was taken");
    require(first.listen.port != 0, "port 0 was taken");
    const auto shown = first.config.show(false);
    const MemoryFile again(shown);
    Settings second;
    const auto reloaded = second.config.load(again.path(), {});
    require(reloaded.has_value(), "what is shown is a configuration");
    require(second.config.show(false) == shown, "what is shown reads the same");
    require(second.name == first.name && second.origins == first.origins &&
                second.peers == first.peers && second.wait == first.wait,
            "what is shown holds the same values");
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run(remit::fuzz::view_of(data, size));
    return 0;
}
