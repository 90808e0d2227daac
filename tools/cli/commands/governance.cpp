#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "ledger/wire/governance.h"
#include "tools/cli/action_file.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/input_file.h"
#include "tools/cli/signing.h"
#include "tools/cli/submission.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

std::string kind_of(const v1::GovernanceAction& content) {
    const auto* field = v1::GovernanceAction::descriptor()->FindFieldByNumber(
        static_cast<int>(content.action_case()));
    return field == nullptr ? "nothing" : field->name();
}

/// What an organisation has to read before it signs, or after.
Status<Failure> tell(const Context& context, v1::Operation& action) {
    TRY_ASSIGN(const auto content, content_of(action));
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(content, &text, options).ok()) {
        return fail(
            Failure{"BAD_ACTION_FILE", "the action cannot be shown", "", ExitCode::our_bug});
    }
    std::string approvals;
    for (const auto& approval : *approvals_of(action)) {
        approvals += (approvals.empty() ? "" : ", ") + short_hex(approval.key_id());
    }
    context.out.text(properties({{"changes", kind_of(content)},
                                 {"valid until", time_text(content.valid_until_ms())},
                                 {"as of height", std::to_string(content.as_of_height())},
                                 {"approved by", approvals.empty() ? "nobody" : approvals}}) +
                     "\n" + text);
    context.out.message(content);
    return {};
}

Status<Failure> run_propose(Context& context) {
    constexpr std::int64_t day_ms = 86'400'000;
    TRY_ASSIGN(const auto days, context.args.number("valid-days", 1, 7));
    TRY_ASSIGN(const auto text, read_input(context.args.text("CONTENT")));
    v1::GovernanceAction content;
    const auto parsed = google::protobuf::util::JsonStringToMessage(text, &content);
    if (!parsed.ok()) {
        return usage(context.args.text("CONTENT") + " holds no remit.v1.GovernanceAction as JSON",
                     "see remit governance propose --help");
    }
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto now,
               call(*node.stub<v1::LedgerService>(), &v1::LedgerService::Stub::GetNodeStatus,
                    v1::GetNodeStatusRequest{}, CallKind::read, node.name));
    // A minute less than the chain allows: clocks differ.
    constexpr std::int64_t minute_ms = 60'000;
    TRY_ASSIGN(auto action,
               make_action(std::move(content),
                           {.valid_until_ms = wall_clock_ms() + days * day_ms - minute_ms,
                            .as_of_height = now.finalized_height()}));
    TRY(write_new_action(context.args.text("out"), action));
    return tell(context, action);
}

Status<Failure> run_show(Context& context) {
    TRY_ASSIGN(auto action, read_action(context.args.text("FILE")));
    return tell(context, action);
}

Status<Failure> run_approve(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto acting = session.acting("");
    if (acting.empty()) {
        return usage("who approves?", "name the organisation with --as");
    }
    TRY_ASSIGN(const auto key, read_member_key(session.network(), acting, KeyPurpose::govern));
    const auto path = context.args.text("FILE");
    TRY_ASSIGN(auto action, read_action(path));
    TRY_ASSIGN(const auto bytes, signed_part(action));
    auto* approvals = approvals_of(action);
    const bool again = std::any_of(approvals->begin(), approvals->end(), [&](const auto& each) {
        return each.key_id() == key.public_key().bytes();
    });
    if (!again) {
        const auto approval = ledger::wire::approve(bytes, session.network().chain_id, key);
        auto& added = *approvals->Add();
        added.set_key_id(approval.key.bytes());
        added.set_signature(approval.signature.bytes());
        TRY(replace_action(path, action));
    }
    return tell(context, action);
}

Status<Failure> run_submit(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto acting = session.acting("");
    if (acting.empty()) {
        return usage("who submits?", "name the participant with --as; any member may");
    }
    TRY_ASSIGN(const auto* member, session.network().member(acting));
    TRY_ASSIGN(const auto key, read_member_key(session.network(), acting, KeyPurpose::operate));
    TRY_ASSIGN(const auto action, read_action(context.args.text("FILE")));
    v1::Body body;
    *body.add_operations() = action;
    complete_body(body, member->id);
    return submit_body(context, session, body, key);
}

}  // namespace

Noun governance_noun() {
    const Argument file{"FILE", "an action, as propose or remit validator plan wrote it"};
    return {"governance",
            "what m of n organisations decide: propose, approve each, submit",
            {{.verb = "propose",
              .summary = "writes an action without approvals, for the organisations to read",
              .options = {{"out", "FILE", "the new file", "", true},
                          {"valid-days", "N", "how long it may be submitted, 7 at most", "1"}},
              .arguments = {{"CONTENT",
                             "one of participant, policy, calendar, validators of a "
                             "remit.v1.GovernanceAction as protobuf JSON; - reads standard input"}},
              .examples = {"remit governance propose policy.json --out action.json"},
              .run = run_propose},
             {.verb = "show",
              .summary = "what an action would change, and who approved it so far",
              .options = {},
              .arguments = {file},
              .examples = {"remit governance show action.json"},
              .run = run_show},
             {.verb = "approve",
              .summary = "adds an organisation's approval, by its GOVERN key, to the file",
              .options = {},
              .arguments = {file},
              .examples = {"remit governance approve action.json --as clearbank"},
              .run = run_approve},
             {.verb = "submit",
              .summary = "hands the approved action to the chain",
              .options = {},
              .arguments = {file},
              .examples = {"remit governance submit action.json --as alipayhk"},
              .run = run_submit}}};
}

}  // namespace remit::cli
