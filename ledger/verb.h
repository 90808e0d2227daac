#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace remit::ledger {

/// Numbers of the operations: those of `oneof verb` in proto/remit/v1/operation.proto. `expire`
/// and `close_window` are the ledger's own acts and never come in a transaction.
enum class Verb : std::uint8_t {
    none = 0,
    open_account = 1,
    fund_wallet = 2,
    defund_wallet = 3,
    bank_mark = 4,
    prepare = 5,
    accept = 6,
    reject = 7,
    confirm_credit = 8,
    fail_credit = 9,
    return_prepare = 10,
    return_accept = 11,
    attest_cover = 12,
    attest_reserve = 13,
    settle_confirm = 14,
    settle_fail = 15,
    set_participant = 16,
    set_policy = 17,
    set_calendar = 18,
    expire = 19,
    close_window = 20,
    set_validators = 21,
    ready = 22,
    report_evidence = 23,
};
constexpr Verb last_of(Verb) {
    return Verb::report_evidence;
}

/// `open_account`, ...; empty for none.
std::string_view name_of(Verb verb);
std::optional<Verb> verb_from(std::string_view name);

}  // namespace remit::ledger
