#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "test/integration/cli/program.h"

namespace remit::cli {
namespace {

std::string write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    return path.string();
}

}  // namespace

TEST_CASE("key: an encrypted key is made, shown and given another passphrase",
          "[integration][cli]") {
    const StateFolder state;
    const auto key = state.file("validate.key").string();
    const auto first = write(state.file("first"), "the first passphrase\n");
    const auto second = write(state.file("second"), "the second passphrase\n");
    const auto made = state.run(
        "-o json key new --purpose VALIDATE --encrypt --cost interactive "
        "--passphrase-file " +
        first + " " + key);
    REQUIRE(made.exit == 0);
    CHECK(made.json().at("encrypted") == true);
    CHECK(made.json().at("purpose") == "VALIDATE");
    CHECK(state.run("-o json key show " + key).json() == made.json());

    const auto change = "key passphrase --cost interactive --passphrase-file ";
    const auto wrong = state.run(change + second + " --new-passphrase-file " + second + " " + key);
    CHECK(wrong.exit == 6);
    CHECK(wrong.err.find("error: KEY_FILE: 1008 ") == 0);
    const auto changed = state.run(std::string("-o json ") + change + first +
                                   " --new-passphrase-file " + second + " " + key);
    REQUIRE(changed.exit == 0);
    CHECK(changed.json() == made.json());
    CHECK(state.run(change + first + " --new-passphrase-file " + second + " " + key).exit == 6);
    CHECK(state.run(change + second + " --new-passphrase-file " + first + " " + key).exit == 0);
}

TEST_CASE("key: no passphrase, a short one and an existing file are refused",
          "[integration][cli]") {
    const StateFolder state;
    const auto key = state.file("validate.key").string();
    const auto words = write(state.file("words"), "short");
    const std::string make = "key new --purpose VALIDATE --encrypt --cost interactive ";
    CHECK(state.run(make + key + " </dev/null").exit == 6);
    CHECK(state.run(make + "--passphrase-file " + words + " " + key).exit == 6);
    CHECK_FALSE(std::filesystem::exists(key));
    write(key, "mine");
    write(state.file("words"), "a long passphrase");
    const auto taken = state.run(make + "--passphrase-file " + words + " " + key);
    CHECK(taken.exit == 2);
    CHECK(taken.err.find("1006") != std::string::npos);
    CHECK(StateFolder::text_of(key) == "mine");
}

}  // namespace remit::cli
