#pragma once

#include "gateway/saga.h"

/// The sagas of a wallet operator, one class each; the steps are told in the .cpp of that name.
namespace remit::gateway {

/// RAIL_ACCOUNT -> OPEN -> DONE.
class OpenWalletRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
};

/// COLLECT -> FUND -> DONE; refused tokens give the fiat back: CANCEL -> REFUSED.
class OnRampRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
    void on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const override;
};

/// LOCK -> PAY -> FINAL -> DONE; a refused payout gives the tokens back: CANCEL -> REFUSED.
class OffRampRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
    void on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const override;
};

/// QUOTE -> PREPARE -> WATCH -> DONE | REFUSED, at the payer's operator.
class SendRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;

    /// A step of the remittance that a finalised block told; `state` as the ledger has it now.
    static void on_state(Saga& saga, const std::string& state, StepContext& context);
};

/// ACCEPT -> [CREDIT ->] CONFIRM -> DONE, or REJECT, or FAIL, at the payee's operator.
class ReceiveRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
    void on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const override;

    /// As `SendRules::on_state`; also what the answer of RECHECK is worked in with.
    static void on_state(Saga& saga, const std::string& state, StepContext& context);
};

/// RECHECK -> RETURN_PREPARE -> WATCH -> DONE | REFUSED: a return, at the payee's operator.
class GiveBackRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
};

/// RETURN_ACCEPT -> DONE | REFUSED: the same return, at the payer's operator.
class TakeBackRules final : public SagaRules {
public:
    [[nodiscard]] Action next(const Saga& saga) const override;
    void on_receipt(Saga& saga, const remit::v1::Receipt& receipt,
                    StepContext& context) const override;
};

/// `operator/HKD` at the operator's rail.
std::string operator_account(const std::string& currency);
/// `customer/alice/HKD`.
std::string customer_account(const std::string& name, const std::string& currency);

}  // namespace remit::gateway
