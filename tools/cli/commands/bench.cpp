#include <atomic>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/bench/ceiling.h"
#include "tools/bench/load.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/signing.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

using bench::LoadPlan;
using bench::LoadReport;

Result<LoadPlan, Failure> plan_of(const Context& context) {
    LoadPlan plan;
    constexpr std::int64_t many = 10'000'000;
    constexpr std::int64_t clients_max = 512;
    constexpr std::int64_t batch_max = 1'000;
    const auto& args = context.args;
    TRY_ASSIGN(const auto remittances, args.number("remittances", 1, many));
    TRY_ASSIGN(const auto wallets, args.number("wallets", 2, many));
    TRY_ASSIGN(const auto clients, args.number("clients", 1, clients_max));
    TRY_ASSIGN(const auto batch, args.number("batch", 1, batch_max));
    TRY_ASSIGN(const auto rate, args.number("rate", 0, many));
    plan.remittances = static_cast<std::size_t>(remittances);
    plan.wallets = static_cast<std::size_t>(wallets);
    plan.clients = static_cast<std::size_t>(clients);
    plan.batch = static_cast<std::size_t>(batch);
    plan.rate = static_cast<double>(rate);
    // Wallets are for ever: a second run takes new ones unless told otherwise.
    plan.wallet_prefix =
        args.has("prefix") ? args.text("prefix") : "load" + std::to_string(wall_clock_ms());
    return plan;
}

nlohmann::ordered_json to_json(const bench::Latencies& latencies) {
    constexpr double us_per_ms = 1'000;
    const auto at = [&](double percent) {
        return static_cast<double>(latencies.percentile_us(percent)) / us_per_ms;
    };
    return {
        {"count", latencies.count()}, {"p50_ms", at(50)}, {"p90_ms", at(90)}, {"p99_ms", at(99)}};
}

/// How much of this machine's signature checking the load took, all validators together.
struct Ceiling {
    double per_second = 0;  // libsodium alone, all cores
    double share_percent = 0;
};

Ceiling measure(const LoadReport& report) {
    Ceiling ceiling{bench::verifications_per_second(), 0};
    if (report.seconds > 0 && ceiling.per_second > 0) {
        constexpr double percent = 100;
        ceiling.share_percent = percent * static_cast<double>(report.signature_checks) /
                                report.seconds / ceiling.per_second;
    }
    return ceiling;
}

nlohmann::ordered_json to_json(const LoadReport& report, const Ceiling& ceiling) {
    return {{"submitted", report.submitted},
            {"seconds", report.seconds},
            {"credited", report.credited()},
            {"per_second", report.per_second()},
            {"by_state", report.by_state},
            {"refusals", report.refusals},
            {"envelopes", report.envelopes},
            {"retries", report.retries},
            {"signature_checks", report.signature_checks},
            {"verify_ceiling_per_second", ceiling.per_second},
            {"verify_share_percent", ceiling.share_percent},
            {"submit_to_final", to_json(report.final)},
            {"submit_to_end", to_json(report.whole)}};
}

void print_report(const Context& context, const LoadReport& report, const Ceiling& ceiling) {
    char rate[64];
    std::snprintf(rate, sizeof(rate), "%.0f credited remittances/s over %.1f s",
                  report.per_second(), report.seconds);
    char share[96];
    std::snprintf(share, sizeof(share), "%.1f %% of the %.0f/s that libsodium does here alone",
                  ceiling.share_percent, ceiling.per_second);
    context.out.text(properties({{"submitted", std::to_string(report.submitted)},
                                 {"throughput", rate},
                                 {"signature checks", report.signature_checks == 0 ? "" : share},
                                 {"sent again", std::to_string(report.retries)}}));
    Table latency({"latency", ">p50", ">p90", ">p99"});
    const auto row = [&](const std::string& name, const bench::Latencies& of) {
        latency.row({name, bench::ms_text(of.percentile_us(50)),
                     bench::ms_text(of.percentile_us(90)), bench::ms_text(of.percentile_us(99))});
    };
    row("submit to final", report.final);
    row("submit to end", report.whole);
    Table counts({"", ">count"});
    for (const auto& [state, count] : report.by_state) {
        counts.row({state, std::to_string(count)});
    }
    for (const auto& [code, count] : report.refusals) {
        counts.row({"refused " + code, std::to_string(count)});
    }
    for (const auto& [node, count] : report.envelopes) {
        counts.row({"envelopes through " + node, std::to_string(count)});
    }
    context.out.text("\n" + latency.text() + "\n" + counts.text());
}

/// A line that overwrites itself on a terminal, one a second or so elsewhere.
bench::LoadProgress progress_of(const Context& context, std::size_t total) {
    const auto shown = std::make_shared<std::atomic<std::size_t>>(0);
    return [&context, shown, total](std::size_t ended) {
        const std::size_t step = std::max<std::size_t>(1, total / 20);
        auto last = shown->load();
        if (ended < last + step || !shown->compare_exchange_strong(last, ended)) {
            return;
        }
        context.out.note("  " + std::to_string(ended) + " of " + std::to_string(total) + " ended");
    };
}

Status<Failure> run_load(Context& context) {
    TRY_ASSIGN(const auto plan, plan_of(context));
    TRY_ASSIGN(const auto network, devnet::Network::load(context.settings.state_folder));
    const auto through = context.args.text("through");
    if (through != "nodes" && through != "gateways") {
        return usage("--through is nodes or gateways",
                     "nodes needs a network of remit devnet up --bare");
    }
    const auto progress = progress_of(context, plan.remittances);
    context.out.note("opening and funding " + std::to_string(plan.wallets) + " wallets");
    const auto path = context.args.text("uetrs");
    const Failure unwritable{"WRITE_FAILED", "cannot write " + path,
                             "name a file in a folder you may write with --uetrs", ExitCode::usage};
    std::ofstream file;
    // Opened before the load: a wrong path is told at once.
    if (!path.empty()) {
        file.open(path, std::ios::trunc);
        if (!file) {
            return fail(unwritable);
        }
    }
    TRY_ASSIGN(const auto report, through == "nodes"
                                      ? bench::run_node_load(network, plan, progress)
                                      : bench::run_gateway_load(network, plan, progress));
    if (!path.empty()) {
        for (const auto& uetr : report.uetrs) {
            file << uetr << "\n";
        }
        file.flush();
    }
    const auto ceiling = measure(report);
    print_report(context, report, ceiling);
    context.out.value(to_json(report, ceiling));
    if (!path.empty() && !file) {
        return fail(unwritable);
    }
    return {};
}

}  // namespace

Noun bench_noun() {
    return {
        "bench",
        "load on a devnet, measured",
        {{.verb = "load",
          .summary = "remittances in both directions; throughput, latencies and refusals",
          .options = {{"remittances", "N", "how many", "2000"},
                      {"wallets", "N", "spread over both operators", "200"},
                      {"clients", "N", "envelopes under way at once", "8"},
                      {"batch", "N", "remittances in a group; 500 an envelope", "100"},
                      {"rate", "N", "remittances offered a second (0: closed loop)", "0"},
                      {"through", "WHAT", "nodes (needs devnet up --bare) or gateways", "nodes"},
                      {"prefix", "TEXT", "of the wallets' names at the gateways", ""},
                      {"uetrs", "FILE", "writes the remittances' ids there", ""}},
          .arguments = {},
          .examples = {"remit bench load --through gateways --clients 4",
                       "remit bench load --remittances 10000 --batch 1000",
                       "remit bench load --rate 500 --batch 1 --clients 64"},
          .run = run_load}}};
}

}  // namespace remit::cli
