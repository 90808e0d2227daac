#pragma once

#include <cstdint>
#include <string>

/// Bytes of HTTP/2 (RFC 9113), well formed or not.
namespace remit::test::http2 {

enum class FrameType : std::uint8_t {
    data = 0,
    headers = 1,
    reset = 3,
    settings = 4,
    ping = 6,
    continuation = 9,
};
constexpr std::uint8_t end_stream = 1;
constexpr std::uint8_t end_headers = 4;

/// `claimed` bytes are announced, `payload` follows.
inline std::string frame_of(FrameType type, std::uint8_t flags, std::uint32_t stream,
                            const std::string& payload, std::size_t claimed) {
    const auto byte = [](std::size_t value, unsigned shift) {
        return static_cast<char>((value >> shift) & 0xffU);
    };
    std::string out{byte(claimed, 16), byte(claimed, 8), byte(claimed, 0), static_cast<char>(type),
                    static_cast<char>(flags)};
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out += byte(stream, shift);
    }
    return out + payload;
}

inline std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                         const std::string& payload) {
    return frame_of(type, flags, stream, payload, payload.size());
}

/// What every client says first.
inline std::string preface() {
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType::settings, 0, 0, "");
}

/// A header as HPACK has it without any table.
inline std::string literal_header(const std::string& name, const std::string& value) {
    return std::string(1, '\0') + static_cast<char>(name.size()) + name +
           static_cast<char>(value.size()) + value;
}

/// A block of headers that calls a method over TLS: HPACK without its dynamic table.
inline std::string call_headers(const std::string& path) {
    const auto text = [](const std::string& value) {
        return std::string(1, static_cast<char>(value.size())) + value;
    };
    return "\x83\x87\x04" + text(path) + "\x01" + text("127.0.0.1") + "\x0f\x10" +
           text("application/grpc") + std::string(1, '\0') + text("te") + text("trailers");
}

}  // namespace remit::test::http2
