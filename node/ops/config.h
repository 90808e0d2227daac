#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "node/ops/failure.h"

namespace remit::node {

/// `host:port` of a listener or of a peer.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

/// `127.0.0.1:7001`; port 1 to 65535. The failure says what is wrong with it.
Result<Endpoint, Failure> parse_endpoint(std::string_view text);

/// `250ms`, `5s`, `3m`, `24h`. A number without a unit is refused.
Result<std::chrono::milliseconds, Failure> parse_duration(std::string_view text);

/// The keys a program understands, each bound to a variable that holds its default. Precedence:
/// flags, environment, file, default. Unknown and repeated keys are refused with file, line and
/// the nearest known name; so is a value out of its bounds.
///
///     Config config("REMIT_NODE");
///     config.endpoint("api.listen", options.api, "where members connect");
///     TRY(config.load("node.toml", {{"api.listen", "127.0.0.1:9000"}}));
class Config {
public:
    /// `environment_prefix` REMIT_NODE makes REMIT_NODE__API__LISTEN stand for `api.listen`.
    explicit Config(std::string environment_prefix)
        : environment_prefix_(std::move(environment_prefix)) {}

    struct Bounds {
        std::int64_t low = 0;
        std::int64_t high = 0;
    };

    void text(const std::string& key, std::string& target, const std::string& help);
    void endpoint(const std::string& key, Endpoint& target, const std::string& help);
    void integer(const std::string& key, std::int64_t& target, Bounds bounds,
                 const std::string& help);
    void duration(const std::string& key, std::chrono::milliseconds& target,
                  std::chrono::milliseconds max, const std::string& help);
    void flag(const std::string& key, bool& target, const std::string& help);
    void texts(const std::string& key, std::vector<std::string>& target, const std::string& help);
    /// A whole section whose names are the user's own: `[peers]` with `name = "host:port"`.
    void section(const std::string& key, std::map<std::string, std::string>& target,
                 const std::string& help);
    /// The last bound key must be given somewhere.
    void required();

    using Overrides = std::vector<std::pair<std::string, std::string>>;

    /// Reads `file` (none when empty), the environment and the flags into the bound variables.
    /// Errors: bad_configuration, naming `file:line`.
    Status<Failure> load(const std::string& file, const Overrides& flags);

    /// Every key with its value now, as TOML; with where it came from when asked.
    [[nodiscard]] std::string show(bool with_sources) const;
    /// Every key with its default and help, as commented TOML. Before `load`.
    [[nodiscard]] std::string show_default() const;

private:
    struct Key {
        std::string name;
        std::string help;
        enum class Kind { word, number, truth, list, table } kind = Kind::word;
        /// Takes the texts of the value (one, or those of a list).
        std::function<Status<Failure>(const std::vector<std::string>&)> assign;
        std::function<void(const std::string&, const std::string&)> assign_entry;
        std::function<std::string()> value_toml;
        bool required = false;
        std::string source = "default";
    };

    Key& add(const std::string& name, const std::string& help, Key::Kind kind);
    Key* find(std::string_view name);
    [[nodiscard]] std::string nearest(std::string_view name) const;
    Status<Failure> load_file(const std::string& file);
    Status<Failure> load_environment();
    [[nodiscard]] std::string render(bool with_sources, bool with_help) const;
    friend struct ConfigFileReader;

    std::string environment_prefix_;
    std::vector<Key> keys_;
};

/// The candidate nearest to `word` by edit distance; empty when none is near.
std::string nearest_of(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace remit::node
