#pragma once

#include <map>
#include <set>

#include "ledger/operation.h"
#include "ledger/receipt.h"
#include "node/storage/block_store.h"
#include "test/support/node/memory_kv.h"

namespace remit::sim {

/// Judges the money by reading the records themselves, with sums of its own. Run once for each
/// height, at the first node that executes it.
class MoneyOracle {
public:
    /// The clients tell what they asked for, before they send it.
    void expect(const ledger::Prepare& prepare) { asked_[prepare.uetr] = prepare; }

    /// Cash that may come to a participant: a deposit, or a net of a window. Said again under its
    /// reference it is the same.
    void expect_cash(const Bytes& reference, ledger::ParticipantId whose, ledger::Money cash) {
        cash_[reference] = {whose, cash};
    }

    void on_block(const test::MemoryKv& kv, const node::ExecutedBlockRecord& block);
    /// Sums per asset of the newest state seen, for the report.
    [[nodiscard]] std::uint64_t blocks_judged() const { return heights_.size(); }
    [[nodiscard]] const std::map<ledger::RemittanceState, std::uint64_t>& by_state() const {
        return by_state_;
    }

private:
    void judge_receipts(const node::ExecutedBlockRecord& block);
    void judge_receipt(const ledger::Receipt& receipt);
    void judge_refusal(const ledger::Receipt& receipt) const;
    using Place = std::pair<ledger::ParticipantId, ledger::AssetId>;
    void judge_supply(const std::map<Place, ledger::Minor>& settlement) const;
    using Both = std::pair<ledger::Wide, ledger::Wide>;  // source and target
    void judge_returns(const std::map<ledger::Uetr, Both>& given_back) const;
    void judge_state(const test::MemoryKv& kv, std::uint64_t height);

    std::set<std::uint64_t> heights_;
    std::map<ledger::Uetr, ledger::Prepare> asked_;
    std::map<Bytes, std::pair<ledger::ParticipantId, ledger::Money>> cash_;  // by reference
    std::map<std::pair<ledger::ParticipantId, std::uint64_t>, ledger::Uetr> nonces_;
    std::map<ledger::Uetr, ledger::Verb> ended_;
    std::map<ledger::RemittanceState, std::uint64_t> by_state_;
};

}  // namespace remit::sim
