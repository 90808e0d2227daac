#include "node/ops/passphrase.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "test/support/node/temporary_folder.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

std::string write(const std::string& path, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
}

}  // namespace

TEST_CASE("passphrase: the first line of its file, spaces and all", "[ops]") {
    const TemporaryFolder folder;
    const auto file = write((folder.path() / "words").string(), " two words \nmore\n");
    CHECK(passphrase_of_key(file, "validate.key") == Bytes(" two words "));
}

TEST_CASE("passphrase: a file that is empty, missing or open to others is refused", "[ops]") {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "words").string();
    CHECK_FALSE(passphrase_of_key(path, "validate.key"));
    CHECK_FALSE(passphrase_of_key(write(path, "\nwords\n"), "validate.key"));
    const auto open = passphrase_of_key(write(path, "words\n", 0644), "validate.key");
    REQUIRE_FALSE(open);
    CHECK_THAT(open.error(), Catch::Contains("by others"));
    CHECK_FALSE(passphrase_of_key(write(path, std::string(2000, 'a')), "validate.key"));
}

TEST_CASE("passphrase: a credential is named like the key file", "[ops]") {
    const TemporaryFolder folder;
    write((folder.path() / "validate.key.passphrase").string(), "words");
    REQUIRE(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1) == 0);
    CHECK(passphrase_of_key("", "/etc/remit/validate.key") == Bytes("words"));
    REQUIRE(::unsetenv("CREDENTIALS_DIRECTORY") == 0);
}
