#include "tools/cli/remittance_text.h"

#include <algorithm>

#include "tools/cli/amount.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"
#include "tools/cli/wallet_address.h"

namespace remit::cli {
namespace {

namespace api = gateway::v1;

Result<v1::Remittance, Failure> get_remittance(const Session& session, const Uuid& uetr) {
    TRY_ASSIGN(const auto node, session.ledger());
    v1::GetRemittanceRequest request;
    request.set_uetr(uetr.bytes());
    const auto stub = node.stub<v1::LedgerService>();
    TRY_ASSIGN(auto answer, call(*stub, &v1::LedgerService::Stub::GetRemittance, request,
                                 CallKind::read, node.name));
    return std::move(*answer.mutable_remittance());
}

Result<api::WaitFor, Failure> parse_wait(const std::string& text) {
    if (text == "none") {
        return api::WAIT_FOR_UNSPECIFIED;
    }
    if (text == "prepared") {
        return api::WAIT_FOR_PREPARED;
    }
    if (text == "committed") {
        return api::WAIT_FOR_COMMITTED;
    }
    if (text == "end") {
        return api::WAIT_FOR_END;
    }
    return usage("--wait is none, prepared, committed or end",
                 "end waits until the payee's operator credited it, or the money is back");
}

/// The request to the payer's gateway, from what was typed.
Result<api::SendRemittanceRequest, Failure> send_request(const Context& context,
                                                         const devnet::Network& network,
                                                         const WalletAddress& from,
                                                         const WalletAddress& to) {
    const auto& args = context.args;
    const bool receive = args.text("fixed") == "receive";
    if (!receive && args.text("fixed") != "send") {
        return usage("--fixed is send or receive",
                     "send: the payer pays exactly --amount; receive: exactly that arrives");
    }
    TRY_ASSIGN(const auto* asset, network.asset(receive ? to.currency : from.currency));
    TRY_ASSIGN(const auto minor, parse_amount(args.text("amount"), asset->exponent));
    constexpr std::int64_t day_s = 86'400;
    TRY_ASSIGN(const auto expires_s, args.number("expires-seconds", 0, day_s));
    api::SendRemittanceRequest request;
    auto uetr = new_uuid();
    if (args.has("uetr")) {
        TRY_ASSIGN(uetr, parse_uuid(args.text("uetr")));
    }
    constexpr std::int64_t ms_per_s = 1'000;
    request.set_uetr(uetr.bytes());
    request.set_from_wallet(from.name);
    request.set_from_currency(from.currency);
    request.set_payee_operator_id(to.operator_id);
    request.set_payee_wallet(to.name);
    request.set_payee_currency(to.currency);
    request.set_fixed(receive ? v1::FIXED_SIDE_RECEIVE : v1::FIXED_SIDE_SEND);
    request.set_amount_minor(minor);
    request.set_purpose(args.text("purpose"));
    request.set_end_to_end_id(args.text("end-to-end-id"));
    request.set_expires_in_ms(static_cast<std::uint32_t>(expires_s * ms_per_s));
    TRY_ASSIGN(const auto wait, parse_wait(args.text("wait")));
    request.set_wait(wait);
    request.set_wait_ms(wait_ms_max);
    return request;
}

/// Whether the remittance came as far as was waited for, and whether it arrived: a script that
/// goes on after exit 0 may rely on both.
Status<Failure> verdict(const api::SendRemittanceRequest& request,
                        const api::SendRemittanceResponse& answer) {
    const auto ask = "ask with remit remittance show " + uuid_text(answer.uetr());
    if (answer.progress() == api::PROGRESS_REFUSED && answer.has_refusal()) {
        return fail(failure_of(answer.refusal()));
    }
    if (answer.progress() == api::PROGRESS_PARKED) {
        return fail(not_done_yet("the gateway has set the remittance aside for a person", ask));
    }
    if (answer.state() == "REJECTED" || answer.state() == "EXPIRED") {
        return fail(Failure{answer.state(),
                            answer.state() == "EXPIRED"
                                ? "the payee's operator did not answer in time: the money is back"
                                : "the payee's operator did not take it: the money is back",
                            ask + " for the reason; another try is a new remittance",
                            ExitCode::rejected});
    }
    const bool reached =
        answer.progress() == api::PROGRESS_DONE || request.wait() == api::WAIT_FOR_UNSPECIFIED ||
        (request.wait() == api::WAIT_FOR_PREPARED && answer.prepared_at_ms() != 0) ||
        (request.wait() == api::WAIT_FOR_COMMITTED && answer.committed_at_ms() != 0);
    if (!reached) {
        return fail(not_done_yet("the remittance is still under way",
                                 ask + "; never send it again under a new id"));
    }
    return {};
}

/// One side of a remittance: as quoted, else as typed when that side was fixed, else nothing.
std::string side_text(const devnet::Network& network, const api::SendRemittanceRequest& request,
                      const api::SendRemittanceResponse& answer, v1::FixedSide side) {
    const bool pays = side == v1::FIXED_SIDE_SEND;
    const auto& quote = answer.quote();
    if (answer.has_quote()) {
        return pays ? network.amount(quote.source_minor(), quote.source_asset_id())
                    : network.amount(quote.target_minor(), quote.target_asset_id());
    }
    const auto asset = network.asset(pays ? request.from_currency() : request.payee_currency());
    return request.fixed() == side && asset ? network.amount(request.amount_minor(), (*asset)->id)
                                            : std::string();
}

Status<Failure> run_send(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto& args = context.args;
    TRY_ASSIGN(const auto from, parse_wallet(session.network(), args.text("from"),
                                             context.settings.as, args.text("currency")));
    TRY_ASSIGN(const auto to,
               parse_wallet(session.network(), args.text("to"), "", args.text("to-currency")));
    TRY_ASSIGN(const auto request, send_request(context, session.network(), from, to));
    TRY_ASSIGN(const auto gateway, session.wallet(from.operator_name));
    const auto stub = gateway.stub<api::WalletService>();
    auto answer = call(*stub, &api::WalletService::Stub::SendRemittance, request, CallKind::write,
                       gateway.name, wait_ms_max + call_ms);
    if (!answer) {
        return fail(with_remedy_if_unknown(
            answer.error(), "ask with remit remittance show " + uuid_text(request.uetr()) +
                                ", or send again with --uetr " + uuid_text(request.uetr())));
    }
    context.out.message(*answer);
    const auto uetr = uuid_text(answer->uetr());
    context.out.text(properties(
        {{"remittance", uetr + "   " + (answer->state().empty() ? "under way" : answer->state())},
         {"from", from.name + "@" + from.operator_name},
         {"to", to.name + "@" + to.operator_name},
         {"pays", side_text(session.network(), request, *answer, v1::FIXED_SIDE_SEND)},
         {"arrives", side_text(session.network(), request, *answer, v1::FIXED_SIDE_RECEIVE)},
         {"block", answer->height() == 0 ? "" : std::to_string(answer->height())},
         {"transaction", to_hex(answer->transaction_id())}}));
    TRY(verdict(request, *answer));
    context.out.note("next: remit remittance show " + uetr);
    return {};
}

Status<Failure> run_show(Context& context) {
    TRY_ASSIGN(const auto uetr, parse_uuid(context.args.text("UETR")));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto remittance, get_remittance(session, uetr));
    context.out.text(remittance_text(session.network(), remittance));
    context.out.message(remittance);
    return {};
}

Status<Failure> run_list(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    constexpr std::int64_t rows_max = 1'000'000;
    constexpr std::uint32_t page_rows = 500;
    TRY_ASSIGN(const auto limit, context.args.number("limit", 1, rows_max));
    TRY_ASSIGN(const auto node, session.ledger());
    v1::ListRemittancesRequest request;
    std::string state = context.args.text("in-state");
    std::transform(state.begin(), state.end(), state.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    request.set_state(state);
    if (context.args.has("participant")) {
        TRY_ASSIGN(const auto* member, session.network().member(context.args.text("participant")));
        request.set_participant_id(member->id);
    }
    const auto stub = node.stub<v1::LedgerService>();
    v1::ListRemittancesResponse all;
    do {
        request.set_page_size(static_cast<std::uint32_t>(
            std::min<std::int64_t>(page_rows, limit - all.remittances_size())));
        TRY_ASSIGN(const auto page, call(*stub, &v1::LedgerService::Stub::ListRemittances, request,
                                         CallKind::read, node.name));
        all.MergeFrom(page);
        all.set_height(page.height());
        request.set_page_token(page.next_page_token());
        all.set_next_page_token(page.next_page_token());
    } while (!request.page_token().empty() && all.remittances_size() < limit);
    context.out.text(remittances_text(session.network(), all));
    if (!all.next_page_token().empty()) {
        context.out.note("there are more: raise --limit");
    }
    context.out.message(all);
    return {};
}

Status<Failure> run_watch(Context& context) {
    TRY_ASSIGN(const auto uetr, parse_uuid(context.args.text("UETR")));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    constexpr std::int64_t hour_s = 3'600;
    TRY_ASSIGN(const auto timeout_s, context.args.number("timeout-seconds", 1, hour_s));
    TRY_ASSIGN(const auto first, get_remittance(session, uetr));
    TRY_ASSIGN(const auto gateway,
               session.wallet(session.network().member_name(first.payer_operator_id())));
    api::WatchRemittanceRequest request;
    request.set_uetr(uetr.bytes());
    grpc::ClientContext call_context;
    call_context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(timeout_s));
    const auto stub = gateway.stub<api::WalletService>();
    const auto reader = stub->WatchRemittance(&call_context, request);
    api::WatchRemittanceResponse update;
    v1::Remittance last;
    int steps = 0;
    while (reader->Read(&update)) {
        last = update.remittance();
        for (; steps < last.timeline_size(); ++steps) {
            context.out.text(step_text(session.network(), last.timeline(steps)));
        }
        if (is_final(last.state())) {
            context.out.message(last);
            return {};
        }
        if (Output::lost() != 0) {
            call_context.TryCancel();
            return {};
        }
    }
    const auto status = reader->Finish();
    context.out.message(last.uetr().empty() ? first : last);
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
        return fail(Failure{"UNFINISHED",
                            "still " + (last.state().empty() ? first.state() : last.state()) +
                                " after " + std::to_string(timeout_s) + " s",
                            "watch on with remit remittance watch " + to_text(uetr),
                            ExitCode::unhealthy});
    }
    return status.ok() ? Status<Failure>{}
                       : Status<Failure>(fail(failure_of(status, CallKind::read, gateway.name)));
}

