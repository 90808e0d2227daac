#pragma once

#include <string_view>

#include "ledger/remittance.h"

namespace remit::ledger {

enum class ReturnMode : std::uint8_t { unspecified, same_rate, current_rate, target_currency };
constexpr ReturnMode last_of(ReturnMode) {
    return ReturnMode::target_currency;
}
std::string_view name_of(ReturnMode mode);

enum class ReturnState : std::uint8_t { pending, done, expired };
constexpr ReturnState last_of(ReturnState) {
    return ReturnState::expired;
}
/// `RETURN_PENDING`, `RETURNED`, `EXPIRED`.
std::string_view name_of(ReturnState state);

/// A return: a movement of its own, back along a remittance's path (pacs.004).
struct Return {
    ReturnId return_id{};
    Uetr uetr{};
    Hash body{};  // digest of the return_prepare operation
    ReturnState state = ReturnState::pending;
    Minor source = 0;  // what the payer gets back, in the remittance's source asset
    Minor target = 0;  // what leaves the payee, in its target asset
    /// What each exchange gives back, in the remittance's order: maker gives `source`, takes
    /// `target`.
    std::vector<Exchange> exchanges{};
    ReturnMode mode = ReturnMode::same_rate;
    Bytes reason{};
    bool operator_bears = false;
    BlockTime expires_at{};
    WindowId window{};  // of its own commit
    std::vector<TimelineStep> timeline{};

    friend bool operator==(const Return&, const Return&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.return_id, self.uetr, self.body, self.state, self.source, self.target,
             self.exchanges, self.mode, self.reason, self.operator_bears, self.expires_at,
             self.window, self.timeline);
    }
};

enum class RedemptionState : std::uint8_t { locked, paid, cancelled };
constexpr RedemptionState last_of(RedemptionState) {
    return RedemptionState::cancelled;
}
/// `LOCKED`, `PAID`, `CANCELLED`.
std::string_view name_of(RedemptionState state);

/// An off-ramp under one payout id (defund_wallet). LOCKED has no expiry: only the operator knows
/// whether its rail paid.
struct Redemption {
    ParticipantId owner{};
    PayoutId payout_id{};
    Hash body{};          // digest of the LOCK operation
    AccountId account{};  // CUSTOMER or FEE
    Minor amount = 0;
    RedemptionState state = RedemptionState::locked;
    Bytes rail_reference{};
    std::uint64_t locked_height = 0;
    std::uint64_t ended_height = 0;

    friend bool operator==(const Redemption&, const Redemption&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.owner, self.payout_id, self.body, self.account, self.amount, self.state,
             self.rail_reference, self.locked_height, self.ended_height);
    }
};

}  // namespace remit::ledger
