#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "node/api/api_host.h"
#include "node/api/api_server.h"
#include "node/data_folder.h"
#include "node/directory.h"
#include "node/disk_reserve.h"
#include "node/explain_divergence.h"
#include "node/final_feed.h"
#include "node/kv/rocks_databases.h"
#include "node/membership.h"
#include "node/network/peer_network.h"
#include "node/node_metrics.h"
#include "node/ops/http_server.h"
#include "node/own_listing.h"
#include "node/peer_inbox.h"
#include "node/reactor.h"
#include "node/replica/executors.h"
#include "node/seams/posix_disk.h"
#include "node/signer/key_gate.h"
#include "node/signer/remote_signer.h"
#include "node/snapshot/install.h"
#include "node/snapshot/worker.h"
#include "node/version.h"

namespace remit::node {

/// One running validator: everything put together. Threads: the reactor (consensus, journal), the
/// executor (ledger, database), the verification pool, the feed of final heights, gRPC's own and
/// the few of the ops server.
class Node final : public ApiHost, private ReplicaObserver {
public:
    /// Opens the store, recovers, binds all listeners and begins to vote. Errors name the setting
    /// or file and what to do.
    static Result<std::unique_ptr<Node>, Failure> start(
        const Settings& settings, std::uint16_t version_max = protocol_version_max);
    ~Node() override;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Takes no more calls, ends what is in flight, makes the database durable.
    void stop();
    /// Tells the health service whether the node is ready, and looks whether the disk still has
    /// room and the clock is right. Now and then, from one thread.
    void refresh();
    /// Set when the node must end by itself: an invariant of the ledger is broken, the disk is
    /// full.
    [[nodiscard]] std::optional<Failure> fatal() const;
    /// Set when a snapshot is ready to take the database's place: destroy the node, start another.
    [[nodiscard]] bool wants_restart() const { return wants_restart_; }

    bool submit(Submission submission) override;
    [[nodiscard]] bool is_disk_low() const override;
    [[nodiscard]] v1::GetNodeStatusResponse status() const override;

private:
    Node(const Settings& settings, std::uint16_t version_max, Chain chain, OwnPlace place,
         DataFolder folder);
    Status<Failure> open_database();
    Status<Failure> open_store(ByteView genesis_file);
    void make_listeners(const std::map<std::string, ConfiguredPeer>& configured);
    Status<Failure> open_signer();
    Result<std::unique_ptr<signer::RemoteSigner>, Failure> open_remote(const std::string& socket,
                                                                       const PublicKey& key);
    /// The process that has the key of this epoch; null: that key is in this process.
    [[nodiscard]] const signer::RemoteSigner* signer_in_force() const;
    void note_set(const consensus::ValidatorSet& set);
    [[nodiscard]] std::optional<consensus::ValidatorSet> set_of(consensus::Epoch epoch) const;
    /// What this validator has voted, by its journal.
    void show_votes(const std::vector<consensus::JournalRecord>& records);
    [[nodiscard]] consensus::EngineConfig engine_config() const;
    /// Peers that the chain has named since.
    void follow_membership();
    void renew_peers();
    void check_disk();
    void check_clock();
    void check_own_certificate(const Directory::Contact& own);
    void admit(const Directory::News& news);
    Status<Failure> open_replica();
    Status<Failure> open_listeners();
    std::uint64_t run_number();
    void run();

