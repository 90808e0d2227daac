#pragma once

#include <string>

#include "ledger/base/hash.h"
#include "node/ops/failure.h"
#include "node/seams/io_error.h"

namespace remit::node {

/// What a node's database is stamped with.
inline constexpr const char* database_schema = "remit-node";
inline constexpr std::uint32_t database_schema_version = 3;

/// The folder that holds everything a node keeps, locked for one process at a time:
///
///     lock      held while a node runs
///     genesis   chain id of the first start; another one is refused for ever
///     db/       RocksDB
///     journal/  vote journal
///     snapshots/  copies of the database at certified heights, and their manifests
///     incoming/   a snapshot of the peers while it is gathered; incoming.db what it becomes
class DataFolder {
public:
    /// Creates the folder (0700) when it is missing. Errors: not_allowed when it is a link,
    /// another user's or writable by others; bad_configuration when another node runs on it, or
    /// when it belongs to another chain (both hashes are named).
    static Result<DataFolder, Failure> open(const std::string& path, const Hash& chain_id);
    ~DataFolder();
    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&&) = delete;
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    [[nodiscard]] std::string database() const { return path_ + "/db"; }
    [[nodiscard]] std::string snapshots() const { return path_ + "/snapshots"; }
    [[nodiscard]] std::string journal() const { return path_ + "/journal"; }

private:
    DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::string path_;
    int lock_ = -1;
};

/// An error of the disk as a program ends with it: integrity and locks are configuration (7),
/// permissions not_allowed (6), the rest io_error (70).
Failure failure_of(const IoError& error);

/// The bytes of the genesis file. Errors: bad_configuration.
Result<Bytes, Failure> read_genesis_file(const std::string& path);

}  // namespace remit::node
