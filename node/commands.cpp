#include "node/commands.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <sstream>

#include "ledger/base/keys.h"
#include "node/compare_databases.h"
#include "node/node.h"
#include "node/ops/descriptor_limit.h"
#include "node/ops/log.h"
#include "node/ops/service_notice.h"
#include "node/verify_store.h"
#include "node/version.h"

namespace remit::node {

namespace {

namespace options = boost::program_options;

/// A clean stop takes far less; a stuck one must not hold up the machine's shutdown.
constexpr unsigned stop_seconds_max = 5;
constexpr long poll_ns = 200'000'000;

constexpr const char* overview =
    "remit-node: one validator of a remittance network\n"
    "\n"
    "  remit-node [run] --config FILE       start and serve until SIGTERM\n"
    "  remit-node config check|show|default check a configuration, print it, print an example\n"
    "  remit-node db verify                 check a stopped node's database from end to end\n"
    "  remit-node db digest|diff            digests of its tables; what differs, and where\n"
    "  remit-node version\n"
    "\n"
    "examples:\n"
    "  remit-node run --config /etc/remit/node.toml\n"
    "  remit-node config show --config node.toml --sources\n"
    "  remit-node db verify --data /var/lib/remit --genesis genesis.bin\n"
    "\n"
    "exit status: 0 done, 2 wrong usage, 6 key or permission, 7 bad configuration or damaged\n"
    "data, 70 the disk failed. More: remit-node COMMAND --help\n";

/// A command's own options, parsed; or the status to end with.
struct Parsed {
    options::variables_map values;
    std::optional<int> end;
};

Parsed parse(const std::vector<std::string>& words, options::options_description& wanted,
             const std::string& usage) {
    Parsed out;
    wanted.add_options()("help,h", "print this");
    try {
        // No guessing of shortened names: a flag added later must not change a script's meaning.
        const int style =
            options::command_line_style::unix_style & ~options::command_line_style::allow_guessing;
        options::store(options::command_line_parser(words).options(wanted).style(style).run(),
                       out.values);
        if (out.values.count("help") != 0) {
            std::ostringstream text;
            text << usage << "\n" << wanted;
            std::printf("%s", text.str().c_str());
            out.end = 0;
            return out;
        }
        options::notify(out.values);
    } catch (const options::unknown_option& error) {
        std::vector<std::string> names;
        for (const auto& option : wanted.options()) {
            names.push_back("--" + option->long_name());
        }
        const auto near = nearest_of(error.get_option_name(), names);
        out.end = report({.exit = ExitCode::wrong_usage,
                          .message = error.what(),
                          .help = near.empty() ? "" : "did you mean " + near + "?"});
    } catch (const options::error& error) {
        out.end = report({.exit = ExitCode::wrong_usage, .message = error.what(), .help = usage});
    }
    return out;
}

void add_config_options(options::options_description& wanted) {
    wanted.add_options()("config", options::value<std::string>()->required(), "the TOML file")(
        "data", options::value<std::string>(), "sets node.data")(
        "set", options::value<std::vector<std::string>>()->composing(),
        "KEY=VALUE for any key, e.g. --set api.listen=127.0.0.1:9001");
}

Status<Failure> load(Config& config, Settings& settings, const options::variables_map& values) {
    Config::Overrides flags;
    if (values.count("data") != 0) {
        flags.emplace_back("node.data", values["data"].as<std::string>());
    }
    if (values.count("set") != 0) {
        for (const auto& pair : values["set"].as<std::vector<std::string>>()) {
            const auto equals = pair.find('=');
            if (equals == std::string::npos) {
                return fail_with(ExitCode::wrong_usage, "--set " + pair + ": write KEY=VALUE");
            }
            flags.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    const auto file = values["config"].as<std::string>();
    TRY(config.load(file, flags));
    resolve_paths(settings, file);
    LogLevel level{};
    if (!log_level_from(settings.log_level, level)) {
        return fail_with(
            ExitCode::bad_configuration,
            "log.level: \"" + settings.log_level + "\" is none of debug, info, warning, error");
    }
    return {};
}

/// Waits for SIGTERM or SIGINT, or for the node to end or begin anew by itself.
struct Served {
    bool anew = false;
    std::optional<Failure> failure;
};
Served serve(Node& node, const sigset_t& signals) {
    while (true) {
        node.refresh();
        if (auto fatal = node.fatal()) {
            return {.failure = std::move(fatal)};
        }
        if (node.wants_restart()) {
            return {.anew = true, .failure = std::nullopt};
        }
        const timespec limit{.tv_sec = 0, .tv_nsec = poll_ns};
        const int got = ::sigtimedwait(&signals, nullptr, &limit);
        if (got == SIGTERM || got == SIGINT) {
            log_info("signal_received", {{"signal", got}});
            return {};
        }
    }
}

int run_node(const std::vector<std::string>& words, std::uint16_t version_max) {
    options::options_description wanted("options");
    add_config_options(wanted);
    const auto parsed =
        parse(words, wanted, "usage: remit-node run --config FILE [--data DIR] [--set KEY=VALUE]");
    if (parsed.end) {
        return *parsed.end;
    }
    Settings settings;
    Config config("REMIT_NODE");
    bind_settings(config, settings);
    if (const auto loaded = load(config, settings, parsed.values); !loaded) {
        return report(loaded.error());
    }
    LogLevel level{};
    log_level_from(settings.log_level, level);
    start_log("node", level);
    quiet_grpc_log([](std::string_view line) { log_debug("grpc", {{"line", line}}); });
    raise_descriptor_limit();
    // A core file would hold the signing key.
    ::prctl(PR_SET_DUMPABLE, 0);
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    // Blocked before any thread starts, so that only `serve` takes them.
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    auto node = Node::start(settings, version_max);
    Served served;
    while (node) {
        notify_service("READY=1");
        served = serve(**node, signals);
        if (!served.anew) {
            break;
        }
        node->reset();  // a snapshot takes the database's place at the start
        node = Node::start(settings, version_max);
    }
    if (!node) {
        return report(node.error());
    }
    notify_service("STOPPING=1");
    std::signal(SIGALRM, [](int) { ::_exit(static_cast<int>(ExitCode::io_error)); });
    ::alarm(stop_seconds_max);
    node->reset();
    return served.failure ? report(*served.failure) : 0;
}

int show_config(const std::vector<std::string>& words) {
    if (words.empty() || words[0].starts_with("-")) {
        std::printf("usage: remit-node config check|show|default --config FILE\n");
        return words.empty() ? static_cast<int>(ExitCode::wrong_usage) : 0;
    }
    Settings settings;
    Config config("REMIT_NODE");
    bind_settings(config, settings);
    if (words[0] == "default") {
        std::printf("%s", config.show_default().c_str());
        return 0;
    }
    if (words[0] != "check" && words[0] != "show") {
        return report({.exit = ExitCode::wrong_usage,
                       .message = "config has no verb " + words[0],
                       .help = "remit-node config check, show or default"});
    }
    options::options_description wanted("options");
    add_config_options(wanted);
    wanted.add_options()("sources", "say where each value comes from");
    const auto parsed = parse({words.begin() + 1, words.end()}, wanted,
                              "usage: remit-node config " + words[0] + " --config FILE");
    if (parsed.end) {
        return *parsed.end;
    }
    if (const auto loaded = load(config, settings, parsed.values); !loaded) {
        return report(loaded.error());
    }
    if (words[0] == "show") {
        std::printf("%s", config.show(parsed.values.count("sources") != 0).c_str());
        return 0;
    }
    auto genesis = read_genesis_file(settings.genesis);
    if (!genesis) {
        return report(genesis.error());
    }
    const auto chain = chain_of(*genesis);
    if (!chain) {
        return report({.exit = ExitCode::bad_configuration,
                       .message = "genesis file " + settings.genesis + ": " + chain.error(),
                       .help = {}});
    }
    const auto place = find_own_place(settings, *chain);
    if (!place) {
        return report(place.error());
    }
    if (const auto peers = configured_peers(settings, *chain); !peers) {
        return report(peers.error());
    }
    std::printf("configuration is sound: validator %u of %zu on chain %s\n", place->index,
                chain->validators.size(), chain->id.hex().c_str());
    std::printf("key of now       %s\n", place->validate_key.hex().c_str());
    if (place->next_validate_key) {
        std::printf("key to come      %s\n", place->next_validate_key->hex().c_str());
    }
    std::printf("certificate pin  %s\n", place->pin.hex().c_str());
    return 0;
}

int digest(const options::variables_map& values) {
    std::optional<std::uint64_t> height;
    if (values.count("height") != 0) {
        height = values["height"].as<std::uint64_t>();
    }
    const auto found = digest_database(values["data"].as<std::string>(),
                                       values["genesis"].as<std::string>(), height);
    if (!found) {
        return report(found.error());
    }
    std::printf("%s", found->c_str());
    return 0;
}

int diff(const options::variables_map& values) {
    std::optional<std::string> against;
    if (values.count("against") != 0) {
        against = values["against"].as<std::string>();
    }
    const auto found = compare_databases(values["data"].as<std::string>(), against,
                                         values["genesis"].as<std::string>());
    if (!found) {
        return report(found.error());
    }
    std::printf("%s", found->text.c_str());
    return found->same ? 0 : static_cast<int>(ExitCode::bad_configuration);
}

int compare_tables(const std::vector<std::string>& words) {
    const bool digests = words[0] == "digest";
    options::options_description wanted("options");
    wanted.add_options()("data", options::value<std::string>()->required(),
                         "the stopped node's data folder")(
        "genesis", options::value<std::string>()->required(), "the network's genesis file");
    if (digests) {
        wanted.add_options()("height", options::value<std::uint64_t>(),
                             "the state that the blocks up to this height give");
    } else {
        wanted.add_options()("against", options::value<std::string>(),
                             "another stopped node's data folder, at this height or above; "
                             "without it: what the node's own blocks give");
    }
    const auto parsed = parse({words.begin() + 1, words.end()}, wanted,
                              "usage: remit-node db " + words[0] + " --data DIR --genesis FILE" +
                                  (digests ? " [--height H]" : " [--against DIR]"));
    if (parsed.end) {
        return *parsed.end;
    }
    return digests ? digest(parsed.values) : diff(parsed.values);
}

int run_database(const std::vector<std::string>& words) {
    if (!words.empty() && (words[0] == "digest" || words[0] == "diff")) {
        return compare_tables(words);
    }
    if (words.empty() || words[0] != "verify") {
        std::printf("usage: remit-node db verify|digest|diff --data DIR --genesis FILE\n");
        return words.empty() || !words[0].starts_with("-") ? static_cast<int>(ExitCode::wrong_usage)
                                                           : 0;
    }
    options::options_description wanted("options");
    wanted.add_options()("data", options::value<std::string>()->required(),
                         "the stopped node's data folder")(
        "genesis", options::value<std::string>()->required(), "the network's genesis file");
    const auto parsed = parse({words.begin() + 1, words.end()}, wanted,
                              "usage: remit-node db verify --data DIR --genesis FILE");
    if (parsed.end) {
        return *parsed.end;
    }
    const auto found = verify_store(parsed.values["data"].as<std::string>(),
                                    parsed.values["genesis"].as<std::string>());
    if (!found) {
        return report(found.error());
    }
    std::printf(
        "height      %llu\nstate root  %s\nrecords     %llu\nblocks      %llu\n"
        "receipts    %llu\nall sound\n",
        static_cast<unsigned long long>(found->height), found->state_root.c_str(),
        static_cast<unsigned long long>(found->records),
        static_cast<unsigned long long>(found->blocks),
        static_cast<unsigned long long>(found->receipts));
    return 0;
}

}  // namespace

int run_program(int argc, char** argv, std::uint16_t version_max) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        std::printf("%s", overview);
        return words.empty() ? static_cast<int>(ExitCode::wrong_usage) : 0;
    }
    if (words[0] == "version" || words[0] == "--version") {
        std::printf("remit-node %.*s\n", static_cast<int>(version.size()), version.data());
        return 0;
    }
    if (words[0].starts_with("--")) {
        return init_crypto() ? run_node(words, version_max) : static_cast<int>(ExitCode::bug);
    }
    if (!init_crypto()) {
        return report({.message = "libsodium cannot start", .help = {}});
    }
    using Words = std::vector<std::string>;
    const std::map<std::string, std::function<int(const Words&)>> commands{
        {"run", [version_max](const Words& rest) { return run_node(rest, version_max); }},
        {"config", show_config},
        {"db", run_database}};
    const auto found = commands.find(words[0]);
    if (found == commands.end()) {
        const auto near = nearest_of(words[0], {"run", "config", "db", "version", "help"});
        return report({.exit = ExitCode::wrong_usage,
                       .message = "no command is named " + words[0],
                       .help = near.empty() ? "remit-node --help" : "did you mean " + near + "?"});
    }
    return found->second({words.begin() + 1, words.end()});
}

}  // namespace remit::node
