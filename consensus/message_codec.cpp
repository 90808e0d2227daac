#include <array>

#include "consensus/messages.h"

// Bytes of the composite messages, and the tag byte in front of each message. Lists are a u32
// count and the elements, refused above the limit before anything is allocated for them.

namespace remit::consensus {

namespace {

template <class T>
void write_list(Writer& writer, const std::vector<T>& list) {
    writer.u32(static_cast<std::uint32_t>(list.size()));
    for (const auto& element : list) {
        element.write(writer);
    }
}

template <class T>
std::vector<T> read_list(Reader& reader, std::size_t count_max) {
    std::vector<T> out;
    const auto count = reader.count(count_max);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.push_back(T::read(reader));
    }
    return out;
}

template <class T>
void write_optional(Writer& writer, const std::optional<T>& value) {
    writer.boolean(value.has_value());
    if (value) {
        value->write(writer);
    }
}

template <class T>
std::optional<T> read_optional(Reader& reader) {
    if (!reader.boolean()) {
        return std::nullopt;
    }
    return T::read(reader);
}

}  // namespace

void Forward::write(Writer& writer) const {
    writer.u32(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) {
        writer.bytes(item);
    }
}

Forward Forward::read(Reader& reader) {
    Forward out;
    const auto count = reader.count(limits::forwarded_items);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.items.push_back(reader.bytes(limits::batch_bytes));
    }
    return out;
}

void Justification::write(Writer& writer) const {
    write_optional(writer, parent);
    write_list(writer, nullifications);
    write_list(writer, availability);
    write_optional(writer, execution);
}

Justification Justification::read(Reader& reader) {
    Justification out;
    out.parent = read_optional<Certificate>(reader);
    out.nullifications = read_list<Certificate>(reader, limits::skipped_views);
    out.availability = read_list<AvailabilityCertificate>(reader, limits::header_entries);
    out.execution = read_optional<ExecutionCertificate>(reader);
    return out;
}

void Proposal::write(Writer& writer) const {
    header.write(writer);
    writer.fixed(leader_signature);
    justification.write(writer);
    writer.boolean(inline_batch != nullptr);
    if (inline_batch) {
        inline_batch->write(writer);
    }
}

Proposal Proposal::read(Reader& reader) {
    Proposal out;
    out.header = Header::read(reader);
    out.leader_signature = reader.fixed<Signature>();
    out.justification = Justification::read(reader);
    if (reader.boolean()) {
        out.inline_batch = std::make_shared<const Batch>(Batch::read(reader));
    }
    return out;
}

void Offer::write(Writer& writer) const {
    write_list(writer, entries);
}
Offer Offer::read(Reader& reader) {
    return {.entries = read_list<Entry>(reader, limits::offer_entries)};
}

void PeerStatus::write(Writer& writer) const {
    writer.u64(epoch).u64(view).u64(finalised_view).u64(finalised_height);
    writer.u64(executed_height).u64(boot_counter).i64(sent_ms).u64(votes_from);
}
PeerStatus PeerStatus::read(Reader& reader) {
    PeerStatus out;
    out.epoch = reader.u64();
    out.view = reader.u64();
    out.finalised_view = reader.u64();
    out.finalised_height = reader.u64();
    out.executed_height = reader.u64();
    out.boot_counter = reader.u64();
    out.sent_ms = reader.i64();
    out.votes_from = reader.u64();
    return out;
}

void Pong::write(Writer& writer) const {
    writer.i64(sent_ms);
}
Pong Pong::read(Reader& reader) {
    return {.sent_ms = reader.i64()};
}

void CertificatesRequest::write(Writer& writer) const {
    writer.u64(from_view).u64(to_view);
}
CertificatesRequest CertificatesRequest::read(Reader& reader) {
    CertificatesRequest out;
    out.from_view = reader.u64();
    out.to_view = reader.u64();
    return out;
}

