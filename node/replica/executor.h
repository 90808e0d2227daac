#pragma once

#include <functional>
#include <memory>
#include <string>

#include "consensus/output.h"
#include "ledger/block.h"

namespace remit::node {

/// What the reactor must know of an executed block.
struct ExecutedBlock {
    consensus::ExecutionResult result;
    std::int64_t time_ms = 0;
    std::optional<std::int64_t> wake_at_ms;
    std::vector<ledger::TransactionOutcome> outcomes;  ///< one for each item, in order
    std::vector<Hash> item_ids;                        ///< item_id_of each
    std::vector<Hash> batches;                         ///< now in the database
    consensus::Height durable_height = 0;              ///< the database is durable up to here
    std::optional<std::string> breach;  ///< a broken invariant: nothing was written, stop
    bool speculative = false;           ///< not final: nothing was written, only `result` is set
};

/// Executes committed blocks in order, one at a time, and hands each result to the sink; ahead of
/// that, notarized blocks on an overlay.
/// The daemon's has its own thread (ThreadedExecutor) and a sink that posts to the reactor; the
/// simulator's executes in place.
class Executor {
public:
    using Sink = std::function<void(ExecutedBlock)>;
    virtual ~Executor() = default;
    /// Set once, before the first `execute`.
    virtual void set_sink(Sink sink) = 0;
    /// Reactor thread; never blocks.
    virtual void execute(std::shared_ptr<const consensus::Commit> commit) = 0;
    /// The same for a notarized block; may be left undone.
    virtual void speculate(std::shared_ptr<const consensus::NotarizedBlock> block) = 0;
};

}  // namespace remit::node
