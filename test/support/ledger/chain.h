#pragma once

#include <string>

#include "ledger/apply.h"
#include "ledger/state/memory_view.h"
#include "ledger/state_access.h"
#include "test/support/ledger/network.h"

namespace remit::test {

/// The pure ledger under a block clock of its own: state in memory, one block for each call.
class Chain {
public:
    /// Throws ScenarioFailure when the genesis breaks a rule.
    explicit Chain(const ledger::Genesis& genesis);

    /// Moves block time on; no block is made by itself.
    void advance(std::int64_t ms) { now_.ms += ms; }
    [[nodiscard]] BlockTime now() const { return now_; }
    [[nodiscard]] std::uint64_t height() const { return height_; }
    [[nodiscard]] const ledger::ChainId& chain_id() const { return chain_id_; }

    /// Executes the next block at the present time and writes it down. Throws ScenarioFailure when
    /// an invariant broke, in the block or in a scan of the whole state, or when a block of nothing
    /// but refusals changed more than an empty one would.
    ledger::BlockResult run(std::vector<ledger::BlockItem> items);

    /// Fills in what `run` needs of a transaction whose terms are set: an id that stands for its
    /// content, the key (nothing: the one it has) and the verdict.
    void finish(ledger::Transaction& transaction, const std::optional<PublicKey>& key,
                bool forged) const;

    /// Sets an account's flags as verbs of a later version will.
    void put(const ledger::Account& account);

    [[nodiscard]] const ledger::MemoryView& view() const { return view_; }
    [[nodiscard]] ledger::StateReader state() const { return ledger::StateReader(view_); }
    [[nodiscard]] const std::vector<ledger::LedgerEvent>& events() const { return events_; }

private:
    void check_whole_state() const;

    ledger::MemoryView view_;
    ledger::ChainId chain_id_;
    BlockTime now_;
    std::uint64_t height_ = 0;
    std::vector<ledger::LedgerEvent> events_;  // of all blocks, in order
};

}  // namespace remit::test