void CertificatesAnswer::write(Writer& writer) const {
    write_list(writer, certificates);
}
CertificatesAnswer CertificatesAnswer::read(Reader& reader) {
    return {.certificates = read_list<Certificate>(reader, limits::answer_certificates)};
}

void HeadersRequest::write(Writer& writer) const {
    writer.fixed(digest).u16(count);
}
HeadersRequest HeadersRequest::read(Reader& reader) {
    HeadersRequest out;
    out.digest = reader.fixed<Hash>();
    out.count = reader.u16();
    return out;
}

void HeadersAnswer::write(Writer& writer) const {
    write_list(writer, headers);
}
HeadersAnswer HeadersAnswer::read(Reader& reader) {
    return {.headers = read_list<Header>(reader, limits::answer_headers)};
}

void BatchesRequest::write(Writer& writer) const {
    writer.u32(static_cast<std::uint32_t>(digests.size()));
    for (const auto& digest : digests) {
        writer.fixed(digest);
    }
}
BatchesRequest BatchesRequest::read(Reader& reader) {
    BatchesRequest out;
    const auto count = reader.count(limits::request_batches);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.digests.push_back(reader.fixed<Hash>());
    }
    return out;
}

void ExecutionCertificateRequest::write(Writer& writer) const {
    writer.u64(height);
}
ExecutionCertificateRequest ExecutionCertificateRequest::read(Reader& reader) {
    return {.height = reader.u64()};
}

void BlocksRequest::write(Writer& writer) const {
    writer.u64(from_height).u16(count);
}
BlocksRequest BlocksRequest::read(Reader& reader) {
    BlocksRequest out;
    out.from_height = reader.u64();
    out.count = reader.u16();
    return out;
}

void StoredBlock::write(Writer& writer) const {
    header.write(writer);
    write_optional(writer, finalization);
    write_optional(writer, execution);
}
StoredBlock StoredBlock::read(Reader& reader) {
    StoredBlock out;
    out.header = Header::read(reader);
    out.finalization = read_optional<Certificate>(reader);
    out.execution = read_optional<ExecutionCertificate>(reader);
    return out;
}

void BlocksAnswer::write(Writer& writer) const {
    write_list(writer, blocks);
}
BlocksAnswer BlocksAnswer::read(Reader& reader) {
    return {.blocks = read_list<StoredBlock>(reader, limits::answer_blocks)};
}

void ViewRequest::write(Writer& writer) const {
    writer.u64(epoch).fixed(nonce);
}
ViewRequest ViewRequest::read(Reader& reader) {
    ViewRequest out;
    out.epoch = reader.u64();
    out.nonce = reader.fixed<Hash>();
    return out;
}

void ViewAnswer::write(Writer& writer) const {
    writer.u64(epoch).fixed(nonce).u64(view);
    write_optional(writer, entry);
    writer.u16(signer).fixed(signature);
}
ViewAnswer ViewAnswer::read(Reader& reader) {
    ViewAnswer out;
    out.epoch = reader.u64();
    out.nonce = reader.fixed<Hash>();
    out.view = reader.u64();
    out.entry = read_optional<Certificate>(reader);
    out.signer = reader.u16();
    out.signature = reader.fixed<Signature>();
    return out;
}

void VotesRequest::write(Writer& writer) const {
    writer.u64(epoch).fixed(nonce);
}
VotesRequest VotesRequest::read(Reader& reader) {
    VotesRequest out;
    out.epoch = reader.u64();
    out.nonce = reader.fixed<Hash>();
    return out;
}

void VotesAnswer::write(Writer& writer) const {
    writer.u64(epoch).fixed(nonce);
    write_list(writer, votes);
}
VotesAnswer VotesAnswer::read(Reader& reader) {
    VotesAnswer out;
    out.epoch = reader.u64();
    out.nonce = reader.fixed<Hash>();
    out.votes = read_list<Vote>(reader, limits::answer_votes);
    return out;
}

