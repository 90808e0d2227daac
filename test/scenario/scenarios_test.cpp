#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

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
