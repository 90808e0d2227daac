#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "node/seams/disk.h"
#include "node/seams/kv.h"
#include "node/snapshot/manifest.h"
#include "node/storage/chain.h"

namespace remit::node {

/// Runs work away from its caller, in order; the simulator's and tests' run it at once.
using Background = std::function<void(std::function<void()>)>;
inline void at_once(const std::function<void()>& work) {
    work();
}

/// The snapshots a node keeps: copies of its database at heights kS, and their manifests.
///
///     snapshots/00000000000000001024.db         copy, complete once it has this name
///     snapshots/00000000000000001024.manifest   its root, then its canonical bytes
///
/// A manifest that is missing beside its copy is built again, so a crash loses none. Thread-safe.
class SnapshotLibrary {
public:
    struct Parts {
        Disk& disk;
        Databases& databases;
        const Chain& chain;  ///< outlives this
        std::string folder;
        Background background;
    };
    struct Kept {
        SnapshotManifest manifest;
        Hash root;
        std::shared_ptr<const Bytes> bytes;  ///< of the manifest
    };
    using Handle = std::shared_ptr<const Kept>;

    /// Reads what is there; builds missing manifests in the background.
    static Result<std::unique_ptr<SnapshotLibrary>, IoError> open(Parts parts);
    /// Waits for what runs in the background.
    ~SnapshotLibrary();
    SnapshotLibrary(const SnapshotLibrary&) = delete;
    SnapshotLibrary& operator=(const SnapshotLibrary&) = delete;

    /// Path of the oldest copy at or above this height in a library's folder.
    static std::optional<std::string> oldest_copy(Disk& disk, const std::string& folder,
                                                  consensus::Height from);
    /// Whether there is a copy of this height.
    [[nodiscard]] bool has(consensus::Height height) const;
    /// Copies the database, whose newest block must be this height's, and has the manifest built.
    /// Nothing to do when there is a copy already: a chain has one state at a height.
    Status<IoError> take(consensus::Height height, Kv& database);
    /// Whether its manifest is built.
    [[nodiscard]] bool ready(consensus::Height height) const;
    /// The snapshot of this height; waits while its manifest is being built. Null: none is kept.
    [[nodiscard]] Handle at(consensus::Height height) const;
    /// Null: not kept, or not built yet.
    [[nodiscard]] Handle find(const Hash& root) const;
    /// The bytes of a chunk. Errors: not_found when the snapshot went away; corrupt.
    Result<Bytes, IoError> chunk(const Handle& snapshot, std::size_t index);
    /// The database as it was at this height. Errors: not_found.
    Result<std::shared_ptr<const KvReader>, IoError> copy_at(consensus::Height height);
    /// Runs work behind what is being built; the destructor waits for it.
    void run(std::function<void()> work);
    /// Removes the snapshots below this height.
    Status<IoError> drop_below(consensus::Height height);
    [[nodiscard]] std::vector<consensus::Height> heights() const;
    /// Snapshots built by this process.
    [[nodiscard]] std::uint64_t made() const { return made_; }

private:
    struct Slot {
        Handle kept;  // null while it is being built
        std::shared_ptr<const KvReader> copy;
    };
    struct Running {
        SnapshotLibrary& library;
        ~Running();
    };
    explicit SnapshotLibrary(Parts parts) : parts_(std::move(parts)) {}
    Status<IoError> load(consensus::Height height);
    void build(consensus::Height height);
    void keep(consensus::Height height, Handle kept);
    [[nodiscard]] std::string path_of(consensus::Height height, const char* ending) const;

    Parts parts_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<consensus::Height, Slot> slots_;
    std::size_t running_ = 0;
    std::atomic<std::uint64_t> made_ = 0;
};

}  // namespace remit::node
