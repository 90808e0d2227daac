#include "test/sim/simulation.h"

#include <algorithm>

#include "ledger/invariants/registry.h"
#include "ledger/state_access.h"
#include "node/storage/state_view.h"
#include "test/sim/byzantine/actors.h"
#include "test/sim/genesis.h"
#include "test/sim/oracle.h"

namespace remit::sim {

Simulation::Simulation(std::uint64_t seed, Profile profile, const FaultScript* told)
    : seed_(seed),
      profile_(std::move(profile)),
      rare_(seed, profile_.rare),
      genesis_file_(
          ledger::encode_genesis(sim_genesis({.validators = profile_.validators,
                                              .snapshot_interval = profile_.snapshot_interval,
                                              .tiny_limits = rare_.maybe("tiny_limits"),
                                              .small_blocks = profile_.small_blocks,
                                              .epoch_blocks = profile_.epoch_blocks}))),
      chain_(chain_from(genesis_file_)),
      scheduler_(seed),
      faults_(seed, "faults"),
      resets_(seed, "resets"),
      told_(told),
      links_(scheduler_, seed, profile_, told, kept_,
             [this](std::size_t from, std::size_t to, const Bytes& bytes) {
                 Writer step;
                 step.raw(trace_).i64(scheduler_.now_ms()).u64(from).u64(to).bytes(bytes);
                 trace_ = hash(Domain{"remit.trace"}, step.view()).bytes();
                 if (const auto actor = actors_.find(to); actor != actors_.end()) {
                     actor->second->received(from, bytes);
                 } else if (nodes_[from]->up() || actors_.contains(from)) {
                     nodes_[to]->deliver(from, bytes);
                 }
             }),
      consensus_(chain_.id, chain_.validators, chain_.params, chain_.genesis.epoch_blocks) {
    const SharedWorld world{scheduler_, links_, chain_, genesis_file_, profile_,
                            consensus_, money_, rare_,  seed,          chain_.genesis.time.ms};
    for (std::size_t i = 0; i < machines(profile_); ++i) {
        nodes_.push_back(std::make_unique<SimulatedNode>(world, i, validate_key(i)));
        consensus_.know_key(i, validate_key(i).public_key());
        nodes_.back()->on_down = [this, i] { came_down(i); };
        nodes_.back()->on_blame = [this, i](std::size_t peer) {
            ++blamed_;
            close_connection(i, peer);
        };
    }
    consensus_.know_key(0, rotated_key().public_key());
    consensus_.held_by_honest = [this](const Hash& batch, const Signature& signature) {
        return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
            return node->honest() && node->holds_durably(batch, signature);
        });
    };
    consensus_.held_by = [this](std::size_t at, const Hash& batch, const Signature& signature) {
        // What bits have flipped in since is no promise that was broken.
        const bool rotten =
            profile_.rot_every_ms + profile_.misdirect_every_ms > 0 && at == seed_ % nodes_.size();
        return rotten || nodes_[at]->holds_durably(batch, signature);
    };
    seat_actors(world);
    clients_ = std::make_unique<Clients>(world, nodes_, chain_.id);
    governor_ = std::make_unique<Governor>(world, nodes_);
    if (!actors_.empty()) {
        governor_->pick_on(actors_.begin()->first);
    }
}

Simulation::~Simulation() = default;

/// Each on a machine of its own.
void Simulation::seat_actors(const SharedWorld& world) {
    test::Prng random(seed_, "byzantine");
    for (const auto& kind : actors_named(profile_.actor)) {
        std::size_t at = 0;
        do {
            at = random.below(nodes_.size());
            if (profile_.erase_every_ms > 0) {
                // Neither who loses its database nor who keeps all blocks.
                constexpr std::size_t others = 2;
                at = (seed_ + others + random.below(profile_.validators - others)) %
                     profile_.validators;
            }
        } while (actors_.contains(at));
        seat(kind, at, world);
    }
}

