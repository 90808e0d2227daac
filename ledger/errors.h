#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ledger/base/result.h"

namespace remit::ledger {

/// Why the ledger refused: closed, numbered in precedence order, numbers never reused. The name is
/// also the gRPC ErrorInfo reason, metric label, JSON field and docs page. 0 is no error.
enum class LedgerError : std::uint16_t {
#define X(number, enumerator, name, iso, meaning, remedy) enumerator = number,
#include "ledger/errors.def"
#undef X
};

/// One row of the table.
struct ErrorInfo {
    LedgerError error;
    std::string_view name;        // UPPER_SNAKE, stable
    std::string_view iso_reason;  // ISO 20022 code
    std::string_view meaning;
    std::string_view remedy;
};

/// All rows in precedence order.
std::span<const ErrorInfo> error_table();

const ErrorInfo& info_of(LedgerError error);
inline std::string_view name_of(LedgerError error) {
    return info_of(error).name;
}

std::optional<LedgerError> ledger_error_from(std::uint16_t number);
/// By its UPPER_SNAKE name.
std::optional<LedgerError> ledger_error_from(std::string_view name);

}  // namespace remit::ledger
