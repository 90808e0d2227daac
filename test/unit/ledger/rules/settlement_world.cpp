#include "test/unit/ledger/rules/settlement_world.h"

#include "ledger/rules/attest_cover.h"
#include "ledger/rules/attest_reserve.h"
#include "ledger/rules/settle_confirm.h"
#include "ledger/rules/settle_fail.h"

namespace remit::ledger::test {

namespace {
constexpr std::int64_t day_ms = 86'400'000;
constexpr BlockTime start{1'735'603'200'000};  // 2024-12-31 00:00 UTC

SecretKey key_of(std::uint8_t first, ParticipantId participant) {
    KeySeed seed;
    seed.data[0] = first;
    seed.data[1] = static_cast<std::uint8_t>(participant.value);
    return SecretKey(seed);
}

GenesisParticipant member(ParticipantId id, const char* name, std::vector<Role> roles) {
    GenesisParticipant out;
    out.participant.id = id;
    out.participant.name = name;
    out.participant.roles = std::move(roles);
    if (id <= operator_g) {
        out.keys.push_back({SettlementWorld::govern_key(id).public_key(), KeyPurpose::govern});
    }
    return out;
}

Genesis example_genesis(const Policy& policy) {
    Genesis out;
    out.network = "example";
    out.devnet = true;
    out.time = start;
    out.validators = {{bank, "bank", key_of(2, bank).public_key(), {}}};
    out.participants = {member(bank, "bank", {Role::clearing_bank}),
                        member(operator_a, "A", {Role::wallet_operator}),
                        member(operator_t, "T", {Role::wallet_operator}),
                        member(operator_g, "G", {Role::wallet_operator}),
                        member(maker_1, "M1", {Role::market_maker}),
                        member(maker_2, "M2", {Role::market_maker})};
    out.assets = {{hkd, "HKD", bank, 2}, {php, "PHP", bank, 2}};
    out.policy = policy;
    for (int i = 0; i < 5; ++i) {
        out.calendar.cut_offs.push_back(
            {BlockTime{start.ms + i * day_ms + day_ms / 3}, "2025-01-02"});
    }
    return out;
}

AccountId customer_of(ParticipantId participant, AssetId asset) {
    CustomerTag tag;
    tag.data[0] = 7;
    return customer_account(participant, asset, tag);
}

AccountId settlement_of(ParticipantId participant, AssetId asset) {
    return own_account(participant, asset, AccountKind::settlement);
}

void open_wallet(LedgerState& state, ParticipantId participant, AssetId asset) {
    const AccountId id = customer_of(participant, asset);
    if (!state.account(id)) {
        state.put(Account{.id = id});
        Position position = state.position(participant, asset);
        position.holds_customers = true;
        state.put(position);
    }
}
}  // namespace

SecretKey SettlementWorld::govern_key(ParticipantId participant) {
    return key_of(1, participant);
}

SettlementWorld::SettlementWorld(const Policy& policy) : time_(start) {
    const Genesis genesis = example_genesis(policy);
    Delta first(base_);
    write_genesis(genesis, chain_id_of(encode_genesis(genesis)), first);
    base_.apply(first.write_set());
}

void SettlementWorld::set_cover(ParticipantId participant, Money cover) {
    Position record = position(participant, cover.asset);
    record.cover = cover.minor;
    state_.put(record);
}

void SettlementWorld::on_ramp(ParticipantId participant, Money money) {
    open_wallet(state_, participant, money.asset);
    Position record = position(participant, money.asset);
    record.reserve += money.minor;
    state_.put(record);
    REQUIRE(post(state_, {settlement_of(participant, money.asset),
                          customer_of(participant, money.asset), money.minor}));
}

void SettlementWorld::fund() {
    set_cover(operator_a, {hkd, 2'000'000});
    set_cover(operator_t, {hkd, 500'000});
    set_cover(operator_g, {php, 3'500'000});
    set_cover(maker_1, {php, 15'000'000});
    set_cover(maker_2, {hkd, 1'000'000});
    set_cover(maker_2, {php, 2'200'000});
    on_ramp(operator_a, {hkd, 1'250'055});
    on_ramp(operator_t, {hkd, 400'000});
    on_ramp(operator_g, {php, 3'000'000});
}

void SettlementWorld::send(const Crossing& crossing) {
    const auto [payer, maker, payee, source, target] = crossing;
    open_wallet(state_, payee, target.asset);
    REQUIRE(post(state_, {customer_of(payer, source.asset), settlement_of(maker, source.asset),
                          source.minor}));
    REQUIRE(post(state_, {settlement_of(maker, target.asset), customer_of(payee, target.asset),
                          target.minor}));
}

void SettlementWorld::send_all() {
    send({operator_a, maker_1, operator_g, {hkd, 1'000'000}, {php, 7'473'500}});
    send({operator_a, maker_2, operator_g, {hkd, 250'055}, {php, 1'868'936}});
    send({operator_t, maker_1, operator_g, {hkd, 400'000}, {php, 2'989'400}});
    send({operator_g, maker_2, operator_a, {php, 3'000'000}, {hkd, 401'100}});
}

void SettlementWorld::mark(AssetId source, AssetId target, const std::string& rate) {
    const Rate parsed = parse_rate(rate).value();
    state_.put(Mark{.mark_id = 1,
                    .source = source,
                    .target = target,
                    .bid = parsed,
                    .ask = parsed,
                    .valid_from = time_,
                    .valid_to = BlockTime{time_.ms + day_ms},
                    .superseded_at = {}});
}

std::vector<LedgerEvent> SettlementWorld::next_block(std::int64_t ms) {
    ++height_;
    time_.ms += ms;
    std::vector<LedgerEvent> events;
    close_window_if_due(context(bank), state_, events);
    return events;
}

std::vector<LedgerEvent> SettlementWorld::pass_cut_off() {
    const auto cut_off = next_cut_off(state_.calendar(), time_);
    REQUIRE(cut_off);
    return next_block(cut_off->at.ms - time_.ms);
}

void SettlementWorld::pass_deadline(WindowId window) {
    next_block(state_.window(window)->pay_in_deadline.ms - time_.ms);
}

RuleResult SettlementWorld::confirm(WindowId window, ParticipantId participant, Money money,
                                    SettleSource source) {
    const SettleConfirm operation{.window = window,
                                  .participant = participant,
                                  .asset = money.asset,
                                  .entries = {{.account = "clearing",
                                               .booking_date = "2024-12-31",
                                               .entry_reference = std::to_string(++entries_),
                                               .amount = money.minor}},
                                  .source = source};
    return run(settle_confirm, operation);
}

RuleResult SettlementWorld::fail_leg(WindowId window, ParticipantId participant, AssetId asset,
                                     const std::string& line) {
    return run(settle_fail, SettleFail{.window = window,
                                       .participant = participant,
                                       .asset = asset,
                                       .bank_line_reference = line});
}

RuleResult SettlementWorld::attest(bool cover, ParticipantId participant, Money balance,
                                   AttestationKind kind, std::uint64_t as_of_height) {
    const AttestationClaim claim{.participant = participant,
                                 .asset = balance.asset,
                                 .kind = kind,
                                 .balance = balance.minor,
                                 .as_of_height = as_of_height,
                                 .statement_reference = "S" + std::to_string(++entries_)};
    return cover ? run(attest_cover, AttestCover{claim})
                 : run(attest_reserve, AttestReserve{claim});
}

OperationContext SettlementWorld::context(ParticipantId signer) const {
    OperationContext out;
    out.chain_id = state_.chain()->chain_id;
    out.height = height_;
    out.time = time_;
    out.signer = signer;
    return out;
}

Minor SettlementWorld::settlement(ParticipantId participant, AssetId asset) const {
    return state_.balance(settlement_of(participant, asset));
}

Minor SettlementWorld::clearing(AssetId asset) const {
    return state_.balance(own_account(bank, asset, AccountKind::clearing));
}

Minor SettlementWorld::sum_of_accounts(AssetId asset) const {
    Minor out = 0;
    scan(delta_, keys::prefix(keys::Table::account), [&](ByteView, ByteView value) {
        const Account account = decode<Account>(value).value();
        out += account.id.asset == asset ? account.balance : 0;
        return true;
    });
    return out;
}

Minor SettlementWorld::supply(AssetId asset) const {
    Minor out = 0;
    scan(delta_, keys::prefix(keys::Table::account), [&](ByteView, ByteView value) {
        const Account account = decode<Account>(value).value();
        const bool counts = account.id.asset == asset &&
                            account.id.kind != AccountKind::settlement &&
                            account.id.kind != AccountKind::clearing;
        out += counts ? account.balance : 0;
        return true;
    });
    return out;
}

ParticipantStatus SettlementWorld::status(ParticipantId participant) const {
    return state_.participant(participant)->status;
}

WindowState SettlementWorld::window_state(WindowId window) const {
    return state_.window(window)->state;
}

LedgerError refusal(const RuleResult& result) {
    REQUIRE_FALSE(result.has_value());
    return result.error().error;
}

}  // namespace remit::ledger::test
