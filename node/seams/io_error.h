#pragma once

#include <cstdint>
#include <string>

#include "ledger/base/result.h"

namespace remit::node {

enum class IoFailure : std::uint8_t {
    not_found,
    denied,   ///< permissions, or a file mode that is too open
    full,     ///< no space or quota
    corrupt,  ///< the bytes are there and wrong
    busy,     ///< another process holds it
    other,
};
std::string_view name_of(IoFailure failure);

/// What went wrong with a file or the database, in words for the operator.
struct IoError {
    IoFailure failure = IoFailure::other;
    std::string action;  ///< what was being done: "fdatasync", "open database"
    std::string path;
    std::string reason;

    [[nodiscard]] std::string text() const;
};

/// `action path: strerror`, with the failure kind that errno means.
IoError io_error_from_errno(std::string action, std::string path, int code);

/// The one answer to a failed durable write or a corrupt read in a running process: one line on
/// standard error, then `_exit(70)` without destructors. Nothing is retried: after a failed sync
/// the page cache may report success for bytes that are lost.
[[noreturn]] void die_of(const IoError& error);

/// The value, or the end of the process.
template <class T>
T or_die(Result<T, IoError>&& result) {
    if (!result) {
        die_of(result.error());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

}  // namespace remit::node
