#pragma once

#include <string>

#include "tools/cli/failure.h"
#include "tools/devnet/network.h"

namespace remit::cli {

/// A wallet as a person names it: `alice@alipayhk`.
struct WalletAddress {
    std::string name;
    std::string operator_name;
    std::uint32_t operator_id = 0;
    std::string currency;  // the operator's own, unless `wanted_currency` said another
};

/// Without `@operator`: the sample wallet of that name, else `acting`. Exit 2 when neither tells
/// the operator, or the operator is unknown.
Result<WalletAddress, Failure> parse_wallet(const devnet::Network& network, const std::string& text,
                                            const std::string& acting,
                                            const std::string& wanted_currency);

}  // namespace remit::cli
