#include "node/ops/config.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

extern char** environ;  // NOLINT: POSIX

namespace remit::node {

namespace {

template <class Int>
bool parse_whole(std::string_view text, Int& out) {
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, out);
    return error == std::errc() && rest == end && !text.empty();
}

/// A TOML basic string. Control characters are escaped: what is shown reads the same, and does
/// nothing to a terminal.
std::string quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7F) {
            out.append("\\u00").append(1, digits[code >> 4U]).append(1, digits[code & 0xFU]);
            continue;
        }
        if (c == '"' || c == '\\') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
    return out + "\"";
}

/// A name as a TOML key: bare where the format allows it.
std::string key_text(const std::string& name) {
    const bool bare = !name.empty() && name.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyz"
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-") == std::string::npos;
    return bare ? name : quoted(name);
}

std::string duration_text(std::chrono::milliseconds value) {
    const auto ms = value.count();
    if (ms != 0 && ms % 3'600'000 == 0) {
        return std::to_string(ms / 3'600'000) + "h";
    }
    if (ms != 0 && ms % 1000 == 0) {
        return std::to_string(ms / 1000) + "s";
    }
    return std::to_string(ms) + "ms";
}

std::string in_lower_case(std::string_view word) {
    std::string lower(word);
    for (char& letter : lower) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return lower;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            const auto swap = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, swap});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest_of(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    // Of a short word half its letters may differ, or any other short word would be near.
    const auto differing = std::min(std::max<std::size_t>(3, word.size() / 3),
                                    std::max<std::size_t>(1, word.size() / 2));
    std::size_t best_distance = differing + 1;
    for (const auto& candidate : candidates) {
        const auto distance = edit_distance(in_lower_case(word), in_lower_case(candidate));
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

Result<Endpoint, Failure> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon == std::string_view::npos || colon == 0 ||
        !parse_whole(text.substr(colon + 1), port) || port == 0 || port > 65'535) {
        return fail_with(ExitCode::bad_configuration,
                         quoted(text) + " is not host:port with a port from 1 to 65535");
    }
    return Endpoint{std::string(text.substr(0, colon)), static_cast<std::uint16_t>(port)};
}

Result<std::chrono::milliseconds, Failure> parse_duration(std::string_view text) {
    const auto unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto unit = text.substr(unit_at);
    std::int64_t count = 0;
    const std::int64_t factor = unit == "ms"  ? 1
                                : unit == "s" ? 1000
                                : unit == "m" ? 60'000
                                : unit == "h" ? 3'600'000
                                              : 0;
    if (factor == 0 || !parse_whole(text.substr(0, unit_at), count) ||
        count > 1'000'000'000'000 / factor) {
        return fail_with(ExitCode::bad_configuration,
                         quoted(text) + " is not a duration such as 250ms, 5s, 3m or 24h");
    }
    return std::chrono::milliseconds(count * factor);
}

Config::Key& Config::add(const std::string& name, const std::string& help, Key::Kind kind) {
    keys_.push_back(Key{.name = name,
                        .help = help,
                        .kind = kind,
                        .assign = {},
                        .assign_entry = {},
                        .value_toml = {}});
    return keys_.back();
}

void Config::required() {
    keys_.back().required = true;
}

void Config::text(const std::string& key, std::string& target, const std::string& help) {
    auto& bound = add(key, help, Key::Kind::word);
    bound.assign = [&target](const auto& texts) -> Status<Failure> {
        target = texts.front();
        return {};
    };
    bound.value_toml = [&target] { return quoted(target); };
}

void Config::endpoint(const std::string& key, Endpoint& target, const std::string& help) {
    auto& bound = add(key, help, Key::Kind::word);
    bound.assign = [&target](const auto& texts) -> Status<Failure> {
        auto parsed = parse_endpoint(texts.front());
        if (!parsed) {
            return tl::unexpected(parsed.error());
        }
        target = *parsed;
        return {};
    };
    bound.value_toml = [&target] { return quoted(target.text()); };
}

void Config::integer(const std::string& key, std::int64_t& target, Bounds bounds,
                     const std::string& help) {
    auto& bound = add(key, help, Key::Kind::number);
    bound.assign = [&target, bounds](const auto& texts) -> Status<Failure> {
        std::int64_t value = 0;
        if (!parse_whole(texts.front(), value) || value < bounds.low || value > bounds.high) {
            return fail_with(ExitCode::bad_configuration, texts.front() + " is not from " +
                                                              std::to_string(bounds.low) + " to " +
                                                              std::to_string(bounds.high));
        }
        target = value;
        return {};
    };
    bound.value_toml = [&target] { return std::to_string(target); };
}

void Config::duration(const std::string& key, std::chrono::milliseconds& target,
                      std::chrono::milliseconds max, const std::string& help) {
    auto& bound = add(key, help, Key::Kind::word);
    bound.assign = [&target, max](const auto& texts) -> Status<Failure> {
        auto parsed = parse_duration(texts.front());
        if (!parsed) {
            return tl::unexpected(parsed.error());
        }
        if (*parsed > max) {
            return fail_with(ExitCode::bad_configuration,
                             quoted(texts.front()) + " is more than " + duration_text(max));
        }
        target = *parsed;
        return {};
    };
    bound.value_toml = [&target] { return quoted(duration_text(target)); };
}

