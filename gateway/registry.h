#pragma once

#include <map>
#include <optional>
#include <string>

#include "remit/v1/ledger_service.pb.h"

namespace remit::gateway {

/// The ledger's assets and participants, read once at start.
struct Registry {
    std::map<std::uint32_t, remit::v1::Asset> assets;
    std::map<std::uint32_t, remit::v1::Participant> participants;

    static Registry from(const remit::v1::ListParticipantsResponse& answer) {
        Registry registry;
        for (const auto& asset : answer.assets()) {
            registry.assets[asset.asset_id()] = asset;
        }
        for (const auto& participant : answer.participants()) {
            registry.participants[participant.participant_id()] = participant;
        }
        return registry;
    }
    /// The asset of a currency; the first when several issuers have one. Empty: none.
    [[nodiscard]] std::optional<remit::v1::Asset> asset_of(const std::string& currency) const {
        for (const auto& [id, asset] : assets) {
            if (asset.currency() == currency) {
                return asset;
            }
        }
        return std::nullopt;
    }
    /// Empty text for an unknown asset.
    [[nodiscard]] std::string currency_of(std::uint32_t asset) const {
        const auto at = assets.find(asset);
        return at == assets.end() ? std::string() : at->second.currency();
    }
    [[nodiscard]] bool has_role(std::uint32_t participant, const std::string& role) const {
        const auto at = participants.find(participant);
        if (at == participants.end()) {
            return false;
        }
        for (const auto& own : at->second.roles()) {
            if (own == role) {
                return true;
            }
        }
        return false;
    }
};

}  // namespace remit::gateway
