#include "tools/devnet/genesis_file.h"

#include <algorithm>

#include "consensus/codec.h"
#include "consensus/params.h"

namespace remit::devnet {
namespace {

using ledger::AssetId;
using ledger::ParticipantId;

constexpr std::int64_t ms_per_s = 1'000;
constexpr std::int64_t ms_per_day = 86'400'000;
constexpr std::size_t cut_offs_count = 2'000;

// 50,000 USD at the reference rates of 2024-12-31 (design, limits).
constexpr std::int64_t hkd_single_limit_minor = 38'832'418;
constexpr std::int64_t php_single_limit_minor = 290'215'612;

ledger::Policy make_policy(const Plan& plan) {
    ledger::Policy policy;
    policy.pay_in_deadline_ms = plan.pay_in_seconds * ms_per_s;
    policy.escrow_life_max_ms = std::max(policy.escrow_life_max_ms, plan.escrow_seconds * ms_per_s);
    policy.operations_per_envelope_max = 5'000;
    constexpr std::int64_t hkd = hkd_single_limit_minor;
    constexpr std::int64_t php = php_single_limit_minor;
    policy.corridors = {{AssetId{hkd_id}, AssetId{hkd_id}, hkd},
                        {AssetId{hkd_id}, AssetId{php_id}, hkd},
                        {AssetId{php_id}, AssetId{hkd_id}, php},
                        {AssetId{php_id}, AssetId{php_id}, php}};
    return policy;
}

ledger::Calendar make_calendar(const Plan& plan, BlockTime start) {
    ledger::Calendar calendar;
    std::int64_t at_ms = start.ms + plan.cutoff_seconds * ms_per_s;
    for (std::size_t i = 0; i < cut_offs_count; ++i) {
        const auto day = ledger::Day(std::chrono::days(at_ms / ms_per_day));
        calendar.cut_offs.push_back({BlockTime{at_ms}, ledger::to_text(day)});
        at_ms += plan.window_seconds * ms_per_s;
    }
    return calendar;
}

ledger::GenesisParticipant make_participant(const Member& member, const Network& network,
                                            const Identities& identities) {
    ledger::GenesisParticipant out;
    out.participant.id = ParticipantId{member.id};
    out.participant.name = member.name;
    for (const auto& role : member.roles) {
        out.participant.roles.push_back(ledger::role_from(role).value());
    }
    std::sort(out.participant.roles.begin(), out.participant.roles.end());
    for (const auto& [purpose, seed] : identities.seeds.at(member.name)) {
        if (purpose != KeyPurpose::validate) {
            out.keys.push_back({identities.public_key(member.name, purpose), purpose});
        }
    }
    // Pins of what may connect to a node in this participant's name: its client and its gateways.
    const auto admit = [&](const Certificate& certificate) {
        out.keys.push_back({PublicKey{certificate.pin.data}, KeyPurpose::transport});
    };
    admit(identities.clients.at(member.name));
    for (const auto& process : network.processes) {
        const bool speaks_to_nodes = process.kind == ProcessKind::wallet ||
                                     process.kind == ProcessKind::bank ||
                                     process.kind == ProcessKind::maker;
        if (process.participant_id == member.id && speaks_to_nodes) {
            admit(identities.processes.at(process.name));
        }
    }
    return out;
}

/// D as large a part of S as ADR 0014 proposes; chunks small enough to be many in a small state.
consensus::Params make_params(const Plan& plan) {
    consensus::Params out;
    if (plan.snapshot_every > 0) {
        constexpr std::uint32_t delay_share = 8;
        constexpr std::uint32_t chunk_bytes = std::uint32_t{256} * 1024;
        out.snapshot_interval = static_cast<std::uint32_t>(plan.snapshot_every);
        out.snapshot_delay = std::max<std::uint32_t>(1, out.snapshot_interval / delay_share);
        out.snapshot_chunk_bytes = chunk_bytes;
    }
    return out;
}

}  // namespace

std::vector<OpeningCash> opening_cash(const Network& network) {
    const OpeningCash all[] = {
        {id_of(Place::payer_operator), hkd_id, 1'000'000'000, 2'000'000'000, 0},
        {id_of(Place::payee_operator), php_id, 7'000'000'000, 14'000'000'000, 0},
        {id_of(Place::maker), hkd_id, 2'000'000'000, 0, 4'000'000'000},
        {id_of(Place::maker), php_id, 14'000'000'000, 0, 28'000'000'000},
        {id_of(Place::second_maker), hkd_id, 2'000'000'000, 0, 4'000'000'000},
        {id_of(Place::second_maker), php_id, 14'000'000'000, 0, 28'000'000'000}};
    std::vector<OpeningCash> cash;
    for (const auto& one : all) {
        for (const auto& member : network.members) {
            if (member.id == one.participant_id) {
                cash.push_back(one);
            }
        }
    }
    return cash;
}

ledger::Genesis make_genesis(const Plan& plan, const Network& network, const Identities& identities,
                             BlockTime start) {
    ledger::Genesis genesis;
    genesis.network = network.name;
    genesis.devnet = true;
    genesis.time = start;
    genesis.epoch_blocks = static_cast<std::uint64_t>(plan.epoch_blocks);
    genesis.consensus_params = consensus::encode(make_params(plan));
    for (const auto& member : network.members) {
        genesis.participants.push_back(make_participant(member, network, identities));
        if (network.of(ProcessKind::node, member.id) != nullptr) {
            genesis.validators.push_back({ParticipantId{member.id}, member.name,
                                          identities.public_key(member.name, KeyPurpose::validate),
                                          Hash{identities.processes.at(member.name).pin.data}});
        }
    }
    for (const auto& asset : network.assets) {
        genesis.assets.push_back({AssetId{asset.id}, asset.currency,
                                  ParticipantId{id_of(Place::bank)},
                                  static_cast<std::uint8_t>(asset.exponent)});
    }
    genesis.policy = make_policy(plan);
    genesis.calendar = make_calendar(plan, start);
    for (const auto& cash : opening_cash(network)) {
        genesis.cash.push_back({ParticipantId{cash.participant_id}, AssetId{cash.asset_id},
                                cash.cover_minor, cash.reserve_minor});
    }
    return genesis;
}

}  // namespace remit::devnet
