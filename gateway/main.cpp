#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "gateway/crash_points.h"
#include "gateway/programs.h"
#include "gateway/runtime.h"
#include "ledger/base/keys.h"
#include "node/ops/descriptor_limit.h"
#include "node/tls/client_polling.h"

namespace {

namespace gateway = remit::gateway;
namespace node = remit::node;

constexpr const char* help =
    "remit-gateway: money at the edge of a Remit network.\n"
    "\n"
    "usage: remit-gateway wallet|bank|maker|rail --config FILE [--dev]\n"
    "       remit-gateway wallet|bank|maker|rail --show-config\n"
    "       remit-gateway crash-points | version\n"
    "\n"
    "  wallet         customers' wallets of an operator\n"
    "  bank           marks, quotes, attestations and settlement of the clearing bank\n"
    "  maker          firm quotes of a market maker apart from the bank\n"
    "  rail           a sandbox rail with its own book\n"
    "  crash-points   the names that REMIT_CRASH_AT takes\n"
    "  --config FILE  TOML; see gateway/README.md\n"
    "  --show-config  every key with its default\n"
    "  --dev          honour REMIT_CRASH_AT=<name>: die there as by kill -9\n"
    "\n"
    "examples:\n"
    "  remit-gateway wallet --config alipayhk/gateway.toml\n"
    "  REMIT_CRASH_AT=rail.payout.after_call remit-gateway wallet --dev --config gateway.toml\n";

constexpr const char* version = "remit-gateway " REMIT_VERSION "\n";

struct CommandLine {
    std::string command;
    std::string config;
    bool dev = false;
    bool help = false;
    bool show_config = false;
};

remit::Result<CommandLine, node::Failure> parse(const std::vector<std::string>& words) {
    CommandLine line;
    const auto wrong = [](const std::string& text) {
        return node::fail_with(node::ExitCode::wrong_usage, text, "see remit-gateway --help");
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        if (word == "--help" || word == "-h") {
            line.help = true;
        } else if (word == "--version") {
            line.command = "version";
        } else if (word == "--dev") {
            line.dev = true;
        } else if (word == "--show-config") {
            line.show_config = true;
        } else if (word == "--config" && i + 1 < words.size()) {
            line.config = words[++i];
        } else if (word.starts_with("--config=")) {
            line.config = word.substr(std::string("--config=").size());
        } else if (!word.starts_with("-") && line.command.empty()) {
            line.command = word;
        } else {
            return wrong("what is " + word + "?");
        }
    }
    if (line.command.empty() && !line.help) {
        return wrong("which role: wallet, bank, maker or rail?");
    }
    return line;
}

remit::Status<node::Failure> arm(bool dev) {
    const char* name = std::getenv("REMIT_CRASH_AT");  // NOLINT(concurrency-mt-unsafe)
    if (name == nullptr || *name == '\0' || !dev) {
        return {};
    }
    const auto point = gateway::crash_point_from(name);
    if (!point) {
        return node::fail_with(node::ExitCode::wrong_usage,
                               std::string("REMIT_CRASH_AT names no crash point: ") + name,
                               "see remit-gateway crash-points");
    }
    gateway::arm_crash_point(*point, [] { gateway::crash_now(); });
    return {};
}

remit::Status<node::Failure> run(const CommandLine& line) {
    gateway::GatewayKind kind = gateway::GatewayKind::wallet;
    if (line.command == "bank") {
        kind = gateway::GatewayKind::bank;
    } else if (line.command == "rail") {
        kind = gateway::GatewayKind::rail;
    } else if (line.command == "maker") {
        kind = gateway::GatewayKind::maker;
    } else if (line.command != "wallet") {
        return node::fail_with(node::ExitCode::wrong_usage,
                               "unknown role " + line.command + ": wallet, bank, maker or rail",
                               "see remit-gateway --help");
    }
    if (line.show_config) {
        std::cout << gateway::default_settings(kind);
        return {};
    }
    if (line.config.empty()) {
        return node::fail_with(node::ExitCode::wrong_usage, "--config FILE is missing",
                               "remit-gateway " + line.command +
                                   " --config FILE; with "
                                   "--show-config it prints every key");
    }
    TRY(arm(line.dev));
    TRY_ASSIGN(auto settings, gateway::load_settings(kind, line.config));
    node::poll_connections_often();
    if (!remit::init_crypto()) {
        return node::fail_with(node::ExitCode::bug, "libsodium does not start");
    }
    node::raise_descriptor_limit();
    gateway::catch_stop_signals();
    switch (kind) {
        case gateway::GatewayKind::wallet:
            return gateway::run_wallet(std::move(settings));
        case gateway::GatewayKind::bank:
            return gateway::run_bank(std::move(settings));
        case gateway::GatewayKind::maker:
            return gateway::run_maker(std::move(settings));
        case gateway::GatewayKind::rail:
            return gateway::run_rail(std::move(settings));
    }
    return {};
}

int remit_gateway(const std::vector<std::string>& words) {
    const auto line = parse(words);
    if (!line) {
        return node::report(line.error());
    }
    if (line->help) {
        std::cout << help;
        return 0;
    }
    if (line->command == "version") {
        std::cout << version;
        return 0;
    }
    if (line->command == "crash-points") {
        for (const auto& row : gateway::crash_point_table()) {
            std::cout << row.name << "\t" << row.meaning << "\n";
        }
        return 0;
    }
    const auto ran = run(*line);
    return ran ? 0 : node::report(ran.error());
}

}  // namespace

int main(int count, char** words) {
    try {
        return remit_gateway(std::vector<std::string>(words + 1, words + count));
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << "\n";
        return static_cast<int>(node::ExitCode::bug);
    }
}
