#include <catch2/catch.hpp>

#include "ledger/apply.h"
#include "ledger/rules/next_epoch.h"
#include "ledger/rules/plan_check.h"
#include "ledger/rules/ready.h"
#include "ledger/rules/set_validators.h"
#include "ledger/state/memory_view.h"
#include "test/support/ledger/network.h"

using namespace remit;
using namespace remit::ledger;
using remit::test::genesis_time;
using remit::test::Network;

namespace {
const std::vector<std::string> organisations{"A", "G", "bank"};

SecretKey new_key(std::uint8_t number) {
    KeySeed seed;
    seed.data.fill(number);
    return SecretKey(seed);
}

/// Four validators A, G, bank and reg of the test network; T may become the fifth.
class EpochWorld {
public:
    explicit EpochWorld(std::uint64_t epoch_blocks = 10, const ConsensusParams& params = {}) {
        Writer writer;
        params.write(writer);
        network_.genesis().consensus_params = writer.take();
        network_.genesis().devnet = false;
        network_.genesis().epoch_blocks = epoch_blocks;
        Delta first(view_);
        write_genesis(network_.genesis(), network_.chain_id(), first);
        LedgerState state(first);
        auto member = *state.participant(network_.id_of("T"));
        member.roles.push_back(Role::validator);
        state.put(member);
        for (const auto& [owner, key] :
             {std::pair("T", joiner.public_key()), std::pair("A", rotated.public_key())}) {
            state.put(KeyRecord{
                .key = key, .participant = network_.id_of(owner), .purpose = KeyPurpose::validate});
        }
        view_.apply(first.write_set());
    }

    [[nodiscard]] EpochPlan plan() const {
        const auto now = *state().epoch();
        return {.validators = now.validators, .epoch_blocks = 20, .protocol_version = 1};
    }
    [[nodiscard]] EpochValidator fifth() const {
        return {.participant = network_.id_of("T"),
                .name = "T",
                .validate_key = joiner.public_key(),
                .transport_pin = hash(domain::hello, "T"),
                .address = "127.0.0.1:7040"};
    }
    [[nodiscard]] EpochPlan plan_with_fifth() const {
        auto out = plan();
        out.validators.push_back(fifth());
        return out;
    }

    RuleResult set(const EpochPlan& plan, const std::vector<std::string>& by = organisations) {
        Uuid nonce;
        nonce.data[0] = ++nonces_;
        SetValidators action;
        action.bytes = "plan " + std::to_string(nonces_);
        action.nonce = nonce;
        action.valid_until = {genesis_time.ms + 60'000};
        action.as_of_height = height_ - 1;
        action.content = plan;
        const auto message =
            signed_bytes(domain::govern, {network_.chain_id().view(), action.bytes});
        for (const auto& name : by) {
            const auto key = Network::key(name, KeyPurpose::govern);
            action.approvals.push_back({key.public_key(), key.sign(message)});
        }
        return run(set_validators, action, "bank", {});
    }
    RuleResult say_ready(const std::string& who, const PublicKey& key, std::uint64_t as_of,
                         std::uint16_t version_max = 1) {
        return run(ready,
                   Ready{.as_of_height = as_of, .version_min = 1, .version_max = version_max}, who,
                   key);
    }
    void all_ready(std::uint16_t version_max = 1) {
        for (const std::string name : {"A", "G", "bank", "reg"}) {
            REQUIRE(say_ready(name, Network::key(name, KeyPurpose::validate).public_key(),
                              height_ - 1, version_max));
        }
    }

    /// The next block, of nothing else.
    BlockResult block(const std::optional<EpochRecord>& next = std::nullopt) {
        const BlockInput input{
            .height = height_, .time = genesis_time, .items = {}, .next_epoch = next};
        auto result = apply_block(view_, input);
        REQUIRE_FALSE(result.breach);
        view_.apply(result.writes);
        ++height_;
        return result;
    }
    void blocks(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            static_cast<void>(block());
        }
    }
    [[nodiscard]] StateReader state() const { return StateReader(view_); }
    [[nodiscard]] std::uint64_t height() const { return height_; }

