#include "node/replica/verify_database.h"

#include <map>
#include <utility>

#include "ledger/apply.h"
#include "ledger/invariants/registry.h"
#include "ledger/rules/next_epoch.h"
#include "ledger/state/memory_view.h"
#include "ledger/state/merkle_tree.h"
#include "ledger/state/receipts_tree.h"
#include "node/replica/item_checker.h"
#include "node/snapshot/builder.h"
#include "node/storage/block_store.h"
#include "node/storage/chain.h"
#include "node/storage/epochs.h"
#include "node/storage/key_schema.h"

namespace remit::node {

namespace {

using consensus::Height;

std::string at(Height height) {
    return "height " + std::to_string(height);
}

class Verifier {
public:
    Verifier(const KvReader& kv, const KvReader* base, Chain chain)
        : kv_(kv), base_(base), chain_(std::move(chain)), store_(kv), checker_(chain_.id) {}

    Result<DatabaseReport, DatabaseFault> run() {
        TRY_ASSIGN(const auto owner, found(store_.chain_id(), "chain id"));
        TRY_ASSIGN(report_.height, found(store_.executed_height(), "executed height"));
        if (owner != chain_.id) {
            return fail(DatabaseFault{"chain id", "the database belongs to another chain"});
        }
        const auto base = store_.base();
        if (!base) {
            return fail(DatabaseFault{"base", base.error().text()});
        }
        if (*base) {
            TRY(begin_at_copy(**base));
        } else {
            TRY(begin());
        }
        for (auto height = report_.base + 1; height <= report_.height; ++height) {
            TRY(check_block(height));
        }
        if (pending_final_) {
            TRY(check_tail());
        }
        TRY(check_certified_ahead());
        TRY(compare_state());
        return report_;
    }

private:
    using Descriptions = std::map<Hash, consensus::EpochDescription>;

    template <class T>
    Result<T, DatabaseFault> found(Result<std::optional<T>, IoError>&& read,
                                   const std::string& record) {
        if (!read) {
            return fail(DatabaseFault{record, read.error().text()});
        }
        if (!*read) {
            return fail(DatabaseFault{record, "it is missing"});
        }
        return std::move(**read);
    }

    Status<DatabaseFault> begin() {
        for (const auto& [key, value] : chain_.state) {
            state_.put(key, *value);
        }
        tree_ = tree_.updated(chain_.state);
        TRY_ASSIGN(const auto genesis, found(store_.executed(0), at(0)));
        ExecutedBlockRecord expected;
        expected.result.block_digest = chain_.header.digest();
        expected.result.state_root = chain_.state_root;
        expected.result.receipts_root = ledger::initial_receipts_root();
        expected.result.next_epoch_hash = chain_.next_epoch.hash();
        expected.time_ms = chain_.header.time_ms;
        sets_[chain_.validators.epoch()] = chain_.validators;
        descriptions_[chain_.next_epoch.hash()] = chain_.next_epoch;
        if (const auto wake = ledger::wake_at(state_)) {
            expected.wake_at_ms = wake->ms;
        }
        if (genesis != expected) {
            return fail(DatabaseFault{at(0), "it is not what the genesis file gives"});
        }
        parent_ = chain_.header;
        receipts_root_ = ledger::initial_receipts_root();
        return {};
    }

    /// The state of the snapshot below the first block kept, taken from the snapshot's own copy.
    Status<DatabaseFault> begin_at_copy(const BaseRecord& base) {
        const std::string name = "snapshot";
        if (base_ == nullptr) {
            return fail(DatabaseFault{name, "blocks up to " + at(base.height) +
                                                " are gone, and no copy from there on is kept"});
        }
        const auto manifest = build_manifest(*base_, chain_);
        if (!manifest) {
            return fail(DatabaseFault{name, manifest.error().text()});
        }
        report_.base = manifest->header.height;
        TRY_ASSIGN(const auto record, found(store_.executed(report_.base), at(report_.base)));
        if (report_.base < base.height || manifest->result != record.result) {
            return fail(DatabaseFault{name, "it is another height's or chain's"});
        }
        const auto read = base_->scan("", keys::end_of_state(), [&](ByteView key, ByteView value) {
            state_.put(Bytes(key), Bytes(value));
            return true;
        });
        if (!read) {
            return fail(DatabaseFault{name, read.error().text()});
        }
        tree_ = ledger::MerkleTree::build(state_);
        if (tree_.root() != record.result.state_root) {
            return fail(DatabaseFault{name, "its records do not make its root"});
        }
        sets_[manifest->validators.epoch()] = manifest->validators;
        if (const auto next = ledger::next_epoch(ledger::StateReader(state_))) {
            const auto description = description_of(*next);
            descriptions_[description.hash()] = description;
        }
        base_root_ = manifest->root();
        snapshot_root_ = record.result.snapshot_root;
        parent_ = manifest->header;
        receipts_root_ = record.result.receipts_root;
        // Of a snapshot at an epoch's last block: what is above is of the next one.
        return follow_epoch(manifest->header);
    }

