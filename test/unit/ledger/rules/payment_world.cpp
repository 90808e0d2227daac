#include "test/unit/ledger/rules/payment_world.h"

#include <map>

#include "ledger/rules/accept.h"
#include "ledger/rules/expire.h"
#include "ledger/rules/fund_wallet.h"
#include "ledger/rules/open_account.h"
#include "ledger/rules/prepare.h"

namespace remit::ledger::payments {

namespace {
constexpr BlockTime start{1'735'660'800'000};  // 2024-12-31 16:00 UTC

GenesisParticipant member(ParticipantId id, const char* name, std::vector<Role> roles,
                          const std::vector<KeyPurpose>& purposes) {
    GenesisParticipant out;
    out.participant.id = id;
    out.participant.name = name;
    out.participant.roles = std::move(roles);
    for (const KeyPurpose purpose : purposes) {
        out.keys.push_back({.key = key_of(id, purpose).public_key(), .purpose = purpose});
    }
    return out;
}
}  // namespace

Genesis example_genesis() {
    Genesis genesis;
    genesis.network = "payments";
    genesis.devnet = true;
    genesis.time = start;
    constexpr auto operate = KeyPurpose::operate;
    constexpr auto govern = KeyPurpose::govern;
    genesis.participants = {
        member(alipay, "alipay", {Role::wallet_operator, Role::validator}, {operate, govern}),
        member(gcash, "gcash", {Role::wallet_operator}, {operate, govern}),
        member(bank, "bank", {Role::clearing_bank}, {operate, KeyPurpose::bank, govern}),
        member(maker, "maker", {Role::market_maker}, {operate, KeyPurpose::quote}),
        member(second_maker, "second", {Role::market_maker}, {operate, KeyPurpose::quote}),
    };
    genesis.validators = {{.participant = alipay,
                           .name = "alipay",
                           .validate_key = key_of(alipay, KeyPurpose::validate).public_key()}};
    genesis.assets = {{.id = hkd, .currency = "HKD", .issuer = bank, .exponent = 2},
                      {.id = php, .currency = "PHP", .issuer = bank, .exponent = 2},
                      {.id = usd, .currency = "USD", .issuer = bank, .exponent = 2}};
    genesis.policy.corridors = {{hkd, php, 40'000'000},
                                {php, hkd, 300'000'000},
                                {hkd, hkd, 40'000'000},
                                {hkd, usd, 40'000'000}};
    // In minor units: alipay has a cap of 18,000.00 HKD, the maker one of 135,000.00 PHP.
    genesis.cash = {{alipay, hkd, 2'000'000, 5'000'000},
                    {gcash, php, 3'500'000, 50'000'000},
                    {gcash, hkd, 0, 1'000'000},
                    {maker, php, 15'000'000, 0},
                    {second_maker, php, 1'000'000, 0}};
    return genesis;
}
SecretKey key_of(ParticipantId participant, KeyPurpose purpose) {
    KeySeed seed;
    seed.data[0] = static_cast<std::uint8_t>(participant.value);
    seed.data[1] = static_cast<std::uint8_t>(purpose);
    seed.data[2] = 1;
    return SecretKey(seed);
}

CustomerTag tag(char name) {
    CustomerTag out;
    out.data[0] = static_cast<std::uint8_t>(name);
    return out;
}

Uetr uetr(unsigned number) {
    Uuid random;
    random.data[15] = static_cast<std::uint8_t>(number);
    random.data[14] = static_cast<std::uint8_t>(number >> 8U);
    return uuid_v4_from(random);
}

World::World() : time_(start) {
    REQUIRE(init_crypto());
    const Genesis genesis = example_genesis();
    REQUIRE(check_genesis(genesis).has_value());
    chain_id_ = chain_id_of(encode_genesis(genesis));
    write_genesis(genesis, chain_id_, delta_);
    base_.apply(delta_.write_set());
    delta_.rollback();
    const Rate rate = parse_rate("7.4735").value();
    state_.put(Mark{.mark_id = 1,
                    .source = hkd,
                    .target = php,
                    .bid = rate,
                    .ask = parse_rate("7.4780").value(),
                    .valid_from = start,
                    .valid_to = {start.ms + 86'400'000}});
    state_.put(Mark{.mark_id = 1,
                    .source = hkd,
                    .target = usd,
                    .bid = parse_rate("0.1287").value(),
                    .ask = parse_rate("0.1288").value(),
                    .valid_from = start,
                    .valid_to = {start.ms + 86'400'000}});
    state_.put(Mark{.mark_id = 1,
                    .source = usd,
                    .target = php,
                    .bid = parse_rate("58.00").value(),
                    .ask = parse_rate("58.10").value(),
                    .valid_from = start,
                    .valid_to = {start.ms + 86'400'000}});
    fund(alipay, hkd, 'a', 1'000'000);
    REQUIRE(run(open_account, OpenAccount{php, tag('b')}, gcash).has_value());
}

OperationContext World::context(ParticipantId signer) const {
    OperationContext out;
    out.chain_id = chain_id_;
    out.height = height_;
    out.time = time_;
    out.signer = signer;
    out.key = key_of(signer, KeyPurpose::operate).public_key();
    return out;
}

void World::fund(ParticipantId participant, AssetId asset, char customer, Minor amount) {
    if (!state_.account(customer_account(participant, asset, tag(customer)))) {
        REQUIRE(run(open_account, OpenAccount{asset, tag(customer)}, participant).has_value());
    }
    const FundWallet op{.asset = asset,
                        .tag = tag(customer),
                        .amount = amount,
                        .fiat_reference = "cash-" + std::to_string(++nonce_)};
    REQUIRE(run(fund_wallet, op, participant).has_value());
}

Quote World::quote(Minor source) {
    Quote out;
    out.maker = maker;
    out.requester = alipay;
    out.source_asset = hkd;
    out.target_asset = php;
    out.rate = parse_rate("7.4735").value();
    out.source = source;
    out.target = source > 0 ? target_of(source, out.rate, {2, 2}).value_or(0) : 0;
    out.mark_id = 1;
    out.fees = {{alipay, 1'200}, {bank, 50}};
    out.return_days = 5;
    out.issued_at = time_;
    out.expires_at = {time_.ms + 60'000};
    out.nonce = ++nonce_;
    sign(out);
    return out;
}

void World::sign(Quote& quote, ParticipantId by) const {
    sign_quote(quote, chain_id_, key_of(by, KeyPurpose::quote));
}

Prepare World::prepare_op(unsigned number, Minor source) {
    Prepare out;
    out.uetr = uetr(number);
    out.source_asset = hkd;
    out.payer_tag = tag('a');
    out.payee_operator = gcash;
    out.target_asset = php;
    out.payee_tag = tag('b');
    out.quotes = {quote(source)};
    out.source = source;
    out.target = out.quotes.front().target;
    out.fees = out.quotes.front().fees;
    out.purpose = "FAMI";
    out.expires_at = {time_.ms + 30'000};
    return out;
}

void World::committed(unsigned number, Minor source) {
    REQUIRE(run(prepare, prepare_op(number, source), alipay).has_value());
    REQUIRE(run(accept, Accept{uetr(number), {}}, gcash).has_value());
}

std::vector<LedgerEvent> World::sweep() {
    std::vector<LedgerEvent> events;
    ++height_;
    sweep_expired(context(bank), state_, events);
    check_books();
    return events;
}

void World::change_policy(const std::function<void(Policy&)>& change) {
    Policy policy = state_.policy();
    change(policy);
    state_.put(policy);
}

void World::change_position(ParticipantId participant, AssetId asset,
                            const std::function<void(Position&)>& change) {
    Position position = state_.position(participant, asset);
    change(position);
    state_.put(position);
}

void World::set_status(ParticipantId participant, ParticipantStatus status) {
    Participant record = state_.participant(participant).value();
    record.status = status;
    state_.put(record);
}

void World::change_account(const AccountId& id, const std::function<void(Account&)>& change) {
    Account account = state_.account(id).value();
    change(account);
    state_.put(account);
}

void World::check_books() const {
    std::map<AssetId, Minor> sums;
    std::map<std::pair<ParticipantId, AssetId>, Minor> positions;
    scan(delta_, keys::prefix(keys::Table::account), [&](ByteView, ByteView value) {
        const Account account = decode<Account>(value).value();
        sums[account.id.asset] += account.balance;
        positions[{account.id.participant, account.id.asset}] += account.balance;
        if (account.id.kind != AccountKind::settlement) {
            CHECK(account.balance >= 0);
        }
        return true;
    });
    for (const auto& [asset, sum] : sums) {
        CAPTURE(asset.value);
        CHECK(sum == 0);
    }
    for (const auto& [key, sum] : positions) {
        CAPTURE(key.first.value, key.second.value);
        CHECK(state_.position(key.first, key.second).net() == sum);
    }
}

}  // namespace remit::ledger::payments
