#pragma once

#include <filesystem>
#include <string>

#include "ledger/base/bytes.h"
#include "ledger/base/keys.h"
#include "node/ops/failure.h"

namespace remit::node {

/// Reads a file that only its owner may see. Errors (exit not_allowed): missing, not a regular
/// file, a link, another owner, readable by group or others, larger than `size_max`.
Result<Bytes, Failure> read_secret_file(const std::filesystem::path& path,
                                        std::size_t size_max = 64U * 1024U);

/// Writes a new file with mode 0600, synced with its folder. Errors: wrong_usage when it exists.
Status<Failure> write_secret_file(const std::filesystem::path& path, ByteView bytes);

/// An Ed25519 key of a devnet as it lies in its 0600 file: text lines, marked devnet and bound to
/// one genesis, so that it is refused under any other chain.
///
///     remit devnet key 1
///     purpose OPERATE
///     chain <64 hex digits>
///     public <64 hex digits>
///     seed <64 hex digits>
struct DevnetKey {
    KeyPurpose purpose = KeyPurpose::operate;
    Hash chain_id;
    KeySeed seed;
};

Status<Failure> write_devnet_key(const std::filesystem::path& path, const DevnetKey& key);

/// Errors: as read_secret_file (not_allowed); not_allowed when the purpose or the chain differ;
/// bad_configuration (integrity) when the file is damaged or its public key is not its seed's.
Result<SecretKey, Failure> read_devnet_key(const std::filesystem::path& path, KeyPurpose purpose,
                                           const Hash& chain_id);

}  // namespace remit::node
