#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "ledger/errors.h"
#include "test/scenario/scenario.h"

namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(REMIT_SOURCE_DIR) / "test/scenario/ledger";

/// Runs one text file; its name is the test's name.
class RunFile final : public Catch::ITestInvoker {
public:
    explicit RunFile(fs::path path) : path_(std::move(path)) {}

    void invoke() const override {
        std::ifstream file(path_);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        try {
            remit::test::Scenario().run(text);
            SUCCEED();
        } catch (const remit::test::ScenarioFailure& failure) {
            FAIL(path_.filename().string() << ", " << failure.what());
        }
    }

private:
    fs::path path_;
};

/// One Catch2 test for each text, registered before main lists them.
std::vector<std::unique_ptr<Catch::AutoReg>> register_texts() {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::unique_ptr<Catch::AutoReg>> out;
    for (const auto& path : paths) {
        const auto name = "ledger/" + path.stem().string();
        // Catch2 takes ownership of the invoker.
        out.push_back(std::make_unique<Catch::AutoReg>(new RunFile(path), CATCH_INTERNAL_LINEINFO,
                                                       Catch::StringRef{},
                                                       Catch::NameAndTags{name, "[scenario]"}));
    }
    return out;
}

const auto registered = register_texts();

}  // namespace

TEST_CASE("scenarios: every text of the folder is registered", "[scenario]") {
    CHECK(registered.size() >= 38);
}

// Three are given before the ledger runs, by decoding and by reading amounts, and tested there.
// Those of what validators say of themselves and each other, and of plans, are tested with their
// rules: the texts speak of participants and their money.
TEST_CASE("scenarios: every refusal of the ledger is shown by a text", "[scenario]") {
    std::string all;
    for (const auto& entry : fs::directory_iterator(folder)) {
        std::ifstream file(entry.path());
        all.append(std::istreambuf_iterator<char>(file), {});
        all += '\n';
    }
    for (const auto& row : remit::ledger::error_table()) {
        using Error = remit::ledger::LedgerError;
        const bool before_the_ledger = row.error == Error::unknown_field ||
                                       row.error == Error::decimals_exceed_currency ||
                                       row.error == Error::bad_amount;
        const bool of_validators =
            row.error == Error::not_listed || row.error == Error::not_following ||
            row.error == Error::not_a_validator || row.error == Error::bad_evidence ||
            row.error == Error::evidence_known || row.error == Error::evidence_enough ||
            row.error == Error::seat_of_another || row.error == Error::param_refused;
        const auto refusal = " => " + std::string(row.name);
        const auto shown = all.find(refusal + "\n") != std::string::npos ||
                           all.find(refusal + " about") != std::string::npos;
        INFO(row.name);
        CHECK(shown != (before_the_ledger || of_validators));
    }
}
