#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "ledger/base/consensus_params.h"

using namespace remit;  // NOLINT(google-build-using-namespace)

namespace {

const std::string page_path =
    std::string(REMIT_SOURCE_DIR) + "/docs/reference/consensus-parameters.md";

std::string rendered() {
    std::string page =
        "# Consensus parameters that governance may change\n\n"
        "Generated from `ledger/base/consensus_params.def`; `UPDATE_GOLDEN=1 test_ledger "
        "\"consensus params: *\"`\nwrites it anew. Defaults are those of a genesis file that says "
        "nothing else. `remit validator list` shows the\nvalues in force, `remit validator plan "
        "--set NAME=VALUE` plans others: they hold from the first block of the\nepoch that the "
        "plan begins. The other parameters are genesis's for ever "
        "([ADR 0013](../adr/0013-epochs.md)).\nA plan with a value beyond these, or against "
        "another parameter in force, is refused: `PARAM_REFUSED`\n(959, [errors](errors.md)).\n\n"
        "| Name | Least | Most | Default | Meaning |\n|---|---|---|---|---|\n";
    const ConsensusParams defaults;
    for (const auto& each : governed_params()) {
        page += "| `" + std::string(each.name) + "` | " + std::to_string(each.least) + " | " +
                std::to_string(each.most) + " | " + std::to_string(defaults.*(each.field)) + " | " +
                std::string(each.meaning) + " |\n";
    }
    return page;
}

}  // namespace

TEST_CASE("consensus params: the reference page is generated from the table", "[ledger][golden]") {
    const std::string page = rendered();
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe): one thread
        std::ofstream(page_path, std::ios::binary) << page;
    }
    std::ifstream file(page_path, std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == page);
}
