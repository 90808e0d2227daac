#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace remit::fuzz {

/// The oracle of a target: a promise that no input may break. Says which one broke and where, then
/// aborts, so that the fuzzer keeps the input.
inline void require(bool holds, std::string_view promise,
                    const std::source_location& where = std::source_location::current()) {
    if (!holds) {
        std::fprintf(stderr, "%s:%u: broken promise: %.*s\n", where.file_name(), where.line(),
                     static_cast<int>(promise.size()), promise.data());
        std::abort();
    }
}

}  // namespace remit::fuzz
