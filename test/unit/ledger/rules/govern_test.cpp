#include "ledger/rules/set_calendar.h"
#include "ledger/rules/set_participant.h"
#include "ledger/rules/set_policy.h"
#include "test/unit/ledger/rules/settlement_world.h"

using namespace remit;
using namespace remit::ledger;
using namespace remit::ledger::test;

namespace {
const std::vector<ParticipantId> three{bank, operator_a, operator_t};

/// An action with the approvals of `signers` over its bytes.
template <class Op, class C>
Op action(const SettlementWorld& world, C content, const std::vector<ParticipantId>& signers,
          std::uint8_t nonce = 1) {
    Op out;
    out.bytes = "action " + std::to_string(nonce);
    out.nonce.data[0] = nonce;
    out.valid_until = BlockTime{world.time().ms + 60'000};
    out.as_of_height = world.height() - 1;
    out.content = std::move(content);
    const Bytes message =
        signed_bytes(domain::govern, {world.context(bank).chain_id.view(), out.bytes});
    for (const ParticipantId signer : signers) {
        const SecretKey key = SettlementWorld::govern_key(signer);
        out.approvals.push_back({key.public_key(), key.sign(message)});
    }
    return out;
}

Policy with(void (*change)(Policy&)) {
    Policy out;
    change(out);
    return out;
}

PublicKey fresh_key(std::uint8_t first) {
    KeySeed seed;
    seed.data[0] = first;
    seed.data[5] = 77;
    return SecretKey(seed).public_key();
}

ParticipantChange new_maker() {
    return {.id = {9},
            .name = "M3",
            .roles = {Role::market_maker},
            .bic = "MKRTHKHH",
            .lei = {},
            .jurisdiction = "HK",
            .status = ParticipantStatus::active,
            .add_keys = {{fresh_key(1), KeyPurpose::quote}},
            .revoke_keys = {}};
}

ParticipantChange as_is(SettlementWorld& world, ParticipantId id) {
    const Participant now = *world.state().participant(id);
    return {.id = id,
            .name = now.name,
            .roles = now.roles,
            .bic = now.bic,
            .lei = now.lei,
            .jurisdiction = now.jurisdiction,
            .status = now.status,
            .add_keys = {},
            .revoke_keys = {}};
}
}  // namespace

TEST_CASE("govern: three of four organisations change the policy, two do not") {
    SettlementWorld world;
    Policy policy;
    policy.cap_bps = 8'000;
    REQUIRE(refusal(world.run(set_policy, action<SetPolicy>(world, policy, {bank, operator_a}))) ==
            LedgerError::threshold_not_met);
    REQUIRE(world.state().policy().cap_bps == 9'000);
    REQUIRE(world.run(set_policy, action<SetPolicy>(world, policy, three), operator_g));
    REQUIRE(world.state().policy().cap_bps == 8'000);
}

TEST_CASE("govern: an organisation counts once however often it signs") {
    SettlementWorld world;
    const auto doubled = action<SetPolicy>(world, Policy{}, {bank, bank, operator_a, operator_a});
    REQUIRE(refusal(world.run(set_policy, doubled)) == LedgerError::threshold_not_met);
    REQUIRE(refusal(world.run(set_policy, action<SetPolicy>(world, Policy{}, {}))) ==
            LedgerError::threshold_not_met);
}

TEST_CASE("govern: approvals are good signatures of GOVERN keys over these very bytes") {
    SettlementWorld world;
    auto forged = action<SetPolicy>(world, Policy{}, three);
    forged.approvals[1].signature.data[3] ^= 1U;
    REQUIRE(refusal(world.run(set_policy, forged)) == LedgerError::bad_approval);
    auto other_bytes = action<SetPolicy>(world, Policy{}, three);
    other_bytes.bytes += ".";
    REQUIRE(refusal(world.run(set_policy, other_bytes)) == LedgerError::bad_approval);
    auto unknown = action<SetPolicy>(world, Policy{}, three);
    unknown.approvals[0].key = fresh_key(8);
    REQUIRE(refusal(world.run(set_policy, unknown)) == LedgerError::bad_approval);
    auto revoked = *world.state().key(SettlementWorld::govern_key(bank).public_key());
    revoked.revoked_height = 1;
    world.state().put(revoked);
    REQUIRE(refusal(world.run(set_policy, action<SetPolicy>(world, Policy{}, three))) ==
            LedgerError::bad_approval);
}

TEST_CASE("govern: a nonce serves one action, of whatever kind, within its validity") {
    SettlementWorld world;
    REQUIRE(world.run(set_policy, action<SetPolicy>(world, Policy{}, three)));
    REQUIRE(refusal(world.run(set_policy, action<SetPolicy>(world, Policy{}, three))) ==
            LedgerError::action_used);
    REQUIRE(
        refusal(world.run(set_participant, action<SetParticipant>(world, new_maker(), three))) ==
        LedgerError::action_used);
    auto late = action<SetPolicy>(world, Policy{}, three, 2);
    late.valid_until = BlockTime{world.time().ms - 1};
    REQUIRE(refusal(world.run(set_policy, late)) == LedgerError::action_expired);
}

TEST_CASE("govern: an action lives seven days at most") {
    SettlementWorld world;
    constexpr std::int64_t week_ms = 7 * 86'400'000LL;
    auto kept = action<SetPolicy>(world, Policy{}, three);
    kept.valid_until = BlockTime{world.time().ms + week_ms + 1};
    REQUIRE(refusal(world.run(set_policy, kept)) == LedgerError::action_too_far);
    kept.valid_until = BlockTime{INT64_MAX};
    REQUIRE(refusal(world.run(set_policy, kept)) == LedgerError::action_too_far);
    kept.valid_until = BlockTime{world.time().ms + week_ms};
    REQUIRE(world.run(set_policy, kept));
}

TEST_CASE("govern: an action replaces only the state it was signed for") {
    SettlementWorld world;
    world.next_block();
    const auto first = action<SetPolicy>(world, Policy{}, three, 1);
    const auto second = action<SetPolicy>(world, Policy{}, three, 2);
    auto ahead = action<SetPolicy>(world, Policy{}, three, 3);
    ahead.as_of_height = world.height();
    REQUIRE(refusal(world.run(set_policy, ahead)) == LedgerError::action_height);
    REQUIRE(world.run(set_policy, first));
    REQUIRE(refusal(world.run(set_policy, second)) == LedgerError::action_height);
    // Refused, it has not used its nonce up; later the height it was signed for is still too old.
    world.next_block();
    REQUIRE(refusal(world.run(set_policy, second)) == LedgerError::action_height);
    REQUIRE(world.run(set_policy, action<SetPolicy>(world, Policy{}, three, 2)));
}

TEST_CASE("set_policy: values no network can live with are refused") {
    const auto bad = GENERATE(
        with([](Policy& p) { p.cap_bps = 0; }), with([](Policy& p) { p.haircut_bps = 10'000; }),
        with([](Policy& p) { p.rate_mode = RateMode::unspecified; }),
        with([](Policy& p) { p.quote_life_max_ms = 4'999; }),
        with([](Policy& p) { p.quote_life_max_ms = 600'001; }),
        with([](Policy& p) { p.escrow_life_max_ms = 0; }),
        with([](Policy& p) { p.escrow_life_max_ms = 86'400'001; }),
        with([](Policy& p) { p.return_life_max_ms = -1; }),
        with([](Policy& p) { p.return_life_max_ms = 86'400'001; }),
        with([](Policy& p) { p.pay_in_deadline_ms = 0; }),
        with([](Policy& p) { p.attestation_age_max_ms = 0; }),
        with([](Policy& p) { p.validity_max_ms = 86'400'001; }),
        with([](Policy& p) { p.sweep_per_block_max = 0; }),
        with([](Policy& p) { p.operations_per_envelope_max = 0; }),
        with([](Policy& p) { p.envelope_bytes_max = 100; }),
        with([](Policy& p) { p.skew_max_ms = -1; }),
        with([](Policy& p) { p.govern_threshold = 0; }),
        with([](Policy& p) { p.govern_threshold = 5; }),
        with([](Policy& p) { p.corridors = {{hkd, php, 0}}; }),
        with([](Policy& p) { p.corridors = {{hkd, AssetId{7}, 100}}; }),
        with([](Policy& p) { p.corridors = {{hkd, php, 100}, {hkd, php, 200}}; }));
    SettlementWorld world;
    REQUIRE(refusal(world.run(set_policy, action<SetPolicy>(world, bad, three))) ==
            LedgerError::bad_action);
    // A refused action has used up nothing: the same one, mended, may come again.
    REQUIRE(world.run(set_policy, action<SetPolicy>(world, Policy{}, three)));
}

TEST_CASE("set_policy: a smaller cap factor marks who is over it now") {
    SettlementWorld world;
    world.fund();
    world.send_all();
    Policy policy;
    policy.cap_bps = 7'900;  // T: 79 % of 5,000.00 is 3,950.00, it owes 4,000.00
    REQUIRE(world.run(set_policy, action<SetPolicy>(world, policy, three)));
    REQUIRE(world.position(operator_t, hkd).over_cap);
    REQUIRE(world.status(operator_t) == ParticipantStatus::restricted);
    REQUIRE_FALSE(world.position(operator_a, hkd).over_cap);
    world.next_block();
    REQUIRE(world.run(set_policy, action<SetPolicy>(world, Policy{}, three, 2)));
    REQUIRE(world.status(operator_t) == ParticipantStatus::active);
}

TEST_CASE("set_calendar: cut-offs rise, have value dates and one lies ahead") {
    SettlementWorld world;
    const auto at = [&](std::int64_t ms) { return BlockTime{world.time().ms + ms}; };
    const auto attempt = [&](Calendar calendar) {
        return world.run(set_calendar, action<SetCalendar>(world, std::move(calendar), three));
    };
    REQUIRE(refusal(attempt({})) == LedgerError::bad_action);
    REQUIRE(refusal(attempt({{{at(-1), "2024-12-30"}}})) == LedgerError::bad_action);
    REQUIRE(refusal(attempt({{{at(2), "2025-01-02"}, {at(1), "2025-01-02"}}})) ==
            LedgerError::bad_action);
    REQUIRE(refusal(attempt({{{at(2), "2025-02-30"}}})) == LedgerError::bad_action);
    REQUIRE(attempt({{{at(20'000), "2025-01-02"}}}));
    REQUIRE(next_close_at(world.state()) == at(20'000));
}

TEST_CASE("set_participant: registers a maker with its key") {
    SettlementWorld world;
    REQUIRE(world.run(set_participant, action<SetParticipant>(world, new_maker(), three)));
    REQUIRE(world.state().participant({9})->has(Role::market_maker));
    const auto key = world.state().key(fresh_key(1));
    REQUIRE(key->participant == ParticipantId{9});
    REQUIRE(key->purpose == KeyPurpose::quote);
    REQUIRE(key->from_height == world.height());
    world.next_block();
    ParticipantChange revoke = as_is(world, {9});
    revoke.revoke_keys = {fresh_key(1)};
    revoke.add_keys = {{fresh_key(2), KeyPurpose::quote}};
    REQUIRE(world.run(set_participant, action<SetParticipant>(world, revoke, three, 2)));
    REQUIRE_FALSE(world.state().key(fresh_key(1))->in_force());
    // A revoked key never comes back, under whatever owner.
    ParticipantChange again = as_is(world, {9});
    again.add_keys = {{fresh_key(1), KeyPurpose::quote}};
    REQUIRE(refusal(world.run(set_participant, action<SetParticipant>(world, again, three, 3))) ==
            LedgerError::key_in_use);
}

TEST_CASE("set_participant: ill-formed or harmful changes are refused") {
    SettlementWorld world;
    world.fund();
    std::uint8_t nonce = 10;
    const auto attempt = [&](const ParticipantChange& change) {
        return refusal(
            world.run(set_participant, action<SetParticipant>(world, change, three, ++nonce)));
    };
    auto change = new_maker();
    change.id = {0};
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = new_maker();
    change.name.clear();
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = new_maker();
    change.bic = "short";
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = new_maker();
    change.roles = {Role::market_maker, Role::market_maker};
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = new_maker();
    change.roles = {Role::wallet_operator, Role::market_maker};
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = new_maker();
    change.add_keys = {{PublicKey{}, KeyPurpose::quote}};
    REQUIRE(attempt(change) == LedgerError::key_in_use);
    change = new_maker();
    change.revoke_keys = {SettlementWorld::govern_key(operator_a).public_key()};
    REQUIRE(attempt(change) == LedgerError::bad_action);
    // G holds customers and money, the bank issues the assets.
    change = as_is(world, operator_g);
    change.roles = {Role::market_maker};
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = as_is(world, operator_g);
    change.status = ParticipantStatus::exited;
    REQUIRE(attempt(change) == LedgerError::bad_action);
    change = as_is(world, bank);
    change.roles = {};
    REQUIRE(attempt(change) == LedgerError::bad_action);
}

TEST_CASE("set_participant: governance cannot lock itself out") {
    SettlementWorld world;
    auto leave = as_is(world, operator_g);
    leave.revoke_keys = {SettlementWorld::govern_key(operator_g).public_key()};
    REQUIRE(world.run(set_participant, action<SetParticipant>(world, leave, three, 1)));
    // Three organisations are left and three are needed.
    auto another = as_is(world, operator_a);
    another.revoke_keys = {SettlementWorld::govern_key(operator_a).public_key()};
    REQUIRE(refusal(world.run(set_participant, action<SetParticipant>(world, another, three, 2))) ==
            LedgerError::bad_action);
    another.add_keys = {{fresh_key(3), KeyPurpose::govern}};
    REQUIRE(world.run(set_participant, action<SetParticipant>(world, another, three, 3)));
}

TEST_CASE("set_participant: ACTIVE by m of n frees locked cover and forgets failed legs") {
    SettlementWorld world;
    world.fund();
    Participant record = *world.state().participant(maker_1);
    record.status = ParticipantStatus::suspended;
    record.failed_legs = 2;
    world.state().put(record);
    Position position = world.position(maker_1, php);
    position.locked = 1'000;
    position.drawn = 5'000;
    world.state().put(position);
    auto change = as_is(world, maker_1);
    change.status = ParticipantStatus::active;
    REQUIRE(world.run(set_participant, action<SetParticipant>(world, change, three)));
    REQUIRE(world.status(maker_1) == ParticipantStatus::active);
    REQUIRE(world.state().participant(maker_1)->failed_legs == 0);
    REQUIRE(world.position(maker_1, php).locked == 0);
    REQUIRE(world.position(maker_1, php).drawn == 0);
}
