#include "ledger/wire/governance.h"

#include <catch2/catch.hpp>

#include "test/unit/ledger/wire/sample_operations.h"

using namespace remit;          // NOLINT(google-build-using-namespace)
using namespace remit::ledger;  // NOLINT(google-build-using-namespace)
using namespace remit::test;    // NOLINT(google-build-using-namespace)

namespace {

v1::GovernanceAction action_of(const Bytes& bytes) {
    v1::GovernanceAction action;
    action.ParseFromString(bytes);
    return action;
}

SetParticipant sample_change() {
    for (const Operation& operation : every_operation()) {
        if (const auto* change = std::get_if<SetParticipant>(&operation)) {
            return *change;
        }
    }
    throw std::logic_error("no sample");
}

LedgerError refusal_of_change(const v1::GovernanceAction& action) {
    v1::SetParticipant operation;
    operation.set_action(action.SerializeAsString());
    return wire::from_proto(operation).error();
}

}  // namespace

TEST_CASE("governance: an approval signs the action's bytes for one chain", "[ledger][wire]") {
    const auto change = sample_change();
    const auto& approval = change.approvals.at(0);
    CHECK(approval.key == sample_key("govern A").public_key());
    CHECK(verify(approval.key, signed_bytes(domain::govern, {sample_chain.view(), change.bytes}),
                 approval.signature));
    CHECK_FALSE(
        verify(approval.key,
               signed_bytes(domain::govern, {hash(domain::genesis, "other").view(), change.bytes}),
               approval.signature));
}

TEST_CASE("governance: what was proposed is what organisations read", "[ledger][wire]") {
    const auto change = sample_change();
    const auto read = wire::from_proto(wire::to_proto(change));
    REQUIRE(read.has_value());
    CHECK(*read == change);
}

TEST_CASE("governance: names, kinds and keys that are not known are refused", "[ledger][wire]") {
    auto action = action_of(sample_change().bytes);
    auto& change = *action.mutable_participant();
    SECTION("role") {
        change.add_roles("EMPEROR");
        CHECK(refusal_of_change(action) == LedgerError::bad_action);
    }
    SECTION("key purpose") {
        change.mutable_add_keys(0)->set_purpose("EVERYTHING");
        CHECK(refusal_of_change(action) == LedgerError::bad_action);
    }
    SECTION("status") {
        change.set_status(v1::PARTICIPANT_STATUS_UNSPECIFIED);
        CHECK(refusal_of_change(action) == LedgerError::bad_action);
    }
    SECTION("status that does not exist") {
        change.set_status(static_cast<v1::ParticipantStatus>(9));
        CHECK(refusal_of_change(action) == LedgerError::bad_action);
    }
    SECTION("another kind of action") {
        action.mutable_calendar();
        CHECK(refusal_of_change(action) == LedgerError::bad_action);
    }
    SECTION("no action") {
        action.clear_action();
        CHECK(refusal_of_change(action) == LedgerError::bad_action);
    }
    SECTION("short nonce") {
        action.set_nonce("x");
        CHECK(refusal_of_change(action) == LedgerError::bad_encoding);
    }
    SECTION("short key") {
        change.mutable_add_keys(0)->set_key("x");
        CHECK(refusal_of_change(action) == LedgerError::bad_encoding);
    }
    SECTION("unknown field") {
        change.GetReflection()->MutableUnknownFields(&change)->AddVarint(99, 1);
        CHECK(refusal_of_change(action) == LedgerError::unknown_field);
    }
}

TEST_CASE("governance: bytes that are no action are refused", "[ledger][wire]") {
    v1::SetPolicy operation;
    operation.set_action("\xff\xff");
    CHECK(wire::from_proto(operation).error() == LedgerError::bad_encoding);
}

TEST_CASE("governance: approvals have keys and signatures of their size", "[ledger][wire]") {
    auto operation = wire::to_proto(sample_change());
    SECTION("short key") {
        operation.mutable_approvals(0)->set_key_id("x");
    }
    SECTION("short signature") {
        operation.mutable_approvals(1)->set_signature("x");
    }
    CHECK(wire::from_proto(operation).error() == LedgerError::bad_encoding);
}

TEST_CASE("governance: a policy without a rate mode is refused", "[ledger][wire]") {
    auto action = action_of(
        wire::propose(Policy{}, {.nonce = sample_uuid(1), .valid_until = {1}, .as_of_height = 0})
            .bytes);
    action.mutable_policy()->set_rate_mode(v1::RATE_MODE_UNSPECIFIED);
    v1::SetPolicy operation;
    operation.set_action(action.SerializeAsString());
    CHECK(wire::from_proto(operation).error() == LedgerError::bad_encoding);
}

namespace {
v1::SetValidators plan_action(void (*change)(v1::ValidatorPlan&)) {
    for (const Operation& operation : every_operation()) {
        if (const auto* set = std::get_if<SetValidators>(&operation)) {
            auto action = action_of(set->bytes);
            change(*action.mutable_validators());
            v1::SetValidators out;
            out.set_action(action.SerializeAsString());
            return out;
        }
    }
    throw std::logic_error("no sample");
}
}  // namespace

TEST_CASE("governance: a plan names the parameters that change, and a zero among them",
          "[ledger][wire]") {
    const auto read = wire::from_proto(plan_action([](v1::ValidatorPlan&) {}));
    REQUIRE(read);
    CHECK(read->content.params.values ==
          std::vector<ParamChange>{{GovernedParam::lag_max, 8}, {GovernedParam::seal_delay_ms, 0}});
    const auto none =
        wire::from_proto(plan_action([](v1::ValidatorPlan& plan) { plan.clear_parameters(); }));
    REQUIRE(none);
    CHECK(none->content.params.values.empty());
}

TEST_CASE("governance: parameters that are said and are none are refused", "[ledger][wire]") {
    const auto read = wire::from_proto(
        plan_action([](v1::ValidatorPlan& plan) { plan.mutable_parameters()->Clear(); }));
    REQUIRE_FALSE(read);
    CHECK(read.error() == LedgerError::bad_action);
    const auto unknown = wire::from_proto(plan_action([](v1::ValidatorPlan& plan) {
        auto& params = *plan.mutable_parameters();
        params.GetReflection()->MutableUnknownFields(&params)->AddVarint(99, 1);
    }));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error() == LedgerError::unknown_field);
}

TEST_CASE("governance: every governed parameter is shown by its name", "[ledger][wire]") {
    const ConsensusParams params;
    const auto shown = wire::to_proto(params);
    const auto& fields = *v1::ConsensusParameters::descriptor();
    REQUIRE(fields.field_count() == static_cast<int>(governed_params().size()));
    for (const auto& each : governed_params()) {
        CAPTURE(each.name);
        const auto* field = fields.FindFieldByName(std::string(each.name));
        REQUIRE(field != nullptr);
        CHECK(field->number() == static_cast<int>(each.param));
        CHECK(shown.GetReflection()->HasField(shown, field));
        CHECK(shown.GetReflection()->GetUInt32(shown, field) == params.*(each.field));
    }
}
