#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <variant>

#include "node/replica/execution.h"
#include "node/replica/replica.h"
#include "node/snapshot/install.h"
#include "node/storage/chain.h"
#include "test/sim/consensus_oracle.h"
#include "test/sim/dice.h"
#include "test/sim/disk_trouble.h"
#include "test/sim/links.h"
#include "test/sim/money_oracle.h"
#include "test/sim/rare_points.h"
#include "test/support/node/memory_databases.h"
#include "test/support/node/memory_disk.h"

namespace remit::sim {

/// What all nodes of a simulation share.
struct SharedWorld {
    Scheduler& scheduler;
    Links& links;
    const node::Chain& chain;
    const Bytes& genesis_file;
    const Profile& profile;
    ConsensusOracle& consensus;
    MoneyOracle& money;
    RarePoints& rare;
    std::uint64_t seed = 0;
    std::int64_t wall_start_ms = 0;
};

/// One machine: a disk that survives, and on it a Replica of the daemon that comes and goes.
class SimulatedNode final : private node::Transport,
                            private node::ReplicaObserver,
                            private node::Clock,
                            private node::Executor,
                            private consensus::Signer {
public:
    SimulatedNode(SharedWorld world, std::size_t index, SecretKey key);
    ~SimulatedNode() override;

    /// Starts the process; does nothing when it is up. Power may go during recovery.
    void boot();
    /// Ends the process now. With `power`, what was not synced is lost, in part.
    void crash(bool power);
    /// Ends the process and takes its vote journal away, or the mark that tells it is whole.
    void forget(bool mark_alone);
    /// Keeps a copy of the whole machine: disk and database.
    void keep_copy();
    [[nodiscard]] bool has_copy() const { return copy_.has_value(); }
    /// Nothing moves in the process from now on; what it sent arrives.
    void freeze() { frozen_ = up(); }
    [[nodiscard]] bool frozen() const { return frozen_; }
    /// Ends the process and puts the copy in the place of everything, as somebody does who restores
    /// a machine from its snapshot.
    void set_back();
    /// Ends the process and takes its database and snapshots away; its votes stay.
    void erase();
    /// Lets the power go inside one of the next syncs or writes.
    void arm_power_loss(std::uint64_t writes) { power_in_ = writes; }
    /// Flips a bit of what was synced, anywhere on the machine; often the process starts again.
    void rot(Dice& dice);
    /// Puts other bytes on a sector of its journal, and starts its process again.
    void misdirect(Dice& dice);
    /// What fails on its medium from now on.
    [[nodiscard]] DiskTrouble& trouble() { return trouble_; }
    /// Nothing fails any more, and what is damaged is replaced.
    void mend_disk();
    /// The next process runs a program that knows protocol versions up to this one.
    void install_program(std::uint16_t version_max) { program_ = version_max; }
    [[nodiscard]] std::uint16_t program() const { return program_; }
    /// How often a version began that its program did not know.
    [[nodiscard]] std::uint64_t outrun() const { return outrun_; }
    /// Processes of it that ended by themselves.
    [[nodiscard]] std::uint64_t deaths() const { return deaths_; }
    /// How often bits flipped in records that the high-water file does not cover.
    [[nodiscard]] std::uint64_t open_groups_rotten() const { return open_groups_rotten_; }
    /// Called whenever the process has ended, whoever ended it.
    std::function<void()> on_down;

    /// Hands the process to an adversary: what it sends goes to `outlet` instead of on the wires,
    /// and nothing it does is judged.
    void capture(std::function<void(std::size_t to, ByteView bytes)> outlet) {
        outlet_ = std::move(outlet);
    }
    [[nodiscard]] bool honest() const { return !outlet_; }
    /// Its wall clock says so much more than the true time from now on.
    void set_clock_offset(std::int64_t ms) { clock_offset_ms_ = ms; }
    /// The batch signed so is here after a power cut.
    [[nodiscard]] bool holds_durably(const Hash& digest, const Signature& author_signature);
    /// Called when this node enters an epoch.
    std::function<void(const consensus::HandOver& way)> on_entered;
    /// Called when this node wants the connections to a peer closed.
    std::function<void(std::size_t peer)> on_blame;

    void deliver(std::size_t from, const Bytes& bytes);
    void peer_up(std::size_t peer);
    void peer_down(std::size_t peer);
    /// False when the process is down; `done` is never called if it goes down before.
    bool submit(Bytes item, std::int64_t wait_ms, std::function<void(node::SubmitAnswer)> done);

    [[nodiscard]] bool up() const { return replica_ != nullptr; }
    [[nodiscard]] std::size_t index() const { return index_; }
    [[nodiscard]] std::int64_t wall_ms() const override;
    [[nodiscard]] const test::MemoryKv& kv() { return databases_.at(paths_.database); }
    [[nodiscard]] std::uint64_t installed() const { return installed_; }
    [[nodiscard]] consensus::Metrics metrics() const { return replica_->metrics(); }
    [[nodiscard]] consensus::Height executed_height() const { return execution_->height(); }
    [[nodiscard]] const node::ReadModel& reads() const { return *reads_; }
    [[nodiscard]] std::uint64_t boots() const { return boots_; }

private:
    [[nodiscard]] std::int64_t mono_ms() const override;
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
        return key_.sign(message);
    }
    void send(std::uint16_t peer, node::Channel channel, ByteView bytes) override;
    void on_votes_lost(const std::string& reason) override;
    void on_epoch(const consensus::HandOver& way) override;
    void on_stopped(const std::string& reason) override;
    void on_unsupported_version(const consensus::UnsupportedVersion& version) override;
    void on_snapshot_gathered(bool was_new) override;
    void on_misbehaviour(const consensus::Misbehaviour& misbehaviour) override;
    void on_evidence(const consensus::Evidence& evidence) override;
    void set_sink(Sink) override {}
    void execute(std::shared_ptr<const consensus::Commit> commit) override;
    void speculate(std::shared_ptr<const consensus::NotarizedBlock> block) override;

