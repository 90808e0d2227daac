#pragma once

#include <tl/expected.hpp>
#include <utility>

namespace remit {

/// A value or an expected failure. tl::expected made [[nodiscard]]: a dropped error is a compile
/// error (ADR 0002). E is a closed enum or a small struct that names one.
template <class T, class E>
class [[nodiscard]] Result : public tl::expected<T, E> {
public:
    using tl::expected<T, E>::expected;
};

/// Success without a value, or an expected failure.
template <class E>
using Status = Result<void, E>;

/// `return fail(LedgerError::zero_amount);`
template <class E>
[[nodiscard]] tl::unexpected<std::decay_t<E>> fail(E&& error) {
    return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace remit

#define REMIT_CONCAT_INNER(a, b) a##b
#define REMIT_CONCAT(a, b) REMIT_CONCAT_INNER(a, b)

/// Leaves the function with the error when `expr` failed.
#define TRY(expr)                                                        \
    do {                                                                 \
        if (auto try_result = (expr); !try_result) {                     \
            return ::tl::make_unexpected(std::move(try_result).error()); \
        }                                                                \
    } while (false)

#define REMIT_TRY_ASSIGN(temporary, target, expr)                   \
    auto temporary = (expr);                                        \
    if (!temporary) {                                               \
        return ::tl::make_unexpected(std::move(temporary).error()); \
    }                                                               \
    target = std::move(*temporary)

/// `TRY_ASSIGN(auto account, state.account(id));`
#define TRY_ASSIGN(target, expr) REMIT_TRY_ASSIGN(REMIT_CONCAT(try_assign_, __LINE__), target, expr)
