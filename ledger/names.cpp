// Names of every enum of the records: what API, CLI, metrics and documents print.
#include <algorithm>
#include <array>

#include "ledger/block.h"
#include "ledger/participant.h"
#include "ledger/remittance.h"
#include "ledger/return.h"
#include "ledger/verb.h"
#include "ledger/window.h"

namespace remit::ledger {

namespace {

template <class Enum, std::size_t N>
std::optional<Enum> find_in(const std::array<std::string_view, N>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end() || name.empty()) {
        return std::nullopt;
    }
    return static_cast<Enum>(found - names.begin());
}

constexpr std::array<std::string_view, 24> verb_names{
    "",
    "open_account",
    "fund_wallet",
    "defund_wallet",
    "bank_mark",
    "prepare",
    "accept",
    "reject",
    "confirm_credit",
    "fail_credit",
    "return_prepare",
    "return_accept",
    "attest_cover",
    "attest_reserve",
    "settle_confirm",
    "settle_fail",
    "set_participant",
    "set_policy",
    "set_calendar",
    "expire",
    "close_window",
    "set_validators",
    "ready",
    "report_evidence",
};

constexpr std::array<std::string_view, 13> remittance_state_names{
    "",        "PREPARED", "REFUSED",       "COMMITTED",      "REJECTED", "EXPIRED",         "HELD",
    "BLOCKED", "CREDITED", "CREDIT_FAILED", "RETURN_PENDING", "RETURNED", "PARTLY_RETURNED",
};

// Of pacs.002: accepted and settling, rejected, settled, credited, pending, blocked. A credit that
// failed is settled and waits; returns are movements of their own and leave the status as it was.
constexpr std::array<std::string_view, 13> iso_statuses{
    "",     "ACSP", "RJCT", "ACSC", "RJCT", "RJCT", "PDNG",
    "BLCK", "ACCC", "ACWP", "ACSC", "ACSC", "ACSC",
};

constexpr std::array<std::string_view, 5> role_names{"OPERATOR", "MARKET_MAKER", "CLEARING_BANK",
                                                     "REGULATOR", "VALIDATOR"};
constexpr std::array<std::string_view, 4> status_names{"ACTIVE", "RESTRICTED", "SUSPENDED",
                                                       "EXITED"};
constexpr std::array<std::string_view, 4> return_mode_names{"", "SAME_RATE", "CURRENT_RATE",
                                                            "TARGET_CURRENCY"};
constexpr std::array<std::string_view, 3> return_state_names{"RETURN_PENDING", "RETURNED",
                                                             "EXPIRED"};
constexpr std::array<std::string_view, 3> redemption_names{"LOCKED", "PAID", "CANCELLED"};
constexpr std::array<std::string_view, 3> window_names{"OPEN", "PENDING_SETTLEMENT", "SETTLED"};
constexpr std::array<std::string_view, 5> leg_names{"DUE", "PAID_IN", "PAID_OUT", "DRAWN", "SHORT"};
constexpr std::array<std::string_view, 4> epoch_reason_names{
    "UNCHANGED", "ACTIVATED", "JOINER_NOT_READY", "QUORUM_NOT_READY"};
constexpr std::array<std::string_view, 4> event_names{"EXPIRED", "RETURN_EXPIRED", "WINDOW_CLOSED",
                                                      "WINDOW_SETTLED"};
}  // namespace

std::string_view name_of(Verb verb) {
    return verb_names.at(static_cast<std::size_t>(verb));
}
std::optional<Verb> verb_from(std::string_view name) {
    return find_in<Verb>(verb_names, name);
}

std::string_view name_of(RemittanceState state) {
    return remittance_state_names.at(static_cast<std::size_t>(state));
}
std::optional<RemittanceState> remittance_state_from(std::string_view name) {
    return find_in<RemittanceState>(remittance_state_names, name);
}
std::string_view iso_status_of(RemittanceState state) {
    return iso_statuses.at(static_cast<std::size_t>(state));
}

std::string_view name_of(Role role) {
    return role_names.at(static_cast<std::size_t>(role));
}
std::optional<Role> role_from(std::string_view name) {
    return find_in<Role>(role_names, name);
}

std::string_view name_of(ParticipantStatus status) {
    return status_names.at(static_cast<std::size_t>(status));
}
std::string_view name_of(ReturnMode mode) {
    return return_mode_names.at(static_cast<std::size_t>(mode));
}
std::string_view name_of(ReturnState state) {
    return return_state_names.at(static_cast<std::size_t>(state));
}
std::string_view name_of(RedemptionState state) {
    return redemption_names.at(static_cast<std::size_t>(state));
}
std::string_view name_of(WindowState state) {
    return window_names.at(static_cast<std::size_t>(state));
}
std::string_view name_of(LegState state) {
    return leg_names.at(static_cast<std::size_t>(state));
}
std::string_view name_of(EpochReason reason) {
    return epoch_reason_names.at(static_cast<std::size_t>(reason));
}
std::string_view name_of(LedgerEvent::Kind kind) {
    return event_names.at(static_cast<std::size_t>(kind));
}

}  // namespace remit::ledger
