#include <csignal>
#include <cstdio>
#include <exception>

#include "ledger/base/keys.h"
#include "node/tls/client_polling.h"
#include "tools/cli/commands/commands.h"

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    // A person's Ctrl-C ends the command, never the daemons: they have sessions of their own.
    std::signal(SIGINT,
                [](int) { std::_Exit(static_cast<int>(remit::cli::ExitCode::interrupted)); });
    remit::node::poll_connections_often();
    if (!remit::init_crypto()) {
        std::fputs("error: CRYPTO: libsodium cannot be used\n", stderr);
        return static_cast<int>(remit::cli::ExitCode::bad_configuration);
    }
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        return static_cast<int>(remit::cli::remit_commands().run(arguments));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: BUG: %s\nhelp: report it with the command you typed\n",
                     error.what());
        return static_cast<int>(remit::cli::ExitCode::our_bug);
    }
}