    const SecretKey joiner = new_key(41);
    const SecretKey rotated = new_key(42);

private:
    template <class Rule, class Operation>
    RuleResult run(Rule rule, const Operation& operation, const std::string& who,
                   const PublicKey& key) {
        OperationContext context{{network_.chain_id(), height_, genesis_time},
                                 network_.id_of(who),
                                 key,
                                 TransactionId{}};
        Delta delta(view_);
        LedgerState state(delta);
        auto result = rule(operation, context, state);
        if (result) {
            view_.apply(delta.write_set());
        }
        return result;
    }

    Network network_;
    MemoryView view_;
    std::uint64_t height_ = 1;
    std::uint8_t nonces_ = 0;
};

LedgerError refusal(const RuleResult& result) {
    REQUIRE_FALSE(result);
    return result.error().error;
}
}  // namespace

TEST_CASE("epoch: without a plan the same set goes on, an epoch length later") {
    EpochWorld world;
    const auto result = world.block();
    REQUIRE(result.next_epoch);
    CHECK(result.next_epoch->epoch == 2);
    CHECK(result.next_epoch->end_height == 20);
    CHECK(result.next_epoch->reason == EpochReason::unchanged);
    CHECK(result.next_epoch->validators == world.state().epoch()->validators);
    CHECK(world.state().epoch()->end_height == 10);
}

TEST_CASE("set_validators: needs the approvals of governance and a set that can vote") {
    EpochWorld world;
    CHECK(refusal(world.set(world.plan_with_fifth(), {"A", "bank"})) ==
          LedgerError::threshold_not_met);
    const auto refused = [&](void (*change)(EpochPlan&)) {
        auto plan = world.plan_with_fifth();
        change(plan);
        return refusal(world.set(plan)) == LedgerError::bad_action;
    };
    CHECK(refused([](EpochPlan& plan) { plan.validators.clear(); }));
    CHECK(refused([](EpochPlan& plan) { plan.validators.resize(3); }));
    CHECK(refused([](EpochPlan& plan) { plan.validators[4].name = "A"; }));
    CHECK(refused([](EpochPlan& plan) { plan.validators[4].transport_pin = {}; }));
    CHECK(refused([](EpochPlan& plan) {
        plan.validators[4].validate_key = plan.validators[0].validate_key;
    }));
    CHECK(refused([](EpochPlan& plan) {
        plan.validators[4].transport_pin = plan.validators[0].transport_pin;
    }));
    CHECK(refused([](EpochPlan& plan) { plan.validators[4].participant = {1}; }));
    CHECK(refused([](EpochPlan& plan) { plan.validators[4].validate_key.data[0] ^= 1U; }));
    CHECK(refused([](EpochPlan& plan) { plan.epoch_blocks = 3; }));
    CHECK(refused([](EpochPlan& plan) { plan.protocol_version = 3; }));
    CHECK(refused([](EpochPlan& plan) { plan.protocol_version = 0; }));
    CHECK_FALSE(world.state().epoch_plan());
    REQUIRE(world.set(world.plan_with_fifth()));
    CHECK(world.state().epoch_plan() == world.plan_with_fifth());
}

TEST_CASE("set_validators: an approval kept back does not undo a later plan") {
    EpochWorld world;
    world.blocks(3);
    REQUIRE(world.set(world.plan_with_fifth()));
    CHECK(refusal(world.set(world.plan())) == LedgerError::action_height);
    world.blocks(1);
    REQUIRE(world.set(world.plan()));
    CHECK(world.state().epoch_plan() == world.plan());
}

TEST_CASE("ready: only of a listed key, near the newest height, of some version") {
    EpochWorld world;
    world.blocks(30);
    const auto key = world.joiner.public_key();
    CHECK(refusal(world.say_ready("T", key, world.height() - 1)) == LedgerError::not_listed);
    REQUIRE(world.set(world.plan_with_fifth()));
    CHECK(refusal(world.say_ready("A", key, world.height() - 1)) == LedgerError::not_listed);
    CHECK(refusal(world.say_ready("T", key, world.height())) == LedgerError::not_following);
    CHECK(refusal(world.say_ready("T", key, world.height() - 17)) == LedgerError::not_following);
    CHECK(refusal(world.say_ready("T", key, world.height() - 1, 0)) == LedgerError::not_following);
    REQUIRE(world.say_ready("T", key, world.height() - 16));
    CHECK(world.state().ready(key) ==
          ReadyRecord{.height = world.height(), .version_min = 1, .version_max = 1});
}

