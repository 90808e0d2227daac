#include <google/protobuf/util/json_util.h>

#include <thread>

#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/input_file.h"
#include "tools/cli/signing.h"
#include "tools/cli/submission.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

using Stub = v1::LedgerService::Stub;
Result<v1::GetTransactionResponse, Failure> get(const Connection& node, const Hash& id) {
    v1::GetTransactionRequest request;
    request.set_transaction_id(id.bytes());
    return call(*node.stub<v1::LedgerService>(), &Stub::GetTransaction, request, CallKind::read,
                node.name);
}

Status<Failure> run_get(Context& context) {
    TRY_ASSIGN(const auto id, parse_hash(context.args.text("ID")));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto answer, get(node, id));
    const bool final = answer.state() == v1::TRANSACTION_STATE_FINAL;
    context.out.text(
        properties({{"transaction", id.hex()}, {"state", final ? "final" : "pending"}}));
    context.out.text(final ? "\n" + receipts_text(session.network(), answer.receipts()) : "");
    context.out.message(answer);
    return {};
}

Status<Failure> run_wait(Context& context) {
    constexpr std::int64_t hour_s = 3'600;
    TRY_ASSIGN(const auto id, parse_hash(context.args.text("ID")));
    TRY_ASSIGN(const auto timeout_s, context.args.number("timeout-seconds", 1, hour_s));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
    while (std::chrono::steady_clock::now() < until) {
        TRY_ASSIGN(const auto node, session.ledger());
        const auto answer = get(node, id);
        if (answer && answer->state() == v1::TRANSACTION_STATE_FINAL) {
            context.out.text(receipts_text(session.network(), answer->receipts()));
            context.out.message(*answer);
            return verdict(answer->receipts());
        }
        if (!answer && answer.error().exit != ExitCode::not_found) {
            return fail(answer.error());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return fail(Failure{"OUTCOME_UNKNOWN", "the transaction is not final yet",
                        "ask again with remit tx wait " + id.hex(), ExitCode::outcome_unknown});
}

/// The body in a file of protobuf JSON: `participant_id`, `client_key` and `valid_until_ms` are
/// filled in when the file leaves them out.
Result<v1::Body, Failure> read_body(const std::string& path, std::uint32_t participant_id) {
    TRY_ASSIGN(const auto text, read_input(path));
    v1::Body body;
    const auto parsed = google::protobuf::util::JsonStringToMessage(text, &body);
    if (!parsed.ok()) {
        // The parser draws an arrow below the place on further lines.
        const auto told = std::string(parsed.message());
        return usage(path + ": " + told.substr(0, told.find('\n')),
                     "it holds one remit.v1.Body as protobuf JSON; see remit tx submit --help");
    }
    complete_body(body, participant_id);
    return body;
}

Status<Failure> run_submit(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto acting = session.acting("");
    if (acting.empty()) {
        return usage("who signs?", "name the participant with --as");
    }
    TRY_ASSIGN(const auto* member, session.network().member(acting));
    const auto purpose = key_purpose_from(context.args.text("purpose"));
    if (!purpose) {
        return usage("'" + context.args.text("purpose") + "' is no purpose of a key",
                     "remit key new --help; most bodies are signed with OPERATE");
    }
    TRY_ASSIGN(const auto key, read_member_key(session.network(), acting, *purpose));
    TRY_ASSIGN(const auto body, read_body(context.args.text("FILE"), member->id));
    return submit_body(context, session, body, key);
}

}  // namespace

Noun tx_noun() {
    const Argument id{"ID", "the transaction's id, as remit remittance send shows it"};
    return {"tx",
            "signed transactions",
            {{.verb = "get",
              .summary = "whether it is final, and what the ledger did with each operation",
              .options = {},
              .arguments = {id},
              .examples = {"remit tx get "
                           "769fcb5cc5583b6eda42f3f14c9859e41dc48a89580258f69dfd326cf97e3336"},
              .run = run_get},
             {.verb = "wait",
              .summary = "the same, once it is final; exit 3 when an operation was refused",
              .options = {{"timeout-seconds", "N", "give up after", "30"}},
              .arguments = {id},
              .examples = {"remit tx wait "
                           "769fcb5cc5583b6eda42f3f14c9859e41dc48a89580258f69dfd326cf97e3336 "
                           "--timeout-seconds 10"},
              .run = run_wait},
             {.verb = "submit",
              .summary = "signs a body of operations with a participant's key and submits it",
              .options = {{"purpose", "NAME", "of the key that signs", "OPERATE"}},
              .arguments = {{"FILE",
                             "one remit.v1.Body as protobuf JSON, like {\"operations\": "
                             "[{\"open_account\": {\"asset_id\": 1, \"tag\": "
                             "\"YWJjZGVmZ2hpamtsbW5vcA==\"}}]}"}},
              .examples = {"remit tx submit body.json --as alipayhk --node alipayhk"},
              .run = run_submit}}};
}

}  // namespace remit::cli
