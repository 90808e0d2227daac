#pragma once

#include "consensus/types.h"
#include "ledger/base/codec.h"
#include "ledger/base/hash.h"

/// Keys of a node's database. The tables of the ledger's state have prefixes below 0x80 and are
/// documented in ledger/state/keys.h; they are stored under the very same bytes. The node's own
/// tables lie above. Integers are big-endian, so byte order is the order of a scan. Prefixes are
/// never reused. 0xFF belongs to node/kv.
namespace remit::node::keys {

/// The comment gives the key after the prefix, then the record.
enum class Table : std::uint8_t {
    meta = 0xA0,         // item u8 (MetaItem)   -> see MetaItem
    block = 0xA1,        // height u64           -> StoredBlock without execution certificate
    execution = 0xA2,    // height u64           -> ExecutionCertificate, f+1 votes or more
    height_of = 0xA3,    // block digest 32      -> height u64
    executed = 0xA4,     // height u64           -> ExecutedBlockRecord
    transaction = 0xA5,  // transaction id 32    -> TransactionPlace
    batch = 0xA6,        // batch digest 32      -> Batch
    hand_over = 0xA7,    // epoch u64            -> HandOver into it
    description = 0xA8,  // hash 32              -> EpochDescription that some block yielded
    evidence = 0xA9,     // the ledger's key     -> VotePair found here and not yet on the chain
};

enum class MetaItem : std::uint8_t {
    chain = 0,     // chain id 32
    executed = 1,  // height u64 of the newest executed block; in that block's write batch
    base = 2,      // BaseRecord: blocks up to this height are not kept; missing: genesis
};

/// First key behind the ledger's state.
inline Bytes end_of_state() {
    return Bytes(1, '\x80');
}

inline Writer key_writer(Table table) {
    Writer writer;
    writer.u8(static_cast<std::uint8_t>(table));
    return writer;
}
inline Bytes prefix(Table table) {
    return key_writer(table).take();
}
inline Bytes meta(MetaItem item) {
    return key_writer(Table::meta).u8(static_cast<std::uint8_t>(item)).take();
}
inline Bytes block(consensus::Height height) {
    return key_writer(Table::block).u64(height).take();
}
inline Bytes execution(consensus::Height height) {
    return key_writer(Table::execution).u64(height).take();
}
inline Bytes height_of(const Hash& digest) {
    return key_writer(Table::height_of).fixed(digest).take();
}
inline Bytes executed(consensus::Height height) {
    return key_writer(Table::executed).u64(height).take();
}
inline Bytes transaction(const Hash& id) {
    return key_writer(Table::transaction).fixed(id).take();
}
inline Bytes batch(const Hash& digest) {
    return key_writer(Table::batch).fixed(digest).take();
}

inline Bytes hand_over(consensus::Epoch epoch) {
    return key_writer(Table::hand_over).u64(epoch).take();
}
inline Bytes description(const Hash& hash) {
    return key_writer(Table::description).fixed(hash).take();
}

inline Bytes evidence(ByteView record_key) {
    return key_writer(Table::evidence).raw(record_key).take();
}

}  // namespace remit::node::keys