void SnapshotRequest::write(Writer& writer) const {
    writer.u64(above_height).u64(epoch);
}
SnapshotRequest SnapshotRequest::read(Reader& reader) {
    SnapshotRequest out;
    out.above_height = reader.u64();
    out.epoch = reader.u64();
    return out;
}

void SnapshotAnswer::write(Writer& writer) const {
    anchor.write(writer);
    finalization.write(writer);
    execution.write(writer);
    writer.bytes(manifest);
}
SnapshotAnswer SnapshotAnswer::read(Reader& reader) {
    SnapshotAnswer out;
    out.anchor = Header::read(reader);
    out.finalization = Certificate::read(reader);
    out.execution = ExecutionCertificate::read(reader);
    out.manifest = reader.bytes(limits::snapshot_manifest_bytes);
    return out;
}

void ChunkRequest::write(Writer& writer) const {
    writer.fixed(snapshot_root).u32(index);
}
ChunkRequest ChunkRequest::read(Reader& reader) {
    ChunkRequest out;
    out.snapshot_root = reader.fixed<Hash>();
    out.index = reader.u32();
    return out;
}

void ChunkAnswer::write(Writer& writer) const {
    writer.fixed(snapshot_root).u32(index).bytes(bytes);
}
ChunkAnswer ChunkAnswer::read(Reader& reader) {
    ChunkAnswer out;
    out.snapshot_root = reader.fixed<Hash>();
    out.index = reader.u32();
    out.bytes = reader.bytes(limits::snapshot_chunk_bytes);
    return out;
}

namespace {

template <class T>
struct MessageCodec {
    static void write(Writer& writer, const T& message) { message.write(writer); }
    static T read(Reader& reader) { return T::read(reader); }
};

template <>
struct MessageCodec<BatchHandle> {
    static void write(Writer& writer, const BatchHandle& batch) { batch->write(writer); }
    static BatchHandle read(Reader& reader) {
        return std::make_shared<const Batch>(Batch::read(reader));
    }
};

template <std::size_t Index = 0>
std::optional<Message> read_alternative(std::size_t tag, Reader& reader) {
    if constexpr (Index < std::variant_size_v<Message>) {
        if (tag != Index) {
            return read_alternative<Index + 1>(tag, reader);
        }
        using Alternative = std::variant_alternative_t<Index, Message>;
        return Message(std::in_place_index<Index>, MessageCodec<Alternative>::read(reader));
    } else {
        return std::nullopt;
    }
}

}  // namespace

Bytes encode_message(const Message& message) {
    Writer writer;
    writer.u8(static_cast<std::uint8_t>(message.index()));
    std::visit(
        [&writer](const auto& body) {
            MessageCodec<std::decay_t<decltype(body)>>::write(writer, body);
        },
        message);
    return writer.take();
}

std::optional<Message> decode_message(ByteView bytes) {
    if (bytes.size() > limits::message_bytes) {
        return std::nullopt;
    }
    Reader reader(bytes);
    auto message = read_alternative(reader.u8(), reader);
    if (!reader.done()) {
        return std::nullopt;
    }
    return message;
}

std::string_view name_of(const Message& message) {
    static constexpr std::array<std::string_view, std::variant_size_v<Message>> names{
        "status",
        "pong",
        "proposal",
        "vote",
        "certificate",
        "batch",
        "ack",
        "availability",
        "offer",
        "execution_vote",
        "execution_certificate",
        "certificates_request",
        "certificates_answer",
        "headers_request",
        "headers_answer",
        "batches_request",
        "execution_certificate_request",
        "blocks_request",
        "blocks_answer",
        "view_request",
        "view_answer",
        "votes_request",
        "votes_answer",
        "snapshot_request",
        "snapshot_answer",
        "chunk_request",
        "chunk_answer",
        "hand_over",
        "forward"};
    return names[message.index()];
}

}  // namespace remit::consensus
