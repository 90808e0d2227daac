#include "ledger/genesis.h"

#include <algorithm>
#include <set>

#include "ledger/base/check.h"
#include "ledger/rules/set_policy.h"
#include "ledger/state/memory_view.h"
#include "ledger/state_access.h"

namespace remit::ledger {

namespace {
constexpr ByteView magic = "REMITGEN";
constexpr std::size_t network_size_max = 32;

Status<std::string> check_network(const Genesis& genesis) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (genesis.network.empty() || genesis.network.size() > network_size_max ||
        !std::all_of(genesis.network.begin(), genesis.network.end(), allowed)) {
        return fail(std::string("network: 1 to 32 characters of a-z, 0-9 and '-'"));
    }
    if (genesis.epoch_blocks < epoch_blocks_min || genesis.epoch_blocks > epoch_blocks_max) {
        return fail("epoch_blocks: " + std::to_string(epoch_blocks_min) + " to " +
                    std::to_string(epoch_blocks_max));
    }
    if (genesis.time.ms <= 0) {
        return fail(std::string("time: must be after 1970"));
    }
    return {};
}

/// Every key once, acceptable, owned by a listed participant. TRANSPORT keys are hashes of P-256
/// keys, so they are no points of our curve.
Status<std::string> check_keys(const Genesis& genesis) {
    std::set<PublicKey> seen;
    const auto take = [&seen](const PublicKey& key, bool is_point) {
        return seen.insert(key).second && (!is_point || is_acceptable(key));
    };
    std::set<ParticipantId> known;
    for (const GenesisParticipant& entry : genesis.participants) {
        known.insert(entry.participant.id);
        for (const NewKey& key : entry.keys) {
            if (!take(key.key, key.purpose != KeyPurpose::transport)) {
                return fail("keys: " + key.key.hex() + " is used twice or no Ed25519 point");
            }
        }
    }
    if (genesis.validators.empty()) {
        return fail(std::string("validators: at least one"));
    }
    for (const GenesisValidator& validator : genesis.validators) {
        if (!known.contains(validator.participant)) {
            return fail("validators: " + validator.name + " belongs to no participant");
        }
        if (!take(validator.validate_key, true)) {
            return fail("validators: the key of " + validator.name + " is used twice or no point");
        }
    }
    return {};
}

Status<std::string> check_participants(const Genesis& genesis) {
    ParticipantId last;
    std::set<ParticipantId> governing;
    for (const GenesisParticipant& entry : genesis.participants) {
        const Participant& participant = entry.participant;
        const std::string where = "participant " + std::to_string(participant.id.value);
        if (participant.id <= last) {
            return fail(where + ": ids start at 1 and rise");
        }
        last = participant.id;
        if (participant.name.empty() ||
            !std::is_sorted(participant.roles.begin(), participant.roles.end())) {
            return fail(where + ": needs a name, and roles in rising order");
        }
        if (participant.has(Role::wallet_operator) && participant.has(Role::market_maker)) {
            return fail(where + ": an operator that makes markets is two participants");
        }
        for (const NewKey& key : entry.keys) {
            if (key.purpose == KeyPurpose::govern) {
                governing.insert(participant.id);
            }
        }
    }
    const auto threshold = genesis.policy.govern_threshold;
    if (threshold < 1 || threshold > governing.size()) {
        return fail("policy: govern_threshold is " + std::to_string(threshold) + " of " +
                    std::to_string(governing.size()) + " organisations with a GOVERN key");
    }
    return {};
}

Status<std::string> check_assets(const Genesis& genesis) {
    AssetId last;
    for (const Asset& asset : genesis.assets) {
        const std::string where = "asset " + std::to_string(asset.id.value);
        const Currency* currency = find_currency(asset.currency);
        if (asset.id <= last || currency == nullptr || currency->exponent != asset.exponent) {
            return fail(where + ": ids rise from 1, with an ISO 4217 code and its decimals");
        }
        last = asset.id;
        const auto issuer = std::find_if(
            genesis.participants.begin(), genesis.participants.end(),
            [&](const GenesisParticipant& entry) { return entry.participant.id == asset.issuer; });
        if (issuer == genesis.participants.end() || !issuer->participant.has(Role::clearing_bank)) {
            return fail(where + ": its issuer is no clearing bank");
        }
    }
    if (!is_well_formed(genesis.calendar)) {
        return fail(std::string("calendar: cut-offs rise and have real value dates"));
    }
    return {};
}

Status<std::string> check_cash(const Genesis& genesis) {
    for (const GenesisCash& cash : genesis.cash) {
        const bool has_participant = std::any_of(
            genesis.participants.begin(), genesis.participants.end(),
            [&](const auto& entry) { return entry.participant.id == cash.participant; });
        const bool has_asset =
            std::any_of(genesis.assets.begin(), genesis.assets.end(),
                        [&](const Asset& asset) { return asset.id == cash.asset; });
        const bool in_order =
            cash.cover >= 0 && cash.reserve >= 0 && in_range(cash.cover) && in_range(cash.reserve);
        if (!has_participant || !has_asset || !in_order) {
            return fail("cash of participant " + std::to_string(cash.participant.value) +
                        ": unknown participant or asset, or an amount out of range");
        }
    }
    return {};
}
EpochRecord first_epoch(const Genesis& genesis) {
    EpochRecord out{.epoch = 1,
                    .validators = {},
                    .consensus_params = genesis.consensus_params,
                    .protocol_version = 1,
                    .epoch_blocks = genesis.epoch_blocks,
                    .end_height = genesis.epoch_blocks,
                    .reason = EpochReason::unchanged,
                    .not_ready = {},
                    .demoted = {}};
    for (const GenesisValidator& each : genesis.validators) {
        out.validators.push_back({.participant = each.participant,
                                  .name = each.name,
                                  .validate_key = each.validate_key,
                                  .transport_pin = each.transport_pin,
                                  .address = {}});
    }
    return out;
}

void write_records(const Genesis& genesis, const ChainId& chain_id, Delta& delta) {
    LedgerState state(delta);
    state.put(ChainRecord{.chain_id = chain_id,
                          .network = genesis.network,
                          .devnet = genesis.devnet,
                          .genesis_time = genesis.time});
    state.put(HeadRecord{.height = 0, .time = genesis.time});
    state.put(genesis.policy);
    state.put(genesis.calendar);
    // Cut-offs before the beginning close nothing.
    state.put(WindowSequence{.open = {1}, .unsettled = {}, .cut_off_done = genesis.time});
    state.put(Window{.id = {1}});
    for (const Asset& asset : genesis.assets) {
        state.put(asset);
    }
    for (const GenesisParticipant& entry : genesis.participants) {
        state.put(entry.participant);
        for (const NewKey& key : entry.keys) {
            state.put(KeyRecord{
                .key = key.key, .participant = entry.participant.id, .purpose = key.purpose});
        }
    }
    for (const GenesisValidator& validator : genesis.validators) {
        state.put(KeyRecord{.key = validator.validate_key,
                            .participant = validator.participant,
                            .purpose = KeyPurpose::validate});
    }
    state.put(first_epoch(genesis));
    for (const GenesisCash& cash : genesis.cash) {
        Position position = state.position(cash.participant, cash.asset);
        position.cover = cash.cover;
        position.reserve = cash.reserve;
        position.cover_attested = {.as_of_height = 0, .at = genesis.time};
        position.reserve_attested = {.as_of_height = 0, .at = genesis.time};
        state.put(position);
    }
}

/// The policy is one that governance could have set on this very network.
Status<std::string> check_policy(const Genesis& genesis) {
    const MemoryView nothing;
    Delta delta(nothing);
    write_records(genesis, {}, delta);
    if (!is_workable(genesis.policy, StateReader(delta))) {
        return fail(std::string("policy: a limit, life or corridor that no network can live with"));
    }
    return {};
}
}  // namespace

Bytes encode_genesis(const Genesis& genesis) {
    return Bytes(magic) + encode(genesis);
}

Result<Genesis, std::string> decode_genesis(ByteView file) {
    if (!file.starts_with(magic)) {
        return fail(std::string("this is no genesis file"));
    }
    auto genesis = decode<Genesis>(file.substr(magic.size()));
    if (!genesis) {
        return fail(std::string("the genesis file is damaged or of another version"));
    }
    TRY(check_genesis(*genesis));
    return *std::move(genesis);
}

Status<std::string> check_genesis(const Genesis& genesis) {
    TRY(check_network(genesis));
    TRY(check_keys(genesis));
    TRY(check_participants(genesis));
    TRY(check_assets(genesis));
    TRY(check_cash(genesis));
    TRY(check_policy(genesis));
    return {};
}

ChainId chain_id_of(ByteView genesis_file) {
    return hash(domain::genesis, genesis_file);
}

void write_genesis(const Genesis& genesis, const ChainId& chain_id, Delta& delta) {
    CHECK(check_genesis(genesis).has_value());
    write_records(genesis, chain_id, delta);
}

}  // namespace remit::ledger
