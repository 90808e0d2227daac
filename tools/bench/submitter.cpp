#include "tools/bench/submitter.h"

#include <thread>

#include "ledger/wire/encode.h"
#include "node/seams/random.h"
#include "node/tls/credentials.h"
#include "tools/cli/signing.h"

namespace remit::bench {
namespace {

constexpr std::int64_t patience_ms = 60'000;
constexpr int attempt_ms = 10'000;

}  // namespace

Result<std::unique_ptr<Submitter>, cli::Failure> Submitter::open(const devnet::Network& network) {
    node::quiet_grpc_log([](std::string_view) {});
    std::vector<std::unique_ptr<Node>> nodes;
    for (const auto* process : network.of_kind(devnet::ProcessKind::node)) {
        constexpr int connect_ms = 3'000;
        TRY_ASSIGN(const auto channel, cli::connect(network, *process, process->name, connect_ms));
        auto node = std::make_unique<Node>();
        node->name = process->name;
        node->stub = v1::LedgerService::NewStub(channel);
        nodes.push_back(std::move(node));
    }
    return std::unique_ptr<Submitter>(new Submitter(network.chain_id, std::move(nodes)));
}

Result<std::vector<v1::Receipt>, cli::Failure> Submitter::submit(
    const ledger::ParticipantId& signer, const SecretKey& key,
    std::vector<ledger::Operation> operations) {
    node::SystemRandom random;
    ledger::Transaction transaction;
    transaction.participant = signer;
    transaction.client_key = random.draw<Uuid>();
    transaction.valid_until = {cli::wall_clock_ms() + patience_ms};
    transaction.operations = std::move(operations);
    const auto signed_body = ledger::wire::sign_transaction(transaction, key, chain_id_);
    v1::SubmitEnvelopeRequest request;
    *request.mutable_envelope() = ledger::wire::to_proto(signed_body);
    request.set_wait_ms(attempt_ms / 2);
    const auto until = cli::wall_clock_ms() + patience_ms;
    auto turn = next_.fetch_add(1);
    nodes_[turn % nodes_.size()]->envelopes += 1;
    while (cli::wall_clock_ms() < until) {
        auto& node = *nodes_[turn % nodes_.size()];
        const auto answer = cli::call(*node.stub, &v1::LedgerService::Stub::SubmitEnvelope, request,
                                      cli::CallKind::write, node.name, attempt_ms);
        if (answer && answer->state() == v1::TRANSACTION_STATE_FINAL) {
            return std::vector<v1::Receipt>(answer->receipts().begin(), answer->receipts().end());
        }
        const bool may_come = answer || answer.error().exit == cli::ExitCode::outcome_unknown ||
                              answer.error().exit == cli::ExitCode::unhealthy;
        if (!may_come) {
            return fail(answer.error());
        }
        // The same bytes again, at the next node: the ledger executes them once.
        retries_ += 1;
        ++turn;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return fail(cli::Failure{"OUTCOME_UNKNOWN", "no node told the outcome of an envelope",
                             "see remit node status", cli::ExitCode::outcome_unknown});
}

std::map<std::string, std::size_t> Submitter::envelopes() const {
    std::map<std::string, std::size_t> out;
    for (const auto& node : nodes_) {
        out[node->name] = node->envelopes;
    }
    return out;
}

}  // namespace remit::bench
