#include "node/signer/key_source.h"

#include "node/ops/passphrase.h"
#include "node/seams/file_signer.h"
#include "node/signer/token_signer.h"

namespace remit::node::signer {

namespace {

Failure failure_of(const KeyFileError& error) {
    const bool access = error.failure == KeyFileFailure::too_open ||
                        error.failure == KeyFileFailure::missing ||
                        error.failure == KeyFileFailure::wrong_purpose ||
                        error.failure == KeyFileFailure::wrong_network ||
                        error.failure == KeyFileFailure::no_passphrase ||
                        error.failure == KeyFileFailure::wrong_passphrase;
    return {.exit = access ? ExitCode::not_allowed : ExitCode::bad_configuration,
            .message = error.numbered(),
            .help = {}};
}

}  // namespace

Result<OpenedKey, Failure> open_key(const KeySource& source) {
    const bool token = !source.token.module.empty();
    if (token == !source.file.empty()) {
        return fail_with(ExitCode::bad_configuration,
                         token ? "a key file and a token are both named" : "no key is named",
                         "name a key file or a token's module, not both");
    }
    if (token) {
        TRY_ASSIGN(auto signer, TokenSigner::open(source.token));
        const auto public_key = signer->public_key();
        return OpenedKey{.signer = std::move(signer), .public_key = public_key};
    }
    auto key =
        read_key_file(source.file, {.purpose = KeyPurpose::validate,
                                    .devnet = source.devnet,
                                    .passphrase = [&](const std::string& path) {
                                        return passphrase_of_key(source.passphrase_file, path);
                                    }});
    if (!key) {
        return tl::unexpected(failure_of(key.error()));
    }
    auto signer = std::make_unique<FileSigner>(std::move(*key));
    const auto public_key = signer->public_key();
    return OpenedKey{.signer = std::move(signer), .public_key = public_key};
}

}  // namespace remit::node::signer
