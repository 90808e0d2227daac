#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tools/cli/connection.h"

namespace remit::cli {
namespace {

grpc::Status status_with(grpc::StatusCode code, const std::string& reason,
                         const std::string& text) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    google::rpc::Status details;
    details.set_code(static_cast<int>(code));
    details.add_details()->PackFrom(info);
    return {code, text, details.SerializeAsString()};
}

}  // namespace

TEST_CASE("call failures: a lost write may have happened, a lost read has not", "[cli][failure]") {
    const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "gone");
    CHECK(failure_of(lost, CallKind::write, "g").exit == ExitCode::outcome_unknown);
    CHECK(failure_of(lost, CallKind::read, "g").exit == ExitCode::unhealthy);
    const auto repeat = with_remedy_if_unknown(failure_of(lost, CallKind::write, "g"), "ask");
    CHECK(repeat.help == "ask");
    CHECK(with_remedy_if_unknown(failure_of(lost, CallKind::read, "g"), "ask").help != "ask");
    CHECK(not_done_yet("under way", "ask").exit == ExitCode::outcome_unknown);
}

TEST_CASE("call failures: the server's reason decides code and remedy", "[cli][failure]") {
    const auto reused =
        failure_of(status_with(grpc::StatusCode::ALREADY_EXISTS, "ID_REUSED", "another"),
                   CallKind::write, "g");
    CHECK(reused.code == "ID_REUSED");
    CHECK(reused.exit == ExitCode::rejected);
    CHECK_FALSE(reused.help.empty());
    const auto poor =
        failure_of(status_with(grpc::StatusCode::FAILED_PRECONDITION, "INSUFFICIENT_FUNDS", "poor"),
                   CallKind::write, "g");
    CHECK(poor.exit == ExitCode::rejected);
    const auto silent =
        failure_of(status_with(grpc::StatusCode::UNAVAILABLE, "PAYEE_OPERATOR_SILENT", "no answer"),
                   CallKind::write, "g");
    CHECK(silent.exit == ExitCode::outcome_unknown);
    CHECK(silent.message == "no answer");
    const auto others =
        failure_of(status_with(grpc::StatusCode::PERMISSION_DENIED, "NOT_YOUR_GATEWAY", "no"),
                   CallKind::write, "g");
    CHECK(others.exit == ExitCode::not_allowed);
}

TEST_CASE("call failures: only codes that explain knows are sent there", "[cli][failure]") {
    v1::Refusal refusal;
    refusal.set_name("RAIL_REFUSED");
    CHECK(failure_of(refusal).help.find("(remit explain RAIL_REFUSED)") != std::string::npos);
    refusal.set_name("NEWER_THAN_THIS_PROGRAM");
    CHECK(failure_of(refusal).help.find("remit explain") == std::string::npos);
}

}  // namespace remit::cli
