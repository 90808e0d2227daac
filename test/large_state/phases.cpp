#include "test/large_state/phases.h"

#include <algorithm>
#include <stdexcept>

#include "ledger/state/merkle_tree.h"
#include "ledger/state_access.h"
#include "node/data_folder.h"
#include "node/replica/execution.h"
#include "node/snapshot/install.h"
#include "node/snapshot/join.h"
#include "node/storage/block_store.h"
#include "node/storage/key_schema.h"
#include "node/storage/state_view.h"
#include "test/support/ledger/network.h"

namespace remit::large_state {

namespace {

using namespace node;  // NOLINT(google-build-using-namespace)

constexpr consensus::Height snapshot_height = 1;
constexpr std::uint32_t chunk_bytes = 256 * 1024;  // as a network's genesis has it
constexpr std::uint64_t accounts_per_write = 20'000;

template <class T>
T or_throw(Result<T, IoError>&& result) {
    if (!result) {
        throw std::runtime_error(result.error().text());
    }
    return std::move(*result);
}
void must(const Status<IoError>& status) {
    if (!status) {
        throw std::runtime_error(status.error().text());
    }
}

Bytes genesis_of_one() {
    test::Network network;
    auto genesis = network.genesis();
    genesis.validators.resize(1);
    consensus::Params params;
    params.snapshot_interval = snapshot_height;
    params.snapshot_delay = 1;
    params.snapshot_chunk_bytes = chunk_bytes;
    genesis.consensus_params = consensus::encode(params);
    return ledger::encode_genesis(genesis);
}

Chain chain_from(ByteView genesis_file) {
    auto chain = chain_of(genesis_file);
    if (!chain) {
        throw std::runtime_error(chain.error());
    }
    return std::move(*chain);
}

RocksOptions options_at(const std::string& path) {
    return {
        .path = path, .schema_name = database_schema, .schema_version = database_schema_version};
}

void put_all(KvBatch& batch, const ledger::Delta::WriteSet& writes) {
    for (const auto& [key, value] : writes) {
        value ? batch.put(key, *value) : batch.erase(key);
    }
}

/// Tags as customers have them: spread over all keys.
ledger::CustomerTag tag_of(std::uint64_t number) {
    const auto digest = hash(domain::batch_items, Writer().u64(number).take());
    ledger::CustomerTag out;
    std::copy_n(digest.data.begin(), out.data.size(), out.data.begin());
    return out;
}

std::string mib(std::uint64_t bytes) {
    return std::to_string(bytes >> 20U) + " MiB";
}

}  // namespace

Phases::Phases(std::string folder, std::uint64_t accounts)
    : folder_(std::move(folder)),
      accounts_(accounts),
      genesis_file_(genesis_of_one()),
      chain_(chain_from(genesis_file_)),
      databases_(options_at({})) {}

std::unique_ptr<RocksKv> Phases::open_database() const {
    return or_throw(RocksKv::open(options_at(folder_ + "/db")));
}

std::unique_ptr<SnapshotLibrary> Phases::open_library(const std::string& name) {
    return or_throw(SnapshotLibrary::open({.disk = disk_,
                                           .databases = databases_,
                                           .chain = chain_,
                                           .folder = folder_ + "/" + name,
                                           .background = at_once}));
}

void Phases::fill(Kv& kv) const {
    const auto owner =
        std::find_if(
            chain_.genesis.participants.begin(), chain_.genesis.participants.end(),
            [](const auto& each) { return each.participant.has(ledger::Role::wallet_operator); })
            ->participant.id;
    const auto asset = chain_.genesis.assets.front().id;
    const KvStateView view(kv);
    for (std::uint64_t next = 0; next < accounts_;) {
        ledger::Delta delta(view);
        ledger::LedgerState state(delta);
        for (std::uint64_t i = 0; i < accounts_per_write && next < accounts_; ++i) {
            state.put(ledger::Account{.id = customer_account(owner, asset, tag_of(next++)),
                                      .opened_height = snapshot_height});
        }
        auto position = state.position(owner, asset);
        position.holds_customers = true;
        state.put(position);
        state.put(ledger::HeadRecord{.height = snapshot_height, .time = chain_.genesis.time});
        KvBatch batch;
        put_all(batch, delta.write_set());
        must(kv.write(batch, KvSync::buffered));
    }
}

void Phases::make() {
    const auto kv = open_database();
    KvBatch genesis;
    put_all(genesis, chain_.state);
    genesis.put(keys::meta(keys::MetaItem::chain), chain_.id.bytes());
    must(kv->write(genesis, KvSync::buffered));
    fill(*kv);

    auto header = chain_.header;
    header.epoch = chain_.validators.epoch();
    header.view = 1;
    header.height = snapshot_height;
    header.parent_digest = chain_.header.digest();
    ExecutedBlockRecord record;
    record.time_ms = header.time_ms;
    record.previous_receipts_root = ledger::initial_receipts_root();
    record.result.height = snapshot_height;
    record.result.block_digest = header.digest();
    record.result.state_root = ledger::MerkleTree::build(KvWalkView(*kv)).root();
    record.result.receipts_root = record.previous_receipts_root;
    record.result.next_epoch_hash = chain_.next_epoch.hash();
    KvBatch batch;
    put_description(batch, chain_.next_epoch);
    put_block(batch, header, record.result.block_digest, std::nullopt, {});
    put_executed(batch, record);
    must(kv->write(batch, KvSync::durable));
    said_ = std::to_string(accounts_) + " accounts, " + mib(kv->disk_bytes());
}

void Phases::open() {
    const auto kv = open_database();
    const SystemClock clock;
    ItemChecker checker(chain_.id);
    ReadModel reads(*kv, chain_.id, chain_.validators);
    const auto library = open_library("snapshots");
    const auto execution =
        or_throw(Execution::open({*kv, clock, checker, reads, library.get()}, genesis_file_, {}));
    said_ = "at height " + std::to_string(execution->height());
}

void Phases::take() {
    const auto kv = open_database();
    const auto library = open_library("snapshots");
    must(library->take(snapshot_height, *kv));
    const auto kept = library->at(snapshot_height);
    said_ = std::to_string(kept->manifest.chunks.size()) + " chunks, " +
            std::to_string(kept->manifest.records) + " records, manifest of " +
            std::to_string(kept->bytes->size() >> 10U) + " KiB";
}

void Phases::serve() {
    const auto library = open_library("snapshots");
    const auto kept = library->at(snapshot_height);
    const auto gathered = folder_ + "/incoming";
    must(disk_.make_folder(gathered));
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < kept->manifest.chunks.size(); ++i) {
        const auto chunk = or_throw(library->chunk(kept, i));
        bytes += chunk.size();
        must(replace_file(disk_, gathered_chunk_path(gathered, i), chunk));
    }
    must(replace_file(disk_, gathered + "/manifest", kept->root.bytes() + *kept->bytes));
    said_ = mib(bytes) + " in " + std::to_string(kept->manifest.chunks.size()) + " chunks";
}

void Phases::join() {
    const auto empty = or_throw(databases_.create(folder_ + "/joiner.db"));
    const auto library = open_library("joined_snapshots");
    auto paths = InstallPaths::in(folder_);
    must(build_install({.disk = disk_,
                        .databases = databases_,
                        .library = *library,
                        .chain = chain_,
                        .own = *empty,
                        .paths = paths,
                        .was_new = true}));
    const auto made = library->at(snapshot_height);
    said_ = "the same root, " + std::to_string(made->manifest.records) + " records";
}

}  // namespace remit::large_state
