#pragma once

namespace remit {

/// Prints the broken promise and aborts. Called by CHECK only.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace remit

/// A promise of our own code, on in every build. Nothing a peer, client, bank, file or disk can
/// send may reach one: those are errors, not broken promises.
#define CHECK(condition)                                           \
    do {                                                           \
        if (!(condition)) [[unlikely]] {                           \
            ::remit::check_failed(#condition, __FILE__, __LINE__); \
        }                                                          \
    } while (false)