Status<Failure> run_return(Context& context) {
    TRY_ASSIGN(const auto uetr, parse_uuid(context.args.text("UETR")));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto remittance, get_remittance(session, uetr));
    api::ReturnRemittanceRequest request;
    auto return_id = new_uuid();
    if (context.args.has("id")) {
        TRY_ASSIGN(return_id, parse_uuid(context.args.text("id")));
    }
    request.set_return_id(return_id.bytes());
    request.set_uetr(uetr.bytes());
    request.set_reason(context.args.text("reason"));
    request.set_operator_bears(context.args.flag("operator-bears"));
    request.set_wait_ms(wait_ms_max);
    if (context.args.has("amount")) {
        TRY_ASSIGN(
            const auto* asset,
            session.network().asset(session.network().currency_of(remittance.source_asset_id())));
        TRY_ASSIGN(const auto minor, parse_amount(context.args.text("amount"), asset->exponent));
        request.set_source_minor(minor);
    }
    TRY_ASSIGN(const auto gateway,
               session.wallet(session.network().member_name(remittance.payee_operator_id())));
    const auto stub = gateway.stub<api::WalletService>();
    const auto ask = "ask with remit remittance show " + to_text(uetr) +
                     ", or repeat this command with --id " + to_text(return_id);
    auto answered = call(*stub, &api::WalletService::Stub::ReturnRemittance, request,
                         CallKind::write, gateway.name, wait_ms_max + call_ms);
    if (!answered) {
        return fail(with_remedy_if_unknown(answered.error(), ask));
    }
    const auto& answer = *answered;
    context.out.message(answer);
    if (answer.progress() == api::PROGRESS_REFUSED) {
        return fail(failure_of(answer.refusal()));
    }
    context.out.text(
        properties({{"return", uuid_text(answer.return_id())},
                    {"state", answer.progress() == api::PROGRESS_DONE ? "done" : "under way"},
                    {"block", answer.height() == 0 ? "" : std::to_string(answer.height())}}));
    if (answer.progress() != api::PROGRESS_DONE) {
        return fail(not_done_yet("the return is still under way", ask));
    }
    context.out.note("next: remit remittance show " + to_text(uetr));
    return {};
}

}  // namespace