    /// A result names the snapshot before until the next is due; that of the base is known here.
    Status<DatabaseFault> check_snapshot_root(const ExecutedBlockRecord& record) {
        const auto height = record.result.height;
        const auto named = chain_.params.snapshot_named_at(height);
        const bool begins = named != chain_.params.snapshot_named_at(height - 1);
        const bool wrong = begins
                               ? named == report_.base && record.result.snapshot_root != base_root_
                               : record.result.snapshot_root != snapshot_root_;
        if (wrong || (named == 0 && record.result.snapshot_root != Hash{})) {
            return fail(DatabaseFault{at(height) + ", execution record",
                                      "it names another snapshot than the chain has"});
        }
        snapshot_root_ = record.result.snapshot_root;
        return {};
    }

    Status<DatabaseFault> check_block(Height height) {
        TRY_ASSIGN(const auto block,
                   found(store_.block(height, chain_.validators.q()), at(height) + ", block"));
        const auto digest = block.header.digest();
        if (block.header.height != height || block.header.parent_digest != parent_.digest()) {
            return fail(DatabaseFault{at(height) + ", block", "it does not follow the one below"});
        }
        TRY_ASSIGN(const auto indexed, found(store_.height_of(digest), "index of " + at(height)));
        if (indexed != height) {
            return fail(DatabaseFault{"index of " + at(height), "it names another height"});
        }
        TRY(follow_epoch(block.header));
        pending_final_ = true;
        if (block.finalization) {
            if (block.finalization->digest != digest ||
                block.finalization->kind != consensus::VoteKind::finalize ||
                !consensus::verify(*block.finalization, sets_.at(block.header.epoch), chain_.id)) {
                return fail(DatabaseFault{at(height) + ", Finalization", "it proves nothing"});
            }
            pending_final_ = false;
        }
        TRY_ASSIGN(const auto record,
                   found(store_.executed(height), at(height) + ", execution record"));
        TRY(check_result(height, digest, record));
        TRY(check_snapshot_root(record));
        TRY(execute(block.header, record));
        parent_ = block.header;
        return {};
    }

    /// The set of the header's epoch is known: from genesis, or named by the epoch before. Only
    /// what executing an earlier block gave here counts, and the way that is stored must prove it.
    Status<DatabaseFault> follow_epoch(const consensus::Header& header) {
        if (!sets_.contains(header.epoch)) {
            return fail(DatabaseFault{at(header.height) + ", block", "its epoch did not begin"});
        }
        if (!header.is_epoch_last()) {
            return {};
        }
        auto next = descriptions_.find(header.exec.next_epoch_hash);
        if (next == descriptions_.end() && report_.base > 0) {
            // Yielded below the base: its hash is in the certified header.
            next = described_below_base(header);
        }
        if (next == descriptions_.end()) {
            return fail(DatabaseFault{at(header.height) + ", block",
                                      "it names an epoch that no block yielded"});
        }
        const auto name = "way into epoch " + std::to_string(header.epoch + 1);
        auto way = store_.hand_over(header.epoch + 1);
        if (!way) {
            return fail(DatabaseFault{name, way.error().text()});
        }
        // The newest epoch may not have begun here yet.
        if (*way && ((**way).headers.front().digest() != header.digest() ||
                     !consensus::verify(**way, sets_.at(header.epoch), chain_.id))) {
            return fail(DatabaseFault{name, "it proves nothing"});
        }
        const auto& set = next->second.set;
        for (const auto& each : std::exchange(certified_later_, {})) {
            if (each.epoch != set.epoch() ||
                !consensus::verify_execution_proof(each, set, chain_.id)) {
                return fail(DatabaseFault{at(each.result.height) + ", execution certificate",
                                          "it does not certify this node's result"});
            }
        }
        sets_[header.epoch + 1] = set;
        return {};
    }

