#pragma once

#include <cstdint>
#include <string>

#include "gateway/saga.h"

/// Names at the clearing bank's rail that both sides derive by themselves: the operator who pays
/// in and the bank that waits for the entry.
namespace remit::gateway {

/// What a participant owes or is owed in one asset of one closed window.
struct LegName {
    std::uint64_t window = 0;
    std::uint32_t participant = 0;
    std::string currency;
};

inline LegName leg_of(const Saga& saga) {
    return {saga.window_id(), saga.participant_id(), saga.currency()};
}

inline std::string clearing_account(const std::string& currency) {
    return "clearing/" + currency;
}
inline std::string cash_account(std::string_view kind, std::uint32_t participant,
                                const std::string& currency) {
    return std::string(kind) + "/" + std::to_string(participant) + "/" + currency;
}

inline std::string leg_text(const LegName& leg) {
    return std::to_string(leg.window) + "/" + std::to_string(leg.participant) + "/" + leg.currency;
}
/// Transfer ids: one for each leg and purpose, for ever.
inline std::string pay_in_id(const LegName& leg) {
    return "pay-in/" + leg_text(leg);
}
inline std::string pay_out_id(const LegName& leg) {
    return "pay-out/" + leg_text(leg);
}
inline std::string draw_id(const LegName& leg) {
    return "draw/" + leg_text(leg);
}

}  // namespace remit::gateway
