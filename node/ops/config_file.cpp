#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "node/ops/config.h"

namespace remit::node {

namespace {
constexpr std::uintmax_t file_bytes_max = 1U << 20U;

std::string text_of(const toml::node& value) {
    if (const auto* word = value.as_string()) {
        return word->get();
    }
    std::ostringstream out;
    value.visit([&out](const auto& concrete) {
        if constexpr (toml::is_value<decltype(concrete)>) {
            out << std::boolalpha << concrete.get();
        }
    });
    return out.str();
}

std::string_view kind_name(toml::node_type type) {
    switch (type) {
        case toml::node_type::string:
            return "a text";
        case toml::node_type::integer:
            return "a number";
        case toml::node_type::boolean:
            return "true or false";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::table:
            return "a section";
        case toml::node_type::none:
        case toml::node_type::floating_point:
        case toml::node_type::date:
        case toml::node_type::time:
        case toml::node_type::date_time:
            break;
    }
    return "a value of another kind";
}

Result<std::string, Failure> read_text(const std::string& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        return fail_with(ExitCode::bad_configuration, "no configuration file " + file,
                         "give its path with --config; remit-node config default and remit-gateway "
                         "ROLE --show-config print one to begin with");
    }
    if (std::filesystem::file_size(file, error) > file_bytes_max || error) {
        return fail_with(ExitCode::bad_configuration, file + " is larger than 1 MiB");
    }
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.good() && !in.eof()) {
        return fail_with(ExitCode::bad_configuration, "cannot read " + file);
    }
    if (text.starts_with("\xEF\xBB\xBF") || text.find('\r') != std::string::npos) {
        return fail_with(ExitCode::bad_configuration,
                         file + " has a byte order mark or carriage returns",
                         "save it as plain UTF-8 with line feeds");
    }
    return text;
}
}  // namespace

/// Walks the parsed tables; a friend of Config so that toml++ stays in this file.
struct ConfigFileReader {
    Config& config;
    const std::string& file;

    [[nodiscard]] std::string place(const toml::node& node) const {
        return file + ":" + std::to_string(node.source().begin.line) + ": ";
    }

    [[nodiscard]] tl::unexpected<Failure> unknown(const toml::node& at,
                                                  const std::string& name) const {
        const auto near = config.nearest(name);
        return fail_with(ExitCode::bad_configuration, place(at) + "unknown key '" + name + "'",
                         near.empty() ? "" : "did you mean " + near + "?");
    }

    Status<Failure> walk(const toml::table& table, const std::string& prefix) {
        for (const auto& [key, value] : table) {
            const auto name = prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
            auto* bound = config.find(name);
            if (bound == nullptr && value.is_table() && prefix.empty()) {
                TRY(walk_section(*value.as_table(), name));
            } else if (bound == nullptr) {
                return unknown(value, name);
            } else {
                TRY(assign(*bound, value));
            }
        }
        return {};
    }

    Status<Failure> walk_section(const toml::table& table, const std::string& name) {
        const bool known =
            std::any_of(config.keys_.begin(), config.keys_.end(),
                        [&](const Config::Key& key) { return key.name.starts_with(name + "."); });
        if (!known) {
            return unknown(table, name);
        }
        return walk(table, name);
    }

    Status<Failure> assign(Config::Key& key, const toml::node& value) {
        using Kind = Config::Key::Kind;
        const auto type = value.type();
        const bool fits = (key.kind == Kind::word && type == toml::node_type::string) ||
                          (key.kind == Kind::number && type == toml::node_type::integer) ||
                          (key.kind == Kind::truth && type == toml::node_type::boolean) ||
                          (key.kind == Kind::list && type == toml::node_type::array) ||
                          (key.kind == Kind::table && type == toml::node_type::table);
        if (!fits) {
            return fail_with(
                ExitCode::bad_configuration,
                place(value) + "'" + key.name + "' cannot be " + std::string(kind_name(type)));
        }
        key.source = file + ":" + std::to_string(value.source().begin.line);
        if (const auto* table = value.as_table()) {
            return assign_table(key, *table);
        }
        std::vector<std::string> texts;
        if (const auto* list = value.as_array()) {
            for (const auto& entry : *list) {
                if (!entry.is_string()) {
                    return fail_with(ExitCode::bad_configuration,
                                     place(entry) + "'" + key.name + "' is a list of texts");
                }
                texts.push_back(text_of(entry));
            }
        } else {
            texts.push_back(text_of(value));
        }
        if (auto done = key.assign(texts); !done) {
            return fail_with(ExitCode::bad_configuration,
                             place(value) + key.name + ": " + done.error().message);
        }
        return {};
    }

    Status<Failure> assign_table(Config::Key& key, const toml::table& table) {
        for (const auto& [name, value] : table) {
            if (!value.is_string()) {
                return fail_with(
                    ExitCode::bad_configuration,
                    place(value) + "'" + key.name + "." + std::string(name) + "' must be a text");
            }
            key.assign_entry(std::string(name), text_of(value));
        }
        return {};
    }
};

Status<Failure> Config::load_file(const std::string& file) {
    TRY_ASSIGN(const auto text, read_text(file));
    try {
        const auto table = toml::parse(text, file);
        return ConfigFileReader{*this, file}.walk(table, "");
    } catch (const toml::parse_error& error) {
        return fail_with(ExitCode::bad_configuration,
                         file + ":" + std::to_string(error.source().begin.line) + ": " +
                             std::string(error.description()));
    }
}

}  // namespace remit::node
