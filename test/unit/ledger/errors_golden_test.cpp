#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "ledger/errors.h"

using namespace remit::ledger;  // NOLINT(google-build-using-namespace)

namespace {

const std::string page_path = std::string(REMIT_SOURCE_DIR) + "/docs/reference/errors.md";

std::string rendered() {
    std::string page =
        "# Errors of the ledger\n\n"
        "Generated from `ledger/errors.def`; `UPDATE_GOLDEN=1 test_ledger \"errors: *\"` writes "
        "it anew. Numbers\nare never reused; their order is the order of the checks. The name is "
        "the gRPC `ErrorInfo.reason`,\nthe metric label and the JSON field alike.\n\n"
        "| Number | Name | ISO | Meaning | What to do |\n|---|---|---|---|---|\n";
    for (const ErrorInfo& row : error_table()) {
        page += "| " + std::to_string(static_cast<unsigned>(row.error)) + " | `";
        page += row.name;
        page += "` | ";
        page += row.iso_reason;
        page += " | ";
        page += row.meaning;
        page += " | ";
        page += row.remedy;
        page += " |\n";
    }
    return page;
}

std::string page_on_disk() {
    std::ifstream file(page_path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("errors: the reference page is the table", "[ledger][errors][golden]") {
    const auto page = rendered();
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(page_path, std::ios::binary) << page;
    }
    CHECK(page_on_disk() == page);
}

TEST_CASE("errors: every row is complete and found by number and by name", "[ledger][errors]") {
    for (const ErrorInfo& row : error_table()) {
        CAPTURE(row.name);
        CHECK(row.iso_reason.size() == 4);
        CHECK_FALSE(row.meaning.empty());
        CHECK_FALSE(row.remedy.empty());
        CHECK(row.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos);
        CHECK(ledger_error_from(static_cast<std::uint16_t>(row.error)) == row.error);
        CHECK(ledger_error_from(row.name) == row.error);
    }
    CHECK_FALSE(ledger_error_from(std::uint16_t{0}).has_value());
    CHECK_FALSE(ledger_error_from("NO_SUCH_ERROR").has_value());
}
