#include "node/verify_store.h"

#include "ledger/invariants/registry.h"
#include "ledger/state/merkle_tree.h"
#include "ledger/state/receipts_tree.h"
#include "node/data_folder.h"
#include "node/kv/rocks_kv.h"
#include "node/storage/block_store.h"
#include "node/storage/chain.h"
#include "node/storage/key_schema.h"
#include "node/storage/state_view.h"

namespace remit::node {

namespace {

tl::unexpected<Failure> bad(const std::string& what) {
    return fail_with(ExitCode::bad_configuration, "db verify: " + what,
                     "restore this node from its peers; keep the folder for inspection");
}

/// The value, or the failure of reading it.
template <class T>
Result<T, Failure> sound(Result<T, IoError>&& result) {
    if (!result) {
        return bad(result.error().text());
    }
    return std::move(*result);
}

std::string at_height(consensus::Height height) {
    return " of height " + std::to_string(height);
}

/// Walks the chain from genesis and keeps what links one block to the next.
class ChainWalk {
public:
    ChainWalk(const BlockStore& store, const Chain& chain, StoreReport& report)
        : store_(store), chain_(chain), report_(report), parent_(chain.header.digest()) {}

    Status<Failure> visit(consensus::Height height) {
        TRY_ASSIGN(const auto block, sound(store_.block(height, chain_.validators.q())));
        TRY_ASSIGN(const auto executed, sound(store_.executed(height)));
        if (!block) {
            return bad("no block" + at_height(height));
        }
        if (!executed) {
            return bad("no record of the execution" + at_height(height));
        }
        TRY(check_header(*block));
        TRY(check_batches(block->header));
        TRY(check_receipts(*executed, block->header));
        ++report_.blocks;
        report_.receipts += executed->receipts.size();
        return {};
    }
    [[nodiscard]] bool last_is_final() const { return final_; }

private:
    Status<Failure> check_header(const consensus::StoredBlock& block) {
        const auto height = block.header.height;
        const auto digest = block.header.digest();
        if (block.header.parent_digest != parent_) {
            return bad("the block" + at_height(height) + " does not follow the one before");
        }
        TRY_ASSIGN(const auto indexed, sound(store_.height_of(digest)));
        if (indexed != height) {
            return bad("the digest of the block" + at_height(height) + " is not indexed");
        }
        final_ = block.finalization.has_value();
        if (block.finalization &&
            (block.finalization->digest != digest ||
             !consensus::verify(*block.finalization, chain_.validators, chain_.id))) {
            return bad("the finalization" + at_height(height) + " is not valid");
        }
        parent_ = digest;
        return {};
    }

    Status<Failure> check_batches(const consensus::Header& header) const {
        for (const auto& entry : header.batches) {
            TRY_ASSIGN(const auto batch, sound(store_.batch(entry.digest)));
            if (!batch || batch->digest() != entry.digest ||
                consensus::items_root_of(batch->items) != batch->items_root) {
                return bad("batch " + entry.digest.hex() + at_height(header.height) +
                           " is missing or altered");
            }
        }
        return {};
    }

    Status<Failure> check_receipts(const ExecutedBlockRecord& executed,
                                   const consensus::Header& header) {
        const auto root =
            ledger::ReceiptsTree(executed.receipts).receipts_root(executed.previous_receipts_root);
        if (executed.previous_receipts_root != receipts_root_ ||
            executed.result.receipts_root != root ||
            executed.result.block_digest != header.digest()) {
            return bad("the receipts" + at_height(header.height) + " do not fit their root");
        }
        receipts_root_ = root;
        return {};
    }

    const BlockStore& store_;
    const Chain& chain_;
    StoreReport& report_;
    Hash parent_;
    Hash receipts_root_ = ledger::initial_receipts_root();
    bool final_ = true;
};

/// Root over all records, and every invariant over them.
Status<Failure> check_state(const RocksKv& kv, const ExecutedBlockRecord& newest,
                            StoreReport& report) {
    std::uint64_t records = 0;
    auto counted = kv.scan({}, keys::end_of_state(), [&](ByteView, ByteView) {
        ++records;
        return true;
    });
    if (!counted) {
        return bad(counted.error().text());
    }
    report.records = records;
    const KvStateView view(kv);
    if (const auto breach = ledger::find_breach(view)) {
        return bad("state record " + to_hex(breach->key) + ": " + ledger::to_text(*breach));
    }
    const auto root = ledger::MerkleTree::build(view).root();
    if (root != newest.result.state_root) {
        return bad("the state's records make root " + root.hex() + ", recorded is " +
                   newest.result.state_root.hex());
    }
    report.state_root = root.hex();
    return {};
}

}  // namespace

Result<StoreReport, Failure> verify_store(const std::string& data, const std::string& genesis) {
    TRY_ASSIGN(const auto genesis_file, read_genesis_file(genesis));
    auto chain = chain_of(genesis_file);
    if (!chain) {
        return fail_with(ExitCode::bad_configuration, "genesis file: " + chain.error());
    }
    TRY_ASSIGN(const auto folder, DataFolder::open(data, chain->id));
    auto kv = RocksKv::open({.path = folder.database(),
                             .schema_name = "remit-node",
                             .schema_version = 1,
                             .read_only = true});
    if (!kv) {
        return bad(kv.error().text());
    }
    if (auto done = (*kv)->verify_checksums(); !done) {
        return bad(done.error().text());
    }
    const BlockStore store(**kv);
    TRY_ASSIGN(const auto owner, sound(store.chain_id()));
    TRY_ASSIGN(const auto height, sound(store.executed_height()));
    if (owner != chain->id || !height) {
        return bad("the database holds no chain, or another one");
    }
    StoreReport report;
    report.height = *height;
    TRY_ASSIGN(const auto newest, sound(store.executed(*height)));
    if (!newest) {
        return bad("no record of the execution" + at_height(*height));
    }
    ChainWalk walk(store, *chain, report);
    for (consensus::Height at = 1; at <= *height; ++at) {
        TRY(walk.visit(at));
    }
    TRY(check_state(**kv, *newest, report));
    return report;
}

}  // namespace remit::node
