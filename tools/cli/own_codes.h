#pragma once

#include <span>
#include <string>
#include <string_view>

namespace remit::cli {

/// A code that a gateway or this program gives, beside the ledger's own table.
struct OwnCode {
    std::string_view name;
    std::string_view meaning;
    std::string_view remedy;
    int number = 0;  // of docs/reference/node-errors.md; 0: it has none
};

/// All of them, in the order of their names.
std::span<const OwnCode> own_codes();

/// What to do about a code, of the ledger's table or of this one; empty when neither knows it.
std::string remedy_of(std::string_view code);

}  // namespace remit::cli
