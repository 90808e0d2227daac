#pragma once

#include <string>

#include "ledger/base/result.h"

namespace remit::cli {

/// What the program's exit status says. 3 and 5 must never be confused: after 3 a new id is right,
/// after 5 only the same id may be asked or sent again.
enum class ExitCode : int {
    done = 0,
    our_bug = 1,
    usage = 2,
    rejected = 3,
    not_found = 4,
    outcome_unknown = 5,
    not_allowed = 6,
    bad_configuration = 7,  // also failed integrity
    unhealthy = 8,          // also unreachable before anything was sent
    interrupted = 130,
};

/// One failure for a person: `error: CODE: message` and `help: help`, or the same as JSON.
struct Failure {
    std::string code;  // UPPER_SNAKE, stable; a ledger error's name where the ledger refused
    std::string message;
    std::string help;
    ExitCode exit = ExitCode::our_bug;
};

/// Wrong options, arguments or values: exit 2.
inline tl::unexpected<Failure> usage(std::string message, std::string help = {}) {
    return fail(Failure{"USAGE", std::move(message), std::move(help), ExitCode::usage});
}

}  // namespace remit::cli
