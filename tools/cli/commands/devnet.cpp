#include "tools/devnet/devnet.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tools/cli/commands/commands.h"
#include "tools/cli/table.h"
#include "tools/devnet/interruption.h"
#include "tools/devnet/ports.h"
#include "tools/devnet/process.h"
#include "tools/devnet/readiness.h"

namespace remit::cli {
namespace {

using devnet::Network;

Result<devnet::Plan, Failure> plan_of(const Context& context) {
    const auto& args = context.args;
    devnet::Plan plan;
    plan.folder = context.settings.state_folder;
    constexpr std::int64_t year_s = 31'536'000;
    constexpr std::int64_t port_max = 65'000;
    TRY_ASSIGN(const auto port, args.number("base-port", 0, port_max));
    plan.base_port = static_cast<std::uint16_t>(port);
    TRY_ASSIGN(plan.cutoff_seconds, args.number("cutoff-seconds", 1, year_s));
    TRY_ASSIGN(plan.window_seconds, args.number("window-seconds", 1, year_s));
    TRY_ASSIGN(plan.pay_in_seconds, args.number("pay-in-seconds", 1, year_s));
    TRY_ASSIGN(plan.escrow_seconds, args.number("escrow-seconds", 1, 86'400));
    constexpr std::int64_t blocks_max = 100'000'000;
    TRY_ASSIGN(plan.epoch_blocks, args.number("epoch-blocks", 4, blocks_max));
    plan.gateways = !args.flag("bare");
    TRY_ASSIGN(plan.makers, args.number("makers", 1, 2));
    if (!plan.gateways && plan.makers > 1) {
        return usage("--bare starts no gateways, so no second maker", "leave out one of the two");
    }
    plan.signers = args.flag("signer");
    constexpr std::int64_t every_max = 1'000'000;
    TRY_ASSIGN(plan.snapshot_every, args.number("snapshot-every", 0, every_max));
    plan.rates = args.has("rates") ? args.text("rates") : std::string(REMIT_RATES_FILE);
    std::istringstream names(args.text("names"));
    std::string name;
    for (std::size_t i = 0; std::getline(names, name, ','); ++i) {
        const bool plain =
            !name.empty() &&
            name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        if (i >= devnet::organisations || !plain) {
            return usage("--names takes four names of a-z, 0-9 and '-'",
                         "payer's operator, payee's operator, bank, regulator");
        }
        plan.names[i] = name;
    }
    return plan;
}

nlohmann::ordered_json to_json(const Network& network) {
    nlohmann::ordered_json processes = nlohmann::ordered_json::array();
    for (const auto& process : network.processes) {
        const auto running = devnet::running_process(process.pid_file());
        processes.push_back({{"name", process.name},
                             {"kind", std::string(devnet::name_of(process.kind))},
                             {"pid", running ? running->pid : 0},
                             {"ready", running && devnet::is_ready(process)},
                             {"api", process.api},
                             {"ops", process.ops},
                             {"log", process.log_file().string()}});
    }
    return {{"folder", network.folder.string()},
            {"chain_id", network.chain_id.hex()},
            {"processes", std::move(processes)}};
}

/// Where a process shows its metrics; a signer has no listener for them.
std::string metrics_of(const std::string& ops) {
    return ops.empty() ? "-" : "http://" + ops + "/metrics";
}

void print_banner(const Context& context, const Network& network) {
    const auto& out = context.out;
    std::string text =
        "\nA network of four validators is up. Its folder is " + network.folder.string() + "\n\n";
    Table table({"process", "kind", "api", "metrics"});
    for (const auto& process : network.processes) {
        table.row({process.name, std::string(devnet::name_of(process.kind)), process.api,
                   metrics_of(process.ops)});
    }
    text += table.text();
    if (!network.wallets.empty()) {
        Table wallets({"wallet", "currency"});
        for (const auto& wallet : network.wallets) {
            wallets.row({wallet.name + "@" + wallet.operator_name, wallet.currency});
        }
        text += "\n" + wallets.text();
        const auto& from = network.wallets.front();
        const auto& to = network.wallets.back();
        text += "\nTry:\n  remit account show " + from.name + "@" + from.operator_name +
                "\n  remit remittance send --from " + from.name + "@" + from.operator_name +
                " --to " + to.name + "@" + to.operator_name + " --amount 1,000.00 --currency " +
                from.currency + "\n";
    } else {
        text += "\nTry:\n";
    }
    out.text(text + "  remit node status\n  remit window list\n  remit devnet down\n");
    out.value(to_json(network));
}

/// A network that is there has its settings in its genesis: others would be silently ignored.
Status<Failure> check_no_settings(const Arguments& args, const Network& network) {
    for (const auto* name : {"base-port", "names", "cutoff-seconds", "window-seconds",
                             "pay-in-seconds", "escrow-seconds", "epoch-blocks", "rates", "makers",
                             "bare", "signer", "snapshot-every"}) {
        const auto has = [&](devnet::ProcessKind kind) { return !network.of_kind(kind).empty(); };
        const bool as_it_is =
            (std::string_view(name) == "bare" && !has(devnet::ProcessKind::wallet)) ||
            (std::string_view(name) == "signer" && has(devnet::ProcessKind::signer));
        if (args.given(name) && !as_it_is) {
            return usage(network.folder.string() + " holds a network: --" + std::string(name) +
                             " cannot change it any more",
                         "leave the option out to start it again, name another folder with "
                         "--state, or remove this one with remit devnet down --wipe");
        }
    }
    return {};
}

/// A network that is there is started again as it is.
Result<Network, Failure> network_to_start(const Context& context) {
    if (std::filesystem::exists(std::filesystem::path(context.settings.state_folder) /
                                "devnet.json")) {
        TRY_ASSIGN(auto network, Network::load(context.settings.state_folder));
        TRY(check_no_settings(context.args, network));
        context.out.note("starting the network in " + context.settings.state_folder + " again");
        return network;
    }
    TRY_ASSIGN(auto plan, plan_of(context));
    return devnet::create(std::move(plan));
}

Status<Failure> run_up(Context& context) {
    const devnet::Progress progress = [&](const std::string& step) { context.out.note(step); };
    const devnet::PortsLock ports;
    TRY_ASSIGN(auto network, network_to_start(context));
    const bool ran_before = std::any_of(
        network.processes.begin(), network.processes.end(),
        [](const auto& process) { return devnet::running_process(process.pid_file()); });
    const devnet::Interruption interruption;
    auto done = devnet::start_all(network, progress);
    if (done) {
        done = devnet::open_samples(network, progress);
    }
    if (done && devnet::Interruption::asked()) {
        done = fail(Failure{"INTERRUPTED", "stopped before the network was ready", "",
                            ExitCode::interrupted});
    }
    if (!done) {
        // What ran before this command goes on running.
        if (!ran_before) {
            devnet::stop_all(network);
        }
        if (done.error().exit == ExitCode::interrupted) {
            done.error().help = ran_before ? "see remit devnet status"
                                           : "its processes are stopped; remit devnet up starts "
                                             "it again, remit devnet down --wipe removes it";
        }
        return done;
    }
    print_banner(context, network);
    return {};
}

Status<Failure> run_down(Context& context) {
    TRY_ASSIGN(const auto network, Network::load(context.settings.state_folder));
    const auto stopped = devnet::stop_all(network);
    context.out.text("stopped " + std::to_string(stopped) + " processes\n");
    if (context.args.flag("wipe")) {
        // What is removed are throw-away keys of a devnet, all drawn by `up`.
        TRY(network.remove());
        context.out.text("removed " + network.folder.string() + "\n");
    } else {
        context.out.note("its data is kept: remit devnet up starts it again");
    }
    context.out.value({{"stopped", stopped}, {"wiped", context.args.flag("wipe")}});
    return {};
}

Status<Failure> run_status(Context& context) {
    TRY_ASSIGN(const auto network, Network::load(context.settings.state_folder));
    Table table({"process", "kind", ">pid", "state", "api", "metrics"});
    const auto json = to_json(network);
    bool all_ready = true;
    for (const auto& process : json.at("processes")) {
        const int pid = process.at("pid");
        const bool ready = process.at("ready");
        all_ready = all_ready && ready;
        table.row({process.at("name"), process.at("kind"), pid == 0 ? "-" : std::to_string(pid),
                   pid == 0 ? "down" : (ready ? "ready" : "not ready"), process.at("api"),
                   metrics_of(process.at("ops"))});
    }
    context.out.text(table.text());
    context.out.value(json);
    if (!all_ready) {
        return fail(
            Failure{"NOT_READY", "not every process is ready",
                    "remit devnet start NAME, or see its log below " + network.folder.string(),
                    ExitCode::unhealthy});
    }
    return {};
}

Status<Failure> run_kill(Context& context) {
    TRY_ASSIGN(const auto network, Network::load(context.settings.state_folder));
    TRY_ASSIGN(const auto* process, network.process(context.args.text("NAME")));
    if (!devnet::kill_process(process->pid_file())) {
        return fail(Failure{"NOT_RUNNING", process->name + " does not run",
                            "remit devnet status shows all", ExitCode::not_found});
    }
    context.out.text("killed " + process->name + "\n");
    context.out.value({{"killed", process->name}});
    context.out.note("next: remit devnet start " + process->name);
    return {};
}

Status<Failure> run_start(Context& context) {
    TRY_ASSIGN(const auto network, Network::load(context.settings.state_folder));
    TRY_ASSIGN(const auto* process, network.process(context.args.text("NAME")));
    TRY(devnet::start(*process));
    constexpr int patience_ms = 30'000;
    if (!context.args.flag("no-wait")) {
        TRY(devnet::wait_ready({process}, patience_ms));
    }
    context.out.text("started " + process->name + "\n");
    context.out.value({{"started", process->name}});
    return {};
}

}  // namespace

Noun devnet_noun() {
    const Argument name{"NAME", "a process, as remit devnet status lists them"};
    return {
        "devnet",
        "a whole network on this machine: validators, gateways, rails, funded wallets",
        {{.verb = "up",
          .summary = "makes and starts a network, or starts the one in the folder again",
          .options =
              {{"base-port", "PORT", "first port (0: 7000 or another free block)", "0"},
               {"names", "A,B,C,D", "of the organisations", "alipayhk,gcash,clearbank,regulator"},
               {"cutoff-seconds", "N", "first cut-off after the start", "600"},
               {"window-seconds", "N", "each later cut-off after the one before", "600"},
               {"pay-in-seconds", "N", "for pay-ins after a cut-off", "60"},
               {"escrow-seconds", "N", "life of a prepare", "30"},
               {"epoch-blocks", "N", "the validator set may change after so many", "10000"},
               {"makers", "N", "market makers, 1 or 2: wallets take the better price", "1"},
               {"signer", "", "each validator's key in a remit-signer process of its own", ""},
               {"snapshot-every", "BLOCKS", "snapshots of the state to join from; 0: none", "0"},
               {"rates", "FILE", "reference rates of the bank", ""},
               {"bare", "", "validators alone, for remit bench load", ""}},
          .arguments = {},
          .examples = {"remit devnet up", "remit devnet up --cutoff-seconds 60 --state /tmp/net",
                       "remit devnet up --signer"},
          .run = run_up},
         {.verb = "down",
          .summary = "stops every process; the data stays unless told otherwise",
          .options = {{"wipe", "", "removes its keys and data", ""}},
          .arguments = {},
          .examples = {"remit devnet down", "remit devnet down --wipe"},
          .run = run_down},
         {.verb = "status",
          .summary = "each process: pid, readiness, addresses; exit 8 unless all are ready",
          .options = {},
          .arguments = {},
          .examples = {"remit devnet status -o json"},
          .run = run_status},
         {.verb = "kill",
          .summary = "kill -9, as a power cut would",
          .options = {},
          .arguments = {name},
          .examples = {"remit devnet kill regulator", "remit devnet kill signer-regulator"},
          .run = run_kill},
         {.verb = "start",
          .summary = "starts one process again and waits until it is ready",
          .options = {{"no-wait", "", "returns at once", ""}},
          .arguments = {name},
          .examples = {"remit devnet start regulator"},
          .run = run_start}}};
}

}  // namespace remit::cli
