#include "node/replica/execution.h"

#include <algorithm>

#include "ledger/apply.h"
#include "ledger/base/check.h"
#include "ledger/rules/next_epoch.h"
#include "ledger/state/memory_view.h"
#include "ledger/state/receipts_tree.h"
#include "ledger/wire/decode.h"
#include "node/snapshot/prune.h"
#include "node/storage/chain.h"
#include "node/storage/epochs.h"
#include "node/storage/execution_view.h"
#include "node/storage/key_schema.h"
#include "node/storage/layered_view.h"
#include "node/storage/state_view.h"

namespace remit::node {

namespace {

IoError unusable(std::string why) {
    return {IoFailure::corrupt, "open database", "state", std::move(why)};
}

void put_state(KvBatch& batch, const ledger::Delta::WriteSet& writes) {
    for (const auto& [key, value] : writes) {
        if (value) {
            batch.put(key, *value);
        } else {
            batch.erase(key);
        }
    }
}

}  // namespace

class Execution::Core {
public:
    Core(Parts parts, CheckpointPolicy policy)
        : parts_(parts), policy_(policy), store_(parts.kv), view_(parts.kv) {}

    Status<IoError> open(ByteView genesis_file) {
        auto chain = chain_of(genesis_file);
        if (!chain) {
            return fail(unusable("genesis: " + chain.error()));
        }
        params_ = chain->params;
        chain_id_ = chain->id;
        if (params_.snapshot_interval != 0 && parts_.snapshots == nullptr) {
            return fail(unusable("this chain makes snapshots and there is no place for them"));
        }
        TRY_ASSIGN(const auto height, store_.executed_height());
        if (!height) {
            TRY(begin(*chain));
            return {};
        }
        TRY_ASSIGN(const auto owner, store_.chain_id());
        if (owner != chain->id) {
            return fail(unusable("it belongs to another chain"));
        }
        return resume(*height);
    }

    ExecutedBlock execute(const consensus::Commit& commit) {
        const auto height = commit.header.height;
        if (height <= newest_.result.height) {
            return recorded(height);
        }
        CHECK(height == newest_.result.height + 1);
        ExecutedBlock out;
        auto done = outcome_of(commit);
        if (done.breach) {
            out.breach = std::move(done.breach);
            return out;
        }
        write(commit, done);
        newest_ = std::move(done.record);
        tree_ = std::move(done.tree);
        forget_passed();
        take_snapshot_when_due();
        note_certified(commit.header.exec);
        publish();
        checkpoint_when_due();
        out.item_ids = std::move(done.item_ids);
        out.result = newest_.result;
        out.time_ms = newest_.time_ms;
        out.wake_at_ms = newest_.wake_at_ms;
        out.outcomes = std::move(done.outcomes);
        for (const auto& entry : commit.header.batches) {
            out.batches.push_back(entry.digest);
        }
        out.durable_height = durable_height_;
        return out;
    }

    std::optional<ExecutedBlock> speculate(const consensus::NotarizedBlock& block) {
        const auto height = block.header.height;
        if (height <= newest_.result.height || ahead_.contains(block.digest) ||
            !snapshot_ready_at(height)) {
            return std::nullopt;
        }
        const auto* parent = outcome_before(block.header.parent_digest);
        if (parent == nullptr && block.header.parent_digest != newest_.result.block_digest) {
            return std::nullopt;
        }
        auto done = run(block.header, block.digest, block.batches, parent);
        if (done.breach) {
            return std::nullopt;  // said when the block is committed, if it ever is
        }
        ExecutedBlock out;
        out.speculative = true;
        out.result = done.record.result;
        ahead_.emplace(block.digest, std::move(done));
        return out;
    }

    void checkpoint() {
        or_die(parts_.kv.sync());
        durable_height_ = newest_.result.height;
        durable_at_ms_ = parts_.clock.mono_ms();
    }

