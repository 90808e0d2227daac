#pragma once

#include <grpcpp/support/status.h>

#include <map>
#include <string>

#include "ledger/base/result.h"
#include "ledger/errors.h"

namespace remit::node {

/// Why a call fails. `reason` is stable: it becomes ErrorInfo.reason in the domain "remit", in
/// `grpc-status-details-bin`.
struct ApiFailure {
    grpc::StatusCode code = grpc::StatusCode::INTERNAL;
    std::string reason;
    std::string message;
    std::map<std::string, std::string> metadata = {};
    std::int64_t retry_after_ms = 0;  ///< > 0: RetryInfo goes along
};

template <class T>
using Answer = Result<T, ApiFailure>;

/// The gRPC face of a refusal found before anything was ordered.
ApiFailure failure_of(ledger::LedgerError error);
ApiFailure invalid_argument(std::string message);
ApiFailure not_found(std::string reason, std::string message);
/// Its number in docs/reference/node-errors.md: those of the ledger's table end below.
inline constexpr int history_pruned = 1201;
inline constexpr int disk_low = 1202;
/// HISTORY_PRUNED: what is asked for is older than what this node keeps.
ApiFailure pruned(const std::string& what);

grpc::Status to_status(const ApiFailure& failure);

}  // namespace remit::node
