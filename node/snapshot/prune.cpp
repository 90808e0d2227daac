#include "node/snapshot/prune.h"

#include "node/storage/block_store.h"
#include "node/storage/key_schema.h"

namespace remit::node {

namespace {

using consensus::Height;
using keys::Table;

bool every_record(ByteView /*key*/, ByteView /*value*/) {
    return true;
}

Status<IoError> discard_heights(Kv& database, Table table, Height until) {
    return database.discard(keys::prefix(table), keys::key_writer(table).u64(until).take(),
                            every_record);
}

Status<IoError> discard_table(Kv& database, Table table, const KvVisitor& unwanted) {
    return database.discard(keys::prefix(table), end_of_prefix(keys::prefix(table)), unwanted);
}

}  // namespace

Status<IoError> prune_below(Kv& database, const SnapshotManifest& base) {
    const auto height = base.height();
    const BlockStore store(database);
    TRY_ASSIGN(const auto before, store.base());
    if (before && before->height >= height) {
        return {};
    }
    KvBatch writes;
    put_base(writes, {height, base.named});
    TRY(database.write(writes, KvSync::durable));

    TRY(discard_heights(database, Table::block, height));
    TRY(discard_heights(database, Table::execution, height + 1));
    TRY(discard_heights(database, Table::executed, height));
    TRY(discard_table(database, Table::height_of, [height](ByteView, ByteView value) {
        Reader reader(value);
        return reader.u64() < height && reader.done();
    }));
    TRY(discard_table(database, Table::transaction, [height](ByteView, ByteView value) {
        const auto place = consensus::decode<TransactionPlace>(value);
        return place && place->height <= height;
    }));
    // Named at or below its expiry, and executed: whoever expired by now is below the base.
    return discard_table(database, Table::batch, [height](ByteView, ByteView value) {
        const auto batch = consensus::decode<consensus::Batch>(value);
        return batch && batch->expires_height <= height;
    });
}

}  // namespace remit::node