TEST_CASE("epoch: a joiner that is not ready keeps the old set, and is named") {
    EpochWorld world;
    REQUIRE(world.set(world.plan_with_fifth()));
    world.all_ready();
    const auto result = world.block();
    CHECK(result.next_epoch->reason == EpochReason::joiner_not_ready);
    CHECK(result.next_epoch->not_ready == std::vector{world.joiner.public_key()});
    CHECK(result.next_epoch->validators == world.state().epoch()->validators);
    CHECK(result.next_epoch->end_height == 20);
}

TEST_CASE("epoch: a plan waits until a quorum of its set is ready") {
    EpochWorld world;
    REQUIRE(world.set(world.plan_with_fifth()));
    REQUIRE(world.say_ready("T", world.joiner.public_key(), world.height() - 1));
    CHECK(world.block().next_epoch->reason == EpochReason::quorum_not_ready);
    world.all_ready();
    const auto result = world.block();
    CHECK(result.next_epoch->reason == EpochReason::activated);
    CHECK(result.next_epoch->validators == world.plan_with_fifth().validators);
    CHECK(result.next_epoch->end_height == 10 + 20);
    CHECK(result.next_epoch->not_ready.empty());
}

TEST_CASE("epoch: readiness is forgotten after its life") {
    EpochWorld world;
    REQUIRE(world.set(world.plan_with_fifth()));
    REQUIRE(world.say_ready("T", world.joiner.public_key(), world.height() - 1));
    world.all_ready();
    const auto said = world.height();
    while (world.height() < said + ready_life) {
        world.blocks(1);
    }
    CHECK(world.block().next_epoch->reason == EpochReason::activated);
    CHECK(world.block().next_epoch->reason == EpochReason::joiner_not_ready);
}

TEST_CASE("epoch: a version that too few can vote in is not activated") {
    EpochWorld world;
    auto plan = world.plan();
    plan.protocol_version = 2;
    REQUIRE(world.set(plan));
    world.all_ready(1);
    CHECK(world.block().next_epoch->reason == EpochReason::quorum_not_ready);
    world.all_ready(2);
    const auto next = world.block().next_epoch;
    CHECK(next->reason == EpochReason::activated);
    CHECK(next->protocol_version == 2);
}

TEST_CASE("epoch: what begins is what its last block named, whatever was planned since") {
    EpochWorld world;
    REQUIRE(world.set(world.plan_with_fifth()));
    REQUIRE(world.say_ready("T", world.joiner.public_key(), world.height() - 1));
    world.all_ready();
    const auto named = world.block().next_epoch;
    REQUIRE(named->reason == EpochReason::activated);
    world.blocks(2);
    auto later = world.plan();
    later.epoch_blocks = 77;
    REQUIRE(world.set(later));
    const auto result = world.block(named);
    CHECK(*world.state().epoch() == *named);
    CHECK(world.state().epoch(1)->end_height == 10);
    CHECK(world.state().epoch_plan() == later);
    CHECK(result.next_epoch->epoch == 3);
    CHECK(result.next_epoch->end_height == named->end_height + 77);
}

TEST_CASE("epoch: a plan that began is done, and the next epoch goes on with it") {
    EpochWorld world;
    auto plan = world.plan();
    plan.validators[0].validate_key = world.rotated.public_key();  // a key rotates
    REQUIRE(world.set(plan));
    world.all_ready();
    CHECK(world.block().next_epoch->reason == EpochReason::joiner_not_ready);
    REQUIRE(world.say_ready("A", world.rotated.public_key(), world.height() - 1));
    const auto named = world.block().next_epoch;
    REQUIRE(named->reason == EpochReason::activated);
    const auto result = world.block(named);
    CHECK_FALSE(world.state().epoch_plan());
    CHECK(result.next_epoch->reason == EpochReason::unchanged);
    CHECK(result.next_epoch->validators == plan.validators);
}