    /// By what execution gave here once or, where a snapshot took its place, by the way.
    Descriptions::iterator described_below_base(const consensus::Header& header) {
        const auto& hash = header.exec.next_epoch_hash;
        const auto stored = store_.description(hash);
        if (stored && *stored && (**stored).hash() == hash) {
            return descriptions_.emplace(hash, **stored).first;
        }
        const auto way = store_.hand_over(header.epoch + 1);
        if (way && *way && (**way).next.hash() == hash) {
            return descriptions_.emplace(hash, (**way).next).first;
        }
        return descriptions_.end();
    }

    Status<DatabaseFault> check_result(Height height, const Hash& digest,
                                       const ExecutedBlockRecord& record) {
        const auto name = at(height) + ", execution record";
        const auto root = ledger::ReceiptsTree(record.receipts).receipts_root(receipts_root_);
        if (record.result.height != height || record.result.block_digest != digest ||
            record.previous_receipts_root != receipts_root_ ||
            record.result.receipts_root != root) {
            return fail(DatabaseFault{name, "its receipts root or block is another's"});
        }
        receipts_root_ = root;
        report_.receipts += record.receipts.size();
        auto certificate = store_.execution(height);
        if (!certificate) {
            return fail(
                DatabaseFault{at(height) + ", execution certificate", certificate.error().text()});
        }
        // The set of the next epoch may have certified what the newest blocks of one gave.
        if (*certificate && !sets_.contains((**certificate).epoch) &&
            (**certificate).result == record.result) {
            certified_later_.push_back(std::move(**certificate));
            return {};
        }
        if (*certificate &&
            ((**certificate).result != record.result || !sets_.contains((**certificate).epoch) ||
             !consensus::verify_execution_proof(**certificate, sets_.at((**certificate).epoch),
                                                chain_.id))) {
            return fail(DatabaseFault{at(height) + ", execution certificate",
                                      "it does not certify this node's result"});
        }
        return {};
    }

    /// Executes the block again on the state so far.
    Status<DatabaseFault> execute(const consensus::Header& header,
                                  const ExecutedBlockRecord& record) {
        auto input = input_of(header, ledger::StateReader(state_));
        for (const auto& entry : header.batches) {
            const auto name = "batch " + entry.digest.hex();
            auto batch = store_.batch(entry.digest);
            if (!batch || !*batch) {
                return fail(DatabaseFault{name, batch ? "it is missing" : batch.error().text()});
            }
            const auto message = consensus::batch_signed_bytes(chain_.id, entry.digest);
            if ((**batch).entry() != entry ||
                consensus::items_root_of((**batch).items) != (**batch).items_root ||
                !sets_.at(header.epoch).contains(entry.author) ||
                !remit::verify(sets_.at(header.epoch).key(entry.author), message,
                               (**batch).author_signature)) {
                return fail(DatabaseFault{name, "its content is not what the header names"});
            }
            for (const auto& item : (**batch).items) {
                input.items.push_back(checker_.take(item).content);
            }
        }
        if (header.is_epoch_last()) {
            input.next_epoch = record_of(descriptions_.at(header.exec.next_epoch_hash));
        }
        const auto result = ledger::apply_block(state_, input);
        if (result.breach) {
            return fail(DatabaseFault{at(header.height), "invariant broken: " + *result.breach});
        }
        state_.apply(result.writes);
        tree_ = tree_.updated(result.writes);
        auto again = record;
        again.result.state_root = tree_.root();
        if (!result.next_epoch) {
            return fail(DatabaseFault{at(header.height), "its state knows no epoch"});
        }
        const auto next = description_of(*result.next_epoch);
        again.result.next_epoch_hash = next.hash();
        descriptions_[next.hash()] = next;
        again.time_ms = header.time_ms;
        again.events = result.events;
        again.wake_at_ms = result.wake_at ? std::optional(result.wake_at->ms) : std::nullopt;
        again.receipts.clear();
        for (const auto& receipt : result.receipts) {
            again.receipts.push_back(ledger::encode(receipt));
        }
        if (again != record) {
            return fail(DatabaseFault{at(header.height) + ", execution record",
                                      "executing its block again gives another one"});
        }
        return check_transactions(result, header.height);
    }

