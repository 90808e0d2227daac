#include "test/support/devnet/http2_attacks.h"

#include "test/support/devnet/http2_frames.h"
#include "test/support/devnet/tls_socket.h"

using namespace std::chrono_literals;

namespace remit::test::http2 {

namespace {

std::string rapid_resets(const std::string& path, std::uint32_t first, std::uint32_t count) {
    const auto headers = call_headers(path);
    std::string out;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto stream = first + 2 * i;
        out += frame(FrameType::headers, end_headers, stream, headers) +
               frame(FrameType::reset, 0, stream, std::string(4, '\x08'));
    }
    return out;
}

}  // namespace

std::vector<Attack> attacks(const std::string& path) {
    const std::string zeros(16'384, '\0');
    // A header whose value is announced as 256 MiB and never ends.
    const auto endless =
        "\x83\x87\x04" + std::string("\x7f\x80\x80\x80\x80\x01", 6) + std::string(1000, 'a');
    return {
        {"rapid resets", rapid_resets(path, 1, 20'000), "", 0},
        {"endless header", frame(FrameType::headers, 0, 1, endless),
         frame(FrameType::continuation, 0, 1, std::string(16'384, 'a')), 128},
        {"empty continuations", frame(FrameType::headers, 0, 1, "\x83"),
         frame(FrameType::continuation, 0, 1, ""), 100'000},
        {"settings", "",
         frame(FrameType::settings, 0, 0, std::string("\x00\x04\x00\x00\xff\xff", 6)), 50'000},
        {"pings", "", frame(FrameType::ping, 0, 0, "12345678"), 50'000},
        {"oversized frame", frame_of(FrameType::data, 0, 1, zeros, 0xffffff), zeros, 100},
        {"data without a stream", frame(FrameType::data, 0, 77, zeros), "", 0},
        {"half a frame", std::string("\x00\x40", 2), "", 0},
        {"unknown frames", "", frame(FrameType{0x77}, 0xff, 3, zeros), 200},
    };
}

void carry_out(const Attack& attack, std::uint16_t port, const node::TlsIdentity& identity) {
    TlsSocket socket(port, identity);
    if (!socket.is_open() || !socket.send(preface() + attack.first)) {
        return;
    }
    std::string chunk;
    for (int i = 0; i < attack.times; ++i) {
        chunk += attack.repeated;
        if (chunk.size() > 100'000 || i + 1 == attack.times) {
            if (!socket.send(chunk)) {
                return;
            }
            chunk.clear();
        }
    }
    (void)socket.receive(200ms);
}

}  // namespace remit::test::http2
