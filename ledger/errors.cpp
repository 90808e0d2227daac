#include "ledger/errors.h"

#include <array>

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
constexpr auto table = std::to_array<ErrorInfo>({
#define X(number, enumerator, name, iso, meaning, remedy) \
    {LedgerError::enumerator, name, iso, meaning, remedy},
#include "ledger/errors.def"
#undef X
});

constexpr bool rises() {
    for (std::size_t i = 1; i < table.size(); ++i) {
        if (table.at(i - 1).error >= table.at(i).error) {
            return false;
        }
    }
    return true;
}
static_assert(rises(), "errors.def must rise: its order is the order of the checks");
}  // namespace

std::span<const ErrorInfo> error_table() {
    return table;
}

const ErrorInfo& info_of(LedgerError error) {
    for (const ErrorInfo& row : table) {
        if (row.error == error) {
            return row;
        }
    }
    CHECK(false);
    return table.front();
}

std::optional<LedgerError> ledger_error_from(std::uint16_t number) {
    for (const ErrorInfo& row : table) {
        if (static_cast<std::uint16_t>(row.error) == number) {
            return row.error;
        }
    }
    return std::nullopt;
}

std::optional<LedgerError> ledger_error_from(std::string_view name) {
    for (const ErrorInfo& row : table) {
        if (row.name == name) {
            return row.error;
        }
    }
    return std::nullopt;
}

}  // namespace remit::ledger
