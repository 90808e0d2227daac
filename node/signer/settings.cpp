#include "node/signer/settings.h"

#include <filesystem>
#include <limits>

namespace remit::node::signer {

void bind_token(Config& config, TokenSettings& token, const std::string& section) {
    config.text(section + ".module", token.module, "library of the token that has the key");
    config.text(section + ".token", token.label, "label of the token");
    config.text(section + ".key", token.key, "label of the Ed25519 key pair in it");
    config.text(section + ".pin_file", token.pin_file, "file of the user PIN, mode 0600");
}

void bind_settings(Config& config, Settings& settings) {
    config.text("signer.data", settings.data, "folder of the signer's own vote journal");
    config.required();
    config.text("signer.socket", settings.socket, "Unix socket, in a folder of this user's");
    config.required();
    config.text("signer.genesis", settings.genesis, "the network's genesis file");
    config.required();
    config.text("signer.key", settings.key, "file of the VALIDATE key, mode 0600");
    config.text("signer.passphrase_file", settings.passphrase_file,
                "file of the passphrase when the key is encrypted, mode 0600");
    config.integer("signer.client_user", settings.client_user,
                   {.low = -1, .high = std::numeric_limits<std::int32_t>::max()},
                   "numeric user of the node; -1: this one");
    bind_token(config, settings.token, "pkcs11");
    config.text("log.level", settings.log_level, "debug, info, warning or error");
}

void resolve_paths(Settings& settings, const std::string& config_file) {
    const auto folder = std::filesystem::path(config_file).parent_path();
    for (auto* path : {&settings.data, &settings.socket, &settings.genesis, &settings.key,
                       &settings.passphrase_file, &settings.token.pin_file}) {
        if (!path->empty() && std::filesystem::path(*path).is_relative()) {
            *path = (folder / *path).string();
        }
    }
}

}  // namespace remit::node::signer