    void on_final(consensus::Height height) override;
    void on_evidence(const consensus::Evidence& evidence) override;
    void on_misbehaviour(const consensus::Misbehaviour& misbehaviour) override;
    void on_votes_lost(const std::string& reason) override;
    void on_snapshot_gathered(bool was_new) override;
    void on_divergence(const consensus::Divergence& divergence) override;
    void on_fork(const consensus::Fork& fork) override;
    void on_foreign_votes(consensus::Epoch epoch) override;
    void note_stop_code(int code);
    void on_epoch(const consensus::HandOver& way) override;
    void on_unsupported_version(const consensus::UnsupportedVersion& found) override;
    void on_stopped(const std::string& reason) override;
    void on_signer(const std::string& socket, const signer::SignerReading& reading);
    void on_superseded(const std::set<consensus::PeerNumber>& peers);
    [[nodiscard]] std::string name_of_peer(consensus::PeerNumber peer) const;
    void on_second_session(consensus::ValidatorIndex peer);
    void on_executed(ExecutedBlock block);
    void on_final_feed(consensus::Height height);
    void after_turn(const Replica& replica, std::chrono::microseconds flush);
    void read_from(const Replica& replica);
    [[nodiscard]] NodeReading reading() const;
    [[nodiscard]] bool ready() const;
    [[nodiscard]] bool is_before_trusted() const;
    Status<Failure> check_trusted();
    [[nodiscard]] std::size_t validators() const;
    [[nodiscard]] std::size_t quorum() const;
    [[nodiscard]] HttpReply readiness() const;
    [[nodiscard]] NoticeFunction notice(const std::string& listener);

    Settings settings_;
    std::uint16_t version_max_;
    Chain chain_;
    OwnPlace place_;
    DataFolder folder_;
    SystemClock clock_;
    DiskReserve reserve_;
    std::optional<consensus::TrustedRoot> trusted_;
    SystemRandom random_;
    PosixDisk disk_;
    Metrics metrics_;
    NodeMetrics numbers_{metrics_};
    std::unique_ptr<signer::KeyGate> gate_;         // what the replica signs with
    std::unique_ptr<signer::KeyGate> next_gate_;    // null: no second key
    std::unique_ptr<signer::RemoteSigner> remote_;  // null: the key is in this process
    std::unique_ptr<signer::RemoteSigner> next_remote_;
    std::atomic<KeyInForce> key_in_force_ = KeyInForce::unlisted;  // in this epoch
    std::optional<PublicKey> told_key_;                            // reactor thread once running
    bool clock_told_ = false;                                      // of who calls refresh
    bool certificate_told_ = false;                                // feed thread once running
    Directory directory_{chain_};                                  // feed thread once running
    /// By peer number, for whoever asks.
    std::vector<Directory::Peer> known_peers_;
    ItemChecker checker_;
    RocksDatabases databases_;
    std::unique_ptr<RocksKv> kv_;
    std::unique_ptr<ReadModel> reads_;
    Worker builder_;  // manifests, pruning
    std::unique_ptr<SnapshotLibrary> snapshots_;
    std::unique_ptr<Execution> execution_;
    std::unique_ptr<ThreadedExecutor> executor_;
    std::unique_ptr<VerificationPool> pool_;
    Reactor reactor_;
    PeerInbox inbox_{reactor_};
    std::unique_ptr<PeerNetwork> network_;
    std::unique_ptr<Replica> replica_;
    Worker aside_;  // reads chunks, installs
    std::shared_ptr<PeerList> members_ = std::make_shared<PeerList>();
    std::unique_ptr<ApiServer> api_;
    std::unique_ptr<FinalFeed> feed_;
    HttpServer ops_;
    ExplainDivergence explain_;

    mutable std::mutex mutex_;
    NodeReading latest_;                  // of the reactor's last turns
    std::int64_t validators_due_ms_ = 0;  // reactor: when they are read again
    std::uint64_t syncs_ = 0;             // reactor thread
    consensus::Height counted_ = 0;       // feed thread
    std::optional<Failure> fatal_;
    std::string stop_reason_;
    int stop_code_ = 0;
    bool snapshot_installed_ = false;  // before anything ran
    std::atomic<std::uint64_t> snapshots_useless_ = 0;
    std::atomic<bool> stopped_ = false;
    std::atomic<bool> diverged_ = false;
    std::atomic<bool> unsupported_ = false;  // the protocol version in force
    std::atomic<bool> running_ = false;
    std::atomic<bool> wants_restart_ = false;
};

}  // namespace remit::node
