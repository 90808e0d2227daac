#include "gateway/saga.h"

#include <catch2/catch.hpp>

#include "gateway/bank/rules.h"
#include "gateway/wallet/rules.h"

namespace remit::gateway {

namespace {

remit::v1::Receipt refused(const std::string& name, const std::string& iso = "") {
    remit::v1::Receipt receipt;
    receipt.mutable_refusal()->set_name(name);
    receipt.mutable_refusal()->set_iso_reason(iso);
    return receipt;
}

v1::TransferResult rail_answer(v1::TransferOutcome outcome, const std::string& reference,
                               const std::string& reason = "") {
    v1::TransferResult result;
    result.set_outcome(outcome);
    result.set_same(true);
    result.set_entry_reference(reference);
    result.set_reason(reason);
    return result;
}

Saga a_saga(v1::SagaKind kind, v1::SagaStep step) {
    Saga saga;
    saga.set_kind(kind);
    saga.set_id(derived_uuid("test", "saga"));
    saga.set_step(step);
    saga.set_asset_id(2);
    saga.set_currency("PHP");
    saga.set_amount_minor(745'859);
    saga.set_tag(Bytes(16, 't'));
    saga.set_rail_account("customer/bob/PHP");
    return saga;
}

const StepContext at_noon{.now_ms = 1'000'000, .spawned = {}, .breaks = {}, .ramps = {}};

}  // namespace

TEST_CASE("saga: pauses double from a fifth of a second to ten seconds", "[gateway][saga]") {
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_ACCEPT);
    std::vector<std::int64_t> pauses;
    for (int i = 0; i < 9; ++i) {
        back_off(saga, "why", at_noon);
        pauses.push_back(saga.retry_at_ms() - at_noon.now_ms);
    }
    CHECK(pauses ==
          std::vector<std::int64_t>{200, 400, 800, 1600, 3200, 6400, 10'000, 10'000, 10'000});
    enter(saga, v1::SAGA_STEP_CONFIRM);
    CHECK(saga.tries() == 0);
    CHECK(saga.retry_at_ms() == 0);
}

TEST_CASE("saga: a derived id is the same every time and differs by purpose", "[gateway][saga]") {
    CHECK(derived_uuid("return", "x") == derived_uuid("return", "x"));
    CHECK(derived_uuid("return", "x") != derived_uuid("other", "x"));
    CHECK(uuid_text(derived_uuid("return", "x"))[14] == '4');
}

TEST_CASE("receive: nothing is paid before the ledger says COMMITTED", "[gateway][receive]") {
    const ReceiveRules rules;
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_ACCEPT);
    saga.set_pay_out(true);
    CHECK(rules.next(saga).operation.has_accept());
    auto context = at_noon;
    rules.on_receipt(saga, remit::v1::Receipt(), context);
    CHECK(saga.step() == v1::SAGA_STEP_CREDIT);
    const auto action = rules.next(saga);
    CHECK(action.kind == Action::Kind::rail);
    CHECK(action.transfer.transfer_id() == uuid_text(saga.id()));
    CHECK(action.transfer.uetr() == uuid_text(saga.id()));
    CHECK(action.transfer.amount_minor() == 745'859);
    CHECK(action.transfer.debit_account() == "operator/PHP");
}

TEST_CASE("receive: the rail's reference confirms the credit and counts once",
          "[gateway][receive]") {
    const ReceiveRules rules;
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_CREDIT);
    saga.set_pay_out(true);
    auto context = at_noon;
    rules.on_rail(saga, rail_answer(v1::TRANSFER_OUTCOME_ACCEPTED, "E7"), context);
    const auto operation = rules.next(saga).operation;
    CHECK(operation.confirm_credit().credit_reference() == "E7");
    CHECK(operation.confirm_credit().paid_out());
    rules.on_receipt(saga, remit::v1::Receipt(), context);
    CHECK(saga.step() == v1::SAGA_STEP_DONE);
    CHECK(context.ramps.at(2).paid_out_minor() == 745'859);
    // The same news again, from the ledger's events.
    ReceiveRules::on_state(saga, "CREDITED", context);
    CHECK(context.ramps.at(2).paid_out_minor() == 745'859);
}

TEST_CASE("receive: a wallet that keeps tokens needs no rail", "[gateway][receive]") {
    const ReceiveRules rules;
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_ACCEPT);
    auto context = at_noon;
    rules.on_receipt(saga, remit::v1::Receipt(), context);
    CHECK(saga.step() == v1::SAGA_STEP_CONFIRM);
    CHECK_FALSE(rules.next(saga).operation.confirm_credit().paid_out());
}

TEST_CASE("receive: a payout the rail refuses fails the credit and sends the money home",
          "[gateway][receive]") {
    const ReceiveRules rules;
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_CREDIT);
    saga.set_pay_out(true);
    auto context = at_noon;
    rules.on_rail(saga, rail_answer(v1::TRANSFER_OUTCOME_REJECTED, "", "AC04"), context);
    CHECK(rules.next(saga).operation.fail_credit().reason() == "AC04");
    rules.on_receipt(saga, remit::v1::Receipt(), context);
    CHECK(saga.step() == v1::SAGA_STEP_DONE);
    REQUIRE(context.spawned.size() == 1);
    CHECK(context.spawned[0].kind() == v1::SAGA_KIND_GIVE_BACK);
    CHECK(context.spawned[0].uetr() == saga.id());
    CHECK(context.spawned[0].give_back().reason() == "AC04");
    CHECK(context.ramps.empty());
}

TEST_CASE("receive: refusals of the accept lead where the money is safe", "[gateway][receive]") {
    struct Row {
        std::string name;
        v1::SagaStep step;
    };
    const auto row =
        GENERATE(Row{"NDC_EXCEEDED", v1::SAGA_STEP_ACCEPT},
                 Row{"PARTICIPANT_SUSPENDED", v1::SAGA_STEP_ACCEPT},
                 Row{"ACCOUNT_FROZEN", v1::SAGA_STEP_REJECT},
                 Row{"LATE_ACCEPT", v1::SAGA_STEP_DONE}, Row{"WRONG_STATE", v1::SAGA_STEP_RECHECK});
    CAPTURE(row.name);
    const ReceiveRules rules;
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_ACCEPT);
    auto context = at_noon;
    rules.on_receipt(saga, refused(row.name, "AC06"), context);
    CHECK(saga.step() == row.step);
}

TEST_CASE("receive: what the ledger is asked decides where to go on", "[gateway][receive]") {
    struct Row {
        std::string state;
        std::string rail_reference;
        std::string reason;
        v1::SagaStep step;
    };
    const auto row = GENERATE(Row{"PREPARED", "", "", v1::SAGA_STEP_ACCEPT},
                              Row{"PREPARED", "", "MS02", v1::SAGA_STEP_REJECT},
                              Row{"COMMITTED", "", "", v1::SAGA_STEP_CREDIT},
                              Row{"COMMITTED", "E7", "", v1::SAGA_STEP_CONFIRM},
                              Row{"COMMITTED", "", "AC04", v1::SAGA_STEP_FAIL},
                              Row{"CREDITED", "E7", "", v1::SAGA_STEP_DONE},
                              Row{"EXPIRED", "", "", v1::SAGA_STEP_DONE},
                              Row{"REJECTED", "", "MS02", v1::SAGA_STEP_DONE});
    CAPTURE(row.state, row.rail_reference, row.reason);
    auto saga = a_saga(v1::SAGA_KIND_RECEIVE, v1::SAGA_STEP_RECHECK);
    saga.set_pay_out(true);
    saga.set_rail_reference(row.rail_reference);
    saga.set_reason(row.reason);
    auto context = at_noon;
    ReceiveRules::on_state(saga, row.state, context);
    CHECK(saga.step() == row.step);
}

TEST_CASE("on-ramp: fiat whose tokens are refused goes back under an id of its own",
          "[gateway][on_ramp]") {
    const OnRampRules rules;
    auto saga = a_saga(v1::SAGA_KIND_ON_RAMP, v1::SAGA_STEP_COLLECT);
    const auto collect = rules.next(saga).transfer;
    auto context = at_noon;
    rules.on_rail(saga, rail_answer(v1::TRANSFER_OUTCOME_ACCEPTED, "E1"), context);
    CHECK(rules.next(saga).operation.fund_wallet().fiat_reference() == "E1");
    rules.on_receipt(saga, refused("ACCOUNT_CLOSED"), context);
    CHECK(saga.step() == v1::SAGA_STEP_CANCEL);
    const auto back = rules.next(saga).transfer;
    CHECK(back.transfer_id() != collect.transfer_id());
    CHECK(back.debit_account() == collect.credit_account());
    CHECK(back.credit_account() == collect.debit_account());
    CHECK(back.amount_minor() == collect.amount_minor());
    rules.on_rail(saga, rail_answer(v1::TRANSFER_OUTCOME_ACCEPTED, "E2"), context);
    CHECK(saga.step() == v1::SAGA_STEP_REFUSED);
    CHECK(context.ramps.empty());
}

TEST_CASE("on-ramp: a full reserve is waited for a while before the fiat goes back",
          "[gateway][on_ramp]") {
    const OnRampRules rules;
    auto saga = a_saga(v1::SAGA_KIND_ON_RAMP, v1::SAGA_STEP_FUND);
    auto context = at_noon;
    for (int i = 0; i < 5; ++i) {
        rules.on_receipt(saga, refused("RESERVE_EXCEEDED"), context);
        CHECK(saga.step() == v1::SAGA_STEP_FUND);
    }
    rules.on_receipt(saga, refused("RESERVE_EXCEEDED"), context);
    CHECK(saga.step() == v1::SAGA_STEP_CANCEL);
}

TEST_CASE("off-ramp: tokens are locked before fiat is paid, and come back when it is refused",
          "[gateway][off_ramp]") {
    const OffRampRules rules;
    auto saga = a_saga(v1::SAGA_KIND_OFF_RAMP, v1::SAGA_STEP_LOCK);
    CHECK(rules.next(saga).operation.defund_wallet().step() == remit::v1::DEFUND_STEP_LOCK);
    auto context = at_noon;
    rules.on_receipt(saga, remit::v1::Receipt(), context);
    CHECK(rules.next(saga).kind == Action::Kind::rail);
    auto refused_saga = saga;
    rules.on_rail(refused_saga, rail_answer(v1::TRANSFER_OUTCOME_REJECTED, "", "AC04"), context);
    CHECK(rules.next(refused_saga).operation.defund_wallet().step() ==
          remit::v1::DEFUND_STEP_CANCEL);
    rules.on_receipt(refused_saga, remit::v1::Receipt(), context);
    CHECK(refused_saga.step() == v1::SAGA_STEP_REFUSED);
    CHECK(context.ramps.empty());
    rules.on_rail(saga, rail_answer(v1::TRANSFER_OUTCOME_ACCEPTED, "E9"), context);
    CHECK(rules.next(saga).operation.defund_wallet().rail_reference() == "E9");
    rules.on_receipt(saga, remit::v1::Receipt(), context);
    CHECK(saga.step() == v1::SAGA_STEP_DONE);
    CHECK(context.ramps.at(2).paid_out_minor() == 745'859);
}

TEST_CASE("send: a refused prepare ends it, a used UETR is looked up", "[gateway][send]") {
    const SendRules rules;
    auto saga = a_saga(v1::SAGA_KIND_SEND, v1::SAGA_STEP_PREPARE);
    auto context = at_noon;
    auto other = saga;
    rules.on_receipt(other, refused("ID_REUSED"), context);
    CHECK(other.step() == v1::SAGA_STEP_RECHECK);
    rules.on_receipt(saga, refused("INSUFFICIENT_FUNDS", "AM04"), context);
    CHECK(saga.step() == v1::SAGA_STEP_REFUSED);
    CHECK(saga.state() == "REFUSED");
    CHECK(saga.refusal().name() == "INSUFFICIENT_FUNDS");
}

TEST_CASE("leg: an amount that differs is a break, never a partial success", "[gateway][leg]") {
    const LegRules rules;
    auto saga = a_saga(v1::SAGA_KIND_LEG, v1::SAGA_STEP_CONFIRM);
    saga.add_entries()->set_entry_reference("E1");
    auto context = at_noon;
    rules.on_receipt(saga, refused("AMOUNT_DIFFERS"), context);
    CHECK(saga.step() == v1::SAGA_STEP_ENTRIES);
    CHECK(saga.entries_size() == 0);
    REQUIRE(context.breaks.size() == 1);
    CHECK(context.breaks[0].break_class() == v1::BREAK_CLASS_AMOUNT_DIFF);
}

}  // namespace remit::gateway
