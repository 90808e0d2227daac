#include "node/seams/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>

#include "node/seams/keystore.h"
#include "node/seams/private_file.h"

namespace remit::node {

namespace {

constexpr std::string_view marker = "remit-devnet-key";

KeyFileError error(KeyFileFailure failure, const std::string& path, const std::string& text) {
    return {failure, "key file " + path + ": " + text};
}

KeyFileError wrong_purpose(const std::string& path, KeyPurpose has, KeyPurpose wanted) {
    return error(KeyFileFailure::wrong_purpose, path,
                 "holds a " + std::string(name_of(has)) + " key, " + std::string(name_of(wanted)) +
                     " is needed");
}

std::string reason_of(int code) {
    return std::error_code(code, std::generic_category()).message();
}

Result<SecretKey, KeyFileError> read_keystore(const std::string& path, ByteView bytes,
                                              const KeyFileUse& use) {
    TRY(check_single_file(path));
    const auto keystore = Keystore::decode(bytes);
    if (!keystore) {
        return fail(error(keystore.error().failure, path, keystore.error().text));
    }
    if (keystore->purpose != use.purpose) {
        return fail(wrong_purpose(path, keystore->purpose, use.purpose));
    }
    if (!use.passphrase) {
        return fail(error(KeyFileFailure::no_passphrase, path, "encrypted; give its passphrase"));
    }
    auto passphrase = use.passphrase(path);
    if (!passphrase) {
        return fail(error(KeyFileFailure::no_passphrase, path, passphrase.error()));
    }
    auto seed = keystore->unlock(*passphrase);
    sodium_memzero(passphrase->data(), passphrase->size());
    if (!seed) {
        return fail(error(seed.error().failure, path, seed.error().text));
    }
    SecretKey key(*seed);
    sodium_memzero(seed->data.data(), seed->data.size());
    return key;
}

}  // namespace

Result<SecretKey, KeyFileError> read_key_file(const std::string& path, const KeyFileUse& use) {
    TRY_ASSIGN(auto text, read_private_file(path));
    if (Keystore::is_one(text)) {
        return read_keystore(path, text, use);
    }
    std::istringstream lines(text);
    std::string first;
    std::getline(lines, first);
    std::string purpose_word, purpose_name, public_word, public_hex, seed_word, seed_hex, more;
    lines >> purpose_word >> purpose_name >> public_word >> public_hex >> seed_word >> seed_hex;
    const bool shaped = purpose_word == "purpose" && public_word == "public" &&
                        seed_word == "seed" && !(lines >> more);
    const auto purpose = key_purpose_from(purpose_name);
    const auto public_key = PublicKey::parse_hex(public_hex);
    auto seed = KeySeed::parse_hex(seed_hex);
    sodium_memzero(text.data(), text.size());
    sodium_memzero(seed_hex.data(), seed_hex.size());
    if (first != marker || !shaped || !purpose || !public_key || !seed) {
        return fail(error(KeyFileFailure::malformed, path, "not a remit-devnet-key file"));
    }
    SecretKey key(*seed);
    sodium_memzero(seed->data.data(), seed->data.size());
    if (key.public_key() != *public_key) {
        return fail(error(KeyFileFailure::malformed, path, "public key and seed do not match"));
    }
    if (!use.devnet) {
        return fail(
            error(KeyFileFailure::wrong_network, path, "a devnet key; this genesis is no devnet"));
    }
    if (*purpose != use.purpose) {
        return fail(wrong_purpose(path, *purpose, use.purpose));
    }
    return key;
}

Status<KeyFileError> write_devnet_key_file(const std::string& path, KeyPurpose purpose,
                                           const KeySeed& seed) {
    const SecretKey key(seed);
    std::string text(marker);
    text += "\npurpose " + std::string(name_of(purpose)) + "\npublic " + key.public_key().hex() +
            "\nseed " + seed.hex() + "\n";
    constexpr mode_t owner_only = 0600;
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (descriptor < 0) {
        return fail(error(KeyFileFailure::unwritable, path, reason_of(errno)));
    }
    const auto written = ::write(descriptor, text.data(), text.size());
    const bool good = written == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    ::close(descriptor);
    sodium_memzero(text.data(), text.size());
    if (!good) {
        return fail(error(KeyFileFailure::unwritable, path, "could not be written whole"));
    }
    return {};
}

}  // namespace remit::node
