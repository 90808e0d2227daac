#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

namespace api = gateway::v1;

Result<devnet::ProcessKind, Failure> kind_of(const Session& session, const std::string& name) {
    TRY_ASSIGN(const auto* process, session.network().process(name));
    return process->kind;
}

Result<api::GetGatewayStatusResponse, Failure> ask_status(const Connection& gateway,
                                                          devnet::ProcessKind kind,
                                                          const std::string& name) {
    const api::GetGatewayStatusRequest request;
    if (kind == devnet::ProcessKind::bank) {
        return call(*gateway.stub<api::BankService>(), &api::BankService::Stub::GetBankStatus,
                    request, CallKind::read, name);
    }
    if (kind == devnet::ProcessKind::maker) {
        return call(*gateway.stub<api::MakerService>(), &api::MakerService::Stub::GetMakerStatus,
                    request, CallKind::read, name);
    }
    return call(*gateway.stub<api::WalletService>(), &api::WalletService::Stub::GetGatewayStatus,
                request, CallKind::read, name);
}

Status<Failure> run_status(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto name = context.args.text("NAME");
    TRY_ASSIGN(const auto kind, kind_of(session, name));
    TRY_ASSIGN(const auto gateway, session.gateway(name));
    const auto answer = ask_status(gateway, kind, name);
    if (!answer) {
        return fail(answer.error());
    }
    context.out.text(properties({{"gateway", answer->name()},
                                 {"next block", std::to_string(answer->next_height())},
                                 {"live sagas", std::to_string(answer->sagas_live())},
                                 {"open envelopes", std::to_string(answer->envelopes_open())},
                                 {"open breaks", std::to_string(answer->breaks_open())}}));
    context.out.message(*answer);
    return {};
}

Status<Failure> run_reconcile(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto name = context.args.text("NAME");
    TRY_ASSIGN(const auto kind, kind_of(session, name));
    if (kind == devnet::ProcessKind::maker) {
        return usage(name + " keeps no book: a maker has a position on the ledger alone",
                     "remit window show and the bank's own reconcile show it");
    }
    const bool bank = kind == devnet::ProcessKind::bank;
    TRY_ASSIGN(const auto gateway, session.gateway(name));
    const api::ReconcileRequest request;
    constexpr int reconcile_ms = 60'000;
    const auto answer =
        bank ? call(*gateway.stub<api::BankService>(), &api::BankService::Stub::ReconcileBank,
                    request, CallKind::read, name, reconcile_ms)
             : call(*gateway.stub<api::WalletService>(), &api::WalletService::Stub::Reconcile,
                    request, CallKind::read, name, reconcile_ms);
    if (!answer) {
        return fail(answer.error());
    }
    const auto& network = session.network();
    const auto amount = [&](std::int64_t minor, const std::string& currency) {
        const auto asset = network.asset(currency);
        return network.amount(minor, asset ? (*asset)->id : 0U);
    };
    Table lines({"compared", ">ledger", ">rail", ">difference", ">under way"});
    for (const auto& line : answer->lines()) {
        lines.row({line.what(), amount(line.ledger_minor(), line.currency()),
                   amount(line.rail_minor(), line.currency()),
                   amount(line.difference_minor(), line.currency()),
                   amount(line.under_way_minor(), line.currency())});
    }
    Table breaks({"break", "owner", "subject", ">amount", "opened", "closed", "detail"});
    for (const auto& item : answer->breaks()) {
        breaks.row({api::BreakClass_Name(item.break_class()), item.owner(), item.subject(),
                    amount(item.amount_minor(), item.currency()), time_text(item.opened_at_ms()),
                    time_text(item.closed_at_ms()), item.detail()});
    }
    context.out.text(lines.text() + (breaks.empty() ? "" : "\n" + breaks.text()));
    context.out.message(*answer);
    if (!answer->equal()) {
        return fail(Failure{"NOT_EQUAL",
                            "ledger and rail differ at block " + std::to_string(answer->height()),
                            "open work explains what is under way; see the breaks for the rest",
                            ExitCode::bad_configuration});
    }
    return {};
}

}  // namespace

Noun gateway_noun() {
    const Argument name{"NAME", "a gateway's process, like gateway-alipayhk"};
    return {"gateway",
            "what a gateway is doing, and its book against the ledger",
            {{.verb = "status",
              .summary = "work under way, blocks worked in, breaks open",
              .options = {},
              .arguments = {name},
              .examples = {"remit gateway status gateway-alipayhk"},
              .run = run_status},
             {.verb = "reconcile",
              .summary = "ledger against the rail's own book to the cent; exit 7 when they differ",
              .options = {},
              .arguments = {name},
              .examples = {"remit gateway reconcile gateway-clearbank"},
              .run = run_reconcile}}};
}

}  // namespace remit::cli
