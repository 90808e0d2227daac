#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

Status<Failure> run_show(Context& context) {
    v1::GetWindowRequest request;
    if (context.args.has("ID")) {
        TRY_ASSIGN(const auto id, context.args.number("ID", 1, INT64_MAX));
        request.set_window_id(static_cast<std::uint64_t>(id));
    }
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    const auto stub = node.stub<v1::LedgerService>();
    TRY_ASSIGN(const auto answer, call(*stub, &v1::LedgerService::Stub::GetWindow, request,
                                       CallKind::read, node.name));
    const auto& window = answer.window();
    const auto& network = session.network();
    std::string text = properties(
        {{"window", std::to_string(window.window_id()) + "   " + window.state()},
         {"closed", window.closed_at_ms() == 0 ? ""
                                               : time_text(window.closed_at_ms()) + "  block " +
                                                     std::to_string(window.closed_height())},
         {"value date", window.value_date()},
         {"pay in until",
          window.pay_in_deadline_ms() == 0 ? "" : time_text(window.pay_in_deadline_ms())}});
    Table legs({"participant", ">net at close", ">due", "state"});
    for (const auto& leg : window.legs()) {
        legs.row({network.member_name(leg.participant_id()),
                  network.amount(leg.net_minor(), leg.asset_id()),
                  network.amount(leg.due_minor(), leg.asset_id()), leg.state()});
    }
    context.out.text(text + (legs.empty() ? "" : "\n" + legs.text()));
    context.out.message(answer);
    return {};
}

Status<Failure> run_list(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    const auto stub = node.stub<v1::LedgerService>();
    TRY_ASSIGN(const auto answer, call(*stub, &v1::LedgerService::Stub::ListWindows,
                                       v1::ListWindowsRequest{}, CallKind::read, node.name));
    Table table({">window", "state", "closed", "value date", ">legs", ">still due"});
    for (const auto& window : answer.windows()) {
        int due = 0;
        for (const auto& leg : window.legs()) {
            due += leg.due_minor() != 0 ? 1 : 0;
        }
        table.row({std::to_string(window.window_id()), window.state(),
                   time_text(window.closed_at_ms()), window.value_date(),
                   std::to_string(window.legs_size()), std::to_string(due)});
    }
    context.out.text(table.text());
    context.out.message(answer);
    return {};
}

}  // namespace

Noun window_noun() {
    return {"window",
            "settlement windows: what a business day left owed",
            {{.verb = "show",
              .summary = "one window with its legs; the open one without an id",
              .options = {},
              .arguments = {{"ID", "the window's number", false}},
              .examples = {"remit window show 1", "remit window show"},
              .run = run_show},
             {.verb = "list",
              .summary = "all windows, oldest first",
              .options = {},
              .arguments = {},
              .examples = {"remit window list -o json"},
              .run = run_list}}};
}

}  // namespace remit::cli
