#pragma once

#include <sodium.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "ledger/base/keys.h"
#include "node/signer/settings.h"
#include "test/support/node/temporary_folder.h"

namespace remit::test {

/// Software tokens (SoftHSM2), each with one Ed25519 key pair, in a folder of their own. This
/// process, and those it starts, see the tokens of the newest object alone.
class SoftTokens {
public:
    static bool is_installed() {
        return std::filesystem::exists(module_path) &&
               std::system("command -v softhsm2-util >/dev/null") == 0;  // NOLINT
    }

    SoftTokens() {
        std::filesystem::create_directory(path("tokens"));
        std::ofstream(path("conf")) << "directories.tokendir = " << path("tokens") << "\n";
        ::setenv("SOFTHSM2_CONF", path("conf").c_str(), 1);
    }
    /// A new token; its key pair is labelled `validate`.
    [[nodiscard]] node::signer::TokenSettings add(const std::string& label,
                                                  const KeySeed& seed) const {
        const auto pem = path(label + ".pem");
        std::ofstream(pem) << pem_of(seed);
        run("--init-token --free --label " + label + " --pin 1234 --so-pin 5678");
        run("--import " + pem + " --token " + label + " --pin 1234 --label validate --id 01");
        std::filesystem::remove(pem);
        node::signer::TokenSettings out{.module = module_path,
                                        .label = label,
                                        .key = "validate",
                                        .pin_file = path(label + ".pin")};
        set_pin(out, "1234");
        return out;
    }
    static void set_pin(const node::signer::TokenSettings& token, const std::string& pin) {
        std::ofstream(token.pin_file) << pin << "\n";
        if (::chmod(token.pin_file.c_str(), 0600) != 0) {
            throw std::runtime_error("cannot protect the PIN file");
        }
    }

private:
    static constexpr const char* module_path = "/usr/lib/softhsm/libsofthsm2.so";

    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder_.path() / name).string();
    }
    /// PKCS#8 of an Ed25519 seed, as PEM.
    static std::string pem_of(const KeySeed& seed) {
        const Bytes der =
            Bytes("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16) +
            seed.bytes();
        std::string text(100, '\0');
        sodium_bin2base64(text.data(), text.size(),
                          reinterpret_cast<const unsigned char*>(der.data()),  // NOLINT
                          der.size(), sodium_base64_VARIANT_ORIGINAL);
        text.resize(text.find('\0'));
        return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
    }
    static void run(const std::string& arguments) {
        const auto line = "softhsm2-util " + arguments + " >/dev/null 2>&1";
        if (std::system(line.c_str()) != 0) {  // NOLINT
            throw std::runtime_error("failed: softhsm2-util " + arguments);
        }
    }

    node::TemporaryFolder folder_;
};

}  // namespace remit::test
