#pragma once

#include <string_view>
#include <vector>

#include "gateway/engine.h"
#include "gateway/registry.h"

/// What a participant owes after a window has closed, paid by itself: operators from their reserve,
/// market makers from their own cash.
namespace remit::gateway {

/// INSTRUCT -> DONE | PARKED: own debt of a closed window, `rail_account` -> clearing at the bank's
/// rail.
class PayInRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const override;
};

/// Reads the windows when the block closed one. False: no node answered, try again later. Blocks.
bool study_windows(Ledger& ledger, BlockFacts& facts);

/// The windows that this block closed, of those that `study_windows` read; they point into `facts`.
std::vector<const remit::v1::Window*> closed_windows(const BlockFacts& facts);

/// Starts the pay-in of each leg that `participant` owes in the windows which this block closed,
/// from `cash`/<participant>/<currency> at the bank's rail. Once per leg, however often it is
/// called.
void open_pay_ins(const BlockFacts& facts, std::uint32_t participant, std::string_view cash,
                  const Registry& registry, Change& change);

}  // namespace remit::gateway
