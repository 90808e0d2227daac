#include "test/sim/genesis.h"

#include <algorithm>
#include <array>

#include "test/sim/oracle.h"
#include "test/support/ledger/words.h"

namespace remit::sim {

namespace {
constexpr std::int64_t cut_off_every_ms = 12'000;
constexpr ledger::Minor cash_each = 100'000'000;
}  // namespace

std::string validator_name(std::size_t index) {
    static const std::array<const char*, 4> first = {"A", "G", "bank", "reg"};
    return index < first.size() ? first.at(index) : "V" + std::to_string(index);
}

SecretKey validate_key(std::size_t index) {
    return test::Network::key(validator_name(index), KeyPurpose::validate);
}

SecretKey rotated_key() {
    return test::Network::key("A, later", KeyPurpose::validate);
}

namespace {

/// Whose key is listed must be a validator's.
void list_key(ledger::Genesis& genesis, ledger::ParticipantId owner, const PublicKey& key) {
    for (auto& entry : genesis.participants) {
        if (entry.participant.id != owner) {
            continue;
        }
        auto& roles = entry.participant.roles;
        if (std::find(roles.begin(), roles.end(), ledger::Role::validator) == roles.end()) {
            roles.push_back(ledger::Role::validator);
        }
        entry.keys.push_back({key, KeyPurpose::validate});
    }
}

}  // namespace

ledger::Genesis sim_genesis(const GenesisChoice& choice) {
    const auto validators = choice.validators;
    auto genesis = test::Network().genesis();
    genesis.validators.resize(std::min(validators, genesis.validators.size()));
    for (std::size_t i = genesis.validators.size(); i < validators; ++i) {
        genesis.validators.push_back(
            {.participant = genesis.validators[i % 4].participant,
             .name = validator_name(i),
             .validate_key = validate_key(i).public_key(),
             .transport_pin = test::hash_of(validator_name(i) + " certificate")});
    }
    if (choice.epoch_blocks > 0) {
        genesis.epoch_blocks = choice.epoch_blocks;
        list_key(genesis, genesis.validators.front().participant, rotated_key().public_key());
        list_key(genesis, genesis.validators.front().participant,
                 validate_key(validators).public_key());
    }
    genesis.network = "sim";
    consensus::Params params;
    params.delta_ms_min = 50;
    params.delta_ms_max = 1000;
    params.resend_ms = 700;
    params.skip_window_ms = 800;
    params.expiry_window = 64;
    params.lag_max = choice.snapshot_interval == 0 ? 32 : 8;
    if (choice.snapshot_interval != 0) {
        params.snapshot_interval = choice.snapshot_interval;
        params.snapshot_delay = choice.snapshot_interval / 4;
        params.snapshot_chunk_bytes = 1024;
    }
    if (choice.tiny_limits) {
        params.expiry_window = 24;
        params.lag_max = 6;
        params.author_window = 3;
        params.block_batches_max = 2;
        params.batch_bytes_max = 8 * 1024;
        params.block_bytes_max = 12 * 1024;
        params.inline_bytes_max = 0;
    }
    if (choice.small_blocks) {
        params.lag_max = 3;
        params.author_window = 4;
        params.batch_bytes_max = 2 * 1024;
        params.block_bytes_max = 2 * 1024;
        params.inline_bytes_max = 0;
    }
    genesis.consensus_params = consensus::encode(params);
    for (const std::uint32_t participant : {1U, 2U, 3U, 5U}) {
        for (const auto asset : {test::hkd, test::php}) {
            genesis.cash.push_back(
                {ledger::ParticipantId{participant}, asset, cash_each, cash_each});
        }
    }
    genesis.calendar.cut_offs.clear();
    for (int day = 1; day <= 9; ++day) {
        genesis.calendar.cut_offs.push_back({BlockTime{genesis.time.ms + day * cut_off_every_ms},
                                             "2025-01-0" + std::to_string(day)});
    }
    return genesis;
}

node::Chain chain_from(const Bytes& genesis_file) {
    auto chain = node::chain_of(genesis_file);
    if (!chain) {
        throw Breach("SETUP", chain.error());
    }
    return std::move(*chain);
}

}  // namespace remit::sim
