#include "node/snapshot/install.h"

#include "ledger/invariants/registry.h"
#include "ledger/state/merkle_tree.h"
#include "node/snapshot/join.h"
#include "node/storage/block_store.h"
#include "node/storage/key_schema.h"
#include "node/storage/state_view.h"

namespace remit::node {

namespace {

constexpr ByteView new_here = "new\n";
constexpr ByteView known_here = "\n";

IoError useless(std::string why) {
    return {IoFailure::corrupt, "install snapshot", "gathered chunks", std::move(why)};
}

Status<IoError> write_state(Disk& disk, Kv& database, const SnapshotManifest& manifest,
                            const std::string& folder) {
    for (std::size_t i = 0; i < manifest.chunks.size(); ++i) {
        TRY_ASSIGN(const auto bytes, read_file(disk, gathered_chunk_path(folder, i)));
        const auto chunk = checked_chunk(manifest, i, bytes);
        if (!chunk) {
            return fail(useless("chunk " + std::to_string(i) + " is damaged"));
        }
        KvBatch writes;
        for (const auto& [key, value] : chunk->records) {
            writes.put(key, value);
        }
        TRY(database.write(writes, KvSync::buffered));
    }
    return {};
}

/// What the node needs beside the state to go on from there.
Status<IoError> write_base(Kv& database, const SnapshotManifest& manifest) {
    ExecutedBlockRecord record;
    record.result = manifest.result;
    record.previous_receipts_root = manifest.previous_receipts_root;
    record.time_ms = manifest.header.time_ms;
    record.wake_at_ms = manifest.wake_at_ms;
    KvBatch writes;
    writes.put(keys::meta(keys::MetaItem::chain), manifest.chain_id.bytes());
    put_block(writes, manifest.header, manifest.result.block_digest, std::nullopt, {});
    put_executed(writes, record);
    put_base(writes, {manifest.height(), manifest.named});
    return database.write(writes, KvSync::durable);
}

Status<IoError> check_state(const Kv& database, const SnapshotManifest& manifest) {
    if (ledger::MerkleTree::build(KvWalkView(database)).root() != manifest.result.state_root) {
        return fail(useless("the root of the state is not the one signed"));
    }
    if (const auto breach = ledger::check_whole(KvWalkView(database))) {
        return fail(useless("invariant broken: " + *breach));
    }
    return {};
}

/// Ways and descriptions are no part of a state, and verified here: what the node knows goes along.
Status<IoError> copy_epochs(const KvReader& own, Kv& database) {
    KvBatch writes;
    for (const auto table : {keys::Table::hand_over, keys::Table::description}) {
        const auto prefix = keys::prefix(table);
        TRY(own.scan(prefix, end_of_prefix(prefix), [&](ByteView key, ByteView value) {
            writes.put(Bytes(key), Bytes(value));
            return true;
        }));
    }
    return database.write(writes, KvSync::buffered);
}

}  // namespace

InstallPaths InstallPaths::in(const std::string& folder) {
    return {.database = folder + "/db",
            .gathered = folder + "/incoming",
            .gathered_database = folder + "/incoming.db",
            .replaced_database = folder + "/replaced.db",
            .journal = folder + "/journal"};
}

Status<IoError> build_install(const Installation& parts) {
    const auto& paths = parts.paths;
    TRY_ASSIGN(const auto manifest, gathered_manifest(parts.disk, paths.gathered));
    if (!manifest || manifest->chain_id != parts.chain.id) {
        return fail(useless("the manifest is damaged"));
    }
    const auto height = manifest->height();
    {
        TRY_ASSIGN(const auto database, parts.databases.create(paths.gathered_database));
        TRY(write_state(parts.disk, *database, *manifest, paths.gathered));
        TRY(check_state(*database, *manifest));
        TRY(copy_epochs(parts.own, *database));
        TRY(write_base(*database, *manifest));
        TRY(parts.library.take(height, *database));
    }
    const auto made = parts.library.at(height);
    if (!made || made->root != manifest->root()) {
        TRY(parts.library.drop_below(height + 1));
        return fail(useless("the manifest of what was installed is another one"));
    }
    return replace_file(parts.disk, paths.gathered + "/ready",
                        parts.was_new ? new_here : known_here);
}

Result<bool, IoError> finish_install(Disk& disk, Databases& databases, const InstallPaths& paths) {
    const auto ready = paths.gathered + "/ready";
    if (!disk.exists(ready)) {
        return false;
    }
    TRY_ASSIGN(const auto word, read_file(disk, ready));
    const auto mark = paths.journal + "/high_water";
    // A damaged word may have said "new": whoever cannot tell asks before it votes.
    if (word != known_here && disk.exists(mark)) {
        TRY(disk.remove(mark));
        TRY(disk.sync_folder(paths.journal));
    }
    if (databases.exists(paths.gathered_database)) {
        TRY(databases.remove(paths.replaced_database));
        if (databases.exists(paths.database)) {
            TRY(databases.rename(paths.database, paths.replaced_database));
        }
        TRY(databases.rename(paths.gathered_database, paths.database));
    }
    TRY(databases.remove(paths.replaced_database));
    TRY(remove_gathered(disk, paths.gathered));
    return true;
}

}  // namespace remit::node
