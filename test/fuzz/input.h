#pragma once

#include <algorithm>
#include <cstdint>

#include "ledger/base/bytes.h"

/// What every target defines: one run over one input. Always 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace remit::fuzz {

inline ByteView view_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};  // NOLINT
}

/// Takes choices off the front of an input; zeros when it is used up, so every input is a whole
/// program.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(view_of(data, size)) {}
    explicit Input(ByteView bytes) : rest_(bytes) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] ByteView rest() const { return rest_; }

    std::uint8_t u8() {
        if (rest_.empty()) {
            return 0;
        }
        const auto out = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return out;
    }
    std::uint16_t u16() {
        const auto high = u8();
        return static_cast<std::uint16_t>((high << 8U) | u8());
    }
    std::uint64_t u64() {
        std::uint64_t out = 0;
        for (int i = 0; i < 8; ++i) {
            out = (out << 8U) | u8();
        }
        return out;
    }
    bool flag() { return (u8() & 1U) != 0; }
    /// 0 <= result < count; count > 0.
    std::size_t below(std::size_t count) { return u8() % count; }
    ByteView bytes(std::size_t size) {
        const auto out = rest_.substr(0, std::min(size, rest_.size()));
        rest_.remove_prefix(out.size());
        return out;
    }

private:
    ByteView rest_;
};

}  // namespace remit::fuzz
