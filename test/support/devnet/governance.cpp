#include "test/support/devnet/governance.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "ledger/wire/encode.h"
#include "ledger/wire/governance.h"
#include "node/seams/random.h"

namespace remit::test {

namespace {
constexpr std::int64_t life_ms = 3'600'000;

v1::Envelope plan(const Devnet& devnet, Validators validators, std::uint16_t protocol_version,
                  std::vector<ParamChange> params, std::uint64_t as_of_height) {
    node::SystemRandom random;
    const ledger::EpochPlan plan{.validators = std::move(validators),
                                 .epoch_blocks = short_epoch,
                                 .protocol_version = protocol_version,
                                 .params = {std::move(params)}};
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    auto action = ledger::wire::propose(plan, {.nonce = random.draw<Uuid>(),
                                               .valid_until = {now + life_ms},
                                               .as_of_height = as_of_height});
    for (const std::size_t organisation : {1U, 2U, 3U}) {
        action.approvals.push_back(ledger::wire::approve(action.bytes, devnet.chain_id(),
                                                         Devnet::govern_key(organisation)));
    }
    ledger::Transaction transaction;
    transaction.participant = {1};
    transaction.client_key = random.draw<ledger::ClientKey>();
    transaction.valid_until = {now + life_ms};
    transaction.operations.emplace_back(std::move(action));
    return ledger::wire::to_proto(
        ledger::wire::sign_transaction(transaction, Devnet::operate_key(), devnet.chain_id()));
}
}  // namespace

Validators nodes(const Devnet& devnet, const std::vector<std::size_t>& numbers) {
    Validators out;
    for (const auto number : numbers) {
        out.push_back(devnet.planned(number));
    }
    return out;
}

void govern(const Devnet& devnet, const MemberClient& client, Validators validators,
            std::uint16_t protocol_version, std::vector<ParamChange> params) {
    const auto done = client.submit(plan(devnet, std::move(validators), protocol_version,
                                         std::move(params), client.status().finalized_height()));
    if (!done.is_final() || done.response.receipts(0).has_refusal()) {
        throw std::runtime_error("the plan was not recorded: " + done.response.ShortDebugString());
    }
}

std::uint64_t epoch_of(const Devnet& devnet, std::size_t node) {
    return static_cast<std::uint64_t>(std::max(metric(devnet.ops_port(node), "remit_epoch"), 0.0));
}

bool becomes_ready(const Devnet& devnet, std::size_t node) {
    return eventually([&] { return http_get(devnet.ops_port(node), "/readyz").status == 200; },
                      std::chrono::seconds(120));
}

}  // namespace remit::test
