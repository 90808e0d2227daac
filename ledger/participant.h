#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/keys.h"
#include "ledger/ids.h"
#include "ledger/record.h"

namespace remit {
/// Lets records read key purposes.
constexpr KeyPurpose last_of(KeyPurpose) {
    return key_purpose_last;
}
}  // namespace remit

namespace remit::ledger {

enum class ParticipantStatus : std::uint8_t { active, restricted, suspended, exited };
constexpr ParticipantStatus last_of(ParticipantStatus) {
    return ParticipantStatus::exited;
}
/// `ACTIVE`, `RESTRICTED`, `SUSPENDED`, `EXITED`.
std::string_view name_of(ParticipantStatus status);

enum class Role : std::uint8_t {
    wallet_operator,
    market_maker,
    clearing_bank,
    regulator,
    validator,
};
constexpr Role last_of(Role) {
    return Role::validator;
}
/// `OPERATOR`, `MARKET_MAKER`, `CLEARING_BANK`, `REGULATOR`, `VALIDATOR`.
std::string_view name_of(Role role);
std::optional<Role> role_from(std::string_view name);

/// A member of the network as the registry knows it.
struct Participant {
    ParticipantId id{};
    Bytes name{};
    std::vector<Role> roles{};  // rising, each once
    Bytes bic{};
    Bytes lei{};
    Bytes jurisdiction{};
    ParticipantStatus status = ParticipantStatus::active;
    /// Settlement legs failed since the last fully paid window: the second one suspends.
    std::uint32_t failed_legs = 0;
    /// RESTRICTED was set by the ledger (drawn cover, OVER_CAP, SHORTFALL) and ends with its cause.
    bool restricted_by_ledger = false;

    [[nodiscard]] bool has(Role role) const {
        for (const Role held : roles) {
            if (held == role) {
                return true;
            }
        }
        return false;
    }
    friend bool operator==(const Participant&, const Participant&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.id, self.name, self.roles, self.bic, self.lei, self.jurisdiction, self.status,
             self.failed_legs, self.restricted_by_ledger);
    }
};

/// A registered public key. One key, one purpose, one owner; never registered twice.
struct KeyRecord {
    PublicKey key{};
    ParticipantId participant{};
    KeyPurpose purpose = KeyPurpose::operate;
    std::uint64_t from_height = 0;
    std::uint64_t revoked_height = 0;  // 0: in force

    [[nodiscard]] bool in_force() const { return revoked_height == 0; }
    friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.key, self.participant, self.purpose, self.from_height, self.revoked_height);
    }
};

}  // namespace remit::ledger
