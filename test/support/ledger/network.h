#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/base/keys.h"
#include "ledger/genesis.h"

namespace remit::test {

/// Genesis of every test network: 2025-01-02 08:00 in Hong Kong and Manila. Cut-offs follow every
/// 24 hours from 16:00 of that day on.
inline constexpr BlockTime genesis_time{1'735'776'000'000};
inline constexpr std::int64_t first_cut_off_ms = 8 * 3'600'000;
inline constexpr std::int64_t day_ms = 86'400'000;

/// Assets of every test network: HKD 1, PHP 2, and USD 3 in which no remittance may end.
inline constexpr ledger::AssetId hkd{1};
inline constexpr ledger::AssetId php{2};
inline constexpr ledger::AssetId usd{3};

/// Who takes part, under the short names scenarios use: operators A, T and G, the clearing bank
/// `bank`, the regulator `reg`, makers M1 and M2. Keys depend on the names alone, so that every run
/// sees the same bytes.
class Network {
public:
    Network();

    [[nodiscard]] const ledger::Genesis& genesis() const { return genesis_; }
    /// To change policy, calendar or cash before a chain begins.
    [[nodiscard]] ledger::Genesis& genesis() { return genesis_; }
    [[nodiscard]] ledger::ChainId chain_id() const;

    /// 0 for an unknown name.
    [[nodiscard]] ledger::ParticipantId id_of(const std::string& name) const;
    /// The number itself for an unknown id.
    [[nodiscard]] std::string name_of(ledger::ParticipantId id) const;
    /// Lets scenarios register participants of their own.
    void add_name(const std::string& name, ledger::ParticipantId id);

    /// The key a participant of this name has, or would have, for a purpose.
    static SecretKey key(const std::string& name, KeyPurpose purpose);

private:
    void add(const std::string& name, const std::vector<ledger::Role>& roles,
             const std::vector<KeyPurpose>& purposes);

    ledger::Genesis genesis_;
    std::map<std::string, ledger::ParticipantId> ids_;
};

}  // namespace remit::test
