#pragma once

#include "gateway/saga.h"

/// The sagas of the clearing bank.
namespace remit::gateway {

/// SUBMIT -> DONE | REFUSED: a mark or an attestation. The next one is another saga.
class SubmitRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
};

/// One leg of a closed window.
///
/// Pay-in:  [INSTRUCT ->] ENTRIES -> CONFIRM -> DONE; after the deadline FAIL -> RECHECK [-> DRAW].
/// Pay-out: WATCH -> INSTRUCT -> ENTRIES -> CONFIRM -> DONE.
///
/// `amount_minor` is what is due, above zero; `pay_out` tells the direction; `rail_account` is the
/// participant's account at the bank. WATCH and ENTRIES are moved on by Settlement.
class LegRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
    void on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const override;
};

/// Id of a leg's saga: window, participant, asset.
Bytes leg_id(std::uint64_t window, std::uint32_t participant, std::uint32_t asset);

/// The open item of a leg: opened once, closed when the leg moves on.
v1::Break leg_break(const Saga& saga, v1::BreakClass break_class, std::string detail,
                    std::int64_t now_ms);

}  // namespace remit::gateway
