#pragma once

#include <map>
#include <mutex>

#include "consensus/metrics.h"
#include "ledger/state_access.h"
#include "node/ops/metrics.h"
#include "node/replica/read_model.h"
#include "node/replica/replica.h"
#include "node/signer/remote_signer.h"
#include "node/snapshot/counts.h"

namespace remit::node {

/// The plan that waits for the end of the epoch; all 0: none waits.
struct PlanReading {
    std::size_t validators = 0;
    std::size_t ready = 0;           ///< of these: said so, recently enough to count
    std::size_t learners = 0;        ///< planned and not of the epoch in force
    std::size_t learners_ready = 0;  ///< of these
};
[[nodiscard]] PlanReading plan_reading(const ledger::StateReader& state);

/// What the numbers are taken from at one moment.
struct NodeReading {
    consensus::Metrics consensus;
    std::vector<consensus::PeerMetrics> validators;  ///< of the epoch
    consensus::Height final_height = 0;
    consensus::Height executed_height = 0;
    std::int64_t block_time_ms = 0;
    std::size_t peers_connected = 0;
    std::size_t pending = 0;
    std::uint64_t signatures_verified = 0;
    ReplicaCounts counts;
    std::size_t evidence_waiting = 0;   ///< found here, not on the chain yet
    std::size_t evidence_recorded = 0;  ///< on the chain, against any validator
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t dropped_messages = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t disk_free_bytes = 0;
    std::uint64_t disk_reserve_bytes = 0;
    std::uint64_t disk_stop_bytes = 0;
    std::optional<std::int64_t> clock_skew_ms;  ///< none: too few peers have told
    PlanReading plan;
    bool stopped = false;
    bool superseded = false;
    bool key_missing = false;
    std::optional<SnapshotCounts> snapshots;           ///< none: the chain makes none
    bool snapshot_installed = false;                   ///< this run began with one
    std::optional<signer::SignerReading> signer;       ///< none: the key is in this process
    std::optional<signer::SignerReading> next_signer;  ///< of a second key
};

/// The metrics of a node by their public names (docs/operate/metrics.md). Any thread.
class NodeMetrics {
public:
    explicit NodeMetrics(Metrics& metrics) : metrics_(metrics) {}

    void set_build(const std::string& version, std::int64_t certificate_not_after_s);
    /// Before every scrape.
    void update(const NodeReading& reading);
    /// Once for every final block, in order.
    void count(const BlockNews& news);
    void on_handshake_refused(const std::string& notice);
    void on_equivocation();
    void on_second_session(const std::string& validator);
    void on_invariant_violation();
    void on_sync(double seconds);
    /// From submission to the answer with receipts.
    void on_committed(double seconds);

private:
    void update_signers(const NodeReading& reading);
    void update_disk(const NodeReading& reading);
    void update_validators(const std::vector<consensus::PeerMetrics>& validators);
    void update_chain(const NodeReading& reading);
    void update_snapshots(const SnapshotCounts& now, bool installed);
    void raise(const std::string& name, const std::string& help, std::uint64_t value,
               const Labels& labels = {});
    void set(const std::string& name, const std::string& help, double value);

    Metrics& metrics_;
    std::mutex mutex_;
    std::map<std::pair<std::string, Labels>, std::uint64_t> last_;
};

}  // namespace remit::node
