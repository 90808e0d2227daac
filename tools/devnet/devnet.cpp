#include "tools/devnet/devnet.h"

#include <sys/un.h>

#include <chrono>
#include <fstream>

#include "ledger/genesis.h"
#include "tools/devnet/configuration.h"
#include "tools/devnet/genesis_file.h"
#include "tools/devnet/identities.h"
#include "tools/devnet/process.h"
#include "tools/devnet/readiness.h"

namespace remit::devnet {
namespace {

constexpr int ready_patience_ms = 30'000;

cli::Failure cannot_write(const std::filesystem::path& path) {
    return {"WRITE_FAILED", "cannot write " + path.string(),
            "free space or mend the folder's permissions", cli::ExitCode::bad_configuration};
}

std::filesystem::path own_folder() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::current_path() : self.parent_path();
}

Status<cli::Failure> check_programs(const Network& network) {
    for (const auto& process : network.processes) {
        if (!std::filesystem::exists(process.program)) {
            return fail(cli::Failure{"NO_PROGRAM", process.program.string() + " is missing",
                                     "build or install it beside this program",
                                     cli::ExitCode::bad_configuration});
        }
    }
    return {};
}

/// A folder of somebody's own is left alone: its permissions would be narrowed, and `down --wipe`
/// could not tell his files from ours.
Status<cli::Failure> check_folder(const std::filesystem::path& folder) {
    std::error_code error;
    const auto found = std::filesystem::status(folder, error);
    if (!std::filesystem::exists(found)) {
        return {};
    }
    const cli::Failure taken{"FOLDER_IN_USE", folder.string() + " is there and holds no network",
                             "name a new or an empty folder with --state",
                             cli::ExitCode::bad_configuration};
    if (!std::filesystem::is_directory(found)) {
        return fail(taken);
    }
    const bool empty = std::filesystem::is_empty(folder, error);
    return error || !empty ? Status<cli::Failure>(fail(taken)) : Status<cli::Failure>{};
}

Status<cli::Failure> make_folders(const Network& network) {
    std::error_code error;
    std::filesystem::create_directories(network.folder, error);
    // Keys lie below: nobody else may look in.
    std::filesystem::permissions(network.folder, std::filesystem::perms::owner_all, error);
    for (const auto& process : network.processes) {
        std::filesystem::create_directories(process.folder / "data", error);
        if (process.kind == ProcessKind::signer) {
            // A signer's socket lies where nobody else may write, whatever the umask is.
            std::filesystem::permissions(process.folder, std::filesystem::perms::owner_all, error);
        }
        if (error) {
            return fail(cannot_write(process.folder));
        }
    }
    return {};
}

/// The path of a Unix socket is short.
Status<cli::Failure> check_sockets(const Network& network) {
    constexpr std::size_t path_max = sizeof(sockaddr_un::sun_path) - 1;
    for (const auto* signer : network.of_kind(ProcessKind::signer)) {
        if (signer->api.size() > path_max) {
            return cli::usage("the socket " + signer->api + " is over " + std::to_string(path_max) +
                                  " bytes long",
                              "name a shorter folder with --state");
        }
    }
    return {};
}

/// The keys are new: they have signed nothing yet.
Status<cli::Failure> begin_journals(const Network& network) {
    for (const auto* signer : network.of_kind(ProcessKind::signer)) {
        TRY_ASSIGN(const int status,
                   run_to_end({signer->program,
                               {"init", "--config", (signer->folder / "signer.toml").string(),
                                "--first-view", "1"},
                               signer->pid_file(),
                               signer->log_file()}));
        if (status != 0) {
            return fail(cli::Failure{
                "SETUP_FAILED",
                signer->name + " could not begin its journal (exit " + std::to_string(status) + ")",
                "see remit-signer init --config " + (signer->folder / "signer.toml").string(),
                cli::ExitCode::bad_configuration});
        }
    }
    return {};
}

Status<cli::Failure> copy_rates(const Plan& plan) {
    std::error_code error;
    std::filesystem::copy_file(plan.rates, plan.folder / "rates.csv",
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) {
        return fail(cli::Failure{"NO_RATES", "cannot read rates from " + plan.rates.string(),
                                 "name a file of reference rates with --rates",
                                 cli::ExitCode::bad_configuration});
    }
    return {};
}

Status<cli::Failure> start_kinds(const Network& network, const std::vector<ProcessKind>& kinds) {
    std::vector<const Process*> started;
    for (const auto kind : kinds) {
        for (const auto* process : network.of_kind(kind)) {
            if (!running_process(process->pid_file())) {
                TRY(start(*process));
            }
            started.push_back(process);
        }
    }
    return wait_ready(started, ready_patience_ms);
}

}  // namespace

Result<Network, cli::Failure> create(Plan plan) {
    std::error_code odd;
    plan.folder = std::filesystem::absolute(plan.folder, odd).lexically_normal();
    if (std::filesystem::exists(plan.folder / "devnet.json")) {
        return fail(cli::Failure{"NETWORK_EXISTS", plan.folder.string() + " holds a network",
                                 "remit devnet up without settings starts it again; remit devnet "
                                 "down --wipe removes it",
                                 cli::ExitCode::usage});
    }
    TRY(check_folder(plan.folder));
    const std::size_t rails = plan.gateways ? organisations - 1 : 0;
    const std::size_t gateways = rails + (plan.has_second_maker() ? 1 : 0);
    TRY_ASSIGN(const auto ports, choose_ports(plan.base_port, organisations, gateways, rails));
    auto network = lay_out(plan, ports, own_folder());
    TRY(check_programs(network));
    TRY(check_sockets(network));
    TRY_ASSIGN(const auto identities, draw_identities(network));
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto genesis = make_genesis(plan, network, identities, BlockTime{now.count()});
    if (const auto sound = ledger::check_genesis(genesis); !sound) {
        return fail(cli::Failure{"BAD_GENESIS", sound.error(), "change the settings",
                                 cli::ExitCode::usage});
    }
    const auto bytes = ledger::encode_genesis(genesis);
    network.chain_id = ledger::chain_id_of(bytes);
    const auto write_all = [&]() -> Status<cli::Failure> {
        TRY(make_folders(network));
        TRY(copy_rates(plan));
        std::ofstream file(network.genesis_file(), std::ios::trunc | std::ios::binary);
        file << bytes;
        if (!file.flush()) {
            return fail(cannot_write(network.genesis_file()));
        }
        TRY(write_identities(network, identities));
        TRY(write_configurations(plan, network, ports, identities));
        TRY(begin_journals(network));
        return network.save();
    };
    if (auto written = write_all(); !written) {
        static_cast<void>(network.remove());
        return fail(std::move(written).error());
    }
    return network;
}

Status<cli::Failure> start_all(const Network& network, const Progress& progress) {
    if (!network.of_kind(ProcessKind::signer).empty()) {
        progress("starting the signers of 4 validators");
        TRY(start_kinds(network, {ProcessKind::signer}));
    }
    progress("starting 4 validators and their rails");
    TRY(start_kinds(network, {ProcessKind::node, ProcessKind::rail}));
    if (!network.of_kind(ProcessKind::bank).empty()) {
        progress("starting the gateways of the bank, the makers and the operators");
        TRY(start_kinds(network, {ProcessKind::bank, ProcessKind::maker, ProcessKind::wallet}));
    }
    return {};
}

}  // namespace remit::devnet
