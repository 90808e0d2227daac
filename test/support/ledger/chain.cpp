#include "test/support/ledger/chain.h"

#include "ledger/invariants/registry.h"
#include "test/support/ledger/words.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

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
    auto result =
        apply_block(view_, {.height = height_, .time = now_, .items = std::move(items)});
    if (result.breach) {
        throw ScenarioFailure("invariant broken: " + *result.breach);
    }
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