    Status<DatabaseFault> check_transactions(const ledger::BlockResult& result, Height height) {
        using Kind = ledger::TransactionOutcome::Kind;
        for (const auto& outcome : result.outcomes) {
            if (outcome.kind != Kind::executed) {
                continue;
            }
            const auto name = "transaction " + outcome.id.hex();
            TRY_ASSIGN(const auto place, found(store_.transaction(outcome.id), name));
            if (!place.executed || place.height != height || place.first != outcome.receipt_first ||
                place.count != outcome.receipt_count) {
                return fail(DatabaseFault{name, "its index points elsewhere"});
            }
        }
        return {};
    }

    /// The newest blocks may lack a Finalization of their own only if a certificate of f+1
    /// execution votes covers one of them.
    Status<DatabaseFault> check_tail() {
        for (auto height = report_.height; height > report_.base; --height) {
            TRY_ASSIGN(const auto block,
                       found(store_.block(height, chain_.validators.q()), at(height) + ", block"));
            auto certificate = store_.execution(height);
            if (certificate && *certificate) {
                return {};
            }
            if (block.finalization) {
                break;
            }
        }
        return fail(DatabaseFault{at(report_.height) + ", Finalization",
                                  "no certificate covers the newest block"});
    }

    /// The newest blocks may have been certified by a set that begins above them.
    Status<DatabaseFault> check_certified_ahead() {
        const auto& newest = sets_.rbegin()->second;
        for (const auto& each : certified_later_) {
            const auto way = store_.hand_over(each.epoch);
            if (!way || !*way || each.epoch != newest.epoch() + 1 ||
                !consensus::verify(**way, newest, chain_.id) ||
                !consensus::verify_execution_proof(each, (**way).next.set, chain_.id)) {
                return fail(DatabaseFault{at(each.result.height) + ", execution certificate",
                                          "it is of an epoch that did not begin"});
            }
        }
        return {};
    }

    /// Record by record, so that the first bad one has a name.
    Status<DatabaseFault> compare_state() {
        auto expected = state_.records().begin();
        const auto end = state_.records().end();
        std::optional<DatabaseFault> fault;
        std::string last = "the first record of the state";
        const auto scanned = kv_.scan("", keys::end_of_state(), [&](ByteView key, ByteView value) {
            last = "record " + to_hex(key);
            ++report_.state_records;
            if (expected == end || key < expected->first) {
                fault = DatabaseFault{last, "no block ever wrote it"};
            } else if (key > expected->first) {
                fault = DatabaseFault{"record " + to_hex(expected->first), "it is missing"};
            } else if (value != expected->second) {
                fault = DatabaseFault{last, "it is not what the blocks wrote"};
            }
            ++expected;
            return !fault;
        });
        if (!scanned) {
            return fail(DatabaseFault{"at or behind " + last, scanned.error().text()});
        }
        if (!fault && expected != end) {
            fault = DatabaseFault{"record " + to_hex(expected->first), "it is missing"};
        }
        if (fault) {
            return fail(std::move(*fault));
        }
        if (const auto breach = ledger::check_whole(state_)) {
            return fail(
                DatabaseFault{"state at " + at(report_.height), "invariant broken: " + *breach});
        }
        report_.state_root = tree_.root();
        return {};
    }

    const KvReader& kv_;
    const KvReader* base_;
    Chain chain_;
    BlockStore store_;
    ItemChecker checker_;
    ledger::MemoryView state_;
    ledger::MerkleTree tree_;
    std::map<consensus::Epoch, consensus::ValidatorSet> sets_;
    std::vector<consensus::ExecutionCertificate> certified_later_;
    Descriptions descriptions_;  // that executed blocks yielded
    consensus::Header parent_;
    Hash receipts_root_;
    Hash base_root_;      // of the base's manifest
    Hash snapshot_root_;  // of the newest result
    bool pending_final_ = false;
    DatabaseReport report_;
};

}  // namespace

Result<DatabaseReport, DatabaseFault> verify_database(const KvReader& kv, ByteView genesis_file,
                                                      const KvReader* base) {
    auto chain = chain_of(genesis_file);
    if (!chain) {
        return fail(DatabaseFault{"genesis file", chain.error()});
    }
    return Verifier(kv, base, std::move(*chain)).run();
}

}  // namespace remit::node