Noun remittance_noun() {
    const Argument uetr{"UETR", "the remittance's id, as remit remittance list shows it"};
    return {
        "remittance",
        "money from one wallet to another",
        {{.verb = "send",
          .summary = "screens, takes a firm quote, prepares; waits for the end unless told",
          .options = {{"from", "WALLET", "who pays, like alice@alipayhk", "", true},
                      {"to", "WALLET", "who is paid, like bob@gcash", "", true},
                      {"amount", "AMOUNT", "of the fixed side", "", true},
                      {"currency", "CODE", "that is paid (default: the payer's operator's)", ""},
                      {"to-currency", "CODE", "that arrives (default: the payee's operator's)", ""},
                      {"fixed", "SIDE", "send or receive", "send"},
                      {"purpose", "CODE", "ISO 20022 purpose", "OTHR"},
                      {"end-to-end-id", "TEXT", "the payer's own reference", ""},
                      {"expires-seconds", "N", "0: the gateway's own setting", "0"},
                      {"uetr", "UUID", "to repeat a send whose outcome is unknown", ""},
                      {"wait", "STEP", "none, prepared, committed or end", "end"}},
          .arguments = {},
          .examples = {"remit remittance send --from alice@alipayhk --to bob@gcash --amount "
                       "1,000.00 --currency HKD",
                       "remit remittance send --from alice@alipayhk --to bob@gcash --amount "
                       "50.00 --uetr 019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41"},
          .run = run_send},
         {.verb = "show",
          .summary = "one remittance with its timeline: times, signers and heights",
          .options = {},
          .arguments = {uetr},
          .examples = {"remit remittance show 019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41"},
          .run = run_show},
         {.verb = "list",
          .summary = "remittances, newest state",
          .options = {{"in-state", "STATE", "only those in it, like COMMITTED", ""},
                      {"participant", "NAME", "only those it pays or is paid in", ""},
                      {"limit", "N", "at most so many", "50"}},
          .arguments = {},
          .examples = {"remit remittance list --in-state PREPARED --limit 20"},
          .run = run_list},
         {.verb = "watch",
          .summary = "each step as it becomes final, until the last",
          .options = {{"timeout-seconds", "N", "give up after", "60"}},
          .arguments = {uetr},
          .examples = {"remit remittance watch 019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41"},
          .run = run_watch},
         {.verb = "return",
          .summary = "the payee's operator sends the money back at the same rate",
          .options = {{"amount", "AMOUNT", "what the payer gets back (default: all)", ""},
                      {"reason", "CODE", "ISO 20022 return reason", "CUST"},
                      {"operator-bears", "", "taken from the payee's operator", ""},
                      {"id", "UUID", "to repeat a return whose outcome is unknown", ""}},
          .arguments = {uetr},
          .examples = {"remit remittance return 019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41 --reason "
                       "CUST"},
          .run = run_return}}};
}

}  // namespace remit::cli
