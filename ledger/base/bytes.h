#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace remit {

/// Owned and borrowed byte strings. `std::string` is what Protobuf, gRPC and RocksDB hold, so no
/// copy is made at those edges; nothing here is text unless a name says so.
using Bytes = std::string;
using ByteView = std::string_view;

/// Lower-case hexadecimal text of `bytes`.
std::string to_hex(ByteView bytes);

/// Bytes of hexadecimal text (upper or lower case). Empty optional on an odd length or another
/// character.
std::optional<Bytes> from_hex(std::string_view hex);

/// A value of exactly N bytes. `Tag` keeps a hash from being passed where a key is wanted.
template <std::size_t N, class Tag>
struct FixedBytes {
    static constexpr std::size_t size = N;
    std::array<std::uint8_t, N> data{};

    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

    /// The bytes, borrowed: valid as long as this object.
    [[nodiscard]] ByteView view() const {
        return {reinterpret_cast<const char*>(data.data()), N};  // NOLINT
    }
    [[nodiscard]] Bytes bytes() const { return Bytes(view()); }
    [[nodiscard]] std::string hex() const { return to_hex(view()); }
    [[nodiscard]] bool is_zero() const { return *this == FixedBytes{}; }

    /// Empty optional unless `bytes` has exactly N bytes.
    static std::optional<FixedBytes> from(ByteView bytes) {
        if (bytes.size() != N) {
            return std::nullopt;
        }
        FixedBytes out;
        std::memcpy(out.data.data(), bytes.data(), N);
        return out;
    }
    static std::optional<FixedBytes> parse_hex(std::string_view hex) {
        auto bytes = from_hex(hex);
        return bytes ? from(*bytes) : std::nullopt;
    }
};

}  // namespace remit