TEST_CASE("set_validators: nobody gets what another one shows or votes with in force") {
    EpochWorld world;
    const auto refused = [&](void (*change)(EpochPlan&)) {
        auto plan = world.plan_with_fifth();
        change(plan);
        return refusal(world.set(plan)) == LedgerError::seat_of_another;
    };
    CHECK(refused([](EpochPlan& plan) {  // two swap their certificates
        std::swap(plan.validators[0].transport_pin, plan.validators[1].transport_pin);
    }));
    CHECK(refused([](EpochPlan& plan) {  // one takes it of one who gets another
        plan.validators[0].transport_pin = plan.validators[1].transport_pin;
        plan.validators[1].transport_pin = hash(domain::hello, "new");
    }));
    CHECK(refused([](EpochPlan& plan) {  // ... or of one who leaves
        plan.validators[4].transport_pin = plan.validators[0].transport_pin;
        plan.validators.erase(plan.validators.begin());
    }));
    CHECK(refused([](EpochPlan& plan) {  // a seat under another name is another one
        plan.validators[0].name = "somebody";
    }));
    CHECK(refused([](EpochPlan& plan) {  // a key goes to another seat of its owner
        plan.validators[4] = plan.validators[0];
        plan.validators[4].name = "second";
        plan.validators[4].transport_pin = hash(domain::hello, "second");
        plan.validators[4].address = "127.0.0.1:7041";
        plan.validators.erase(plan.validators.begin());
    }));
    CHECK_FALSE(world.state().epoch_plan());
}

TEST_CASE("set_validators: a certificate changes hands in two steps") {
    EpochWorld world;
    const auto first = world.state().epoch()->validators[0].transport_pin;
    auto plan = world.plan();
    plan.validators[0].transport_pin = hash(domain::hello, "new");
    REQUIRE(world.set(plan));
    world.all_ready();
    const auto named = world.block().next_epoch;
    REQUIRE(named->reason == EpochReason::activated);
    static_cast<void>(world.block(named));
    auto later = world.plan();
    later.validators[1].transport_pin = first;
    REQUIRE(world.set(later));
    CHECK(world.state().epoch_plan() == later);
}

TEST_CASE("epoch: a plan that what begins contradicts is dropped when it begins") {
    EpochWorld world;
    const auto pin = world.state().epoch()->validators[0].transport_pin;
    auto plan = world.plan();
    plan.validators[0].transport_pin = hash(domain::hello, "new");
    REQUIRE(world.set(plan));
    world.all_ready();
    const auto named = world.block().next_epoch;
    REQUIRE(named->reason == EpochReason::activated);
    auto later = world.plan();  // good by the epoch in force, of one that is over soon
    later.validators[0].transport_pin = pin;
    later.validators[1].transport_pin = hash(domain::hello, "other");
    REQUIRE(world.set(later));
    static_cast<void>(world.block(named));
    CHECK(world.state().epoch_plan() == later);  // it only goes back to what it had

    EpochWorld second;
    REQUIRE(second.set(plan));
    second.all_ready();
    const auto begins = second.block().next_epoch;
    auto swapped = second.plan();
    swapped.validators[0].transport_pin = hash(domain::hello, "third");
    swapped.validators[1].transport_pin = hash(domain::hello, "new");
    REQUIRE(second.set(swapped));
    const auto result = second.block(begins);
    CHECK_FALSE(second.state().epoch_plan());
    CHECK(result.next_epoch->reason == EpochReason::unchanged);
    CHECK(result.next_epoch->validators == plan.validators);
}

