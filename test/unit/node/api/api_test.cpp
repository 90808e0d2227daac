#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "node/api/api_failure.h"
#include "node/api/records_to_proto.h"

namespace remit::node {

TEST_CASE("api failure: a refusal carries reason, domain, number and remedy", "[node][api]") {
    const auto status = to_status(failure_of(ledger::LedgerError::bad_signature));
    REQUIRE(status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
    google::rpc::Status details;
    REQUIRE(details.ParseFromString(status.error_details()));
    REQUIRE(details.code() == status.error_code());
    google::rpc::ErrorInfo info;
    REQUIRE(details.details(0).UnpackTo(&info));
    REQUIRE(info.reason() == "BAD_SIGNATURE");
    REQUIRE(info.domain() == "remit");
    REQUIRE(info.metadata().at("number") == "111");
    REQUIRE(info.metadata().at("iso_reason") == "DS0H");
    REQUIRE_FALSE(info.metadata().at("remedy").empty());
}

TEST_CASE("api failure: what was let go of has a name, a number and a remedy", "[node][api]") {
    const auto status = to_status(pruned("the block is final"));
    REQUIRE(status.error_code() == grpc::StatusCode::OUT_OF_RANGE);
    google::rpc::Status details;
    REQUIRE(details.ParseFromString(status.error_details()));
    google::rpc::ErrorInfo info;
    REQUIRE(details.details(0).UnpackTo(&info));
    REQUIRE(info.reason() == "HISTORY_PRUNED");
    REQUIRE(info.metadata().at("number") == "1201");
    REQUIRE_FALSE(info.metadata().at("remedy").empty());
    // No other table has this number.
    for (const auto& row : ledger::error_table()) {
        REQUIRE(static_cast<int>(row.error) != history_pruned);
    }
}

TEST_CASE("api failure: a busy node says when to come back", "[node][api]") {
    const auto status = to_status({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                                   .reason = "NODE_BUSY",
                                   .message = "later",
                                   .retry_after_ms = 1250});
    google::rpc::Status details;
    REQUIRE(details.ParseFromString(status.error_details()));
    google::rpc::RetryInfo retry;
    REQUIRE(details.details(1).UnpackTo(&retry));
    REQUIRE(retry.retry_delay().seconds() == 1);
    REQUIRE(retry.retry_delay().nanos() == 250'000'000);
}

TEST_CASE("api failure: every error of the table has a code, none of them OK or unknown",
          "[node][api]") {
    for (const auto& row : ledger::error_table()) {
        CAPTURE(row.name);
        const auto failure = failure_of(row.error);
        REQUIRE(failure.reason == row.name);
        REQUIRE(failure.code != grpc::StatusCode::OK);
        REQUIRE(failure.code != grpc::StatusCode::INTERNAL);
    }
    using ledger::LedgerError;
    REQUIRE(failure_of(LedgerError::bad_encoding).code == grpc::StatusCode::INVALID_ARGUMENT);
    REQUIRE(failure_of(LedgerError::unknown_key).code == grpc::StatusCode::PERMISSION_DENIED);
    REQUIRE(failure_of(LedgerError::validity_passed).code == grpc::StatusCode::FAILED_PRECONDITION);
    REQUIRE(failure_of(LedgerError::id_reused).code == grpc::StatusCode::ALREADY_EXISTS);
    REQUIRE(failure_of(LedgerError::window_not_found).code == grpc::StatusCode::NOT_FOUND);
}

TEST_CASE("account id: only whole and fitting names are taken", "[node][api]") {
    v1::AccountId id;
    id.set_participant_id(2);
    id.set_asset_id(1);
    id.set_kind("CUSTOMER");
    REQUIRE_FALSE(account_id_from(id));  // no tag
    id.set_tag(std::string(16, 'x'));
    REQUIRE(account_id_from(id)->kind == ledger::AccountKind::customer);
    id.set_kind("SETTLEMENT");
    REQUIRE_FALSE(account_id_from(id));  // a tag that does not belong
    id.clear_tag();
    REQUIRE(account_id_from(id)->kind == ledger::AccountKind::settlement);
    id.set_asset_id(70'000);
    REQUIRE_FALSE(account_id_from(id));
    id.set_asset_id(1);
    id.set_kind("PURSE");
    REQUIRE_FALSE(account_id_from(id));
}

TEST_CASE("remittance: past its deadline it reads as expired before the sweep", "[node][api]") {
    ledger::Remittance remittance;
    remittance.state = ledger::RemittanceState::prepared;
    remittance.expires_at = {1000};
    remittance.source = {{1}, 100'000};
    remittance.fees = {{{1}, 250}};
    REQUIRE(to_proto(remittance, {999}).state() == "PREPARED");
    const auto out = to_proto(remittance, {1000});
    REQUIRE(out.state() == "EXPIRED");
    REQUIRE(out.source_minor() == 100'000);
    REQUIRE(out.fees(0).amount_minor() == 250);
}

}  // namespace remit::node
