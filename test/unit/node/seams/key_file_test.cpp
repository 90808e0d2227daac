#include "node/seams/key_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "test/support/node/temporary_folder.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

struct WrittenKey {
    TemporaryFolder folder;
    std::string path = (folder.path() / "operate.key").string();
    KeySeed seed;

    WrittenKey() {
        REQUIRE(init_crypto());
        seed.data.fill(7);
        REQUIRE(write_devnet_key_file(path, KeyPurpose::operate, seed));
    }
    [[nodiscard]] std::optional<KeyFileFailure> refusal(const KeyFileUse& use) const {
        const auto key = read_key_file(path, use);
        return key ? std::nullopt : std::optional(key.error().failure);
    }
};

const KeyFileUse devnet_use{.purpose = KeyPurpose::operate, .devnet = true};

}  // namespace

TEST_CASE("key file: what was written is read, and only the owner may", "[seams]") {
    const WrittenKey written;
    const auto key = read_key_file(written.path, devnet_use);
    REQUIRE(key);
    CHECK(key->public_key() == SecretKey(written.seed).public_key());
    struct stat status{};
    REQUIRE(::stat(written.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("key file: readable by others is refused with the remedy", "[seams]") {
    const WrittenKey written;
    const auto mode = GENERATE(0640, 0604, 0660, 0644);
    REQUIRE(::chmod(written.path.c_str(), static_cast<mode_t>(mode)) == 0);
    const auto key = read_key_file(written.path, devnet_use);
    REQUIRE_FALSE(key);
    CHECK(key.error().failure == KeyFileFailure::too_open);
    CHECK(key.error().text.find("chmod 600") != std::string::npos);
}

TEST_CASE("key file: a devnet key is refused under any other genesis", "[seams]") {
    const WrittenKey written;
    CHECK(written.refusal({.purpose = KeyPurpose::operate, .devnet = false}) ==
          KeyFileFailure::wrong_network);
}

TEST_CASE("key file: a key of another purpose is refused", "[seams]") {
    const WrittenKey written;
    CHECK(written.refusal({.purpose = KeyPurpose::bank, .devnet = true}) ==
          KeyFileFailure::wrong_purpose);
}

TEST_CASE("key file: missing, cut or edited files are refused", "[seams]") {
    const WrittenKey written;
    CHECK_FALSE(read_key_file(written.path + ".not", devnet_use));
    std::ifstream in(written.path);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    for (const auto& changed : {text.substr(0, 40), text.substr(0, text.size() - 3), "x" + text,
                                text + "more\n", std::string()}) {
        std::ofstream(written.path, std::ios::trunc) << changed;
        CHECK(written.refusal(devnet_use) == KeyFileFailure::malformed);
    }
}

TEST_CASE("key file: an existing file is never overwritten", "[seams]") {
    const WrittenKey written;
    const auto again = write_devnet_key_file(written.path, KeyPurpose::operate, written.seed);
    REQUIRE_FALSE(again);
    CHECK(again.error().failure == KeyFileFailure::unwritable);
}
