#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

namespace api = gateway::v1;

std::string amount(const devnet::Network& network, std::int64_t minor,
                   const std::string& currency) {
    const auto asset = network.asset(currency);
    return network.amount(minor, asset ? (*asset)->id : 0U);
}

Status<Failure> run_balances(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto rail, session.rail(context.args.text("NAME")));
    api::ListBalancesRequest request;
    request.set_account_prefix(context.args.text("prefix"));
    TRY_ASSIGN(const auto answer,
               call(*rail.stub<api::RailService>(), &api::RailService::Stub::ListBalances, request,
                    CallKind::read, rail.name));
    Table table({"account", ">balance"});
    for (const auto& balance : answer.balances()) {
        table.row({balance.account(),
                   amount(session.network(), balance.balance_minor(), balance.currency())});
    }
    context.out.text(table.text());
    context.out.message(answer);
    return {};
}

Status<Failure> run_entries(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto rail, session.rail(context.args.text("NAME")));
    api::ListEntriesRequest request;
    request.set_account_prefix(context.args.text("prefix"));
    constexpr std::uint32_t rows = 1'000;
    request.set_limit(rows);
    TRY_ASSIGN(const auto after, context.args.number("after", 0, INT64_MAX));
    request.set_after_cursor(static_cast<std::uint64_t>(after));
    TRY_ASSIGN(const auto answer,
               call(*rail.stub<api::RailService>(), &api::RailService::Stub::ListEntries, request,
                    CallKind::read, rail.name));
    Table table({">cursor", "account", ">amount", "booked", "entry", "transfer"});
    for (const auto& entry : answer.entries()) {
        table.row({std::to_string(entry.cursor()), entry.account(),
                   amount(session.network(), entry.amount_minor(), entry.currency()),
                   entry.booking_date(), entry.entry_reference(), entry.transfer_id()});
    }
    context.out.text(table.text());
    context.out.message(answer);
    return {};
}

Status<Failure> run_faults(Context& context) {
    const auto& args = context.args;
    api::SetFaultsRequest request;
    auto& faults = *request.mutable_faults();
    const auto count = [&](const char* name) -> Result<std::uint32_t, Failure> {
        constexpr std::int64_t count_max = 1'000'000;
        TRY_ASSIGN(const auto value, args.number(name, 0, count_max));
        return static_cast<std::uint32_t>(value);
    };
    TRY_ASSIGN(const auto withhold, count("withhold"));
    TRY_ASSIGN(const auto duplicate, count("duplicate"));
    TRY_ASSIGN(const auto wrong, count("wrong-amount"));
    TRY_ASSIGN(const auto reject, count("reject"));
    TRY_ASSIGN(const auto delay, count("delay-ms"));
    TRY_ASSIGN(const auto before, count("unknown-before"));
    TRY_ASSIGN(const auto after, count("unknown-after"));
    faults.set_withhold_entries(withhold);
    faults.set_duplicate_entries(duplicate);
    faults.set_wrong_amount_entries(wrong);
    faults.set_wrong_by_minor(wrong == 0 ? 0 : 1);
    faults.set_reject_next(reject);
    faults.set_delay_ms(delay);
    faults.set_unknown_before(before);
    faults.set_unknown_after(after);
    faults.set_account_prefix(args.text("prefix"));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto rail, session.rail(args.text("NAME")));
    TRY_ASSIGN(const auto answer,
               call(*rail.stub<api::RailAdminService>(), &api::RailAdminService::Stub::SetFaults,
                    request, CallKind::write, rail.name));
    context.out.text("faults are set\n");
    context.out.message(answer);
    context.out.note("next: remit rail repair " + rail.name);
    return {};
}

Status<Failure> run_repair(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto rail, session.rail(context.args.text("NAME")));
    TRY_ASSIGN(const auto answer, call(*rail.stub<api::RailAdminService>(),
                                       &api::RailAdminService::Stub::RepairEntries,
                                       api::RepairEntriesRequest{}, CallKind::write, rail.name));
    context.out.text(std::to_string(answer.repaired()) + " entries repaired\n");
    context.out.message(answer);
    return {};
}

}  // namespace

Noun rail_noun() {
    const Argument name{"NAME", "a rail's process, like rail-clearbank"};
    const Option prefix{"prefix", "TEXT", "only accounts that begin so", ""};
    return {"rail",
            "the sandbox rails: books of fiat accounts, and their faults",
            {{.verb = "balances",
              .summary = "the fiat accounts of a rail",
              .options = {prefix},
              .arguments = {name},
              .examples = {"remit rail balances rail-clearbank --prefix reserve/"},
              .run = run_balances},
             {.verb = "entries",
              .summary = "booked entries, up to 1,000 after a cursor",
              .options = {prefix, {"after", "CURSOR", "the cursor to go on from", "0"}},
              .arguments = {name},
              .examples = {"remit rail entries rail-alipayhk --prefix customer/alice"},
              .run = run_entries},
             {.verb = "faults",
              .summary = "makes the rail misbehave for the next N transfers; all 0 ends it",
              .options = {{"withhold", "N", "entries booked but not listed", "0"},
                          {"duplicate", "N", "entries listed twice", "0"},
                          {"wrong-amount", "N", "entries listed one minor unit off", "0"},
                          {"reject", "N", "transfers refused", "0"},
                          {"unknown-before", "N", "answers lost before booking", "0"},
                          {"unknown-after", "N", "answers lost after booking", "0"},
                          {"delay-ms", "MS", "wait before each call", "0"},
                          prefix},
              .arguments = {name},
              .examples = {"remit rail faults rail-clearbank --withhold 1 --prefix clearing/HKD"},
              .run = run_faults},
             {.verb = "repair",
              .summary = "lists correctly what faults withheld, doubled or booked wrongly",
              .options = {},
              .arguments = {name},
              .examples = {"remit rail repair rail-clearbank"},
              .run = run_repair}}};
}

}  // namespace remit::cli