TEST_CASE("epoch: parameters change with the plan, and stay for the epochs after") {
    EpochWorld world;
    auto plan = world.plan();
    plan.params.values = {{GovernedParam::lag_max, 8}, {GovernedParam::block_bytes_max, 2'097'152}};
    REQUIRE(world.set(plan));
    world.all_ready();
    const auto named = world.block().next_epoch;
    REQUIRE(named->reason == EpochReason::activated);
    CHECK(params_of(*world.state().epoch()) == ConsensusParams{});
    const auto result = world.block(named);
    CHECK_FALSE(world.state().epoch_plan());
    ConsensusParams wanted;
    wanted.lag_max = 8;
    wanted.block_bytes_max = 2'097'152;
    CHECK(params_of(*world.state().epoch()) == wanted);
    CHECK(result.next_epoch->consensus_params == named->consensus_params);
    // Another plan changes what it names, nothing else.
    auto later = world.plan();
    later.params.values = {{GovernedParam::lag_max, 24}};
    REQUIRE(world.set(later));
    world.all_ready();
    wanted.lag_max = 24;
    CHECK(params_of(*world.block().next_epoch) == wanted);
}

TEST_CASE("set_validators: parameters out of their range, or against one in force, are refused") {
    ConsensusParams first;
    first.expiry_window = 64;
    EpochWorld world(10, first);
    const auto refused = [&](std::vector<ParamChange> changes) {
        auto plan = world.plan();
        plan.params.values = std::move(changes);
        return refusal(world.set(plan)) == LedgerError::param_refused;
    };
    for (const auto& each : governed_params()) {
        CAPTURE(each.name);
        CHECK(refused({{each.param, each.most + 1}}));
        if (each.least > 0) {
            CHECK(refused({{each.param, each.least - 1}}));
        }
    }
    CHECK(refused({{GovernedParam::lag_max, 65}}));
    CHECK(refused({{GovernedParam::delta_ms_min, 2'001}}));
    CHECK(refused({{GovernedParam::lag_max, 8}, {GovernedParam::lag_max, 8}}));
    CHECK(refused({{GovernedParam{}, 1}}));
    CHECK_FALSE(world.state().epoch_plan());
    auto plan = world.plan();
    plan.params.values = {{GovernedParam::lag_max, 64}};
    REQUIRE(world.set(plan));
}

TEST_CASE("epoch: a plan whose parameters what begins contradicts is dropped") {
    EpochWorld world;
    auto plan = world.plan();
    plan.params.values = {{GovernedParam::delta_ms_max, 500}};
    REQUIRE(world.set(plan));
    world.all_ready();
    const auto named = world.block().next_epoch;
    auto later = world.plan();
    later.params.values = {{GovernedParam::delta_ms_min, 501}};
    REQUIRE(world.set(later));
    const auto result = world.block(named);
    CHECK_FALSE(world.state().epoch_plan());
    CHECK(result.next_epoch->consensus_params == named->consensus_params);
    CHECK(params_of(*world.state().epoch())->delta_ms_max == 500);
}

TEST_CASE("epoch: a plan that changes no parameter is written as it always was") {
    const EpochPlan plan{.validators = {}, .epoch_blocks = 5, .protocol_version = 2};
    const Bytes before("\x01\0\0\0\0\0\0\0\0\0\0\0\x05\0\x02", 15);
    CHECK(encode(plan) == before);
    CHECK(decode<EpochPlan>(before) == plan);
    auto more = plan;
    more.params.values = {{GovernedParam::lag_max, 8}};
    const auto bytes = encode(more);
    CHECK(bytes == before + Bytes("\0\0\0\x01\x03\0\0\0\x08", 9));
    CHECK(decode<EpochPlan>(bytes) == more);
    for (auto size = before.size() + 1; size < bytes.size(); ++size) {
        CHECK_FALSE(decode<EpochPlan>(ByteView(bytes).substr(0, size)));
    }
    CHECK_FALSE(decode<EpochPlan>(before + Bytes(4, '\0')));  // said to be none: another form
}

TEST_CASE("epoch: verbs are for governance and for VALIDATE keys") {
    CHECK(may_sign(KeyPurpose::validate, Verb::ready));
    CHECK_FALSE(may_sign(KeyPurpose::operate, Verb::ready));
    CHECK(may_sign(KeyPurpose::govern, Verb::set_validators));
    CHECK_FALSE(may_sign(KeyPurpose::validate, Verb::set_validators));
}
