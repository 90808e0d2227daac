#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "node/seams/keystore.h"
#include "test/support/devnet/governance.h"
#include "test/support/devnet/signer_process.h"
#include "test/support/signer/soft_token.h"

using namespace std::chrono_literals;

// Keys that lie nowhere in the clear: encrypted files and tokens, in the node itself and in a
// signer process.

namespace remit::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const std::string passphrase = "correct horse battery staple";

/// Of the plain file that a devnet gives a node.
KeySeed seed_of(const Devnet& devnet, std::size_t node) {
    std::ifstream in(devnet.folder_of(node) + "/validate.key");
    std::string word;
    while (in >> word && word != "seed") {
    }
    in >> word;
    const auto seed = KeySeed::parse_hex(word);
    REQUIRE(seed);
    return *seed;
}

/// An encrypted file of the node's key, and its passphrase in another.
struct Encrypted {
    std::string key;
    std::string passphrase_file;

    Encrypted(const Devnet& devnet, std::size_t node)
        : key(devnet.folder_of(node) + "/validate.keystore"),
          passphrase_file(devnet.folder_of(node) + "/passphrase") {
        const auto locked = node::Keystore::lock(KeyPurpose::validate, seed_of(devnet, node),
                                                 passphrase, node::keystore_cost_min);
        REQUIRE(locked);
        REQUIRE(locked->write(key, false));
        say(passphrase);
    }
    void say(const std::string& text) const {
        std::ofstream(passphrase_file) << text << "\n";
        REQUIRE(::chmod(passphrase_file.c_str(), 0600) == 0);
    }
    [[nodiscard]] Words node_settings() const {
        return {"--set", "node.key=" + key, "--set", "node.passphrase_file=" + passphrase_file};
    }
    [[nodiscard]] std::string signer_lines() const {
        return "key = \"" + key + "\"\npassphrase_file = \"" + passphrase_file + "\"\n";
    }
};

Words node_settings(const node::signer::TokenSettings& token) {
    return {"--set", "node.key=",
            "--set", "pkcs11.module=" + token.module,
            "--set", "pkcs11.token=" + token.label,
            "--set", "pkcs11.key=" + token.key,
            "--set", "pkcs11.pin_file=" + token.pin_file};
}

std::string signer_lines(const node::signer::TokenSettings& token) {
    return "[pkcs11]\nmodule = \"" + token.module + "\"\ntoken = \"" + token.label +
           "\"\nkey = \"" + token.key + "\"\npin_file = \"" + token.pin_file + "\"\n";
}

/// Payments by a node, with so many validators that the vote of each one left is needed.
void pay(const Devnet& devnet, std::size_t by) {
    const MemberClient client(devnet, by);
    for (int i = 0; i < 3; ++i) {
        client.must_open();
    }
}

void check_no_equivocation(const Devnet& devnet, const std::vector<std::size_t>& nodes) {
    for (const auto node : nodes) {
        CHECK(metric(devnet.ops_port(node), "remit_equivocations_total") == 0);
    }
}

/// Four validators of which one finds its key by `inside` and one in `signer`; both keys vote, and
/// do so again after their processes were killed.
void check_keys_vote(Devnet& devnet, SignerProcess& signer, const Words& inside) {
    for (const auto node : {std::size_t{2}, std::size_t{3}}) {
        REQUIRE(fs::remove(devnet.folder_of(node) + "/validate.key"));
    }
    REQUIRE(signer.run({"init", "--first-view", "1"}) == 0);
    signer.start();
    devnet.start(0);
    devnet.start(1);
    devnet.start(2, inside);
    devnet.start(3, signer.node_settings());
    for (std::size_t node = 0; node < devnet.size(); ++node) {
        CAPTURE(node, devnet.process(node).output(), signer.output());
        REQUIRE(becomes_ready(devnet, node));
    }
    devnet.process(0).kill();
    pay(devnet, 1);  // the votes of both are needed
    signer.process().kill();
    devnet.process(2).kill();
    signer.start();
    devnet.start(2, inside);
    REQUIRE(becomes_ready(devnet, 2));
    pay(devnet, 1);
    check_no_equivocation(devnet, {1, 2, 3});
}

}  // namespace

TEST_CASE("signer: encrypted keys vote, in the node and in a process of their own",
          "[integration][signer]") {
    Devnet devnet;
    const Encrypted inside(devnet, 2);
    const Encrypted outside(devnet, 3);
    SignerProcess signer(devnet, 3, SignerProcess::Key::first, outside.signer_lines());
    check_keys_vote(devnet, signer, inside.node_settings());

    // Without its passphrase a key opens nowhere, and the number says why.
    devnet.process(2).signal(SIGTERM);
    REQUIRE(devnet.process(2).wait(20s) == 0);
    inside.say("wrong horse");
    CHECK(devnet.start(2, inside.node_settings()).wait(30s) == 6);
    CHECK_THAT(devnet.process(2).output(), Catch::Contains("1008"));
    signer.process().signal(SIGTERM);
    REQUIRE(signer.process().wait(20s) == 0);
    outside.say("wrong horse");
    CHECK(signer.run({"run"}) == 6);
    CHECK_THAT(signer.output(), Catch::Contains("1008"));
}

TEST_CASE("signer: keys in tokens vote, in the node and in a process of their own",
          "[integration][signer][token]") {
    if (!SoftTokens::is_installed()) {
        WARN("skipped: softhsm2 is not installed");
        return;
    }
    Devnet devnet;
    const SoftTokens tokens;
    const auto inside = tokens.add("inside", seed_of(devnet, 2));
    const auto outside = tokens.add("outside", seed_of(devnet, 3));
    SignerProcess signer(devnet, 3, SignerProcess::Key::first, signer_lines(outside));
    check_keys_vote(devnet, signer, node_settings(inside));

    // With a wrong PIN neither starts.
    devnet.process(2).signal(SIGTERM);
    REQUIRE(devnet.process(2).wait(20s) == 0);
    SoftTokens::set_pin(inside, "9999");
    CHECK(devnet.start(2, node_settings(inside)).wait(30s) == 6);
    signer.process().signal(SIGTERM);
    REQUIRE(signer.process().wait(20s) == 0);
    SoftTokens::set_pin(outside, "9999");
    CHECK(signer.run({"run"}) == 6);
    CHECK_THAT(signer.output(), Catch::Contains("PIN"));
}

}  // namespace remit::test
