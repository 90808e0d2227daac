#include "node/signer/protocol.h"

#include <utility>

namespace remit::node::signer {

namespace {

constexpr auto refusal_first = static_cast<std::uint16_t>(Refusal::malformed);
constexpr auto refusal_last = static_cast<std::uint16_t>(Refusal::foreign_verb);
constexpr std::size_t length_size = 4;

template <class Variant>
Bytes frame(const Variant& message) {
    Writer body;
    body.u8(static_cast<std::uint8_t>(message.index() + 1));
    std::visit([&](const auto& each) { each.write(body); }, message);
    Writer out;
    out.bytes(body.view());
    return out.take();
}

template <class Variant, std::size_t... I>
std::optional<Variant> read(Reader& reader, std::size_t index, std::index_sequence<I...> /*all*/) {
    std::optional<Variant> out;
    const auto read_one = [&]<std::size_t Each>() {
        if (index == Each) {
            out = std::variant_alternative_t<Each, Variant>::read(reader);
        }
    };
    (read_one.template operator()<I>(), ...);
    return out;
}

template <class Variant>
std::optional<Variant> message_from(ByteView body) {
    Reader reader(body);
    const std::size_t tag = reader.u8();
    if (!reader.ok() || tag == 0 || body.size() > frame_bytes_max) {
        return std::nullopt;
    }
    auto out =
        read<Variant>(reader, tag - 1, std::make_index_sequence<std::variant_size_v<Variant>>{});
    return out && reader.done() ? std::move(out) : std::nullopt;
}

void write_place(Writer& writer, Place place) {
    writer.u64(place.epoch).u64(place.view);
}

Place read_place(Reader& reader) {
    Place out;
    out.epoch = reader.u64();
    out.view = reader.u64();
    return out;
}

}  // namespace

void SignedStatement::write(Writer& writer) const {
    writer.bytes(statement).fixed(signature);
}
SignedStatement SignedStatement::read(Reader& reader) {
    SignedStatement out;
    out.statement = reader.bytes(statement_bytes_max);
    out.signature = reader.fixed<Signature>();
    return out;
}

void Hello::write(Writer& writer) const {
    writer.u16(version).fixed(chain_id).u32(static_cast<std::uint32_t>(newest_votes.size()));
    for (const auto& vote : newest_votes) {
        vote.write(writer);
    }
}
Hello Hello::read(Reader& reader) {
    Hello out;
    out.version = reader.u16();
    out.chain_id = reader.fixed<Hash>();
    const auto count = reader.count(votes_max);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        out.newest_votes.push_back(SignedStatement::read(reader));
    }
    return out;
}

void SignRequest::write(Writer& writer) const {
    writer.bytes(statement);
}
SignRequest SignRequest::read(Reader& reader) {
    return {.statement = reader.bytes(statement_bytes_max)};
}

void SignerStatus::write(Writer& writer) const {
    writer.fixed(key).boolean(locked);
    write_place(writer, floor);
    write_place(writer, highest);
    writer.u64(boot_counter).u64(votes);
}
SignerStatus SignerStatus::read(Reader& reader) {
    SignerStatus out;
    out.key = reader.fixed<PublicKey>();
    out.locked = reader.boolean();
    out.floor = read_place(reader);
    out.highest = read_place(reader);
    out.boot_counter = reader.u64();
    out.votes = reader.u64();
    return out;
}

void Signed::write(Writer& writer) const {
    writer.fixed(signature);
}
Signed Signed::read(Reader& reader) {
    return {.signature = reader.fixed<Signature>()};
}

void Refused::write(Writer& writer) const {
    writer.u16(static_cast<std::uint16_t>(reason));
}
Refused Refused::read(Reader& reader) {
    const auto number = reader.u16();
    if (number < refusal_first || number > refusal_last) {
        reader.fail();
        return {};
    }
    return {.reason = static_cast<Refusal>(number)};
}

Bytes frame_of(const Request& request) {
    return frame(request);
}
Bytes frame_of(const Reply& reply) {
    return frame(reply);
}
std::optional<Request> request_from(ByteView body) {
    return message_from<Request>(body);
}
std::optional<Reply> reply_from(ByteView body) {
    return message_from<Reply>(body);
}

std::optional<Bytes> FrameReader::next() {
    Reader reader(buffer_);
    const std::size_t size = reader.u32();
    if (broken_ || !reader.ok()) {
        return std::nullopt;
    }
    if (size == 0 || size > frame_bytes_max) {
        broken_ = true;
        return std::nullopt;
    }
    if (buffer_.size() < length_size + size) {
        return std::nullopt;
    }
    Bytes out = buffer_.substr(length_size, size);
    buffer_.erase(0, length_size + size);
    return out;
}

}  // namespace remit::node::signer
