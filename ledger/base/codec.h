#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "ledger/base/bytes.h"

namespace remit {

/// Writes the canonical encoding: fixed-width big-endian integers, fixed-size byte arrays as they
/// are, variable byte strings behind a u32 length. See docs/reference/encoding.md.
class Writer {
public:
    template <std::unsigned_integral T>
    Writer& put(T value) {
        for (int shift = (static_cast<int>(sizeof(T)) - 1) * 8; shift >= 0; shift -= 8) {
            out_.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
        }
        return *this;
    }
    Writer& u8(std::uint8_t value) { return put(value); }
    Writer& u16(std::uint16_t value) { return put(value); }
    Writer& u32(std::uint32_t value) { return put(value); }
    Writer& u64(std::uint64_t value) { return put(value); }
    /// Two's complement.
    Writer& i64(std::int64_t value) { return put(static_cast<std::uint64_t>(value)); }
    Writer& boolean(bool value) { return put(static_cast<std::uint8_t>(value ? 1 : 0)); }
    template <std::size_t N, class Tag>
    Writer& fixed(const FixedBytes<N, Tag>& value) {
        out_.append(value.view());
        return *this;
    }
    /// Bytes without a length: only for the tail of an object or a size known elsewhere.
    Writer& raw(ByteView bytes) {
        out_.append(bytes);
        return *this;
    }
    Writer& bytes(ByteView bytes) {
        u32(static_cast<std::uint32_t>(bytes.size()));
        return raw(bytes);
    }

    [[nodiscard]] const Bytes& view() const { return out_; }
    [[nodiscard]] Bytes take() { return std::move(out_); }

private:
    Bytes out_;
};

/// Reads the canonical encoding. Errors stick: after the first short or ill-formed field every
/// read gives zero and `ok()` is false, so a decoder reads all fields and asks once.
class Reader {
public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    template <std::unsigned_integral T>
    T get() {
        if (!need(sizeof(T))) {
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            value = (value << 8U) | static_cast<std::uint8_t>(rest_[i]);
        }
        rest_.remove_prefix(sizeof(T));
        return static_cast<T>(value);
    }
    std::uint8_t u8() { return get<std::uint8_t>(); }
    std::uint16_t u16() { return get<std::uint16_t>(); }
    std::uint32_t u32() { return get<std::uint32_t>(); }
    std::uint64_t u64() { return get<std::uint64_t>(); }
    std::int64_t i64() { return static_cast<std::int64_t>(get<std::uint64_t>()); }
    /// Only 0 and 1 are canonical.
    bool boolean() {
        const auto value = u8();
        if (value > 1) {
            ok_ = false;
        }
        return value == 1;
    }
    /// An enum with underlying type u8 or u16 whose values are 0..last.
    template <class Enum>
    Enum enumerator(Enum last) {
        using Under = std::underlying_type_t<Enum>;
        const auto value = get<Under>();
        if (value > static_cast<Under>(last)) {
            ok_ = false;
            return Enum{};
        }
        return static_cast<Enum>(value);
    }
    template <class Fixed>
    Fixed fixed() {
        Fixed out{};
        if (need(Fixed::size)) {
            std::memcpy(out.data.data(), rest_.data(), Fixed::size);
            rest_.remove_prefix(Fixed::size);
        }
        return out;
    }
    ByteView raw(std::size_t size) {
        if (!need(size)) {
            return {};
        }
        const auto out = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return out;
    }
    /// A length-prefixed string of at most `size_max` bytes.
    Bytes bytes(std::size_t size_max) {
        const auto size = u32();
        if (size > size_max) {
            ok_ = false;
            return {};
        }
        return Bytes(raw(size));
    }
    /// A u32 count of at most `count_max`, refused before anything is allocated for it.
    std::uint32_t count(std::size_t count_max) {
        const auto value = u32();
        if (value > count_max) {
            ok_ = false;
            return 0;
        }
        return value;
    }
    void fail() { ok_ = false; }

    [[nodiscard]] bool ok() const { return ok_; }
    /// Everything was read and nothing is left over.
    [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
    [[nodiscard]] ByteView rest() const { return rest_; }

private:
    bool need(std::size_t size) {
        if (!ok_ || rest_.size() < size) {
            ok_ = false;
            return false;
        }
        return true;
    }
    ByteView rest_;
    bool ok_ = true;
};

}  // namespace remit
