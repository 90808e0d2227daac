#pragma once

#include <string>

#include "ledger/base/bytes.h"
#include "ledger/base/result.h"

namespace remit::node {

/// Where the passphrase of a key file comes from; the first that is there. Never an argument or an
/// environment variable: other users could read those.
struct PassphraseSource {
    std::string file;        ///< mode 0600, its first line; empty: not from a file
    std::string credential;  ///< name below $CREDENTIALS_DIRECTORY (systemd); empty: not from there
    bool twice = false;      ///< at the terminal: typed again, for a new passphrase
};

inline constexpr std::size_t passphrase_bytes_max = 1024;

/// The passphrase for `what`: of the file, of the credential, else typed at the terminal without
/// echo. Errors: a sentence that says what is missing or refused.
Result<Bytes, std::string> read_passphrase(const PassphraseSource& source, const std::string& what);

/// The passphrase of the key file at `path` for a daemon: of `file`, else of the credential that is
/// named like the key file with `.passphrase` behind it (`validate.key.passphrase`).
Result<Bytes, std::string> passphrase_of_key(const std::string& file, const std::string& path);

}  // namespace remit::node
