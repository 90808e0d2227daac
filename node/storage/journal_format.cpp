#include "node/storage/journal_format.h"

#include "node/storage/crc32c.h"

namespace remit::node::journal {

namespace {

constexpr ByteView magic = "remitjnl";
constexpr std::uint32_t version = 2;  // 1 had records without their epoch
constexpr std::uint32_t mark_version = 2;
constexpr std::uint32_t mark_version_short = 1;  // without an end and lost votes
constexpr std::size_t crc_size = 4;

Bytes with_crc(Writer& writer) {
    const auto crc = crc32c({writer.view()});
    return writer.u32(crc).take();
}

bool crc_holds(ByteView bytes) {
    if (bytes.size() < crc_size) {
        return false;
    }
    Reader crc(bytes.substr(bytes.size() - crc_size));
    return crc.u32() == crc32c({bytes.substr(0, bytes.size() - crc_size)});
}

/// Ties a frame to its place, so that a frame copied elsewhere never checks.
Bytes place(const SegmentHeader& segment, std::uint64_t offset, std::size_t length) {
    Writer writer;
    writer.u32(segment.salt).u64(segment.number).u64(offset);
    return writer.u32(static_cast<std::uint32_t>(length)).take();
}

}  // namespace

Bytes SegmentHeader::encode() const {
    Writer writer;
    writer.raw(magic).u32(version).u32(salt).u64(number).u64(first_group);
    return with_crc(writer);
}

std::optional<SegmentHeader> SegmentHeader::decode(ByteView bytes) {
    constexpr std::size_t size = 8 + 4 + 4 + 8 + 8 + crc_size;
    if (bytes.size() < size || !crc_holds(bytes.substr(0, size))) {
        return std::nullopt;
    }
    Reader reader(bytes);
    if (reader.raw(magic.size()) != magic || reader.u32() != version) {
        return std::nullopt;
    }
    SegmentHeader out;
    out.salt = reader.u32();
    out.number = reader.u64();
    out.first_group = reader.u64();
    return out;
}

Bytes Frame::head(const SegmentHeader& segment, std::uint64_t offset) const {
    Writer rest;
    rest.u64(group).u32(index).u8(static_cast<std::uint8_t>(type));
    const auto crc = crc32c({place(segment, offset, payload.size()), rest.view(), payload});
    Writer out;
    out.u32(static_cast<std::uint32_t>(payload.size())).u32(crc).raw(rest.view());
    return out.take();
}

std::optional<Frame> Frame::at(const SegmentHeader& segment, ByteView bytes, std::uint64_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < head_size) {
        return std::nullopt;
    }
    const auto here = bytes.substr(offset);
    Reader reader(here);
    const auto length = reader.u32();
    const auto crc = reader.u32();
    if (length == 0 || length > here.size() - head_size) {
        return std::nullopt;
    }
    const auto rest = here.substr(8, head_size - 8);
    Frame out;
    out.group = reader.u64();
    out.index = reader.u32();
    const auto type = reader.u8();
    out.payload = here.substr(head_size, length);
    if (crc32c({place(segment, offset, length), rest, out.payload}) != crc) {
        return std::nullopt;
    }
    if (type != static_cast<std::uint8_t>(FrameType::record) &&
        type != static_cast<std::uint8_t>(FrameType::batch)) {
        return std::nullopt;
    }
    out.type = static_cast<FrameType>(type);
    return out;
}

Bytes HighWater::encode() const {
    Writer writer;
    const bool plain = end == 0 && !votes_lost;
    writer.u32(plain ? mark_version_short : mark_version);
    writer.u64(boot_counter).u64(segment).u64(group).u64(durable_height);
    if (!plain) {
        writer.u64(end).boolean(votes_lost);
    }
    return with_crc(writer);
}

std::optional<HighWater> HighWater::decode(ByteView bytes) {
    if (!crc_holds(bytes)) {
        return std::nullopt;
    }
    Reader reader(bytes.substr(0, bytes.size() - crc_size));
    const auto found = reader.u32();
    HighWater out;
    out.boot_counter = reader.u64();
    out.segment = reader.u64();
    out.group = reader.u64();
    out.durable_height = reader.u64();
    if (found == mark_version) {
        out.end = reader.u64();
        out.votes_lost = reader.boolean();
    }
    const bool known =
        found == (out.end == 0 && !out.votes_lost ? mark_version_short : mark_version);
    return known && reader.done() ? std::optional(out) : std::nullopt;
}

}  // namespace remit::node::journal
