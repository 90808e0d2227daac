#include "node/seams/keystore.h"

#include <sodium.h>

#include "ledger/base/codec.h"
#include "node/seams/posix_disk.h"
#include "node/seams/private_file.h"

namespace remit::node {

namespace {

constexpr ByteView magic{"remit-keystore\0\0", 16};
constexpr std::uint8_t version = 1;
constexpr std::uint8_t argon2id = 1;

KeyFileError error(KeyFileFailure failure, std::string text) {
    return {failure, std::move(text)};
}

Status<KeyFileError> check(const KeystoreCost& cost) {
    const auto text = "passes " + std::to_string(cost.passes) + ", memory " +
                      std::to_string(cost.memory_mib) + " MiB";
    if (cost.passes < keystore_cost_min.passes || cost.memory_mib < keystore_cost_min.memory_mib) {
        return fail(error(KeyFileFailure::bad_cost, "too weak against guessing: " + text));
    }
    if (cost.passes > keystore_cost_max.passes || cost.memory_mib > keystore_cost_max.memory_mib) {
        return fail(error(KeyFileFailure::bad_cost, "asks for more than is allowed: " + text));
    }
    return {};
}

const unsigned char* raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());  // NOLINT
}

/// The key of the box, gone with this object.
class BoxKey {
public:
    BoxKey() { sodium_mlock(bytes_.data(), bytes_.size()); }
    ~BoxKey() { sodium_munlock(bytes_.data(), bytes_.size()); }
    BoxKey(const BoxKey&) = delete;
    BoxKey& operator=(const BoxKey&) = delete;

    [[nodiscard]] bool derive(ByteView passphrase, const Keystore& from) {
        constexpr std::size_t mib = std::size_t{1024} * 1024;
        return crypto_pwhash(bytes_.data(), bytes_.size(), passphrase.data(), passphrase.size(),
                             from.salt.data.data(), from.cost.passes, from.cost.memory_mib * mib,
                             crypto_pwhash_ALG_ARGON2ID13) == 0;
    }
    [[nodiscard]] const unsigned char* data() const { return bytes_.data(); }

private:
    std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> bytes_{};
};

}  // namespace

Result<Keystore, KeyFileError> Keystore::lock(KeyPurpose purpose, const KeySeed& seed,
                                              ByteView passphrase, KeystoreCost cost) {
    TRY(check(cost));
    Keystore out;
    out.purpose = purpose;
    out.cost = cost;
    out.public_key = SecretKey(seed).public_key();
    randombytes_buf(out.salt.data.data(), salt_size);
    randombytes_buf(out.nonce.data.data(), nonce_size);
    BoxKey key;
    if (!key.derive(passphrase, out)) {
        return fail(error(KeyFileFailure::bad_cost, "not enough memory for its cost"));
    }
    const auto head = out.head();
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.box.data.data(), nullptr, seed.data.data(),
                                               seed.data.size(), raw(head), head.size(), nullptr,
                                               out.nonce.data.data(), key.data());
    return out;
}

Result<KeySeed, KeyFileError> Keystore::unlock(ByteView passphrase) const {
    TRY(check(cost));
    BoxKey key;
    if (!key.derive(passphrase, *this)) {
        return fail(error(KeyFileFailure::bad_cost, "not enough memory for its cost"));
    }
    KeySeed seed;
    const auto front = head();
    const bool opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                            seed.data.data(), nullptr, nullptr, box.data.data(), box_size,
                            raw(front), front.size(), nonce.data.data(), key.data()) == 0;
    if (!opened || SecretKey(seed).public_key() != public_key) {
        sodium_memzero(seed.data.data(), seed.data.size());
        return fail(error(KeyFileFailure::wrong_passphrase, "wrong passphrase, or damaged"));
    }
    return seed;
}

Bytes Keystore::head() const {
    Writer out;
    out.raw(magic).u8(version).u8(argon2id).u8(static_cast<std::uint8_t>(purpose));
    out.u32(cost.passes).u32(cost.memory_mib).fixed(public_key).fixed(salt).fixed(nonce);
    return out.take();
}

Bytes Keystore::encode() const {
    return head() + Bytes(box.view());
}

bool Keystore::is_one(ByteView bytes) {
    return bytes.starts_with(magic);
}

Result<Keystore, KeyFileError> Keystore::decode(ByteView bytes) {
    Reader reader(bytes);
    if (reader.raw(magic.size()) != magic) {
        return fail(error(KeyFileFailure::malformed, "not a keystore file"));
    }
    if (reader.u8() != version || reader.u8() != argon2id) {
        return fail(error(KeyFileFailure::unknown_version, "a keystore of an unknown version"));
    }
    Keystore out;
    out.purpose = reader.enumerator(key_purpose_last);
    out.cost.passes = reader.u32();
    out.cost.memory_mib = reader.u32();
    out.public_key = reader.fixed<PublicKey>();
    out.salt = reader.fixed<decltype(out.salt)>();
    out.nonce = reader.fixed<decltype(out.nonce)>();
    out.box = reader.fixed<decltype(out.box)>();
    if (!reader.done()) {
        return fail(error(KeyFileFailure::malformed, "a keystore cut short, too long or damaged"));
    }
    TRY(check(out.cost));
    return out;
}

Result<Keystore, KeyFileError> Keystore::read(const std::string& path) {
    TRY_ASSIGN(const auto bytes, read_private_file(path));
    TRY(check_single_file(path));
    auto out = decode(bytes);
    if (!out) {
        return fail(error(out.error().failure, "key file " + path + ": " + out.error().text));
    }
    return out;
}

Status<KeyFileError> Keystore::write(const std::string& path, bool replace) const {
    PosixDisk disk;
    const auto unwritable = [&](const std::string& why) {
        return fail(error(KeyFileFailure::unwritable, "key file " + path + ": " + why));
    };
    if (!replace) {
        // The name is taken by the file itself, so two writers cannot both succeed.
        const auto made = disk.open(path, OpenMode::create_new);
        if (!made) {
            return unwritable(made.error().text());
        }
    }
    if (const auto done = replace_file(disk, path, encode()); !done) {
        return unwritable(done.error().text());
    }
    return {};
}

}  // namespace remit::node