void Simulation::seat(const std::string& kind, std::size_t at, const SharedWorld& world) {
    consensus_.set_byzantine(at);
    auto& inner = *nodes_[at];
    auto& actor = actors_[at];
    inner.capture([&actor](std::size_t to, ByteView bytes) { actor->sent(to, bytes); });
    actor = actor_named(kind)->make(
        {.world = world, .key = validate_key(at), .inner = inner, .number = actors_.size() - 1});
    inner.on_entered = [&actor](const consensus::HandOver& way) { actor->learn_way(way); };
}

/// As the daemon does with a peer that sent what no honest one sends: the connection ends and is
/// made again.
void Simulation::close_connection(std::size_t one, std::size_t other) {
    if (!links_.close(one, other)) {
        return;
    }
    ++closed_;
    constexpr std::int64_t apart_ms = 200;
    scheduler_.after(1, [this, one, other] {
        nodes_[one]->peer_down(other);
        nodes_[other]->peer_down(one);
    });
    scheduler_.after(apart_ms, [this, one, other] {
        links_.reopen(one, other);
        if (nodes_[one]->up() && nodes_[other]->up()) {
            nodes_[one]->peer_up(other);
            nodes_[other]->peer_up(one);
        }
    });
}

Report Simulation::run() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        revive(i);
    }
    for (const auto& [at, actor] : actors_) {
        actor->begin();
    }
    clients_->begin(profile_.remittances);
    if (profile_.plan_every_ms > 0) {
        governor_->begin(profile_.plan_every_ms);
    }
    safety_phase();
    if (profile_.stop_at_ms == 0) {
        liveness_phase();
        audit();
    }
    return report();
}

Report Simulation::report() const {
    Report out;
    out.height = consensus_.committed();
    out.remittances = clients_->finished();
    out.accepted = clients_->accepted();
    out.answers = clients_->answers();
    for (const auto& node : nodes_) {
        out.boots += node->boots();
    }
    out.votes = consensus_.votes_seen();
    out.events = scheduler_.events();
    out.virtual_ms = scheduler_.now_ms();
    out.trace = hash(Domain{"remit.trace"}, trace_);
    for (const auto& [at, actor] : actors_) {
        out.misdeeds += actor->misdeeds();
    }
    out.evidence = consensus_.evidence_seen();
    out.recorded = recorded_;
    out.closed = closed_;
    out.blamed = blamed_;
    out.epochs = consensus_.newest_epoch();
    out.sets = consensus_.sets_seen();
    out.parameter_changes = consensus_.parameter_changes();
    out.demotions = consensus_.demotions();
    out.epochs_without_actor = consensus_.epochs_without_byzantine();
    out.version = consensus_.newest_version();
    out.blocks_waiting = consensus_.most_blocks_waiting();
    out.bytes_waiting = consensus_.most_bytes_waiting();
    out.longest_wait_ms = longest_wait_ms_;
    out.by_state = money_.by_state();
    for (const auto& node : nodes_) {
        out.installed += node->installed();
        out.deaths += node->deaths();
        out.open_groups_rotten += node->open_groups_rotten();
        out.outrun += node->outrun();
    }
    for (const auto& node : nodes_) {
        if (judged(*node)) {
            out.state_root = node->reads().latest()->state_root;
        }
    }
    return out;
}

void Simulation::run_for(std::int64_t ms) {
    const auto until = scheduler_.now_ms() + ms;
    while (scheduler_.run_next(until)) {
    }
}

void Simulation::safety_phase() {
    plan_faults();
    if (profile_.stop_at_ms > 0) {
        run_for(profile_.stop_at_ms - scheduler_.now_ms());
        return;
    }
    run_for(profile_.safety_ms);
    governor_->rest();
    end_faults();
}

void Simulation::wait_until(const std::string& invariant, const std::string& what,
                            std::int64_t limit_ms, const std::function<std::string()>& missing) {
    const auto limit = scheduler_.now_ms() + limit_ms;
    constexpr std::int64_t look_every_ms = 100;
    while (!missing().empty()) {
        if (scheduler_.now_ms() >= limit) {
            auto text = what + " within " + std::to_string(limit_ms) +
                        " ms after the network healed: " + missing();
            for (const auto& node : nodes_) {
                text += "\n  " + (node->up() ? where(*node) : "one is down");
            }
            throw Breach(invariant, text);
        }
        run_for(look_every_ms);
    }
}

