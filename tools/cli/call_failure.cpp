#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include "tools/cli/connection.h"
#include "tools/cli/own_codes.h"

namespace remit::cli {
namespace {

/// The stable reason code that the server put beside its status; empty when it sent none.
std::string reason_of(const grpc::Status& status) {
    google::rpc::Status details;
    if (!details.ParseFromString(status.error_details())) {
        return {};
    }
    for (const auto& detail : details.details()) {
        google::rpc::ErrorInfo info;
        if (detail.UnpackTo(&info)) {
            return info.reason();
        }
    }
    return {};
}

Failure coded(Failure failure, const grpc::Status& status) {
    const auto reason = reason_of(status);
    if (reason.empty()) {
        return failure;
    }
    failure.code = reason;
    const auto remedy = remedy_of(reason);
    failure.help = remedy.empty() ? failure.help : remedy;
    // A server that gave its reason was not silent itself.
    const bool silent = status.error_code() == grpc::StatusCode::UNAVAILABLE;
    failure.message = silent ? status.error_message() : failure.message;
    return failure;
}

Failure lost(CallKind kind, const std::string& whom, const std::string& why) {
    if (kind == CallKind::write) {
        return Failure{"OUTCOME_UNKNOWN", whom + " gave no answer (" + why + ")",
                       "ask again with the same id; do not send it under a new one",
                       ExitCode::outcome_unknown};
    }
    return Failure{"UNREACHABLE", whom + " gave no answer (" + why + ")",
                   "try again, or see remit devnet status", ExitCode::unhealthy};
}

}  // namespace

namespace {

Failure plain_failure_of(const grpc::Status& status, CallKind kind, const std::string& whom) {
    const auto& text = status.error_message();
    switch (status.error_code()) {
        case grpc::StatusCode::INVALID_ARGUMENT:
        case grpc::StatusCode::OUT_OF_RANGE:
            return Failure{"INVALID_ARGUMENT", text, "mend the value; nothing was done",
                           ExitCode::usage};
        case grpc::StatusCode::NOT_FOUND:
            return Failure{"NOT_FOUND", text, "check the id; " + whom + " has no such record",
                           ExitCode::not_found};
        case grpc::StatusCode::ALREADY_EXISTS:
        case grpc::StatusCode::FAILED_PRECONDITION:
        case grpc::StatusCode::ABORTED:
            return Failure{"REFUSED", text, "mend what it says and send it as a new one",
                           ExitCode::rejected};
        case grpc::StatusCode::PERMISSION_DENIED:
        case grpc::StatusCode::UNAUTHENTICATED:
            return Failure{"NOT_ALLOWED", text, "act for another participant with --as",
                           ExitCode::not_allowed};
        case grpc::StatusCode::RESOURCE_EXHAUSTED:
            return Failure{"BUSY", text, "wait a moment and send the same again",
                           ExitCode::unhealthy};
        case grpc::StatusCode::DATA_LOSS:
            return Failure{"INTEGRITY", text, "stop and look at " + whom + "'s log",
                           ExitCode::bad_configuration};
        case grpc::StatusCode::UNIMPLEMENTED:
            return Failure{"UNIMPLEMENTED", text, whom + " runs another version",
                           ExitCode::unhealthy};
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::DEADLINE_EXCEEDED:
        case grpc::StatusCode::CANCELLED:
        case grpc::StatusCode::UNKNOWN:
            return lost(kind, whom, text);
        case grpc::StatusCode::OK:
        case grpc::StatusCode::INTERNAL:
        case grpc::StatusCode::DO_NOT_USE:
            break;
    }
    return Failure{"INTERNAL", text, "see " + whom + "'s log", ExitCode::our_bug};
}

}  // namespace

Failure not_done_yet(std::string message, std::string ask) {
    return Failure{"OUTCOME_UNKNOWN", std::move(message), std::move(ask),
                   ExitCode::outcome_unknown};
}

Failure with_remedy_if_unknown(Failure failure, std::string ask) {
    if (failure.exit == ExitCode::outcome_unknown) {
        failure.help = std::move(ask);
    }
    return failure;
}

Failure failure_of(const grpc::Status& status, CallKind kind, const std::string& whom) {
    return coded(plain_failure_of(status, kind, whom), status);
}

}  // namespace remit::cli
