#include "test/sim/simulated_node.h"

#include <utility>

#include "node/storage/key_schema.h"
#include "test/sim/genesis.h"
#include "test/sim/oracle.h"

namespace remit::sim {

namespace {
constexpr std::uint64_t segment_bytes = 96 * 1024;  // small, so that segments turn over
constexpr std::uint64_t small_segment_bytes = 16 * 1024;
constexpr node::CheckpointPolicy checkpoints{.blocks = 20, .interval_ms = 700};
constexpr node::CheckpointPolicy each_block{.blocks = 1, .interval_ms = 0};
constexpr node::CheckpointPolicy no_checkpoint{.blocks = 1'000'000, .interval_ms = 10'000'000};
}  // namespace

SimulatedNode::SimulatedNode(SharedWorld world, std::size_t index, SecretKey key)
    : world_(world),
      index_(index),
      key_(std::move(key)),
      random_(world.seed, "node", index),
      gray_(world.seed, "gray execution", index) {
    const auto most = world.profile.clock_offset_max_ms;
    clock_offset_ms_ = random_.between(-most, most);
    disk_.before_sync = [this] { count_write(); };
    databases_.before_write = [this] { count_write(); };
    disk_.trouble = [this](test::MemoryDisk::Access, const std::string& path, std::uint64_t grows) {
        return trouble_.on_access(path, grows);
    };
    databases_.trouble = [this](std::uint64_t bytes) { return trouble_.on_access("db", bytes); };
}

SimulatedNode::RotatedSigner::RotatedSigner() : key_(rotated_key()) {}

SimulatedNode::~SimulatedNode() = default;

void SimulatedNode::count_write() {
    if (power_in_ > 0 && --power_in_ == 0) {
        throw test::PowerLoss{};
    }
}

std::int64_t SimulatedNode::mono_ms() const {
    return world_.scheduler.now_ms();
}
std::int64_t SimulatedNode::wall_ms() const {
    const auto wall = world_.wall_start_ms + world_.scheduler.now_ms() + clock_offset_ms_;
    if (honest()) {
        world_.consensus.on_clock(wall);
    }
    return wall;
}

void SimulatedNode::boot() {
    if (up()) {
        return;
    }
    ++boots_;
    if (world_.rare.maybe("power_in_recovery")) {
        arm_power_loss(1 + random_.below(5));
    }
    try {
        if (const auto started = start_process(); !started) {
            fall(started.error());
            return;
        }
    } catch (const test::PowerLoss&) {
        crash(true);
        return;
    } catch (const ProcessDied& died) {
        fall(died.error);
        return;
    }
    turn([] {});
    if (up() && world_.rare.maybe("killed_at_start")) {
        crash(random_.chance(500'000));
    }
}

Status<node::IoError> SimulatedNode::start_process() {
    const auto& chain = world_.chain;
    checker_ = std::make_unique<node::ItemChecker>(chain.id);
    TRY_ASSIGN(const bool installed, node::finish_install(disk_, databases_, paths_));
    if (installed) {
        ++installed_;
        forgets_ = true;  // one that was new asks before it votes
    }
    auto& kv = databases_.at(paths_.database);
    reads_ = std::make_unique<node::ReadModel>(kv, chain.id, chain.validators);
    TRY_ASSIGN(snapshots_,
               node::SnapshotLibrary::open({disk_, databases_, chain, "snapshots", node::at_once}));
    const node::Execution::Parts parts{kv, *this, *checker_, *reads_, snapshots_.get()};
    auto policy = world_.rare.maybe("checkpoint_each_block") ? each_block
                  : world_.rare.maybe("no_checkpoint")       ? no_checkpoint
                                                             : checkpoints;
    policy.prune = world_.profile.prune && index_ != (world_.seed + 1) % world_.profile.validators;
    TRY_ASSIGN(execution_, node::Execution::open(parts, world_.genesis_file, policy));
    if (honest()) {
        world_.consensus.on_boot(index_, execution_->height());
        if (installed) {
            world_.consensus.on_installed(index_, execution_->height());
        }
    }
    node::ReplicaConfig config;
    config.engine = chain.engine_config(static_cast<consensus::PeerNumber>(index_));
    config.engine.version_max = program_;
    if (honest()) {
        world_.consensus.on_program(index_, program_);
    }
    if (world_.profile.plan_every_ms > 0) {
        for (std::size_t i = 0; i < machines(world_.profile); ++i) {
            config.engine.peers.push_back(validate_key(i).public_key());
        }
        if (index_ == 0) {
            config.engine.other_keys.push_back(
                {.key = rotated_key().public_key(), .signer = &rotated_});
        }
    }
    config.journal = {"journal",
                      world_.rare.maybe("small_segments") ? small_segment_bytes : segment_bytes};
    config.gathered = paths_.gathered;
    auto replica = std::make_unique<node::Replica>(
        std::move(config),
        node::ReplicaParts{*this, random_, disk_, kv, *this, *this, *this, *checker_, *reads_,
                           *this, nullptr, snapshots_.get()});
    TRY(replica->start());
    judge_start();
    if (world_.profile.plan_every_ms > 0) {
        replica->on_peer_known(0, rotated_key().public_key());
    }
    replica_ = std::move(replica);
    if (honest() && !forgets_) {
        world_.consensus.on_started(index_, replica_->metrics());
    }
    return {};
}

void SimulatedNode::crash(bool power) {
    replica_.reset();
    execution_.reset();
    snapshots_.reset();
    reads_.reset();
    checker_.reset();
    queue_.clear();
    ahead_.clear();
    late_results_.clear();
    executing_ = false;
    flush_planned_ = false;
    tick_at_ms_ = 0;
    power_in_ = 0;
    frozen_ = false;
    trouble_.answer();
    if (power) {
        disk_.cut_power(random_);
        databases_.cut_power(random_);
    }
    if (on_down) {
        on_down();
    }
}

void SimulatedNode::turn(const std::function<void()>& work) {
    if (frozen_) {
        return;
    }
    try {
        work();
        if (flush_planned_) {
            return;  // part of a longer turn, which ends soon
        }
        if (const auto sync_ms = world_.links.sync_ms(index_); sync_ms > 0 && !flushing_) {
            flush_in(sync_ms);
            return;
        }
        if (world_.rare.maybe("merged_turn")) {
            flush_in(random_.between(1, 8));
            return;
        }
        if (world_.rare.maybe("database_flushed")) {
            node::or_die(databases_.at(paths_.database).sync());
        }
        replica_->flush();
    } catch (const test::PowerLoss&) {
        crash(true);
        return;
    } catch (const ProcessDied& died) {
        fall(died.error);
        return;
    }
    judge();
    plan_tick();
}

/// What happens until then is part of the same turn.
void SimulatedNode::flush_in(std::int64_t ms) {
    flush_planned_ = true;
    world_.scheduler.after(ms, [this, boot = boots_] {
        if (up() && boot == boots_) {
            flush_planned_ = false;
            flushing_ = true;
            turn([] {});
            flushing_ = false;
        }
    });
}

void SimulatedNode::judge() {
    if (trouble_.unanswered()) {
        throw Breach("D2", "validator " + std::to_string(index_) +
                               " goes on after a failed write as if nothing were wrong");
    }
    if (honest()) {
        world_.consensus.on_turn(index_, boots_, replica_->metrics(), reads_->final_height());
    }
}

bool SimulatedNode::holds_durably(const Hash& digest, const Signature& author_signature) {
    return disk_.durable(author_signature.view()) || kv().durable(node::keys::batch(digest));
}

void SimulatedNode::plan_tick() {
    const auto deadline = replica_->next_deadline();
    if (!deadline) {
        return;
    }
    auto at = std::max(*deadline, world_.scheduler.now_ms() + 1);
    if (world_.rare.maybe("early_tick")) {
        at = random_.between(world_.scheduler.now_ms() + 1, at);
    } else if (world_.rare.maybe("late_tick")) {
        at += random_.between(1, 200);
    }
    if (tick_at_ms_ > world_.scheduler.now_ms() && tick_at_ms_ <= at) {
        return;
    }
    tick_at_ms_ = at;
    world_.scheduler.at(at, [this, boot = boots_, at] {
        if (up() && boot == boots_ && tick_at_ms_ == at) {
            tick_at_ms_ = 0;
            turn([this] { replica_->on_tick(); });
        }
    });
}

void SimulatedNode::deliver(std::size_t from, const Bytes& bytes) {
    if (up()) {
        turn([&] { replica_->on_peer_bytes(static_cast<consensus::ValidatorIndex>(from), bytes); });
    }
}

void SimulatedNode::peer_up(std::size_t peer) {
    if (up()) {
        turn([&] { replica_->on_peer_connected(static_cast<consensus::ValidatorIndex>(peer)); });
    }
}

void SimulatedNode::peer_down(std::size_t peer) {
    if (up()) {
        turn([&] { replica_->on_peer_disconnected(static_cast<consensus::ValidatorIndex>(peer)); });
    }
}

bool SimulatedNode::submit(Bytes item, std::int64_t wait_ms,
                           std::function<void(node::SubmitAnswer)> done) {
    if (!up() || frozen_) {
        return false;
    }
    turn([&] { replica_->submit({std::move(item), wait_ms, std::move(done)}); });
    return up();
}

void SimulatedNode::send(std::uint16_t peer, node::Channel, ByteView bytes) {
    if (!honest()) {
        outlet_(peer, bytes);
        return;
    }
    world_.consensus.on_send(index_, bytes,
                             [this](ByteView needle) { return disk_.durable(needle); });
    world_.links.send(index_, peer, bytes);
}

void SimulatedNode::execute(std::shared_ptr<const consensus::Commit> commit) {
    if (honest()) {
        world_.consensus.on_commit(index_, *commit);
    }
    queue_.emplace_back(std::move(commit));
    plan_execution();
}

void SimulatedNode::speculate(std::shared_ptr<const consensus::NotarizedBlock> block) {
    queue_.emplace_back(std::move(block));
    plan_execution();
}

void SimulatedNode::plan_execution() {
    if (executing_ || queue_.empty()) {
        return;
    }
    executing_ = true;
    // What was executed ahead only needs to be written.
    const auto* commit = std::get_if<std::shared_ptr<const consensus::Commit>>(&queue_.front());
    const bool ahead = commit != nullptr && ahead_.contains((*commit)->digest);
    auto takes = ahead ? 0 : random_.between(0, world_.profile.execution_max_ms);
    takes *= world_.links.slowness(index_);
    if (world_.rare.maybe("execution_stalls")) {
        takes += random_.between(500, 4000);
    }
    takes += gray_execution_ms();
    world_.scheduler.after(takes, [this, boot = boots_] {
        if (up() && boot == boots_) {
            turn([this] { execute_next(); });
        }
    });
}

/// One machine, always the same, executes far slower than the chain grows, until all is healed.
std::int64_t SimulatedNode::gray_execution_ms() {
    const auto most = world_.profile.gray_execution_ms;
    constexpr std::uint64_t next_but_one = 2;  // neither who forgets nor who comes and goes with it
    const bool mine = index_ == (world_.seed + next_but_one) % world_.profile.validators;
    return most > 0 && mine && !world_.links.healed() ? gray_.between(most / 2, most) : 0;
}

/// A block is executed in one go; its result reaches the reactor in the same turn.
void SimulatedNode::execute_next() {
    const auto task = std::move(queue_.front());
    queue_.pop_front();
    executing_ = false;
    std::visit([this](const auto& block) { perform(*block); }, task);
    plan_execution();
}

void SimulatedNode::perform(const consensus::NotarizedBlock& notarized) {
    auto block = execution_->speculate(notarized);
    if (!block) {
        return;
    }
    ahead_.insert(notarized.digest);
    if (honest()) {
        world_.consensus.on_speculated(index_, block->result);
    }
    hear_result(std::move(*block));
}

void SimulatedNode::perform(const consensus::Commit& commit) {
    auto block = execution_->execute(commit);
    ahead_.erase(commit.digest);
    if (honest()) {
        world_.consensus.on_executed(index_, block);
        const node::BlockStore store(kv());
        world_.money.on_block(kv(), *node::or_die(store.executed(block.result.height)));
    }
    hear_result(std::move(block));
}

void SimulatedNode::hear_result(node::ExecutedBlock block) {
    if (!late_results_.empty() || world_.rare.maybe("result_late")) {
        late_results_.push_back(std::move(block));
        world_.scheduler.after(random_.between(1, 300), [this, boot = boots_] {
            if (up() && boot == boots_ && !late_results_.empty()) {
                turn([this] {
                    for (auto& each : std::exchange(late_results_, {})) {
                        replica_->on_executed(std::move(each));
                    }
                });
            }
        });
        return;
    }
    replica_->on_executed(std::move(block));
}

void SimulatedNode::forget(bool mark_alone) {
    crash(false);
    const DiskTrouble::Operator nobody_else(trouble_);
    const std::string folder = "journal";
    const auto names = disk_.list(folder);
    for (const auto& name : *names) {
        const bool mark = name == "high_water";
        if (mark == mark_alone && !name.starts_with("lost-")) {
            node::or_die(disk_.remove(folder + "/" + name));
        }
    }
    node::or_die(disk_.sync_folder(folder));
    forgets_ = true;
}

void SimulatedNode::keep_copy() {
    copy_ = Copy{disk_.copy(), kv().records()};
}

void SimulatedNode::set_back() {
    crash(false);
    disk_.set_back(copy_->disk);
    databases_.at(paths_.database).set_back(copy_->kv);
    copy_.reset();
    forgets_ = true;
    world_.consensus.on_set_back(index_);
}

void SimulatedNode::erase() {
    crash(false);
    const DiskTrouble::Operator nobody_else(trouble_);
    rotten_files_ = false;
    forgets_ = true;  // what the journal let go of behind the database is shown by its peers
    for (const auto& path : {paths_.database, paths_.gathered_database, paths_.replaced_database}) {
        node::or_die(databases_.remove(path));
    }
    const auto copies = *databases_.list("snapshots");
    for (const auto& name : copies) {
        node::or_die(databases_.remove("snapshots/" + name));
    }
    for (const std::string folder : {"snapshots", "incoming"}) {
        const auto names = *disk_.list(folder);
        for (const auto& name : names) {
            node::or_die(disk_.remove(folder + "/" + name));
        }
        node::or_die(disk_.sync_folder(folder));
    }
    world_.consensus.on_erased(index_);
}

/// Built in one go, as nothing else runs meanwhile, and installed by the next process.
void SimulatedNode::on_snapshot_gathered(bool was_new) {
    world_.scheduler.after(1, [this, was_new, boot = boots_] {
        if (!up() || boot != boots_) {
            return;
        }
        try {
            const auto built = node::build_install({.disk = disk_,
                                                    .databases = databases_,
                                                    .library = *snapshots_,
                                                    .chain = world_.chain,
                                                    .own = kv(),
                                                    .paths = paths_,
                                                    .was_new = was_new});
            if (!built && (trouble_.unanswered() || rotten_files_)) {
                trouble_.answer();  // nothing rests on what was gathered
                turn([this] { replica_->discard_gathered(); });
                return;
            }
            if (!built) {
                throw Breach("C14", "validator " + std::to_string(index_) +
                                        " cannot install a snapshot: " + built.error().text());
            }
        } catch (const test::PowerLoss&) {
            crash(true);
            return;
        } catch (const ProcessDied& died) {
            fall(died.error);
            return;
        }
        crash(false);
    });
}

/// A journal that cannot be read though nobody damaged it is a bug of ours.
void SimulatedNode::on_votes_lost(const std::string& reason) {
    rotten_journal_.clear();
    if (forgets_ || !honest()) {
        return;
    }
    throw Breach("C6", "validator " + std::to_string(index_) + " gives up its journal: " + reason);
}

void SimulatedNode::on_epoch(const consensus::HandOver& way) {
    if (on_entered) {
        on_entered(way);
    }
    if (honest()) {
        world_.consensus.on_epoch(index_, way);
    }
}

void SimulatedNode::on_stopped(const std::string& reason) {
    if (!honest()) {
        return;
    }
    throw Breach("C7", "validator " + std::to_string(index_) + " stopped: " + reason);
}

void SimulatedNode::on_unsupported_version(const consensus::UnsupportedVersion& version) {
    if (honest() && version.version <= program_) {
        throw Breach("E5", "validator " + std::to_string(index_) + " stops at protocol version " +
                               std::to_string(version.version) + ", which its program knows");
    }
    ++outrun_;
}

void SimulatedNode::on_misbehaviour(const consensus::Misbehaviour& misbehaviour) {
    if (!honest()) {
        return;
    }
    if (world_.consensus.is_byzantine(misbehaviour.peer)) {
        on_blame(misbehaviour.peer);
        return;
    }
    throw Breach("C11", "validator " + std::to_string(index_) + " blames honest validator " +
                            std::to_string(misbehaviour.peer) + ": " + misbehaviour.reason);
}

void SimulatedNode::on_evidence(const consensus::Evidence& evidence) {
    if (honest()) {
        world_.consensus.on_evidence(index_, evidence);
    }
}

}  // namespace remit::sim
