#pragma once

#include "gateway/engine.h"
#include "gateway/mark_book.h"
#include "gateway/pay_in.h"
#include "gateway/registry.h"

namespace remit::gateway {

/// A market maker apart from the clearing bank: follows the bank's marks on the ledger and pays in
/// what it owes when a window has closed, from own/<participant>/<currency> at the bank's rail.
/// It submits nothing: makers act on the ledger by their signed quotes alone.
class MakerRole final : public Role {
public:
    MakerRole(Ledger& ledger, const Registry& registry, MarkBook& marks, std::uint32_t participant)
        : ledger_(ledger), registry_(registry), marks_(marks), participant_(participant) {}

    [[nodiscard]] const SagaRules& rules_of(v1::SagaKind kind) const override;
    void ask(std::vector<Saga>& sagas, StepContext& context) override;
    bool study(BlockFacts& facts) override;
    void on_block(const BlockFacts& facts, Change& change) override;
    void on_write(const Saga& saga, node::KvBatch& batch) override;

    /// Reads the newest mark of every pair. False: no node answered. Blocks.
    bool read_marks();

private:
    Ledger& ledger_;
    const Registry& registry_;
    MarkBook& marks_;
    std::uint32_t participant_;
    PayInRules pay_in_;
};

}  // namespace remit::gateway
