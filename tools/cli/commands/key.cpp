#include <fstream>
#include <nlohmann/json.hpp>

#include "ledger/base/keys.h"
#include "node/seams/key_file.h"
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
            return ExitCode::not_allowed;
        case node::KeyFileFailure::malformed:
            return ExitCode::bad_configuration;
        case node::KeyFileFailure::unwritable:
            return ExitCode::usage;
    }
    return ExitCode::our_bug;
}

void print_key(Context& context, const std::string& file, KeyPurpose purpose,
               const PublicKey& key) {
    const std::string name(name_of(purpose));
    context.out.text(properties({{"file", file}, {"purpose", name}, {"public key", key.hex()}}));
    context.out.value({{"file", file}, {"purpose", name}, {"public_key", key.hex()}});
}

Status<Failure> run_new(Context& context) {
    TRY_ASSIGN(const auto purpose, parse_purpose(context.args.text("purpose")));
    node::SystemRandom random;
    const auto seed = random.draw<KeySeed>();
    const auto file = context.args.text("FILE");
    if (const auto written = node::write_devnet_key_file(file, purpose, seed); !written) {
        return fail(Failure{"KEY_FILE", written.error().text, "choose a new file",
                            exit_of(written.error().failure)});
    }
    print_key(context, file, purpose, SecretKey(seed).public_key());
    return {};
}

/// The purpose a key file states; the reader checks the rest.
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
    const auto purpose = key_purpose_from(stated_purpose(file)).value_or(KeyPurpose::operate);
    const auto key = node::read_key_file(file, {.purpose = purpose, .devnet = true});
    if (!key) {
        return fail(
            Failure{"KEY_FILE", key.error().text,
                    "give a key file of your own, as remit key new writes it, with mode 0600",
                    exit_of(key.error().failure)});
    }
    print_key(context, file, purpose, key->public_key());
    return {};
}

}  // namespace

Noun key_noun() {
    const Argument file{"FILE", "the key file"};
    return {"key",
            "signing keys: one key, one purpose",
            {{.verb = "new",
              .summary = "draws an Ed25519 key into a new 0600 file, marked devnet",
              .options = {{"purpose", "NAME", "what it may sign, like OPERATE", "", true}},
              .arguments = {file},
              .examples = {"remit key new --purpose OPERATE operate.key"},
              .run = run_new},
             {.verb = "show",
              .summary = "purpose and public key of a key file; the secret is never shown",
              .options = {},
              .arguments = {file},
              .examples = {"remit key show .devnet/keys/alipayhk/operate.key"},
              .run = run_show}}};
}

}  // namespace remit::cli
