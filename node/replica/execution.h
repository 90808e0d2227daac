#pragma once

#include <memory>

#include "consensus/engine.h"
#include "node/replica/executor.h"
#include "node/replica/item_checker.h"
#include "node/replica/read_model.h"
#include "node/seams/clock.h"
#include "node/snapshot/library.h"

namespace remit::node {

/// How often the database is made durable: recovery replays at most this much, and the journal
/// keeps it.
struct CheckpointPolicy {
    std::uint64_t blocks = 256;
    std::int64_t interval_ms = 2000;
    /// Blocks below the older of the two newest certified snapshots go; otherwise none ever.
    bool prune = false;
};

/// Ledger state of one node: applies a committed block, updates the tree, writes one WriteBatch
/// and publishes the state after it. One thread at a time.
class Execution {
public:
    struct Parts {
        Kv& kv;
        const Clock& clock;  ///< for the checkpoint interval alone
        ItemChecker& checker;
        ReadModel& reads;
        /// Where snapshots are made, if the chain makes any; may be null otherwise.
        SnapshotLibrary* snapshots = nullptr;
    };
    /// Opens the state: writes the genesis state into an empty database, else rebuilds the tree
    /// and compares its root with the recorded one. Errors: corrupt when they differ, when the
    /// database belongs to another chain, or when a snapshot is gone whose root is still owed.
    static Result<std::unique_ptr<Execution>, IoError> open(Parts parts, ByteView genesis_file,
                                                            CheckpointPolicy policy);

    /// Executes the block above the newest one; the result of a height executed before is read
    /// back, so a replayed commit is harmless. A failed write ends the process.
    ExecutedBlock execute(const consensus::Commit& commit);
    /// Executes a notarized block on its parent's state and keeps what it gives in memory until a
    /// block of its height is committed. Nothing if the parent's state is not at hand.
    std::optional<ExecutedBlock> speculate(const consensus::NotarizedBlock& block);
    /// Makes everything durable.
    void checkpoint();

    [[nodiscard]] consensus::Height height() const;

    ~Execution();
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

private:
    class Core;
    explicit Execution(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace remit::node
