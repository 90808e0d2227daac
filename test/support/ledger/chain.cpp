#include "test/support/ledger/chain.h"

#include <algorithm>

#include "ledger/invariants/registry.h"
#include "test/support/ledger/words.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {
/// What a block wrote, but for what a refusal may leave: its idempotency key, the head, and the
/// record of a refused remittance.
Delta::WriteSet lasting(const Delta::WriteSet& writes) {
    Delta::WriteSet out;
    for (const auto& [key, value] : writes) {
        const auto table = static_cast<keys::Table>(key.front());
        const auto remittance =
            table == keys::Table::remittance && value ? decode<Remittance>(*value) : std::nullopt;
        const bool refused = remittance && remittance->state == RemittanceState::refused;
        if (table != keys::Table::idempotency && table != keys::Table::idempotency_expiry &&
            !refused) {
            out.emplace(key, value);
        }
    }
    return out;
}

/// A block of refusals changes what an empty one at its time would change, and nothing else.
void check_nothing_moved(const MemoryView& before, const BlockInput& input,
                         const BlockResult& result) {
    const bool all_refused = std::none_of(result.receipts.begin(), result.receipts.end(),
                                          [](const Receipt& receipt) { return receipt.ok(); });
    if (input.items.empty() || !all_refused) {
        return;
    }
    const auto empty = apply_block(before, {.height = input.height, .time = input.time});
    if (lasting(empty.writes) != lasting(result.writes)) {
        throw ScenarioFailure("a refused operation left something behind");
    }
}
}  // namespace

Chain::Chain(const Genesis& genesis)
    : chain_id_(chain_id_of(encode_genesis(genesis))), now_(genesis.time) {
    if (const auto checked = check_genesis(genesis); !checked) {
        throw ScenarioFailure("genesis: " + checked.error());
    }
    Delta delta(view_);
    write_genesis(genesis, chain_id_, delta);
    const auto writes = delta.write_set();
    view_.apply(writes);
    check_whole_state();
}

BlockResult Chain::run(std::vector<BlockItem> items) {
    ++height_;
    const BlockInput input{.height = height_, .time = now_, .items = std::move(items)};
    auto result = apply_block(view_, input);
    if (result.breach) {
        throw ScenarioFailure("invariant broken: " + *result.breach);
    }
    check_nothing_moved(view_, input, result);
    view_.apply(result.writes);
    events_.insert(events_.end(), result.events.begin(), result.events.end());
    check_whole_state();
    return result;
}

void Chain::finish(Transaction& transaction, const std::optional<PublicKey>& key,
                   bool forged) const {
    Writer body;
    body.u32(transaction.participant.value)
        .fixed(transaction.client_key)
        .i64(transaction.valid_until.ms)
        .u8(static_cast<std::uint8_t>(transaction.mode));
    for (const Operation& operation : transaction.operations) {
        body.fixed(std::visit([](const auto& verb) { return digest_of(verb); }, operation));
    }
    transaction.id = transaction_id(chain_id_, body.view());
    transaction.key = key.value_or(transaction.key);
    transaction.verdict = forged ? SignatureVerdict::bad : SignatureVerdict::good;
}

void Chain::put(const Account& account) {
    Delta delta(view_);
    LedgerState(delta).put(account);
    const auto writes = delta.write_set();
    view_.apply(writes);
}

void Chain::check_whole_state() const {
    if (const auto breach = check_whole(view_)) {
        throw ScenarioFailure("invariant broken in the whole state: " + *breach);
    }
}

}  // namespace remit::test
