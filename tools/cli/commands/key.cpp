#include <sodium.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "ledger/base/keys.h"
#include "node/ops/passphrase.h"
#include "node/seams/keystore.h"
#include "node/seams/random.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

Result<KeyPurpose, Failure> parse_purpose(const std::string& text) {
    if (const auto purpose = key_purpose_from(text)) {
        return *purpose;
    }
    std::string all;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(key_purpose_last); ++i) {
        all += (i == 0 ? "" : ", ") + std::string(name_of(static_cast<KeyPurpose>(i)));
    }
    return usage("'" + text + "' is no purpose", "one of " + all);
}

ExitCode exit_of(node::KeyFileFailure failure) {
    switch (failure) {
        case node::KeyFileFailure::missing:
            return ExitCode::not_found;
        case node::KeyFileFailure::too_open:
        case node::KeyFileFailure::wrong_purpose:
        case node::KeyFileFailure::wrong_network:
        case node::KeyFileFailure::no_passphrase:
        case node::KeyFileFailure::wrong_passphrase:
            return ExitCode::not_allowed;
        case node::KeyFileFailure::malformed:
        case node::KeyFileFailure::bad_cost:
        case node::KeyFileFailure::unknown_version:
            return ExitCode::bad_configuration;
        case node::KeyFileFailure::unwritable:
            return ExitCode::usage;
    }
    return ExitCode::our_bug;
}

tl::unexpected<Failure> failure_of(const node::KeyFileError& error, const std::string& help) {
    return fail(Failure{"KEY_FILE", error.numbered(), help, exit_of(error.failure)});
}

void print_key(Context& context, const std::string& file, KeyPurpose purpose, const PublicKey& key,
               bool encrypted) {
    const std::string name(name_of(purpose));
    context.out.text(properties({{"file", file},
                                 {"purpose", name},
                                 {"public key", key.hex()},
                                 {"encrypted", encrypted ? "yes" : "no (devnets only)"}}));
    context.out.value(
        {{"file", file}, {"purpose", name}, {"public_key", key.hex()}, {"encrypted", encrypted}});
}

/// Bytes that are cleared when they go.
struct Cleared {
    Bytes bytes;
    explicit Cleared(Bytes the_bytes) : bytes(std::move(the_bytes)) {}
    ~Cleared() { sodium_memzero(bytes.data(), bytes.size()); }
    Cleared(const Cleared&) = delete;
    Cleared& operator=(const Cleared&) = delete;
    Cleared(Cleared&&) = default;
    Cleared& operator=(Cleared&&) = default;
};

/// The passphrase in the file of an option, or typed.
Result<Cleared, Failure> passphrase(Context& context, const std::string& option,
                                    const std::string& what, bool is_new) {
    auto bytes = node::read_passphrase(
        {.file = context.args.text(option), .credential = "", .twice = is_new}, what);
    if (!bytes) {
        return fail(Failure{"KEY_FILE", bytes.error(), "give --" + option + " FILE, mode 0600",
                            ExitCode::not_allowed});
    }
    constexpr std::size_t new_bytes_min = 12;
    if (is_new && bytes->size() < new_bytes_min) {
        return fail(Failure{"KEY_FILE", "a passphrase of less than 12 characters can be guessed",
                            "take several words drawn by chance", ExitCode::not_allowed});
    }
    return Cleared(std::move(*bytes));
}

Result<node::KeystoreCost, Failure> cost_of(const std::string& name) {
    if (name == "moderate") {
        return node::KeystoreCost{};
    }
    if (name == "interactive") {
        return node::keystore_cost_min;
    }
    if (name == "sensitive") {
        return node::KeystoreCost{.passes = 4, .memory_mib = 1024};
    }
    return usage("'" + name + "' is no cost", "one of interactive, moderate, sensitive");
}

Status<Failure> write_keystore(Context& context, KeyPurpose purpose, const KeySeed& seed,
                               ByteView words, bool replace) {
    TRY_ASSIGN(const auto cost, cost_of(context.args.text("cost")));
    const auto file = context.args.text(replace ? "FILE" : "NEW");
    const auto keystore = node::Keystore::lock(purpose, seed, words, cost);
    if (!keystore) {
        return failure_of(keystore.error(), "choose another --cost");
    }
    // Opened again before the old one goes: a key that cannot be read is a key that is lost.
    if (const auto again = keystore->unlock(words); !again || *again != seed) {
        return fail(Failure{"KEY_FILE", "the new file does not open", "test this machine's memory",
                            ExitCode::our_bug});
    }
    if (const auto written = keystore->write(file, replace); !written) {
        return failure_of(written.error(), "choose a new file");
    }
    print_key(context, file, purpose, keystore->public_key, true);
    return {};
}