void Config::flag(const std::string& key, bool& target, const std::string& help) {
    auto& bound = add(key, help, Key::Kind::truth);
    bound.assign = [&target](const auto& texts) -> Status<Failure> {
        if (texts.front() != "true" && texts.front() != "false") {
            return fail_with(ExitCode::bad_configuration,
                             quoted(texts.front()) + " is neither true nor false");
        }
        target = texts.front() == "true";
        return {};
    };
    bound.value_toml = [&target] { return std::string(target ? "true" : "false"); };
}

void Config::texts(const std::string& key, std::vector<std::string>& target,
                   const std::string& help) {
    auto& bound = add(key, help, Key::Kind::list);
    bound.assign = [&target](const auto& texts) -> Status<Failure> {
        target = texts;
        return {};
    };
    bound.value_toml = [&target] {
        std::string out = "[";
        for (const auto& entry : target) {
            out.append(out.size() > 1 ? ", " : "").append(quoted(entry));
        }
        return out + "]";
    };
}

void Config::section(const std::string& key, std::map<std::string, std::string>& target,
                     const std::string& help) {
    auto& bound = add(key, help, Key::Kind::table);
    bound.assign_entry = [&target](const std::string& name, const std::string& value) {
        target[name] = value;
    };
    bound.value_toml = [&target] {
        std::string out;
        for (const auto& [name, value] : target) {
            out.append(key_text(name)).append(" = ").append(quoted(value)).append("\n");
        }
        return out;
    };
}

Config::Key* Config::find(std::string_view name) {
    const auto at =
        std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.name == name; });
    return at == keys_.end() ? nullptr : &*at;
}

std::string Config::nearest(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& key : keys_) {
        names.push_back(key.name);
    }
    return nearest_of(name, names);
}

Status<Failure> Config::load(const std::string& file, const Overrides& flags) {
    if (!file.empty()) {
        TRY(load_file(file));
    }
    TRY(load_environment());
    for (const auto& [name, value] : flags) {
        auto* key = find(name);
        if (key == nullptr || !key->assign || key->kind == Key::Kind::list) {
            const auto near = nearest(name);
            return fail_with(ExitCode::wrong_usage, "no setting is named " + quoted(name),
                             near.empty() ? "" : "did you mean " + near + "?");
        }
        if (auto done = key->assign({value}); !done) {
            return fail_with(ExitCode::wrong_usage, name + ": " + done.error().message);
        }
        key->source = "flag";
    }
    for (const auto& key : keys_) {
        if (key.required && key.source == "default") {
            return fail_with(ExitCode::bad_configuration,
                             (file.empty() ? "" : file + ": ") + "no value for " + key.name,
                             key.help);
        }
    }
    return {};
}

Status<Failure> Config::load_environment() {
    const auto prefix = environment_prefix_ + "__";
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view pair(*entry);
        const auto equals = pair.find('=');
        if (!pair.starts_with(prefix) || equals == std::string_view::npos) {
            continue;
        }
        std::string name(pair.substr(prefix.size(), equals - prefix.size()));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (const auto dot = name.find("__"); dot != std::string::npos) {
            name.replace(dot, 2, ".");
        }
        const std::string variable(pair.substr(0, equals));
        auto* key = find(name);
        if (key == nullptr || !key->assign || key->kind == Key::Kind::list) {
            const auto near = nearest(name);
            return fail_with(ExitCode::bad_configuration,
                             "environment " + variable + ": no setting is named " + quoted(name),
                             near.empty() ? "" : "did you mean " + near + "?");
        }
        if (auto done = key->assign({std::string(pair.substr(equals + 1))}); !done) {
            return fail_with(ExitCode::bad_configuration,
                             "environment " + variable + ": " + done.error().message);
        }
        key->source = "environment " + variable;
    }
    return {};
}

std::string Config::render(bool with_sources, bool with_help) const {
    std::string out;
    std::string section_now;
    for (const auto& key : keys_) {
        const auto dot = key.name.find('.');
        const auto section = key.kind == Key::Kind::table ? key.name
                             : dot == std::string::npos   ? std::string()
                                                          : key.name.substr(0, dot);
        if (section != section_now) {
            out.append(out.empty() ? "[" : "\n[").append(section).append("]\n");
            section_now = section;
        }
        if (with_help) {
            out.append("# ").append(key.help).append(key.required ? " (required)\n" : "\n");
        }
        if (key.kind == Key::Kind::table) {
            out.append(key.value_toml());
            continue;
        }
        out.append(dot == std::string::npos ? key.name : key.name.substr(dot + 1));
        out.append(" = ").append(key.value_toml());
        out.append(with_sources ? "  # " + key.source : "").append("\n");
    }
    return out;
}

std::string Config::show(bool with_sources) const {
    return render(with_sources, false);
}

std::string Config::show_default() const {
    return render(false, true);
}

}  // namespace remit::node
