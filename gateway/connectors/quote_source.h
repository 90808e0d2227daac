#pragma once

#include <string>
#include <vector>

#include "gateway/connectors/rail.h"
#include "remit/gateway/v1/bank.pb.h"

namespace remit::gateway {

/// Where firm quotes come from. Calls block.
class QuoteSource {
public:
    virtual ~QuoteSource() = default;
    /// One answer per request, in order.
    virtual Result<std::vector<v1::QuoteAnswer>, RailSilent> quotes(
        const std::vector<v1::QuoteRequest>& requests) = 0;
};

/// Other operators' directories: whose tag belongs to a name. Calls block.
class OperatorDirectory {
public:
    virtual ~OperatorDirectory() = default;
    struct Failure {
        bool silent = false;
        std::string text;
    };
    virtual Result<v1::ResolveWalletResponse, Failure> resolve(std::uint32_t operator_id,
                                                               const std::string& name,
                                                               const std::string& currency) = 0;
};

}  // namespace remit::gateway
