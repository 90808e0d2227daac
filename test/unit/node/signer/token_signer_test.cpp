#include "node/signer/token_signer.h"

#include <sodium.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "test/support/node/temporary_folder.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)

namespace {

const std::string module_path = "/usr/lib/softhsm/libsofthsm2.so";

bool softhsm_is_here() {
    return std::filesystem::exists(module_path) &&
           std::system("command -v softhsm2-util >/dev/null") == 0;  // NOLINT
}

KeySeed seed() {
    KeySeed out;
    out.data.fill(9);
    return out;
}

/// PKCS#8 of an Ed25519 seed, as PEM.
std::string pem_of(const KeySeed& of) {
    const Bytes der =
        Bytes("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16) + of.bytes();
    std::string text(100, '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(der.data()),  // NOLINT
                      der.size(), sodium_base64_VARIANT_ORIGINAL);
    text.resize(text.find('\0'));
    return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
}

/// A software token with one Ed25519 key pair.
struct Token {
    node::TemporaryFolder folder;
    TokenSettings settings{
        .module = module_path, .label = "validators", .key = "validate", .pin_file = path("pin")};

    Token() {
        std::filesystem::create_directory(path("tokens"));
        std::ofstream(path("conf")) << "directories.tokendir = " << path("tokens") << "\n";
        ::setenv("SOFTHSM2_CONF", path("conf").c_str(), 1);
        set_pin("1234");
        std::ofstream(path("key.pem")) << pem_of(seed());
        REQUIRE(run("--init-token --free --label validators --pin 1234 --so-pin 5678") == 0);
        REQUIRE(run("--import " + path("key.pem") +
                    " --token validators --pin 1234 --label validate --id 01") == 0);
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder.path() / name).string();
    }
    void set_pin(const std::string& pin) const {
        std::ofstream(path("pin")) << pin << "\n";
        REQUIRE(::chmod(path("pin").c_str(), 0600) == 0);
    }
    static int run(const std::string& arguments) {
        return std::system(("softhsm2-util " + arguments + " >/dev/null 2>&1").c_str());  // NOLINT
    }
};

}  // namespace

TEST_CASE("token signer: a key in SoftHSM2 signs what libsodium verifies", "[signer][token]") {
    if (!softhsm_is_here()) {
        WARN("skipped: softhsm2 is not installed");
        return;
    }
    const Token token;
    const auto signer = TokenSigner::open(token.settings);
    REQUIRE(signer);
    const auto expected = SecretKey(seed()).public_key();
    CHECK((*signer)->public_key() == expected);
    for (const std::size_t size : {0U, 1U, 129U, 4096U}) {
        const Bytes message(size, 'm');
        const auto signature = (*signer)->signature_of(message);
        REQUIRE(signature);
        CHECK(verify(expected, message, *signature));
        // Ed25519 has one signature for a message: the key in the token is the same key.
        CHECK(*signature == SecretKey(seed()).sign(message));
    }
}

TEST_CASE("token signer: what is wrong with a token is told before it is used", "[signer][token]") {
    if (!softhsm_is_here()) {
        WARN("skipped: softhsm2 is not installed");
        return;
    }
    const Token token;
    const auto refused = [](const TokenSettings& settings) {
        const auto signer = TokenSigner::open(settings);
        REQUIRE_FALSE(signer);
        return signer.error();
    };
    auto settings = token.settings;
    settings.module = "/usr/lib/no_such_module.so";
    CHECK_THAT(refused(settings).message, Catch::Contains("pkcs11.module"));
    settings = token.settings;
    settings.label = "others";
    CHECK_THAT(refused(settings).message, Catch::Contains("no token is labelled others"));
    settings = token.settings;
    settings.key = "other";
    CHECK_THAT(refused(settings).message, Catch::Contains("0 private keys are labelled other"));
    token.set_pin("9999");
    const auto wrong_pin = refused(token.settings);
    CHECK(wrong_pin.exit == node::ExitCode::not_allowed);
    CHECK_THAT(wrong_pin.message, Catch::Contains("PIN"));
    REQUIRE(::chmod(token.path("pin").c_str(), 0644) == 0);
    CHECK(refused(token.settings).exit == node::ExitCode::not_allowed);
}