    [[nodiscard]] consensus::Height height() const { return newest_.result.height; }

private:
    /// What executing a block gave; nothing of it is written yet.
    struct Outcome {
        Hash parent_digest;
        LayeredView::Layer writes;
        std::vector<ledger::TransactionOutcome> outcomes;
        std::vector<Hash> item_ids;
        ExecutedBlockRecord record;
        ledger::MerkleTree tree;
        consensus::EpochDescription next_epoch;
        std::optional<std::string> breach;
    };

    Status<IoError> begin(const Chain& chain) {
        KvBatch batch;
        put_state(batch, chain.state);
        batch.put(keys::meta(keys::MetaItem::chain), chain.id.bytes());
        newest_.result.block_digest = chain.header.digest();
        newest_.result.state_root = chain.state_root;
        newest_.result.receipts_root = ledger::initial_receipts_root();
        newest_.result.next_epoch_hash = chain.next_epoch.hash();
        put_description(batch, chain.next_epoch);
        newest_.time_ms = chain.header.time_ms;
        const ledger::MemoryView nothing;
        ledger::Delta state(nothing);
        for (const auto& [key, value] : chain.state) {
            state.put(key, *value);
        }
        if (const auto wake = ledger::wake_at(state)) {
            newest_.wake_at_ms = wake->ms;
        }
        put_executed(batch, newest_);
        TRY(parts_.kv.write(batch, KvSync::durable));
        return resume(0);
    }

    Status<IoError> resume(consensus::Height height) {
        TRY_ASSIGN(auto record, store_.executed(height));
        if (!record) {
            return fail(unusable("height " + std::to_string(height) + " has no record"));
        }
        newest_ = std::move(*record);
        tree_ = ledger::MerkleTree::build(KvWalkView(parts_.kv));
        if (tree_.root() != newest_.result.state_root) {
            return fail(unusable("the root of its records is not the one recorded at height " +
                                 std::to_string(height) + "; run: remit-node db verify"));
        }
        TRY(resume_snapshots(height));
        TRY_ASSIGN(const auto base, store_.base());
        parts_.reads.forget_through(base ? base->height : 0);
        TRY(parts_.kv.sync());
        durable_height_ = height;
        durable_at_ms_ = parts_.clock.mono_ms();
        view_.load();
        TRY(keep_description());
        publish();
        return {};
    }

    /// The snapshot of the last kS must be there until its root is named, or is taken now when the
    /// crash came between the block and its copy.
    Status<IoError> resume_snapshots(consensus::Height height) {
        if (params_.snapshot_interval == 0) {
            return {};
        }
        const auto last = height / params_.snapshot_interval * params_.snapshot_interval;
        const bool owed = last > 0 && params_.snapshot_named_at(height) < last;
        if (!owed || parts_.snapshots->has(last)) {
            return {};
        }
        if (last == height) {
            return parts_.snapshots->take(height, parts_.kv);
        }
        return fail(unusable("snapshot " + std::to_string(last) +
                             " is missing and its root is still to be signed; move db and "
                             "snapshots away and start: the node joins from its peers"));
    }

    /// The copy is made before the next block changes the state; the rest in the background.
    void take_snapshot_when_due() {
        const auto height = newest_.result.height;
        if (params_.snapshot_interval != 0 && height % params_.snapshot_interval == 0) {
            or_die(parts_.snapshots->take(height, parts_.kv));
        }
    }

    /// A finalised header names a result with this snapshot: q executors have it durably. It and
    /// the one before are kept, for joiners who began with that; older ones and, if so set, the
    /// blocks below them go.
    void note_certified(const consensus::ExecutionResult& anchored) {
        const auto named = params_.snapshot_named_at(anchored.height);
        if (named <= certified_) {
            return;
        }
        const auto heights = parts_.snapshots->heights();
        const auto kept = certified_ == 0 && !heights.empty() ? heights.front() : certified_;
        certified_ = named;
        if (kept == 0 || kept >= named) {
            return;
        }
        // May outlive this object, never the parts.
        parts_.snapshots->run([parts = parts_, prune = policy_.prune, kept] {
            if (const auto base = parts.snapshots->at(kept); base && prune) {
                parts.reads.forget_through(std::max(kept, parts.reads.forgotten_height()));
                or_die(prune_below(parts.kv, base->manifest));
            }
            or_die(parts.snapshots->drop_below(kept));
        });
    }

