#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "node/seams/kv.h"

namespace remit::node {

/// How a database is opened.
struct RocksOptions {
    std::string path;
    std::string schema_name;           ///< who owns the database: "remit-node", "remit-gateway"
    std::uint32_t schema_version = 1;  ///< of the key schema; another one is refused
    bool read_only = false;            ///< for `db verify`: must exist, nothing is written
    std::size_t write_buffer_bytes = std::size_t{64} * 1024 * 1024;
    /// Asked before anything is written: why there is no room for it on the disk. RocksDB as
    /// packaged has assertions and aborts the process where its log finds none.
    std::function<std::optional<std::string>()> no_room = {};
};

/// RocksDB behind `Kv`, opened with the settings of node/kv/README.md: checksums verified on
/// every read, no silent loss in the write-ahead log, no background error retried. The prefix byte
/// 0xFF is its own. Thread-safe.
class RocksKv final : public Kv {
public:
    /// Errors: busy when another process has it open; corrupt when RocksDB says so or the schema
    /// stamp is another's; denied, full, not_found as the file system says.
    static Result<std::unique_ptr<RocksKv>, IoError> open(const RocksOptions& options);
    ~RocksKv() override;
    RocksKv(const RocksKv&) = delete;
    RocksKv& operator=(const RocksKv&) = delete;

    [[nodiscard]] Result<std::optional<Bytes>, IoError> get(ByteView key) const override;
    Status<IoError> scan(ByteView from, ByteView until, const KvVisitor& visit) const override;
    Status<IoError> scan_back(ByteView from, ByteView until, const KvVisitor& visit) const override;
    Status<IoError> write(const KvBatch& batch, KvSync sync) override;
    Status<IoError> sync() override;
    [[nodiscard]] std::shared_ptr<const KvReader> snapshot() const override;
    /// A RocksDB checkpoint: hard links, after a flush.
    Status<IoError> copy_to(const std::string& path) override;
    /// By a compaction filter over the range: no tombstones, the files are rewritten without.
    Status<IoError> discard(ByteView from, ByteView until, const KvVisitor& unwanted) override;
    /// Lets a discard that runs end early, as a crash would; later ones do nothing.
    void stop_discarding();
    [[nodiscard]] std::uint64_t disk_bytes() const override;
    /// Reads every table file and compares checksums.
    Status<IoError> verify_checksums() const;

private:
    class Database;
    class Snapshot;
    [[nodiscard]] Status<IoError> check_room(const std::string& action) const;
    explicit RocksKv(std::shared_ptr<Database> database) : database_(std::move(database)) {}
    std::shared_ptr<Database> database_;  // snapshots keep it open
};

}  // namespace remit::node