void Simulation::liveness_phase() {
    if (profile_.some_stay_dead) {
        let_some_die();
    }
    run_for(profile_.down_max_ms + 100);
    wait_until("C12", "no progress of what clients had asked", 60'000,
               [this] { return clients_->idle() ? std::string() : clients_->stuck(); });
    for (int i = 0; i < profile_.bereavements; ++i) {
        bereave();
    }
    if (profile_.upgrade_every_ms > 0) {
        await_newest_version();
    }
    const auto before = consensus_.committed();
    concluded_ill_ = clients_->concluded();
    accepted_ill_ = clients_->accepted();
    const auto nullified_before = consensus_.views_nullified();
    grow(before);
    // As long as above: who executes slowest of a quorum answers after a client's patience, and a
    // settlement is a chain of seven questions that are each put again after four seconds.
    wait_until("C12", "no progress of new remittances", 60'000,
               [this] { return clients_->idle() ? std::string() : clients_->stuck(); });
    judge_views(consensus_.committed() - before, consensus_.views_nullified() - nullified_before);
    clients_->return_too_much();
    wait_until("C12", "closed windows not settled", 120'000, [this] { return unsettled(); });
    // Answers from here on may be of heights that some still have to execute.
    answers_ = clients_->final_answers();
    if (!actors_.empty()) {
        // They may never let the chain rest; C7 compares the roots of each height.
        const auto target = consensus_.committed();
        // One that was away meanwhile executes all of it, one block after the other.
        const auto executes_ms = static_cast<std::int64_t>(target) * profile_.execution_max_ms;
        wait_until("C12", "nodes left behind", 30'000 + executes_ms,
                   [this, target] { return behind(target); });
    } else {
        wait_until("C12", "nodes not equal", 30'000, [this] { return unequal(); });
    }
}

/// C12: ten remittances at once, then one after the other until the chain is twenty blocks higher.
void Simulation::grow(consensus::Height from) {
    constexpr int at_once = 10;
    constexpr consensus::Height heights = 20;
    constexpr std::int64_t patience_ms = 120'000;
    const auto limit = scheduler_.now_ms() + patience_ms;
    for (int i = 0; i < at_once || consensus_.committed() < from + heights; ++i) {
        if (scheduler_.now_ms() >= limit) {
            throw Breach("C12", "only " + std::to_string(consensus_.committed() - from) +
                                    " new heights within " + std::to_string(patience_ms) +
                                    " ms on a healed network: " + clients_->stuck());
        }
        if (i < at_once || clients_->idle()) {
            clients_->send_one();
        }
        run_for(200);
    }
}

/// C12 of versions: once every program knows the newest one it begins, and all go on with it.
void Simulation::await_newest_version() {
    const auto limit = scheduler_.now_ms() + 120'000;
    for (int step = 0; consensus_.newest_version() < Governor::newest_version; ++step) {
        if (scheduler_.now_ms() >= limit) {
            throw Breach("C12", "protocol version " + std::to_string(Governor::newest_version) +
                                    " does not begin though every program knows it; in force is " +
                                    std::to_string(consensus_.newest_version()));
        }
        constexpr int plan_every = 20;
        if (step % plan_every == 0) {
            governor_->plan_next_version();
        }
        clients_->send_one();
        run_for(200);
    }
    wait_until("C12", "no progress of what clients had asked", 60'000,
               [this] { return clients_->idle() ? std::string() : clients_->stuck(); });
}

/// One comes back without its votes, on a chain with payments or on a quiet one; as soon as it
/// votes again it is no fault any more, and another one dies. The rest must go on, with it.
void Simulation::bereave() {
    auto& drawn = dice("bereavements");
    const auto back = drawn.below(nodes_.size());
    const auto dying = (back + 1 + drawn.below(nodes_.size() - 1)) % nodes_.size();
    nodes_[back]->forget(drawn.chance(300'000));
    const bool quiet = drawn.chance(400'000);
    const auto limit = scheduler_.now_ms() + 60'000;
    while (!nodes_[back]->up() || !nodes_[back]->metrics().voting) {
        if (scheduler_.now_ms() >= limit) {
            throw Breach("C12", "validator " + std::to_string(back) +
                                    " lost its votes and does not vote again within 60 s");
        }
        if (!quiet) {
            clients_->send_one();
        }
        for (int step = 0; step < 200 && !(nodes_[back]->up() && nodes_[back]->metrics().voting);
             ++step) {
            run_for(1);
        }
    }
    run_for(drawn.chance(500'000) ? 0 : drawn.between(0, 500));
    dead_ = {dying};
    nodes_[dying]->crash(drawn.chance(500'000));
    for (int i = 0; i < 2; ++i) {
        clients_->send_one();
        run_for(drawn.between(0, 1000));
    }
    wait_until("C12",
               "no progress without validator " + std::to_string(dying) + " after " +
                   std::to_string(back) + " came back without its votes",
               30'000, [this] { return clients_->idle() ? std::string() : clients_->stuck(); });
    dead_.clear();
    revive(dying);
    wait_until("C12", "nodes not equal", 30'000, [this] { return unequal(); });
}

/// C12: on a healed network views are lost to leaders that are dead or liars, f of n in a row at
/// most; what is above that is a storm.
void Simulation::judge_views(std::uint64_t heights, std::uint64_t nullified) const {
    const auto n = nodes_.size();
    const auto bound = 2 * (heights + 1) * (faulty_max(n) + 1) + 2 * n;
    if (nullified > bound) {
        throw Breach("C12", std::to_string(nullified) + " views nullified for " +
                                std::to_string(heights) + " heights on a healed network");
    }
}

std::string Simulation::where(const SimulatedNode& node) {
    const auto metrics = node.metrics();
    return "validator " + std::to_string(node.index()) + " in epoch " +
           std::to_string(metrics.epoch) + ", view " + std::to_string(metrics.view) +
           (metrics.member ? "" : ", no member") + (metrics.voting ? "" : ", not voting") +
           ", finalised " + std::to_string(metrics.finalised_height) + ", executed " +
           std::to_string(node.executed_height()) + ", proven " +
           std::to_string(node.reads().final_height()) + ", anchored " +
           std::to_string(metrics.anchored_height) + ", batches held " +
           std::to_string(metrics.batches_held);
}

std::string Simulation::unsettled() const {
    for (const auto& node : nodes_) {
        if (judged(*node)) {
            const auto snapshot = node->reads().latest();
            const auto windows = ledger::StateReader(*snapshot->view).windows();
            if (!windows.unsettled.empty()) {
                return "window " + std::to_string(windows.unsettled.front().value) + " by " +
                       where(*node);
            }
        }
    }
    return clients_->idle() ? std::string() : clients_->stuck();
}

std::string Simulation::behind(consensus::Height target) const {
    for (const auto& node : nodes_) {
        // Executed and proven final, which takes another's execution vote.
        if (judged(*node) && node->reads().final_height() < target) {
            return "validator " + std::to_string(node->index()) + " gives receipts up to height " +
                   std::to_string(node->reads().final_height()) + " of " + std::to_string(target);
        }
    }
    return {};
}

std::string Simulation::unequal() const {
    std::optional<std::pair<consensus::Height, Hash>> first;
    for (const auto& node : nodes_) {
        if (!judged(*node)) {
            continue;
        }
        const auto latest = node->reads().latest();
        const std::pair here(latest->height, latest->state_root);
        if (!first) {
            first = here;
        }
        if (*first != here || node->executed_height() != latest->height) {
            return where(*node) + ", another at " + std::to_string(first->first);
        }
    }
    return {};
}

/// C11 of the chain: what is recorded proves itself and names the adversary.
void Simulation::audit_evidence() {
    for (const auto& node : nodes_) {
        if (!judged(*node)) {
            continue;
        }
        const auto records = ledger::StateReader(*node->reads().latest()->view).evidence();
        recorded_ = std::max<std::uint64_t>(recorded_, records.size());
        for (const auto& record : records) {
            const auto& accused = record.votes.validator;
            const bool guilty =
                std::any_of(actors_.begin(), actors_.end(), [&accused](const auto& actor) {
                    return accused == validate_key(actor.first).public_key() ||
                           (actor.first == 0 && accused == rotated_key().public_key());
                });
            if (!guilty || !ledger::holds(record.votes, chain_.id)) {
                throw Breach("C11", "the chain records evidence against an honest validator");
            }
        }
    }
}

void Simulation::audit() {
    audit_evidence();
    // A run whose clients are refused everything would pass every other check. In bad weather most
    // of what is asked may expire, once it is good again not.
    constexpr std::uint64_t share = 4;
    const auto finished = clients_->concluded() - concluded_ill_;
    const auto accepted = clients_->accepted() - accepted_ill_;
    if (clients_->accepted() * share < clients_->finished() && accepted * share < finished) {
        throw Breach("C12", "only " + std::to_string(clients_->accepted()) + " of " +
                                std::to_string(clients_->finished()) +
                                " remittances were accepted: the run shows too little");
    }
    for (const auto& node : nodes_) {
        if (!judged(*node)) {
            continue;
        }
        if (const auto breach = ledger::check_whole(*node->reads().latest()->view)) {
            throw Breach("I", *breach);
        }
        for (const auto& [id, receipts] : answers_) {
            const auto found = node->reads().transaction(id);
            if (!found && node->reads().forgotten_height() > 0) {
                continue;  // the archive answers for what is old
            }
            if (!found || found->receipts != receipts) {
                throw Breach(
                    "C13", std::string("a final answer is ") + (found ? "another" : "not") +
                               " in the books of validator " + std::to_string(node->index()) +
                               ", final up to height " +
                               std::to_string(node->reads().final_height()) + ", executed up to " +
                               std::to_string(node->executed_height()) + " of " +
                               std::to_string(consensus_.committed()));
            }
        }
    }
    for (const auto& node : nodes_) {
        if (judged(*node) && node->reads().forgotten_height() == 0) {
            replay(*node);
            return;
        }
    }
    // Where disks fail, the one that prunes nothing may have come back too late for blocks that the
    // others had let go of by then.
    const bool disks_fail = profile_.rot_every_ms + profile_.misdirect_every_ms +
                                profile_.disk_error_every_ms + profile_.disk_full_every_ms >
                            0;
    if (profile_.prune && !disks_fail) {
        throw Breach("M18", "no validator has kept the blocks from genesis on");
    }
}

/// M18: the blocks alone, executed by a fresh node, give the same state.
void Simulation::replay(SimulatedNode& node) {
    class StillClock final : public node::Clock {
        [[nodiscard]] std::int64_t mono_ms() const override { return 0; }
        [[nodiscard]] std::int64_t wall_ms() const override { return 0; }
    };
    const node::BlockStore store(node.kv());
    test::MemoryDisk disk;
    test::MemoryDatabases databases;
    auto& kv = databases.at("db");
    const auto snapshots = node::or_die(
        node::SnapshotLibrary::open({disk, databases, chain_, "snapshots", node::at_once}));
    const StillClock clock;
    node::ItemChecker checker(chain_.id);
    node::ReadModel reads(kv, chain_.id, chain_.validators);
    auto fresh = node::or_die(
        node::Execution::open({kv, clock, checker, reads, snapshots.get()}, genesis_file_, {}));
    node::KvBatch ways;  // consensus tells them, not the blocks
    for (consensus::Epoch epoch = 2; epoch <= consensus_.newest_epoch(); ++epoch) {
        if (const auto way = node::or_die(store.hand_over(epoch))) {
            node::put_hand_over(ways, *way);
        }
    }
    node::or_die(kv.write(ways, node::KvSync::buffered));
    for (consensus::Height height = 1; height <= node.executed_height(); ++height) {
        const auto block = node::or_die(store.block(height, chain_.validators.size()));
        consensus::Commit commit;
        commit.header = block->header;
        commit.digest = block->header.digest();
        for (const auto& entry : block->header.batches) {
            commit.batches.push_back(node::or_die(store.batch(entry.digest)));
        }
        const auto again = fresh->execute(commit);
        if (again.result != node::or_die(store.executed(height))->result) {
            throw Breach("M18", "replay from genesis differs at height " + std::to_string(height));
        }
    }
}

}  // namespace remit::sim
