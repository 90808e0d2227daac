#include "consensus/header.h"

namespace remit::consensus {

void Entry::write(Writer& writer) const {
    writer.fixed(digest).u16(author).u64(expires_height).u32(bytes);
}

Entry Entry::read(Reader& reader) {
    Entry out;
    out.digest = reader.fixed<Hash>();
    out.author = reader.u16();
    out.expires_height = reader.u64();
    out.bytes = reader.u32();
    return out;
}

void NamedBatch::write(Writer& writer) const {
    writer.u64(expires_height).fixed(digest);
}

NamedBatch NamedBatch::read(Reader& reader) {
    NamedBatch out;
    out.expires_height = reader.u64();
    out.digest = reader.fixed<Hash>();
    return out;
}

void ExecutionResult::write(Writer& writer) const {
    writer.u64(height).fixed(block_digest).fixed(state_root).fixed(receipts_root);
    writer.fixed(snapshot_root).fixed(next_epoch_hash);
}

ExecutionResult ExecutionResult::read(Reader& reader) {
    ExecutionResult out;
    out.height = reader.u64();
    out.block_digest = reader.fixed<Hash>();
    out.state_root = reader.fixed<Hash>();
    out.receipts_root = reader.fixed<Hash>();
    out.snapshot_root = reader.fixed<Hash>();
    out.next_epoch_hash = reader.fixed<Hash>();
    return out;
}

void Header::write(Writer& writer) const {
    writer.u16(version).u64(epoch).u64(view).u64(height).u16(leader);
    writer.u64(parent_view).fixed(parent_digest).i64(time_ms);
    writer.u32(static_cast<std::uint32_t>(batches.size()));
    for (const auto& entry : batches) {
        entry.write(writer);
    }
    exec.write(writer);
    writer.fixed(params_hash).fixed(leader_schedule_hash).u8(flags);
}

Header Header::read(Reader& reader) {
    Header out;
    out.version = reader.u16();
    out.epoch = reader.u64();
    out.view = reader.u64();
    out.height = reader.u64();
    out.leader = reader.u16();
    out.parent_view = reader.u64();
    out.parent_digest = reader.fixed<Hash>();
    out.time_ms = reader.i64();
    const auto count = reader.count(limits::header_entries);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.batches.push_back(Entry::read(reader));
    }
    out.exec = ExecutionResult::read(reader);
    out.params_hash = reader.fixed<Hash>();
    out.leader_schedule_hash = reader.fixed<Hash>();
    out.flags = reader.u8();
    if (out.flags > header_flag::closing) {
        reader.fail();
    }
    return out;
}

Hash Header::digest() const {
    return remit::hash(domain::header, encode(*this));
}

Header genesis_header(const GenesisFields& fields) {
    Header out;
    out.epoch = 1;
    out.parent_digest = fields.chain_id;
    out.time_ms = fields.time_ms;
    out.exec.state_root = fields.state_root;
    out.exec.receipts_root = fields.receipts_root;
    out.exec.next_epoch_hash = fields.next_epoch_hash;
    out.params_hash = fields.params_hash;
    out.leader_schedule_hash = fields.leader_schedule_hash;
    return out;
}

}  // namespace remit::consensus