    /// Whether the root that the result of this height names is known yet.
    [[nodiscard]] bool snapshot_ready_at(consensus::Height height) const {
        const auto named = params_.snapshot_named_at(height);
        return named == params_.snapshot_named_at(height - 1) || parts_.snapshots->ready(named);
    }

    /// Waits where the manifest is late: the execution vote is late then, never wrong.
    [[nodiscard]] Hash snapshot_root_at(consensus::Height height,
                                        const ExecutedBlockRecord& before) const {
        const auto named = params_.snapshot_named_at(height);
        if (named == params_.snapshot_named_at(height - 1)) {
            return before.result.snapshot_root;
        }
        const auto snapshot = parts_.snapshots->at(named);
        CHECK(snapshot != nullptr);
        return snapshot->root;
    }

    /// A state that came from a snapshot brings no description of the epoch that it yields.
    Status<IoError> keep_description() {
        const auto next = ledger::next_epoch(ledger::StateReader(view_));
        if (!next) {
            return {};
        }
        const auto description = description_of(*next);
        TRY_ASSIGN(const auto known, store_.description(description.hash()));
        if (known) {
            return {};
        }
        KvBatch batch;
        put_description(batch, description);
        return parts_.kv.write(batch, KvSync::durable);
    }

    /// Executed ahead when it was notarized, else now.
    Outcome outcome_of(const consensus::Commit& commit) {
        if (const auto found = ahead_.find(commit.digest); found != ahead_.end()) {
            auto out = std::move(found->second);
            ahead_.erase(found);
            return out;
        }
        return run(commit.header, commit.digest, commit.batches, nullptr);
    }

    /// Null: the parent is the newest block written, or unknown.
    [[nodiscard]] const Outcome* outcome_before(const Hash& parent_digest) const {
        const auto found = ahead_.find(parent_digest);
        return found == ahead_.end() ? nullptr : &found->second;
    }

    /// On the state after `parent`; null: after the newest block written.
    Outcome run(const consensus::Header& header, const Hash& digest,
                const std::vector<consensus::BatchHandle>& batches, const Outcome* parent) {
        std::vector<LayeredView::Layer> layers;
        for (const auto* each = parent; each != nullptr;
             each = outcome_before(each->parent_digest)) {
            layers.insert(layers.begin(), each->writes);
        }
        const LayeredView state(view_, std::move(layers));
        Outcome out;
        out.parent_digest = header.parent_digest;
        auto input = input_with_items(header, batches, ledger::StateReader(state), out.item_ids);
        input.next_epoch = epoch_after(header, parent);
        if (header.is_epoch_last() && !input.next_epoch) {
            out.breach = "the epoch that begins after height " + std::to_string(header.height) +
                         " is none that executing a block yielded here";
            return out;
        }
        auto applied = ledger::apply_block(state, input);
        if (applied.breach) {
            out.breach = std::move(applied.breach);
            return out;
        }
        const auto& before = parent == nullptr ? newest_ : parent->record;
        out.tree = (parent == nullptr ? tree_ : parent->tree).updated(applied.writes);
        out.record = record_of(header, digest, applied, out.tree, before);
        CHECK(applied.next_epoch.has_value());
        out.next_epoch = description_of(*applied.next_epoch);
        out.record.result.next_epoch_hash = out.next_epoch.hash();
        out.writes = std::make_shared<const ledger::Delta::WriteSet>(std::move(applied.writes));
        out.outcomes = std::move(applied.outcomes);
        return out;
    }

    /// What begins after the last block of an epoch: what executing one of the blocks below it
    /// yielded here, written or not.
    std::optional<ledger::EpochRecord> epoch_after(const consensus::Header& header,
                                                   const Outcome* parent) const {
        if (!header.is_epoch_last()) {
            return std::nullopt;
        }
        const auto& wanted = header.exec.next_epoch_hash;
        std::optional<consensus::EpochDescription> next;
        for (const auto* each = parent; each != nullptr && !next;
             each = outcome_before(each->parent_digest)) {
            if (each->record.result.next_epoch_hash == wanted) {
                next = each->next_epoch;
            }
        }
        if (!next) {
            next = or_die(store_.description(wanted));
        }
        if (!next) {  // yielded below the snapshot that this node joined from
            const auto way = or_die(store_.hand_over(header.epoch + 1));
            next = way && way->next.hash() == wanted ? std::optional(way->next) : std::nullopt;
        }
        return next ? node::record_of(*next) : std::nullopt;
    }

