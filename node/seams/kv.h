#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/bytes.h"
#include "node/seams/io_error.h"

namespace remit::node {

/// A change set that is written whole or not at all.
class KvBatch {
public:
    void put(Bytes key, Bytes value) { writes_[std::move(key)] = std::move(value); }
    void erase(Bytes key) { writes_[std::move(key)] = std::nullopt; }
    /// Key -> new value, or nothing for a deletion; the last word for a key counts.
    [[nodiscard]] const std::map<Bytes, std::optional<Bytes>>& writes() const { return writes_; }
    [[nodiscard]] bool empty() const { return writes_.empty(); }

private:
    std::map<Bytes, std::optional<Bytes>> writes_;
};

/// Sees a record; returns false to stop.
using KvVisitor = std::function<bool(ByteView key, ByteView value)>;

/// Ordered records, read only. Thread-safe.
class KvReader {
public:
    virtual ~KvReader() = default;
    [[nodiscard]] virtual Result<std::optional<Bytes>, IoError> get(ByteView key) const = 0;
    /// Records with from <= key < until in key order; an empty `until` means no end.
    virtual Status<IoError> scan(ByteView from, ByteView until, const KvVisitor& visit) const = 0;
    /// The same, from the greatest key down.
    virtual Status<IoError> scan_back(ByteView from, ByteView until,
                                      const KvVisitor& visit) const = 0;
};

/// When `write` returns: `buffered` survives a crash of the process, `durable` a power cut.
enum class KvSync : std::uint8_t { buffered, durable };

/// The key-value store under the node's state and the gateway's outbox.
class Kv : public KvReader {
public:
    virtual Status<IoError> write(const KvBatch& batch, KvSync sync) = 0;
    /// Everything written before is durable when this returns success.
    virtual Status<IoError> sync() = 0;
    /// The records as they are now, whatever is written later.
    [[nodiscard]] virtual std::shared_ptr<const KvReader> snapshot() const = 0;
    /// Makes another database at `path` with these records as they are now, durable when this
    /// returns success. Shares files where it can. Nothing else may write meanwhile that matters
    /// to the copy. Errors: busy when something is at `path`.
    virtual Status<IoError> copy_to(const std::string& path) = 0;
    /// Removes the records with from <= key < until for which `unwanted` says so, and gives their
    /// space back. May take long and runs beside everything else; a crash leaves some of them.
    /// The records must be ones that nobody reads or writes any more.
    virtual Status<IoError> discard(ByteView from, ByteView until, const KvVisitor& unwanted) = 0;
    /// Bytes on disk, about.
    [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
};

/// Whole databases, by path. The copies that `Kv::copy_to` makes are opened here.
class Databases {
public:
    virtual ~Databases() = default;
    [[nodiscard]] virtual bool exists(const std::string& path) = 0;
    /// Names of the databases in a folder, finished ones and others.
    virtual Result<std::vector<std::string>, IoError> list(const std::string& folder) = 0;
    /// A new, empty one.
    virtual Result<std::shared_ptr<Kv>, IoError> create(const std::string& path) = 0;
    virtual Result<std::shared_ptr<const KvReader>, IoError> open(const std::string& path) = 0;
    /// Durable when this returns success.
    virtual Status<IoError> rename(const std::string& from, const std::string& to) = 0;
    /// With all that is in it; success when nothing is there.
    virtual Status<IoError> remove(const std::string& path) = 0;
};

/// The smallest key above every key that starts with `prefix`; empty when there is none.
Bytes end_of_prefix(ByteView prefix);

}  // namespace remit::node
