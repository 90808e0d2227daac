#include "node/seams/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>

namespace remit::node {

namespace {

constexpr std::string_view marker = "remit-devnet-key";
constexpr std::size_t file_bytes_max = 1024;

KeyFileError error(KeyFileFailure failure, const std::string& path, const std::string& text) {
    return {failure, "key file " + path + ": " + text};
}

std::string reason_of(int code) {
    return std::error_code(code, std::generic_category()).message();
}

Result<std::string, KeyFileError> read_private(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fail(error(KeyFileFailure::missing, path, reason_of(errno)));
    }
    struct stat status{};
    std::array<char, file_bytes_max> buffer{};
    ssize_t got = -1;
    const bool known = ::fstat(descriptor, &status) == 0;
    const bool private_file = known && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (private_file && S_ISREG(status.st_mode)) {
        got = ::read(descriptor, buffer.data(), buffer.size());
    }
    ::close(descriptor);
    if (known && !S_ISREG(status.st_mode)) {
        return fail(error(KeyFileFailure::malformed, path, "not a regular file"));
    }
    if (known && !private_file) {
        return fail(
            error(KeyFileFailure::too_open, path, "others may read it; run: chmod 600 " + path));
    }
    if (got < 0) {
        return fail(error(KeyFileFailure::missing, path, "cannot be read as a file"));
    }
    std::string out(buffer.data(), static_cast<std::size_t>(got));
    sodium_memzero(buffer.data(), buffer.size());
    return out;
}

}  // namespace

Result<SecretKey, KeyFileError> read_key_file(const std::string& path, KeyFileUse use) {
    TRY_ASSIGN(auto text, read_private(path));
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
        return fail(error(KeyFileFailure::wrong_purpose, path,
                          "holds a " + purpose_name + " key, " + std::string(name_of(use.purpose)) +
                              " is needed"));
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