    /// A block of the newest height is written: others of it, and what stood on them, are void.
    void forget_passed() {
        const auto stands = [this](const Outcome& each) {
            const auto* at = &each;
            while (const auto* below = outcome_before(at->parent_digest)) {
                at = below;
            }
            return at->parent_digest == newest_.result.block_digest;
        };
        std::vector<Hash> void_ones;
        for (const auto& [digest, each] : ahead_) {
            if (!stands(each)) {
                void_ones.push_back(digest);
            }
        }
        for (const auto& digest : void_ones) {
            ahead_.erase(digest);
        }
    }

    ledger::BlockInput input_with_items(const consensus::Header& header,
                                        const std::vector<consensus::BatchHandle>& batches,
                                        const ledger::StateReader& state,
                                        std::vector<Hash>& item_ids) {
        auto input = input_of(header, state);
#ifdef SIM_BUG_expiry_by_local_clock
        input.time = BlockTime{parts_.clock.wall_ms()};
#endif
#ifdef SIM_BUG_hash_map_order
        auto order = batches;
        std::sort(order.begin(), order.end());  // by address: each node's own
#else
        const auto& order = batches;
#endif
        for (const auto& batch : order) {
            for (const auto& item : batch->items) {
                auto taken = parts_.checker.take(item);
                item_ids.push_back(taken.item_id);
                input.items.push_back(std::move(taken.content));
            }
        }
        return input;
    }

    [[nodiscard]] ExecutedBlockRecord record_of(const consensus::Header& header, const Hash& digest,
                                                const ledger::BlockResult& applied,
                                                const ledger::MerkleTree& tree,
                                                const ExecutedBlockRecord& before) const {
        ExecutedBlockRecord record;
        for (const auto& receipt : applied.receipts) {
            record.receipts.push_back(ledger::encode(receipt));
        }
        record.events = applied.events;
        record.time_ms = header.time_ms;
        if (applied.wake_at) {
            record.wake_at_ms = applied.wake_at->ms;
        }
        record.previous_receipts_root = before.result.receipts_root;
        record.result.height = header.height;
        record.result.block_digest = digest;
        record.result.state_root = tree.root();
        record.result.snapshot_root = snapshot_root_at(header.height, before);
        record.result.receipts_root =
            ledger::ReceiptsTree(record.receipts).receipts_root(record.previous_receipts_root);
        return record;
    }

    /// Everything of one height in one write batch: after a crash the database is at a height, not
    /// between two.
    void write(const consensus::Commit& commit, const Outcome& done) {
        const auto& record = done.record;
        KvBatch batch;
        put_state(batch, *done.writes);
        const bool own = commit.descendants.empty();
        if (record.result.next_epoch_hash != newest_.result.next_epoch_hash) {
            put_description(batch, done.next_epoch);
        }
        put_block(batch, commit.header, commit.digest,
                  own ? std::optional(commit.finalization) : std::nullopt, commit.batches);
#ifdef SIM_BUG_executed_height_outside_batch
        KvBatch height;
        put_executed(height, record);
        or_die(parts_.kv.write(height, KvSync::buffered));
#else
        put_executed(batch, record);
#endif
        auto outcome = done.outcomes.begin();
        for (const auto& sealed : commit.batches) {
            for (const auto& item : sealed->items) {
                CHECK(outcome != done.outcomes.end());  // one for each item, in order
                put_outcome(batch, *outcome++, commit.header.height, item);
            }
        }
        or_die(parts_.kv.write(batch, KvSync::buffered));
        view_.apply(*done.writes);
    }

