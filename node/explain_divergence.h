#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "consensus/output.h"
#include "node/seams/kv.h"
#include "node/storage/chain.h"

namespace remit::node {

/// What a node does for its operator when its roots differ from the proven ones: in a thread of its
/// own it executes its blocks again from genesis, compares the state that gives with the state on
/// its disk, and logs every table's digest and the first record that differs. The node stays up
/// meanwhile, votes nothing and gives no receipts.
class ExplainDivergence {
public:
    ExplainDivergence() = default;
    /// Ends the work, finished or not.
    ~ExplainDivergence();
    ExplainDivergence(const ExplainDivergence&) = delete;
    ExplainDivergence& operator=(const ExplainDivergence&) = delete;

    /// Once. `chain` outlives this.
    void begin(std::shared_ptr<const KvReader> state, const Chain& chain,
               const consensus::Divergence& divergence);

private:
    void run(const KvReader& state, const Chain& chain, const consensus::Divergence& divergence);

    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace remit::node
