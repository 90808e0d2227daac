#include "node/signer/program.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cstdio>
#include <functional>
#include <map>
#include <sstream>

#include "node/ops/log.h"
#include "node/ops/service_notice.h"
#include "node/seams/folder_lock.h"
#include "node/seams/posix_disk.h"
#include "node/signer/key_source.h"
#include "node/signer/server.h"
#include "node/signer/settings.h"
#include "node/storage/chain.h"

namespace remit::node::signer {

namespace {

namespace options = boost::program_options;

constexpr const char* overview =
    "remit-signer: keeps a validator's key and signs no vote twice\n"
    "\n"
    "usage: remit-signer COMMAND --config FILE [--set KEY=VALUE]\n"
    "\n"
    "  init --first-view N   begins the vote journal: 1 for a key that has never signed, else\n"
    "                        two above the highest view that any validator is in\n"
    "  run                   serves the node until SIGTERM or SIGINT\n"
    "  raise --view N        unlocks: no vote below view N from now on (the signer stopped)\n"
    "  show                  the key, the floor and the highest view voted in (stopped)\n"
    "  config                every setting with its meaning, as TOML\n"
    "\n"
    "exit status: 0 done, 2 wrong usage, 6 key or permission, 7 bad configuration or a journal\n"
    "that is missing or there already, 70 the disk failed\n";

/// Everything a command works on.
struct Opened {
    Settings settings;
    Chain chain;
    FolderLock lock;
    std::string journal() const { return settings.data + "/journal"; }
};

Failure failure_of(const IoError& error) {
    const bool configuration = error.failure == IoFailure::corrupt ||
                               error.failure == IoFailure::busy ||
                               error.failure == IoFailure::not_found;
    const auto exit = error.failure == IoFailure::denied ? ExitCode::not_allowed
                      : configuration                    ? ExitCode::bad_configuration
                                                         : ExitCode::io_error;
    return {.exit = exit, .message = error.text(), .help = "docs/operate/signer.md"};
}

Status<Failure> load(Settings& settings, const options::variables_map& values) {
    Config config("REMIT_SIGNER");
    bind_settings(config, settings);
    Config::Overrides flags;
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
    return {};
}

Result<Opened, Failure> open(const options::variables_map& values) {
    Settings settings;
    TRY(load(settings, values));
    PosixDisk disk;
    auto genesis = read_file(disk, settings.genesis);
    if (!genesis) {
        return fail_with(ExitCode::bad_configuration, "signer.genesis: " + genesis.error().text());
    }
    auto chain = chain_of(*genesis);
    if (!chain) {
        return fail_with(ExitCode::bad_configuration, "signer.genesis: " + chain.error());
    }
    if (auto made = disk.make_folder(settings.data); !made) {
        return tl::unexpected(failure_of(made.error()));
    }
    auto lock = FolderLock::take(settings.data);
    if (!lock) {
        return tl::unexpected(failure_of(lock.error()));
    }
    return Opened{
        .settings = std::move(settings), .chain = std::move(*chain), .lock = std::move(*lock)};
}

/// `keeper` behind the key of the settings.
Status<Failure> with_keeper(const Opened& opened,
                            const std::function<Status<Failure>(VoteKeeper&)>& use) {
    TRY_ASSIGN(const auto key, open_key({.file = opened.settings.key,
                                         .passphrase_file = opened.settings.passphrase_file,
                                         .token = opened.settings.token,
                                         .devnet = opened.chain.genesis.devnet}));
    PosixDisk disk;
    SystemRandom random;
    auto keeper = VoteKeeper::open({.disk = disk,
                                    .random = random,
                                    .key = *key.signer,
                                    .public_key = key.public_key,
                                    .chain_id = opened.chain.id},
                                   opened.journal());
    if (!keeper) {
        return tl::unexpected(failure_of(keeper.error()));
    }
    return use(**keeper);
}

Status<Failure> init(const options::variables_map& values) {
    TRY_ASSIGN(const auto opened, open(values));
    PosixDisk disk;
    SystemRandom random;
    const Place first{.epoch = values["epoch"].as<std::uint64_t>(),
                      .view = values["first-view"].as<std::uint64_t>()};
    if (auto done = VoteKeeper::init(disk, random, opened.journal(), first); !done) {
        return tl::unexpected(failure_of(done.error()));
    }
    std::printf("the first view this signer may vote in is %llu\n",
                static_cast<unsigned long long>(first.view));
    return {};
}

void print(const SignerStatus& status) {
    std::printf(
        "key         %s\nlocked      %s\nfloor       epoch %llu, view %llu\n"
        "highest     epoch %llu, view %llu\n",
        status.key.hex().c_str(), status.locked ? "yes" : "no",
        static_cast<unsigned long long>(status.floor.epoch),
        static_cast<unsigned long long>(status.floor.view),
        static_cast<unsigned long long>(status.highest.epoch),
        static_cast<unsigned long long>(status.highest.view));
}

Status<Failure> raise(const options::variables_map& values) {
    TRY_ASSIGN(const auto opened, open(values));
    return with_keeper(opened, [&](VoteKeeper& keeper) -> Status<Failure> {
        const Place floor{.epoch = values["epoch"].as<std::uint64_t>(),
                          .view = values["view"].as<std::uint64_t>()};
        if (auto done = keeper.raise(floor); !done) {
            return tl::unexpected(failure_of(done.error()));
        }
        print(keeper.status());
        return {};
    });
}

Status<Failure> show(const options::variables_map& values) {
    TRY_ASSIGN(const auto opened, open(values));
    return with_keeper(opened, [](VoteKeeper& keeper) -> Status<Failure> {
        print(keeper.status());
        if (auto done = keeper.close(); !done) {
            return tl::unexpected(failure_of(done.error()));
        }
        return {};
    });
}

/// No other process may read this one's memory, and no core file holds the key.
void harden() {
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

Status<Failure> serve(const Opened& opened, VoteKeeper& keeper, int stop) {
    if (keeper.status().locked) {
        log_error("signer_locked", {{"reason", keeper.lost().empty() ? "not raised since its votes "
                                                                       "were lost"
                                                                     : keeper.lost()},
                                    {"now", "signs no vote until remit-signer raise"}});
    }
    const auto user = opened.settings.client_user;
    Server server(keeper, {.socket = opened.settings.socket,
                           .client_uid = user < 0 ? ::geteuid() : static_cast<uid_t>(user)});
    TRY(server.open());
    const auto status = keeper.status();
    log_info("signer_started", {{"key", status.key.hex()},
                                {"socket", opened.settings.socket},
                                {"chain", opened.chain.id.hex()},
                                {"locked", status.locked},
                                {"highest_view", status.highest.view},
                                {"floor_view", status.floor.view}});
    notify_service("READY=1");
    server.run(stop);
    notify_service("STOPPING=1");
    log_info("signer_stopped", {{"votes", keeper.status().votes}});
    if (auto done = keeper.close(); !done) {
        return tl::unexpected(failure_of(done.error()));
    }
    return {};
}

Status<Failure> run(const options::variables_map& values) {
    harden();
    TRY_ASSIGN(const auto opened, open(values));
    LogLevel level{};
    if (!log_level_from(opened.settings.log_level, level)) {
        return fail_with(ExitCode::bad_configuration,
                         "log.level is none of debug, info, warning, error");
    }
    start_log("signer", level);
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const Descriptor stop(::signalfd(-1, &signals, SFD_CLOEXEC));
    return with_keeper(opened,
                       [&](VoteKeeper& keeper) { return serve(opened, keeper, stop.get()); });
}

struct Command {
    Status<Failure> (*run)(const options::variables_map&);
    std::vector<std::string> numbers;  // required options
};

int run_command(const Command& command, const std::vector<std::string>& words) {
    options::options_description wanted("options");
    wanted.add_options()("config", options::value<std::string>()->required(), "the TOML file")(
        "set", options::value<std::vector<std::string>>()->composing(), "KEY=VALUE for any key")(
        "epoch", options::value<std::uint64_t>()->default_value(1), "epoch of the view");
    for (const auto& number : command.numbers) {
        wanted.add_options()(number.c_str(), options::value<std::uint64_t>()->required(),
                             "see remit-signer --help");
    }
    options::variables_map values;
    try {
        const int style =
            options::command_line_style::unix_style & ~options::command_line_style::allow_guessing;
        options::store(options::command_line_parser(words).options(wanted).style(style).run(),
                       values);
        options::notify(values);
    } catch (const options::error& error) {
        return report({.exit = ExitCode::wrong_usage,
                       .message = error.what(),
                       .help = "remit-signer --help"});
    }
    const auto done = command.run(values);
    return done ? 0 : report(done.error());
}

}  // namespace

int run_program(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        std::printf("%s", overview);
        return words.empty() ? static_cast<int>(ExitCode::wrong_usage) : 0;
    }
    if (!init_crypto()) {
        return report({.message = "libsodium cannot start", .help = {}});
    }
    if (words[0] == "config") {
        Settings settings;
        Config config("REMIT_SIGNER");
        bind_settings(config, settings);
        std::printf("%s", config.show_default().c_str());
        return 0;
    }
    const std::map<std::string, Command> commands{{"init", {init, {"first-view"}}},
                                                  {"run", {run, {}}},
                                                  {"raise", {raise, {"view"}}},
                                                  {"show", {show, {}}}};
    const auto found = commands.find(words[0]);
    if (found == commands.end()) {
        const auto near = nearest_of(words[0], {"init", "run", "raise", "show", "config"});
        return report(
            {.exit = ExitCode::wrong_usage,
             .message = "no command is named " + words[0],
             .help = near.empty() ? "remit-signer --help" : "did you mean " + near + "?"});
    }
    return run_command(found->second, {words.begin() + 1, words.end()});
}

}  // namespace remit::node::signer
