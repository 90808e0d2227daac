#include "node/kv/rocks_kv.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>

#include "ledger/base/codec.h"
#include "node/kv/discard_filter.h"
#include "node/seams/posix_disk.h"

namespace remit::node {

namespace {

constexpr std::string_view schema_key = "\xFFschema";

rocksdb::Slice slice(ByteView bytes) {
    return {bytes.data(), bytes.size()};
}
ByteView view(const rocksdb::Slice& bytes) {
    return {bytes.data(), bytes.size()};
}

IoError io_error(const rocksdb::Status& status, std::string action, const std::string& path) {
    auto failure = IoFailure::other;
    if (status.IsCorruption()) {
        failure = IoFailure::corrupt;
    } else if (status.IsNoSpace()) {
        failure = IoFailure::full;
    } else if (status.IsPathNotFound() || status.IsNotFound()) {
        failure = IoFailure::not_found;
    } else if (status.ToString().find("LOCK") != std::string::npos) {
        failure = IoFailure::busy;
    }
    return {failure, std::move(action), path, status.ToString()};
}

/// reliability.md section 2, with findings F3-F6 and F10 behind each line.
rocksdb::Options rocksdb_options(const RocksOptions& ours,
                                 std::shared_ptr<DiscardFilters> filters) {
    rocksdb::Options options;
    options.compaction_filter_factory = std::move(filters);
    options.create_if_missing = !ours.read_only;
    // A torn tail is legal, a flipped byte before it is refused; the default would drop the rest.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.paranoid_checks = true;
    options.force_consistency_checks = true;
    options.max_bgerror_resume_count = 0;  // a failed write ends the process, nothing is retried
    options.max_write_buffer_number = 2;   // more ran into a parallel-flush bug before 7.9
    options.write_buffer_size = ours.write_buffer_bytes;
    options.max_total_wal_size = 4 * ours.write_buffer_bytes;
    options.recycle_log_file_num = 0;
    options.compression = rocksdb::kLZ4Compression;
    options.wal_compression = rocksdb::kNoCompression;
    options.atomic_flush = false;
    options.track_and_verify_wals_in_manifest = false;
    options.info_log_level = rocksdb::WARN_LEVEL;
    options.keep_log_file_num = 3;
    options.max_open_files = 512;
    rocksdb::BlockBasedTableOptions table;
    table.format_version = 5;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    constexpr std::size_t cache_bytes = std::size_t{64} * 1024 * 1024;
    table.block_cache = rocksdb::NewLRUCache(cache_bytes);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

Bytes schema_stamp(const RocksOptions& options) {
    return Writer().bytes(options.schema_name).u32(options.schema_version).take();
}

}  // namespace

class RocksKv::Database {
public:
    Database(std::unique_ptr<rocksdb::DB> database, std::string folder,
             std::shared_ptr<DiscardFilters> the_filters)
        : filters(std::move(the_filters)), db(std::move(database)), path(std::move(folder)) {}

    Result<std::optional<Bytes>, IoError> get(ByteView key, const rocksdb::Snapshot* at) const {
        Bytes value;
        const auto status = db->Get(read_options(at), slice(key), &value);
        if (status.IsNotFound()) {
            return std::optional<Bytes>();
        }
        if (!status.ok()) {
            return fail(io_error(status, "read database", path));
        }
        return std::optional<Bytes>(std::move(value));
    }

    Status<IoError> scan(ByteView from, ByteView until, const KvVisitor& visit,
                         const rocksdb::Snapshot* at) const {
        auto options = read_options(at);
        const auto upper = slice(until);
        options.iterate_upper_bound = until.empty() ? nullptr : &upper;
        const std::unique_ptr<rocksdb::Iterator> iterator(db->NewIterator(options));
        for (iterator->Seek(slice(from)); iterator->Valid(); iterator->Next()) {
            if (iterator->key().starts_with(slice(schema_key).ToStringView().substr(0, 1)) ||
                !visit(view(iterator->key()), view(iterator->value()))) {
                break;
            }
        }
        return ended(*iterator);
    }

    Status<IoError> scan_back(ByteView from, ByteView until, const KvVisitor& visit,
                              const rocksdb::Snapshot* at) const {
        auto options = read_options(at);
        const auto lower = slice(from);
        options.iterate_lower_bound = from.empty() ? nullptr : &lower;
        const auto above = until.empty() ? schema_key.substr(0, 1) : until;
        const std::unique_ptr<rocksdb::Iterator> iterator(db->NewIterator(options));
        iterator->SeekForPrev(slice(above));
        if (iterator->Valid() && iterator->key() == slice(above)) {
            iterator->Prev();
        }
        for (; iterator->Valid(); iterator->Prev()) {
            if (!visit(view(iterator->key()), view(iterator->value()))) {
                break;
            }
        }
        return ended(*iterator);
    }

    std::shared_ptr<DiscardFilters> filters;
    std::unique_ptr<rocksdb::DB> db;
    std::string path;
    std::function<std::optional<std::string>()> no_room;
    std::mutex discarding;  // one range at a time
    std::atomic<bool> no_discard = false;

private:
    static rocksdb::ReadOptions read_options(const rocksdb::Snapshot* at) {
        rocksdb::ReadOptions options;
        options.verify_checksums = true;
        options.snapshot = at;
        return options;
    }
    Status<IoError> ended(const rocksdb::Iterator& iterator) const {
        if (!iterator.status().ok()) {
            return fail(io_error(iterator.status(), "scan database", path));
        }
        return {};
    }
};

class RocksKv::Snapshot final : public KvReader {
public:
    explicit Snapshot(std::shared_ptr<Database> database)
        : database_(std::move(database)), at_(database_->db->GetSnapshot()) {}
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() override { database_->db->ReleaseSnapshot(at_); }

