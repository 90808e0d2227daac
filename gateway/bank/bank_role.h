#pragma once

#include "gateway/bank/rules.h"
#include "gateway/connectors/rail.h"
#include "gateway/engine.h"
#include "gateway/mark_book.h"
#include "gateway/registry.h"

namespace remit::gateway {

struct BankOptions {
    std::uint32_t participant = 0;
    std::uint32_t own_maker = 0;  // pays in from own/<id>/<currency>; 0: none
};

/// The clearing bank: its marks and attestations on the ledger, and the legs of closed windows.
class BankRole final : public Role {
public:
    BankRole(Ledger& ledger, Rail& rail, const Registry& registry, MarkBook& marks,
             const BankOptions& options)
        : ledger_(ledger), rail_(rail), registry_(registry), marks_(marks), options_(options) {}

    [[nodiscard]] const SagaRules& rules_of(v1::SagaKind kind) const override;
    void ask(std::vector<Saga>& sagas, StepContext& context) override;
    bool study(BlockFacts& facts) override;
    void on_block(const BlockFacts& facts, Change& change) override;
    void on_write(const Saga& saga, node::KvBatch& batch) override;
    /// The marks that a former life published.
    void load(const Journal& journal);

private:
    void ask_leg(Saga& saga, StepContext& context);
    void open_legs(const remit::v1::Window& window, Change& change) const;

    Ledger& ledger_;
    Rail& rail_;
    const Registry& registry_;
    MarkBook& marks_;
    BankOptions options_;
    SubmitRules submit_;
    LegRules leg_;
};

}  // namespace remit::gateway
