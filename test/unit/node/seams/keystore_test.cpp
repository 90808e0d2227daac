#include "node/seams/keystore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "test/support/node/temporary_folder.h"

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

constexpr ByteView words{"correct horse battery staple"};

KeySeed seed() {
    KeySeed out;
    out.data.fill(7);
    return out;
}

/// Made once: argon2id takes its time.
const Keystore& sample() {
    static const auto out =
        Keystore::lock(KeyPurpose::validate, seed(), words, keystore_cost_min).value();
    return out;
}

struct WrittenKeystore {
    TemporaryFolder folder;
    std::string path = (folder.path() / "validate.key").string();
    int asked = 0;

    WrittenKeystore() { REQUIRE(sample().write(path, false)); }
    [[nodiscard]] KeyFileUse use(Bytes given = Bytes(words)) {
        return {.purpose = KeyPurpose::validate,
                .devnet = false,
                .passphrase = [this, given](const std::string& /*path*/) {
                    ++asked;
                    return Result<Bytes, std::string>(given);
                }};
    }
    [[nodiscard]] std::optional<KeyFileFailure> refusal(const KeyFileUse& how) const {
        const auto key = read_key_file(path, how);
        return key ? std::nullopt : std::optional(key.error().failure);
    }
    void put(const Bytes& bytes) const {
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out << bytes;
    }
};

}  // namespace

TEST_CASE("keystore: the key comes back with its passphrase, on any network", "[seams]") {
    REQUIRE(init_crypto());
    WrittenKeystore written;
    const auto key = read_key_file(written.path, written.use());
    REQUIRE(key);
    CHECK(key->public_key() == SecretKey(seed()).public_key());
    CHECK(written.asked == 1);
    struct stat status{};
    REQUIRE(::stat(written.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(static_cast<std::size_t>(status.st_size) == Keystore::file_size);
    std::ifstream in(written.path, std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(in), {}};
    CHECK(bytes.find(seed().bytes()) == Bytes::npos);
}

TEST_CASE("keystore: a wrong passphrase and a damaged file give one and the same answer",
          "[seams]") {
    REQUIRE(init_crypto());
    WrittenKeystore written;
    CHECK(written.refusal(written.use("wrong")) == KeyFileFailure::wrong_passphrase);
    // One flipped bit in the public key, the salt, the nonce, the box and its tag.
    for (const std::size_t at : {27U, 60U, 80U, 105U, 146U}) {
        auto bytes = sample().encode();
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        written.put(bytes);
        CAPTURE(at);
        CHECK(written.refusal(written.use()) == KeyFileFailure::wrong_passphrase);
    }
    auto bytes = sample().encode();
    bytes[18] = static_cast<char>(KeyPurpose::govern);
    written.put(bytes);
    CHECK(written.refusal(written.use()) == KeyFileFailure::wrong_purpose);
    auto governing = written.use();
    governing.purpose = KeyPurpose::govern;
    CHECK(written.refusal(governing) == KeyFileFailure::wrong_passphrase);
}

TEST_CASE("keystore: hostile costs are refused before anything is computed or asked", "[seams]") {
    REQUIRE(init_crypto());
    WrittenKeystore written;
    for (const auto& cost :
         {KeystoreCost{1, 64}, KeystoreCost{2, 63}, KeystoreCost{0, 0}, KeystoreCost{9, 64},
          KeystoreCost{2, 1025}, KeystoreCost{2, 64 * 1024}, KeystoreCost{~0U, ~0U}}) {
        auto keystore = sample();
        keystore.cost = cost;
        written.put(keystore.encode());
        CAPTURE(cost.passes, cost.memory_mib);
        CHECK(written.refusal(written.use()) == KeyFileFailure::bad_cost);
        CHECK(keystore.unlock(words).error().failure == KeyFileFailure::bad_cost);
        CHECK_FALSE(Keystore::lock(KeyPurpose::validate, seed(), words, cost));
    }
    CHECK(written.asked == 0);
}

TEST_CASE("keystore: another size or version is no keystore", "[seams]") {
    const auto good = sample().encode();
    REQUIRE(good.size() == Keystore::file_size);
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_FALSE(Keystore::decode(ByteView(good).substr(0, size)));
    }
    CHECK(Keystore::decode(good + "x").error().failure == KeyFileFailure::malformed);
    for (const std::size_t at : {16U, 17U}) {
        auto other = good;
        other[at] = 2;
        CHECK(Keystore::decode(other).error().failure == KeyFileFailure::unknown_version);
    }
    CHECK(Keystore::decode(good)->encode() == good);
}

TEST_CASE("keystore: a file that others can reach is refused", "[seams]") {
    REQUIRE(init_crypto());
    WrittenKeystore written;
    const auto mode = GENERATE(0640, 0604, 0644);
    REQUIRE(::chmod(written.path.c_str(), static_cast<mode_t>(mode)) == 0);
    CHECK(written.refusal(written.use()) == KeyFileFailure::too_open);
    REQUIRE(::chmod(written.path.c_str(), 0600) == 0);
    const auto other = written.path + ".other";
    REQUIRE(::link(written.path.c_str(), other.c_str()) == 0);
    CHECK(written.refusal(written.use()) == KeyFileFailure::too_open);
    REQUIRE(::unlink(written.path.c_str()) == 0);
    REQUIRE(::symlink(other.c_str(), written.path.c_str()) == 0);
    CHECK(written.refusal(written.use()) == KeyFileFailure::too_open);
    CHECK(written.asked == 0);
}

TEST_CASE("keystore: without a passphrase it says so", "[seams]") {
    const WrittenKeystore written;
    const KeyFileUse none{.purpose = KeyPurpose::validate};
    CHECK(written.refusal(none) == KeyFileFailure::no_passphrase);
    CHECK(read_key_file(written.path, none).error().numbered().starts_with("1007 key file "));
}

TEST_CASE("keystore: an existing file is overwritten only when that is meant", "[seams]") {
    const WrittenKeystore written;
    CHECK(sample().write(written.path, false).error().failure == KeyFileFailure::unwritable);
    CHECK(sample().write(written.path, true));
    CHECK(Keystore::read(written.path)->encode() == sample().encode());
}