    Result<std::optional<Bytes>, IoError> get(ByteView key) const override {
        return database_->get(key, at_);
    }
    Status<IoError> scan(ByteView from, ByteView until, const KvVisitor& visit) const override {
        return database_->scan(from, until, visit, at_);
    }
    Status<IoError> scan_back(ByteView from, ByteView until,
                              const KvVisitor& visit) const override {
        return database_->scan_back(from, until, visit, at_);
    }

private:
    std::shared_ptr<Database> database_;
    const rocksdb::Snapshot* at_;
};

Result<std::unique_ptr<RocksKv>, IoError> RocksKv::open(const RocksOptions& options) {
    rocksdb::DB* raw = nullptr;
    auto filters = std::make_shared<DiscardFilters>();
    const auto settings = rocksdb_options(options, filters);
    const auto status = options.read_only
                            ? rocksdb::DB::OpenForReadOnly(settings, options.path, &raw)
                            : rocksdb::DB::Open(settings, options.path, &raw);
    if (!status.ok()) {
        return fail(io_error(status, "open database", options.path));
    }
    auto database = std::make_shared<Database>(std::unique_ptr<rocksdb::DB>(raw), options.path,
                                               std::move(filters));
    database->no_room = options.no_room;
    TRY_ASSIGN(const auto stamp, database->get(schema_key, nullptr));
    if (stamp && *stamp != schema_stamp(options)) {
        return fail(IoError{IoFailure::corrupt, "open database", options.path,
                            "its schema is another program's or version's"});
    }
    std::unique_ptr<RocksKv> kv(new RocksKv(std::move(database)));
    if (!stamp) {
        bool empty = true;
        TRY(kv->scan("", "", [&](ByteView, ByteView) { return empty = false; }));
        if (!empty || options.read_only) {
            return fail(IoError{IoFailure::corrupt, "open database", options.path,
                                "it has no schema stamp"});
        }
        KvBatch batch;
        batch.put(Bytes(schema_key), schema_stamp(options));
        TRY(kv->write(batch, KvSync::durable));
    }
    return kv;
}

RocksKv::~RocksKv() = default;

Result<std::optional<Bytes>, IoError> RocksKv::get(ByteView key) const {
    return database_->get(key, nullptr);
}

Status<IoError> RocksKv::scan(ByteView from, ByteView until, const KvVisitor& visit) const {
    return database_->scan(from, until, visit, nullptr);
}

Status<IoError> RocksKv::scan_back(ByteView from, ByteView until, const KvVisitor& visit) const {
    return database_->scan_back(from, until, visit, nullptr);
}

Status<IoError> RocksKv::check_room(const std::string& action) const {
    const auto reason = database_->no_room ? database_->no_room() : std::nullopt;
    if (reason) {
        return fail(IoError{IoFailure::full, action, database_->path, *reason});
    }
    return {};
}

Status<IoError> RocksKv::write(const KvBatch& batch, KvSync sync) {
    TRY(check_room("write database"));
    rocksdb::WriteBatch writes;
    for (const auto& [key, value] : batch.writes()) {
        const auto status =
            value ? writes.Put(slice(key), slice(*value)) : writes.Delete(slice(key));
        if (!status.ok()) {
            return fail(io_error(status, "write database", database_->path));
        }
    }
    rocksdb::WriteOptions options;
    options.sync = sync == KvSync::durable;
    const auto status = database_->db->Write(options, &writes);
    if (!status.ok()) {
        return fail(io_error(status, "write database", database_->path));
    }
    return {};
}

Status<IoError> RocksKv::sync() {
    const auto status = database_->db->SyncWAL();
    if (!status.ok()) {
        return fail(io_error(status, "sync database", database_->path));
    }
    return {};
}

std::shared_ptr<const KvReader> RocksKv::snapshot() const {
    return std::make_shared<Snapshot>(database_);
}

Status<IoError> RocksKv::copy_to(const std::string& path) {
    TRY(check_room("copy database"));  // flushes what is in memory
    rocksdb::Checkpoint* raw = nullptr;
    auto status = rocksdb::Checkpoint::Create(database_->db.get(), &raw);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
    if (status.ok()) {
        status = checkpoint->CreateCheckpoint(path);
    }
    if (!status.ok()) {
        return fail(io_error(status, "copy database", path));
    }
    return PosixDisk().sync_folder(folder_of(path));
}

Status<IoError> RocksKv::discard(ByteView from, ByteView until, const KvVisitor& unwanted) {
    TRY(check_room("prune database"));
    const std::lock_guard lock(database_->discarding);
    database_->filters->begin(Bytes(from), Bytes(until), unwanted);
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.canceled = &database_->no_discard;
    // Also what lies in the last level already is written again without the unwanted.
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const auto begin = slice(from);
    const auto end = slice(until);
    const auto status =
        database_->db->CompactRange(options, &begin, until.empty() ? nullptr : &end);
    database_->filters->end();
    if (!status.ok() && !database_->no_discard) {
        return fail(io_error(status, "prune database", database_->path));
    }
    return {};
}

void RocksKv::stop_discarding() {
    database_->no_discard = true;
}

std::uint64_t RocksKv::disk_bytes() const {
    std::uint64_t bytes = 0;
    database_->db->GetIntProperty("rocksdb.total-sst-files-size", &bytes);
    std::uint64_t memory = 0;
    database_->db->GetIntProperty("rocksdb.cur-size-all-mem-tables", &memory);
    return bytes + memory;
}

Status<IoError> RocksKv::verify_checksums() const {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    const auto status = database_->db->VerifyChecksum(options);
    if (!status.ok()) {
        return fail(io_error(status, "verify database", database_->path));
    }
    return {};
}

}  // namespace remit::node
