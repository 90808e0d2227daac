#include "test/support/ledger/network.h"

#include <algorithm>

#include "test/support/ledger/words.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {

Asset asset_of(AssetId id, const std::string& currency) {
    return {.id = id, .currency = currency, .issuer = ParticipantId{3}, .exponent = 2};
}

Policy demo_policy() {
    Policy policy;
    const Minor limit = 50'000'000;  // 500,000.00
    policy.corridors = {{.source = hkd, .target = php, .single_limit = limit},
                        {.source = php, .target = hkd, .single_limit = limit},
                        {.source = hkd, .target = hkd, .single_limit = limit},
                        {.source = php, .target = php, .single_limit = limit}};
    return policy;
}

Calendar daily_calendar() {
    Calendar calendar;
    for (int day = 0; day < 20; ++day) {
        const auto value_day =
            std::chrono::sys_days{std::chrono::year{2025} / 1 / 2} + std::chrono::days{day};
        calendar.cut_offs.push_back(
            {.at = BlockTime{genesis_time.ms + first_cut_off_ms + day * day_ms},
             .value_date = to_text(value_day)});
    }
    return calendar;
}

}  // namespace

Network::Network() {
    init_crypto();
    genesis_.network = "scenario";
    genesis_.devnet = true;
    genesis_.time = genesis_time;
    const std::vector<KeyPurpose> wallet = {KeyPurpose::operate, KeyPurpose::gateway,
                                            KeyPurpose::compliance, KeyPurpose::govern};
    const std::vector<KeyPurpose> maker = {KeyPurpose::operate, KeyPurpose::quote};
    add("A", {Role::wallet_operator, Role::validator}, wallet);
    add("G", {Role::wallet_operator, Role::validator}, wallet);
    add("bank", {Role::clearing_bank, Role::validator},
        {KeyPurpose::operate, KeyPurpose::bank, KeyPurpose::govern});
    add("reg", {Role::regulator, Role::validator}, {KeyPurpose::regulate, KeyPurpose::govern});
    add("M1", {Role::market_maker}, maker);
    add("T", {Role::wallet_operator},
        {KeyPurpose::operate, KeyPurpose::gateway, KeyPurpose::compliance});
    add("M2", {Role::market_maker}, maker);
    for (const std::string name : {"A", "G", "bank", "reg"}) {
        genesis_.validators.push_back({.participant = id_of(name),
                                       .name = name,
                                       .validate_key = key(name, KeyPurpose::validate).public_key(),
                                       .transport_pin = hash_of(name + " certificate")});
    }
    genesis_.assets = {asset_of(hkd, "HKD"), asset_of(php, "PHP"), asset_of(usd, "USD")};
    genesis_.policy = demo_policy();
    genesis_.calendar = daily_calendar();
}

void Network::add(const std::string& name, const std::vector<Role>& roles,
                  const std::vector<KeyPurpose>& purposes) {
    const ParticipantId id{static_cast<std::uint32_t>(genesis_.participants.size() + 1)};
    GenesisParticipant out;
    out.participant.id = id;
    out.participant.name = name;
    out.participant.roles = roles;
    out.participant.jurisdiction = "HK";
    for (const KeyPurpose purpose : purposes) {
        out.keys.push_back({.key = key(name, purpose).public_key(), .purpose = purpose});
    }
    genesis_.participants.push_back(out);
    ids_[name] = id;
}

ChainId Network::chain_id() const {
    return chain_id_of(encode_genesis(genesis_));
}

ParticipantId Network::id_of(const std::string& name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? ParticipantId{} : found->second;
}

std::string Network::name_of(ParticipantId id) const {
    const auto found = std::find_if(ids_.begin(), ids_.end(),
                                    [id](const auto& entry) { return entry.second == id; });
    return found == ids_.end() ? std::to_string(id.value) : found->first;
}

void Network::add_name(const std::string& name, ParticipantId id) {
    ids_[name] = id;
}

SecretKey Network::key(const std::string& name, KeyPurpose purpose) {
    const auto seed = hash_of(name + "." + std::string(remit::name_of(purpose)));
    return SecretKey(*KeySeed::from(seed.view()));
}

}  // namespace remit::test
