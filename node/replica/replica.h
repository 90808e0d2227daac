#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consensus/engine.h"
#include "node/replica/executor.h"
#include "node/replica/item_checker.h"
#include "node/replica/read_model.h"
#include "node/seams/clock.h"
#include "node/seams/random.h"
#include "node/seams/transport.h"
#include "node/snapshot/counts.h"
#include "node/snapshot/server.h"
#include "node/storage/vote_journal.h"

namespace remit::node {

/// What a client hears of its envelope.
struct SubmitAnswer {
    enum class Outcome : std::uint8_t {
        final,      ///< receipts are there
        pending,    ///< the wait ended first: ask again by the id
        exhausted,  ///< the author window is full, nothing was kept: try again later
        refused,    ///< never ordered; `error` says why
        pruned,     ///< it took effect long ago; its receipts are not kept here any more
        stopped,    ///< the node gives no receipts any more (ReplicaObserver::on_stopped)
    };
    Outcome outcome = Outcome::pending;
    Hash transaction_id;
    std::optional<ledger::LedgerError> error;
    std::optional<TransactionReceipts> receipts;
};

/// One envelope handed over for ordering. `done` is called once, on the reactor thread.
struct Submission {
    Bytes item;  ///< ledger::wire::item_of
    std::int64_t wait_ms = 0;
    std::function<void(SubmitAnswer)> done;
};

/// Things the operator is told. Reactor thread.
class ReplicaObserver {
public:
    virtual ~ReplicaObserver() = default;
    /// Everything up to this height is final: streams may go on.
    virtual void on_final(consensus::Height /*height*/) {}
    virtual void on_evidence(const consensus::Evidence& /*evidence*/) {}
    /// Close this peer's connections.
    virtual void on_misbehaviour(const consensus::Misbehaviour& /*misbehaviour*/) {}
    /// The vote journal could not be trusted and was given up, or peers hold votes that it lacks:
    /// no vote until the others have told where they stand.
    virtual void on_votes_lost(const std::string& /*reason*/) {}
    /// A certified snapshot is gathered: build_install, then start anew. Once.
    virtual void on_snapshot_gathered(bool /*was_new*/) {}
    /// This node's roots differ from proven ones; `on_stopped` follows.
    virtual void on_divergence(const consensus::Divergence& /*divergence*/) {}
    /// Certificates that cannot both be while at most f validators are faulty; `on_stopped`
    /// follows.
    virtual void on_fork(const consensus::Fork& /*fork*/) {}
    /// The vote journal has votes of this epoch that another key signed; `on_stopped` follows.
    virtual void on_foreign_votes(consensus::Epoch /*epoch*/) {}
    /// An epoch began here; told before anything of it is sent.
    virtual void on_epoch(const consensus::HandOver& /*way*/) {}
    /// A protocol version was activated that this program cannot vote in: it stays up, read-only.
    virtual void on_unsupported_version(const consensus::UnsupportedVersion& /*version*/) {}
    /// The node gives no receipts any more: its roots differ, an invariant broke, the chain forked,
    /// or its journal is not its own.
    virtual void on_stopped(const std::string& /*reason*/) {}
};

struct ReplicaConfig {
    consensus::EngineConfig engine;  ///< boot counter filled in from the journal
    VoteJournalConfig journal;
    std::size_t waiting_clients_max = 65'536;
    /// Where chunks of a snapshot are gathered; empty: never join from one.
    std::string gathered;
    std::int64_t serve_bytes_per_second = std::int64_t{32} * 1024 * 1024;
};

/// What a replica is built on; all outlive it.
struct ReplicaParts {
    Clock& clock;
    Random& random;
    Disk& disk;
    Kv& kv;
    Transport& transport;
    const consensus::Signer& signer;
    Executor& executor;
    ItemChecker& checker;
    ReadModel& reads;
    ReplicaObserver& observer;
    /// Offered each batch when it is stored, so that a pool may check its items ahead of execution.
    std::function<void(const consensus::BatchHandle&)> prefetch = nullptr;
    /// Snapshots kept here, to be served; null where the chain makes none.
    SnapshotLibrary* snapshots = nullptr;
    /// For what takes the disk long; at once where there is one thread.
    Aside aside = [](const std::function<std::function<void()>()>& work) { work()(); };
    /// Told at start, before anything is signed, what the vote journal holds.
    std::function<void(const std::vector<consensus::JournalRecord>&)> recalled = nullptr;
};

/// What a replica did since its start.
struct ReplicaCounts {
    std::uint64_t journal_syncs = 0;
    std::uint64_t journal_bytes = 0;  ///< written, held batches included
    std::uint64_t votes_sent = 0;     ///< own votes on views given to the transport, each once
    std::uint64_t frames_refused = 0;
};

/// A validator without its threads: consensus engine, vote journal, batches, submissions and the
/// way to execution. One thread (the reactor) calls everything here.
///
/// The calls collect what the engine wants done; `flush` does it in the one safe order: journal and
/// batches written, one fdatasync, then sends, then commits to execution, then the rest. Call any
/// number of `on_*` and `submit`, then `flush`: that is one turn and one sync.
class Replica {
public:
    Replica(ReplicaConfig config, ReplicaParts parts);
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    /// Recovers from journal and database and enters consensus; call once, then `flush`. A journal
    /// that is damaged, lost or an old copy is given up when there are others to ask (Amnesia).
    /// Errors: a foreign journal, a database that is an old copy, a validator alone without votes.
    Status<IoError> start();

    /// Bytes from the authenticated connection of the peer with this number. Garbage is counted,
    /// and reported to the observer as misbehaviour.
    void on_peer_bytes(consensus::ValidatorIndex from, ByteView bytes);
    void on_peer_message(consensus::ValidatorIndex from, consensus::Message message);
    void on_peer_connected(consensus::ValidatorIndex peer);
    void on_peer_disconnected(consensus::ValidatorIndex peer);
    /// A peer that the transport can reach now under this number, or another key of one.
    void on_peer_known(consensus::PeerNumber peer, const PublicKey& key);
    /// The time of `next_deadline` has come (harmless at any time).
    void on_tick();
    /// From the executor's sink, brought to the reactor thread.
    void on_executed(ExecutedBlock block);
    /// Takes an envelope whose stateless checks (`ItemChecker::check`) may have been done on
    /// another thread already.
    void submit(Submission submission);
    /// What was gathered could not be installed: look for a snapshot anew.
    void discard_gathered();
    /// Ends the turn. A failed write or sync ends the process.
    void flush();
    /// An orderly end, behind the last `flush`: raises the journal's high-water mark over all it
    /// holds.
    void close();

    /// When to call `on_tick` and `flush` at the latest, on the monotonic clock.
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
    [[nodiscard]] consensus::Metrics metrics() const;
    [[nodiscard]] std::vector<consensus::PeerMetrics> peer_metrics() const;
    [[nodiscard]] bool stopped() const;
    /// Envelopes submitted here and not final yet.
    [[nodiscard]] std::size_t pending() const;
    /// Evidence found here that the chain has not recorded yet.
    [[nodiscard]] std::size_t evidence_waiting() const;
    [[nodiscard]] ReplicaCounts counts() const;
    /// None where the chain makes no snapshots.
    [[nodiscard]] std::optional<SnapshotCounts> snapshot_counts() const;
    /// Starts of this validator by its journal, this one too.
    [[nodiscard]] std::uint64_t boot_counter() const;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace remit::node
