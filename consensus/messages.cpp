#include "consensus/messages.h"

namespace remit::consensus {

void Vote::write(Writer& writer) const {
    writer.u8(static_cast<std::uint8_t>(kind)).u64(epoch).u64(view).fixed(digest);
    writer.u16(signer).fixed(signature);
}

Vote Vote::read(Reader& reader) {
    Vote out;
    out.kind = reader.enumerator(VoteKind::finalize);
    out.epoch = reader.u64();
    out.view = reader.u64();
    out.digest = reader.fixed<Hash>();
    out.signer = reader.u16();
    out.signature = reader.fixed<Signature>();
    if (out.kind < VoteKind::notarize || (out.kind == VoteKind::nullify && !out.digest.is_zero())) {
        reader.fail();
    }
    return out;
}

void ExecutionVote::write(Writer& writer) const {
    writer.u64(epoch);
    result.write(writer);
    writer.u16(signer).fixed(signature);
}

ExecutionVote ExecutionVote::read(Reader& reader) {
    ExecutionVote out;
    out.epoch = reader.u64();
    out.result = ExecutionResult::read(reader);
    out.signer = reader.u16();
    out.signature = reader.fixed<Signature>();
    return out;
}

std::size_t encoded_items_bytes(const std::vector<Bytes>& items) {
    std::size_t total = 0;
    for (const auto& item : items) {
        total += 4 + item.size();
    }
    return total;
}

Hash items_root_of(const std::vector<Bytes>& items) {
    Writer writer;
    for (const auto& item : items) {
        writer.bytes(item);
    }
    return remit::hash(domain::batch_items, writer.view());
}

Bytes batch_signed_bytes(const Hash& chain_id, const Hash& digest) {
    return signed_bytes(domain::batch, {chain_id.view(), digest.view()});
}

namespace {

void write_batch_head(const Batch& batch, Writer& writer) {
    writer.u64(batch.epoch).u16(batch.author).u64(batch.nonce).u64(batch.expires_height);
    writer.u32(batch.bytes).fixed(batch.items_root);
}

}  // namespace

void Batch::write(Writer& writer) const {
    write_batch_head(*this, writer);
    writer.fixed(author_signature).u32(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) {
        writer.bytes(item);
    }
}

Batch Batch::read(Reader& reader) {
    Batch out;
    out.epoch = reader.u64();
    out.author = reader.u16();
    out.nonce = reader.u64();
    out.expires_height = reader.u64();
    out.bytes = reader.u32();
    out.items_root = reader.fixed<Hash>();
    out.author_signature = reader.fixed<Signature>();
    const auto count = reader.count(limits::batch_items);
    std::size_t total = 0;
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.items.push_back(reader.bytes(limits::batch_bytes));
        total += 4 + out.items.back().size();
    }
    if (total != out.bytes || total > limits::batch_bytes) {
        reader.fail();
    }
    return out;
}

Hash Batch::digest() const {
    Writer writer;
    write_batch_head(*this, writer);
    return remit::hash(domain::batch, writer.view());
}

Entry Batch::entry() const {
    return {.digest = digest(), .author = author, .expires_height = expires_height, .bytes = bytes};
}

void Ack::write(Writer& writer) const {
    writer.u64(epoch);
    entry.write(writer);
    writer.u16(signer).fixed(signature);
}

Ack Ack::read(Reader& reader) {
    Ack out;
    out.epoch = reader.u64();
    out.entry = Entry::read(reader);
    out.signer = reader.u16();
    out.signature = reader.fixed<Signature>();
    return out;
}

}  // namespace remit::consensus