    /// What is refused now may have run in blocks that are not kept here, and its own record with
    /// them: a copy of it that comes too late, or with a wrong signature, is not its end.
    [[nodiscard]] bool may_have_run_unseen(const Bytes& item) const {
        const auto base = or_die(store_.base());
        if (!base) {
            return false;
        }
        const auto signed_body = ledger::wire::signed_body_from_item(item);
        if (!signed_body) {
            return false;
        }
        const auto transaction = ledger::wire::decode(*signed_body, chain_id_);
        if (!transaction) {
            return false;  // no block ever ran such a body
        }
        // No policy lets a transaction live longer, so it ran within a day of its end or never.
        constexpr std::int64_t validity_ms_max = 86'400'000;
        const auto record = or_die(store_.executed(base->height));
        return !record || transaction->valid_until.ms - validity_ms_max <= record->time_ms;
    }

    void put_outcome(KvBatch& batch, const ledger::TransactionOutcome& outcome,
                     consensus::Height height, const Bytes& item) const {
        using Kind = ledger::TransactionOutcome::Kind;
        if (outcome.kind == Kind::replayed) {
            return;
        }
        const bool executed = outcome.kind == Kind::executed;
        const auto key = keys::transaction(outcome.id);
        if (!executed) {
            const auto before = or_die(store_.transaction(outcome.id));
            const auto now = batch.writes().find(key);
            const bool in_this_block = now != batch.writes().end() &&
                                       consensus::decode<TransactionPlace>(*now->second)->executed;
            if (in_this_block || (before && before->executed) ||
                (!before && may_have_run_unseen(item))) {
                return;
            }
        }
        put_transaction(batch, outcome.id,
                        {executed, height, outcome.receipt_first, outcome.receipt_count});
    }

    ExecutedBlock recorded(consensus::Height height) {
        ExecutedBlock out;
        const auto record = or_die(store_.executed(height));
        CHECK(record.has_value());
        out.result = record->result;
        out.time_ms = record->time_ms;
        out.wake_at_ms = record->wake_at_ms;
        out.durable_height = durable_height_;
        return out;
    }

    void publish() {
        auto snapshot = std::make_shared<StateSnapshot>();
        snapshot->height = newest_.result.height;
        snapshot->time_ms = newest_.time_ms;
        snapshot->state_root = newest_.result.state_root;
        snapshot->receipts_root = newest_.result.receipts_root;
        snapshot->view = std::make_shared<KvStateView>(parts_.kv.snapshot());
        snapshot->tree = tree_;
        parts_.reads.publish_executed(std::move(snapshot));
    }

    void checkpoint_when_due() {
        const bool many = newest_.result.height - durable_height_ >= policy_.blocks;
        if (many || parts_.clock.mono_ms() - durable_at_ms_ >= policy_.interval_ms) {
            checkpoint();
        }
    }

    Parts parts_;
    CheckpointPolicy policy_;
    Hash chain_id_;
    consensus::Params params_;
    consensus::Height certified_ = 0;  // the newest snapshot that a finalised header anchors
    BlockStore store_;
    ExecutionView view_;
    ledger::MerkleTree tree_;
    ExecutedBlockRecord newest_;
    std::map<Hash, Outcome> ahead_;  ///< notarized blocks above the newest, by digest
    consensus::Height durable_height_ = 0;
    std::int64_t durable_at_ms_ = 0;
};

Result<std::unique_ptr<Execution>, IoError> Execution::open(Parts parts, ByteView genesis_file,
                                                            CheckpointPolicy policy) {
    auto core = std::make_unique<Core>(parts, policy);
    TRY(core->open(genesis_file));
    return std::unique_ptr<Execution>(new Execution(std::move(core)));
}

Execution::Execution(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Execution::~Execution() = default;

ExecutedBlock Execution::execute(const consensus::Commit& commit) {
    return core_->execute(commit);
}
std::optional<ExecutedBlock> Execution::speculate(const consensus::NotarizedBlock& block) {
    return core_->speculate(block);
}
void Execution::checkpoint() {
    core_->checkpoint();
}
consensus::Height Execution::height() const {
    return core_->height();
}

}  // namespace remit::node
