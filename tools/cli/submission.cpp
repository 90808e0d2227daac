#include "tools/cli/submission.h"

#include "node/seams/random.h"
#include "tools/cli/ids.h"
#include "tools/cli/signing.h"
#include "tools/cli/table.h"

namespace remit::cli {

std::string receipts_text(const devnet::Network& network, const Receipts& receipts) {
    constexpr int rows_max = 20;
    Table table({">operation", "verb", "result", "state", ">block", "time"});
    for (int i = 0; i < receipts.size() && i < rows_max; ++i) {
        const auto& receipt = receipts[i];
        const auto about = receipt.about_participant_id();
        const auto result =
            receipt.has_refusal()
                ? receipt.refusal().name() + (about == 0 ? "" : " " + network.member_name(about))
                : "done";
        table.row({std::to_string(receipt.operation_index()), receipt.verb(), result,
                   receipt.state(), std::to_string(receipt.height()),
                   time_text(receipt.time_ms())});
    }
    auto text = table.text();
    if (receipts.size() > rows_max) {
        text += "... and " + std::to_string(receipts.size() - rows_max) + " more\n";
    }
    return text;
}

/// The first refusal as a failure (exit 3), or success.
Status<Failure> verdict(const Receipts& receipts) {
    for (const auto& receipt : receipts) {
        if (receipt.has_refusal()) {
            return fail(failure_of(receipt.refusal()));
        }
    }
    return {};
}

void complete_body(v1::Body& body, std::uint32_t participant_id) {
    if (body.participant_id() == 0) {
        body.set_participant_id(participant_id);
    }
    if (body.client_key().empty()) {
        node::SystemRandom random;
        body.set_client_key(random.draw<Uuid>().bytes());
    }
    if (body.valid_until_ms() == 0) {
        constexpr std::int64_t life_ms = 60'000;
        body.set_valid_until_ms(wall_clock_ms() + life_ms);
    }
    if (body.mode() == v1::MODE_UNSPECIFIED) {
        body.set_mode(v1::MODE_EACH);
    }
}

Status<Failure> submit_body(Context& context, const Session& session, const v1::Body& body,
                            const SecretKey& key) {
    const auto signed_transaction = sign_body(body, key, session.network().chain_id);
    TRY_ASSIGN(const auto node, session.ledger());
    v1::SubmitEnvelopeRequest request;
    *request.mutable_envelope() = signed_transaction.envelope;
    request.set_wait_ms(wait_ms_max);
    auto answer = call(*node.stub<v1::LedgerService>(), &v1::LedgerService::Stub::SubmitEnvelope,
                       request, CallKind::write, node.name, wait_ms_max + call_ms);
    if (!answer) {
        if (answer.error().exit == ExitCode::outcome_unknown) {
            answer.error().help = "ask with remit tx wait " + signed_transaction.id.hex();
        }
        return fail(answer.error());
    }
    context.out.text(properties({{"transaction", to_hex(answer->transaction_id())}}) + "\n" +
                     receipts_text(session.network(), answer->receipts()));
    context.out.message(*answer);
    if (answer->state() != v1::TRANSACTION_STATE_FINAL) {
        return fail(Failure{"OUTCOME_UNKNOWN", "the transaction is not final yet",
                            "ask with remit tx wait " + signed_transaction.id.hex(),
                            ExitCode::outcome_unknown});
    }
    return verdict(answer->receipts());
}

}  // namespace remit::cli
