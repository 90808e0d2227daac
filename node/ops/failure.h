#pragma once

#include <string>
#include <utility>

#include "ledger/base/result.h"

namespace remit::node {

/// What a program of the product tells its caller when it ends (docs/reference/cli.md). 3 and 5
/// must never be confused: a rejected request may be sent anew under a new id, one with an unknown
/// outcome must be asked about under the same id.
enum class ExitCode : int {
    done = 0,
    bug = 1,
    wrong_usage = 2,
    rejected = 3,
    not_found = 4,
    outcome_unknown = 5,
    not_allowed = 6,
    bad_configuration = 7,
    unhealthy = 8,
    io_error = 70,
    interrupted = 130,
};

/// An expected failure at an edge: one line that says what is wrong, one that says what to do.
struct Failure {
    ExitCode exit = ExitCode::bug;
    std::string message;
    std::string help;
};

inline tl::unexpected<Failure> fail_with(ExitCode exit, std::string message,
                                         std::string help = {}) {
    return tl::unexpected<Failure>(Failure{exit, std::move(message), std::move(help)});
}

/// Prints `error: ...` and `help: ...` on stderr and gives the exit status for `main`.
int report(const Failure& failure);

}  // namespace remit::node