Status<Failure> run_new(Context& context) {
    TRY_ASSIGN(const auto purpose, parse_purpose(context.args.text("purpose")));
    node::SystemRandom random;
    auto seed = random.draw<KeySeed>();
    const auto file = context.args.text("NEW");
    if (context.args.flag("encrypt")) {
        TRY_ASSIGN(const auto words, passphrase(context, "passphrase-file", file, true));
        const auto done = write_keystore(context, purpose, seed, words.bytes, false);
        sodium_memzero(seed.data.data(), seed.data.size());
        return done;
    }
    if (const auto written = node::write_devnet_key_file(file, purpose, seed); !written) {
        return failure_of(written.error(), "choose a new file");
    }
    print_key(context, file, purpose, SecretKey(seed).public_key(), false);
    return {};
}

/// The purpose a plain key file states; the reader checks the rest.
std::string stated_purpose(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    constexpr std::string_view word = "purpose ";
    while (std::getline(in, line)) {
        if (line.starts_with(word)) {
            return line.substr(word.size());
        }
    }
    return {};
}

Status<Failure> run_show(Context& context) {
    const auto file = context.args.text("FILE");
    if (const auto keystore = node::Keystore::read(file)) {
        print_key(context, file, keystore->purpose, keystore->public_key, true);
        return {};
    } else if (keystore.error().failure != node::KeyFileFailure::malformed) {
        return failure_of(keystore.error(), "give a key file of your own, with mode 0600");
    }
    const auto purpose = key_purpose_from(stated_purpose(file)).value_or(KeyPurpose::operate);
    const auto key = node::read_key_file(file, {.purpose = purpose, .devnet = true});
    if (!key) {
        return failure_of(
            key.error(), "give a key file of your own, as remit key new writes it, with mode 0600");
    }
    print_key(context, file, purpose, key->public_key(), false);
    return {};
}

Status<Failure> run_passphrase(Context& context) {
    const auto file = context.args.text("FILE");
    const auto keystore = node::Keystore::read(file);
    if (!keystore) {
        return failure_of(keystore.error(), "give a file that remit key new --encrypt wrote");
    }
    TRY_ASSIGN(const auto old_words, passphrase(context, "passphrase-file", file, false));
    auto seed = keystore->unlock(old_words.bytes);
    if (!seed) {
        return failure_of(seed.error(), "nothing was changed");
    }
    TRY_ASSIGN(const auto words,
               passphrase(context, "new-passphrase-file", "the changed " + file, true));
    const auto done = write_keystore(context, keystore->purpose, *seed, words.bytes, true);
    sodium_memzero(seed->data.data(), seed->data.size());
    return done;
}

}  // namespace

Noun key_noun() {
    const Argument file{"FILE", "the key file"};
    const Argument fresh{"NEW", "the key file to make; an existing one is never overwritten"};
    const Option cost{"cost", "NAME", "of a guess: interactive, moderate or sensitive", "moderate"};
    const Option words{"passphrase-file", "FILE", "file of the passphrase; else you are asked", ""};
    return {
        "key",
        "signing keys: one key, one purpose",
        {{.verb = "new",
          .summary = "draws an Ed25519 key into a new 0600 file: encrypted, or plain for devnets",
          .options = {{"purpose", "NAME", "what it may sign, like OPERATE", "", true},
                      {"encrypt", "", "encrypt it with a passphrase", ""},
                      words,
                      cost},
          .arguments = {fresh},
          .examples = {"remit key new --purpose VALIDATE --encrypt validate.key",
                       "remit key new --purpose OPERATE operate.key"},
          .run = run_new},
         {.verb = "show",
          .summary = "purpose and public key of a key file; the secret is never shown",
          .options = {},
          .arguments = {file},
          .examples = {"remit key show .devnet/keys/alipayhk/operate.key"},
          .run = run_show},
         {.verb = "passphrase",
          .summary = "encrypts a key file anew, under another passphrase or cost",
          .options = {words,
                      {"new-passphrase-file", "FILE", "file of the new one; else you are asked",
                       ""},
                      cost},
          .arguments = {file},
          .examples = {"remit key passphrase validate.key"},
          .run = run_passphrase}}};
}

}  // namespace remit::cli
