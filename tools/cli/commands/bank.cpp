#include <chrono>
#include <thread>

#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/rate_text.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

namespace api = gateway::v1;

Result<v1::ListWindowsResponse, Failure> list_windows(const Session& session) {
    TRY_ASSIGN(const auto node, session.ledger());
    const auto stub = node.stub<v1::LedgerService>();
    return call(*stub, &v1::LedgerService::Stub::ListWindows, v1::ListWindowsRequest{},
                CallKind::read, node.name);
}

bool has_unsettled(const v1::ListWindowsResponse& list) {
    for (const auto& window : list.windows()) {
        if (window.state() == "PENDING_SETTLEMENT") {
            return true;
        }
    }
    return false;
}

Status<Failure> run_settle(Context& context) {
    constexpr std::int64_t hour_s = 3'600;
    TRY_ASSIGN(const auto timeout_s, context.args.number("timeout-seconds", 0, hour_s));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto bank, session.bank());
    const auto stub = bank.stub<api::BankService>();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
    api::ListSettlementResponse progress;
    bool unsettled = true;
    while (true) {
        TRY_ASSIGN(progress, call(*stub, &api::BankService::Stub::ListSettlement,
                                  api::ListSettlementRequest{}, CallKind::read, bank.name));
        TRY_ASSIGN(const auto windows, list_windows(session));
        unsettled = has_unsettled(windows);
        if (!unsettled || std::chrono::steady_clock::now() >= until) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    Table table({">window", "participant", ">due", "step", "waiting for"});
    for (const auto& leg : progress.legs()) {
        table.row({std::to_string(leg.window_id()),
                   session.network().member_name(leg.participant_id()),
                   session.network().amount(leg.due_minor(), leg.asset_id()), leg.step(),
                   leg.waiting_for()});
    }
    context.out.text(table.empty() ? "" : table.text());
    context.out.text(unsettled ? "" : "every closed window is settled\n");
    context.out.message(progress);
    if (unsettled && timeout_s != 0) {
        return fail(Failure{"UNSETTLED", "a closed window is not settled yet",
                            "the table says what each leg waits for", ExitCode::unhealthy});
    }
    return {};
}

Status<Failure> run_marks(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto bank, session.bank());
    const auto stub = bank.stub<api::BankService>();
    TRY_ASSIGN(const auto answer, call(*stub, &api::BankService::Stub::ListMarks,
                                       api::ListMarksRequest{}, CallKind::read, bank.name));
    Table table({"pair", ">mark", ">bid", ">ask", "valid from", "valid to", "rates of"});
    for (const auto& mark : answer.marks()) {
        table.row({mark.pair(), std::to_string(mark.mark_id()), rate_text(mark.bid()),
                   rate_text(mark.ask()), time_text(mark.valid_from_ms()),
                   time_text(mark.valid_to_ms()), mark.rate_date()});
    }
    context.out.text(table.text());
    if (answer.marks_size() > 0) {
        context.out.text("\n" + answer.marks(0).source() + "\n");
    }
    context.out.message(answer);
    return {};
}

Status<Failure> run_publish(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto bank, session.bank());
    const auto stub = bank.stub<api::BankService>();
    TRY_ASSIGN(const auto answer, call(*stub, &api::BankService::Stub::PublishNow,
                                       api::PublishNowRequest{}, CallKind::write, bank.name));
    context.out.text(std::to_string(answer.staged()) + " operations under way\n");
    context.out.message(answer);
    return {};
}

}  // namespace

Noun bank_noun() {
    return {"bank",
            "the clearing bank: rates, settlement of windows",
            {{.verb = "settle",
              .summary = "what each closed window waits for; the bank's gateway settles by itself",
              .options = {{"timeout-seconds", "N", "wait so long until all are settled", "0"}},
              .arguments = {},
              .examples = {"remit bank settle", "remit bank settle --timeout-seconds 60"},
              .run = run_settle},
             {.verb = "marks",
              .summary = "the bank's rates in force, with their date and source",
              .options = {},
              .arguments = {},
              .examples = {"remit bank marks"},
              .run = run_marks},
             {.verb = "publish",
              .summary = "publishes marks and attestations now instead of at their next time",
              .options = {},
              .arguments = {},
              .examples = {"remit bank publish"},
              .run = run_publish}}};
}

}  // namespace remit::cli
