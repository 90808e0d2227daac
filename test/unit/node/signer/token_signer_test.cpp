#include "node/signer/token_signer.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "test/support/signer/soft_token.h"

using namespace remit;                // NOLINT(google-build-using-namespace)
using namespace remit::node::signer;  // NOLINT(google-build-using-namespace)
using test::SoftTokens;

namespace {

KeySeed seed() {
    KeySeed out;
    out.data.fill(9);
    return out;
}

}  // namespace

TEST_CASE("token signer: a key in SoftHSM2 signs what libsodium verifies", "[signer][token]") {
    if (!SoftTokens::is_installed()) {
        WARN("skipped: softhsm2 is not installed");
        return;
    }
    const SoftTokens tokens;
    const auto signer = TokenSigner::open(tokens.add("validators", seed()));
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
    if (!SoftTokens::is_installed()) {
        WARN("skipped: softhsm2 is not installed");
        return;
    }
    const SoftTokens tokens;
    const auto token = tokens.add("validators", seed());
    const auto refused = [](const TokenSettings& settings) {
        const auto signer = TokenSigner::open(settings);
        REQUIRE_FALSE(signer);
        return signer.error();
    };
    auto settings = token;
    settings.module = "/usr/lib/no_such_module.so";
    CHECK_THAT(refused(settings).message, Catch::Contains("pkcs11.module"));
    settings = token;
    settings.label = "others";
    CHECK_THAT(refused(settings).message, Catch::Contains("no token is labelled others"));
    settings = token;
    settings.key = "other";
    CHECK_THAT(refused(settings).message, Catch::Contains("0 private keys are labelled other"));
    SoftTokens::set_pin(token, "9999");
    const auto wrong_pin = refused(token);
    CHECK(wrong_pin.exit == node::ExitCode::not_allowed);
    CHECK_THAT(wrong_pin.message, Catch::Contains("PIN"));
    REQUIRE(::chmod(token.pin_file.c_str(), 0644) == 0);
    CHECK(refused(token).exit == node::ExitCode::not_allowed);
}
