#pragma once

#include <map>
#include <vector>

#include "gateway/ledger.h"
#include "node/seams/clock.h"
#include "test/support/ledger/chain.h"
#include "test/support/ledger/network.h"

namespace remit::test {

/// The real rules of the ledger behind the seam a gateway sees: one block for each envelope, final
/// at once. Answers can be lost before or after the block.
class RuleLedger final : public gateway::Ledger {
public:
    explicit RuleLedger(const Network& network) : chain_(network.genesis()) {}

    /// So many of the next submits are not taken, or taken and not answered.
    int lose_before = 0;
    int lose_after = 0;

    gateway::LedgerAnswer<v1::SubmitEnvelopeResponse> submit(const v1::Envelope& envelope,
                                                             std::uint32_t wait_ms) override;
    gateway::LedgerAnswer<v1::GetTransactionResponse> transaction(ByteView id) override;
    gateway::LedgerAnswer<v1::Remittance> remittance(ByteView uetr) override;
    gateway::LedgerAnswer<v1::Account> account(const v1::AccountId& id) override;
    gateway::LedgerAnswer<v1::ListWindowsResponse> windows() override;
    gateway::LedgerAnswer<v1::ListPositionsResponse> positions() override;
    gateway::LedgerAnswer<v1::ListParticipantsResponse> participants() override;
    gateway::LedgerAnswer<v1::GetTotalsResponse> totals() override;
    gateway::LedgerAnswer<v1::BankMark> mark(std::uint32_t source_asset,
                                             std::uint32_t target_asset) override;
    gateway::LedgerAnswer<v1::GetNodeStatusResponse> status() override;
    gateway::LedgerAnswer<void> watch(std::uint64_t from_height,
                                      const gateway::BlockVisitor& visit) override;

    /// Lets time pass, then makes an empty block.
    void pass(std::int64_t ms);
    [[nodiscard]] Chain& chain() { return chain_; }
    [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }
    [[nodiscard]] std::int64_t balance(const ledger::AccountId& id) const {
        return chain_.state().balance(id);
    }

private:
    void run(std::vector<ledger::BlockItem> items);

    Chain chain_;
    std::vector<v1::WatchEventsResponse> blocks_;
    std::map<Bytes, std::vector<v1::Receipt>> receipts_;  // by transaction
};

/// Shows the chain's time as the gateway's own.
class ChainClock final : public node::Clock {
public:
    explicit ChainClock(Chain& chain) : chain_(chain) {}
    [[nodiscard]] std::int64_t mono_ms() const override { return chain_.now().ms; }
    [[nodiscard]] std::int64_t wall_ms() const override { return chain_.now().ms; }

private:
    Chain& chain_;
};

}  // namespace remit::test
