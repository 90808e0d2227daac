#include "node/api/api_failure.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace remit::node {

namespace {

using ledger::LedgerError;

/// Errors that are not what their hundred of the table says (ledger/errors.def).
const std::map<LedgerError, grpc::StatusCode>& special_codes() {
    static const std::map<LedgerError, grpc::StatusCode> codes{
        {LedgerError::bad_signature, grpc::StatusCode::UNAUTHENTICATED},
        {LedgerError::unknown_key, grpc::StatusCode::PERMISSION_DENIED},
        {LedgerError::wrong_key_purpose, grpc::StatusCode::PERMISSION_DENIED},
        {LedgerError::id_reused, grpc::StatusCode::ALREADY_EXISTS},
        {LedgerError::reference_used, grpc::StatusCode::ALREADY_EXISTS},
        {LedgerError::account_exists, grpc::StatusCode::ALREADY_EXISTS},
        {LedgerError::remittance_not_found, grpc::StatusCode::NOT_FOUND},
        {LedgerError::return_not_found, grpc::StatusCode::NOT_FOUND},
        {LedgerError::payout_not_found, grpc::StatusCode::NOT_FOUND},
        {LedgerError::wrong_account, grpc::StatusCode::NOT_FOUND},
        {LedgerError::window_not_found, grpc::StatusCode::NOT_FOUND},
        {LedgerError::not_yours, grpc::StatusCode::PERMISSION_DENIED},
    };
    return codes;
}

grpc::StatusCode code_of(LedgerError error) {
    if (const auto at = special_codes().find(error); at != special_codes().end()) {
        return at->second;
    }
    switch (static_cast<std::uint16_t>(error) / 100) {
        case 1:
            return static_cast<std::uint16_t>(error) < 110 ? grpc::StatusCode::INVALID_ARGUMENT
                                                           : grpc::StatusCode::FAILED_PRECONDITION;
        case 2:
            return grpc::StatusCode::PERMISSION_DENIED;
        case 7:
            return grpc::StatusCode::INVALID_ARGUMENT;
        default:
            return grpc::StatusCode::FAILED_PRECONDITION;
    }
}

}  // namespace

ApiFailure failure_of(LedgerError error) {
    const auto& info = ledger::info_of(error);
    return {.code = code_of(error),
            .reason = std::string(info.name),
            .message = std::string(info.meaning),
            .metadata = {{"number", std::to_string(static_cast<std::uint16_t>(error))},
                         {"iso_reason", std::string(info.iso_reason)},
                         {"remedy", std::string(info.remedy)}}};
}

ApiFailure invalid_argument(std::string message) {
    return {.code = grpc::StatusCode::INVALID_ARGUMENT,
            .reason = "INVALID_ARGUMENT",
            .message = std::move(message)};
}

ApiFailure pruned(const std::string& what) {
    return {
        .code = grpc::StatusCode::OUT_OF_RANGE,
        .reason = "HISTORY_PRUNED",
        .message = what + ", but this node keeps nothing so old: ask one that keeps everything",
        .metadata = {{"number", std::to_string(history_pruned)},
                     {"remedy", "ask a node that keeps everything, or begin above kept_above"}}};
}

ApiFailure not_found(std::string reason, std::string message) {
    return {.code = grpc::StatusCode::NOT_FOUND,
            .reason = std::move(reason),
            .message = std::move(message)};
}

grpc::Status to_status(const ApiFailure& failure) {
    google::rpc::Status details;
    details.set_code(failure.code);
    details.set_message(failure.message);
    google::rpc::ErrorInfo info;
    info.set_reason(failure.reason);
    info.set_domain("remit");
    info.mutable_metadata()->insert(failure.metadata.begin(), failure.metadata.end());
    details.add_details()->PackFrom(info);
    if (failure.retry_after_ms > 0) {
        google::rpc::RetryInfo retry;
        retry.mutable_retry_delay()->set_seconds(failure.retry_after_ms / 1000);
        retry.mutable_retry_delay()->set_nanos(
            static_cast<std::int32_t>(failure.retry_after_ms % 1000 * 1'000'000));
        details.add_details()->PackFrom(retry);
    }
    return {failure.code, failure.message, details.SerializeAsString()};
}

}  // namespace remit::node
