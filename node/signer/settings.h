#pragma once

#include <string>

#include "node/ops/config.h"

namespace remit::node::signer {

/// A key in a PKCS#11 token.
struct TokenSettings {
    std::string module;    ///< path of the token's library; empty: no token
    std::string label;     ///< of the token
    std::string key;       ///< label of the key pair
    std::string pin_file;  ///< mode 0600
};

/// Everything local to one signer process.
///
///     [signer] data, socket, genesis, key, passphrase_file, client_user
///     [pkcs11] module, token, key, pin_file
///     [log]    level
struct Settings {
    std::string data;
    std::string socket;
    std::string genesis;
    std::string key;
    std::string passphrase_file;
    std::int64_t client_user = -1;
    TokenSettings token;
    std::string log_level = "info";
};

/// Binds every key to `settings`, which must outlive `config`.
void bind_settings(Config& config, Settings& settings);
/// The keys of a token, below `section`.
void bind_token(Config& config, TokenSettings& token, const std::string& section);

/// Makes relative paths relative to the folder of the configuration file.
void resolve_paths(Settings& settings, const std::string& config_file);

}  // namespace remit::node::signer