    /// Runs what may lose power, then the rest of a reactor turn.
    void turn(const std::function<void()>& work);
    Status<node::IoError> start_process();
    void flush_in(std::int64_t ms);
    void fall(const node::IoError& error);
    void judge_start();
    void rot_journal(bool mark, Dice& dice);
    void rot_segment(const std::string& path, Dice& dice);
    void flip(const std::string& path, std::uint64_t at, Dice& dice);
    void rot_record(const std::string& database, Dice& dice);
    void rot_snapshot(Dice& dice);
    void execute_next();
    void perform(const consensus::Commit& commit);
    void perform(const consensus::NotarizedBlock& block);
    void hear_result(node::ExecutedBlock block);
    void judge();
    void plan_execution();
    [[nodiscard]] std::int64_t gray_execution_ms();
    void plan_tick();
    void count_write();

    SharedWorld world_;
    std::size_t index_;
    SecretKey key_;
    /// The first machine's second key.
    class RotatedSigner final : public consensus::Signer {
    public:
        RotatedSigner();
        [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override {
            return key_.sign(message);
        }

    private:
        SecretKey key_;
    };
    RotatedSigner rotated_;
    test::Prng random_;
    std::function<void(std::size_t to, ByteView bytes)> outlet_;
    std::int64_t clock_offset_ms_ = 0;
    test::MemoryDisk disk_;
    test::MemoryDatabases databases_;
    DiskTrouble trouble_;
    struct Damage {
        std::uint64_t at = 0;
        char byte = 0;  // there since
        Bytes whole;    // all of a file that is replaced as a whole
        Bytes head;     // of the segment whose newest records it hit: cutting them off is no answer
    };
    std::map<std::string, Damage> rotten_journal_;  // not noticed yet
    bool rotten_files_ = false;
    std::uint64_t open_groups_rotten_ = 0;
    std::uint64_t deaths_ = 0;
    std::uint16_t program_ = 1;  // newest protocol version that it knows
    std::uint64_t outrun_ = 0;
    test::Prng gray_;
    node::InstallPaths paths_{.database = "db",
                              .gathered = "incoming",
                              .gathered_database = "incoming.db",
                              .replaced_database = "replaced.db",
                              .journal = "journal"};
    std::uint64_t installed_ = 0;
    std::uint64_t power_in_ = 0;  // writes until the power goes; 0: it stays
    std::uint64_t boots_ = 0;
    std::int64_t tick_at_ms_ = 0;  // planned; 0: none
    bool executing_ = false;
    bool flush_planned_ = false;
    bool flushing_ = false;  // the turn that a slow disk has held up
    bool forgets_ = false;   // its journal was taken away at some time
    using Task = std::variant<std::shared_ptr<const consensus::Commit>,
                              std::shared_ptr<const consensus::NotarizedBlock>>;
    std::deque<Task> queue_;
    std::set<Hash> ahead_;  // executed ahead in this life, not committed yet
    bool frozen_ = false;
    struct Copy {
        test::MemoryDisk::Copy disk;
        test::MemoryKv::Records kv;
    };
    std::optional<Copy> copy_;
    std::vector<node::ExecutedBlock> late_results_;

    std::unique_ptr<node::ItemChecker> checker_;
    std::unique_ptr<node::ReadModel> reads_;
    std::unique_ptr<node::SnapshotLibrary> snapshots_;
    std::unique_ptr<node::Execution> execution_;
    std::unique_ptr<node::Replica> replica_;
};

}  // namespace remit::sim
