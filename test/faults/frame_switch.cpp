#include "test/faults/frame_switch.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace remit::test {

namespace {

constexpr std::size_t frame_bytes_max = 65'536;
constexpr std::size_t header_bytes = 14;
// A queue as long as a real switch would have: more is dropped, and TCP slows down.
constexpr std::size_t waiting_max = 20'000;

/// Where the payload of TCP over IPv4 begins; 0 when the frame has none.
std::size_t tcp_payload_of(const std::vector<std::uint8_t>& frame) {
    constexpr std::size_t least = header_bytes + 20 + 20;
    constexpr std::uint8_t tcp = 6;
    if (frame.size() < least || frame[12] != 0x08 || frame[13] != 0x00 ||
        frame[header_bytes + 9] != tcp) {
        return 0;
    }
    const auto segment = header_bytes + 4 * (frame[header_bytes] & 0xfU);
    if (segment + 20 > frame.size()) {
        return 0;
    }
    const auto payload = segment + 4 * (frame[segment + 12] >> 4U);
    const auto end =
        header_bytes + (std::size_t{frame[header_bytes + 2]} << 8U) + frame[header_bytes + 3];
    return payload < end && end <= frame.size() ? payload : 0;
}

/// The sum of TCP after one of the 16-bit words it covers has become another (RFC 1624, 3).
void mend_sum(std::vector<std::uint8_t>& frame, std::size_t at, std::uint8_t before) {
    const auto segment = header_bytes + 4 * (frame[header_bytes] & 0xfU);
    const bool high = (at - segment) % 2 == 0;
    const auto word = [high](std::uint8_t byte) -> std::uint32_t {
        return high ? std::uint32_t{byte} << 8U : byte;
    };
    const auto place = segment + 16;
    std::uint32_t sum = (std::uint32_t{frame[place]} << 8U) | frame[place + 1];
    sum = (~sum & 0xffffU) + (~word(before) & 0xffffU) + word(frame[at]);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = ~((sum & 0xffffU) + (sum >> 16U)) & 0xffffU;
    frame[place] = static_cast<std::uint8_t>(sum >> 8U);
    frame[place + 1] = static_cast<std::uint8_t>(sum);
}

int open_tap(const std::string& name) {
    const int tap = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    ifreq request{};
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    if (tap < 0 || ::ioctl(tap, TUNSETIFF, &request) != 0) {
        ::close(tap);
        throw std::runtime_error("no TAP device " + name + ": " + std::strerror(errno));
    }
    return tap;
}

}  // namespace

FrameSwitch::FrameSwitch(const std::vector<std::string>& names, std::uint64_t seed)
    : learned_(names.size()),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      paths_(names.size(), std::vector<PathState>(names.size())),
      random_(seed) {
    for (const auto& name : names) {
        taps_.push_back(open_tap(name));
    }
    thread_ = std::thread([this] { run(); });
}

FrameSwitch::~FrameSwitch() {
    ::eventfd_write(stop_, 1);
    if (thread_.joinable()) {
        thread_.join();
    }
    for (const int tap : taps_) {
        ::close(tap);
    }
    ::close(stop_);
}

void FrameSwitch::set(std::size_t from, std::size_t to, const PathState& state) {
    const std::lock_guard lock(mutex_);
    paths_.at(from).at(to) = state;
}

void FrameSwitch::run() {
    std::vector<pollfd> wanted;
    for (const int tap : taps_) {
        wanted.push_back({.fd = tap, .events = POLLIN, .revents = 0});
    }
    wanted.push_back({.fd = stop_, .events = POLLIN, .revents = 0});
    while (true) {
        int wait_ms = -1;
        if (!waiting_.empty()) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                waiting_.top().due - Clock::now());
            wait_ms = static_cast<int>(std::max<std::int64_t>(0, left.count() + 1));
        }
        ::poll(wanted.data(), wanted.size(), wait_ms);
        if (wanted.back().revents != 0) {
            return;
        }
        for (std::size_t port = 0; port < taps_.size(); ++port) {
            if (wanted[port].revents != 0) {
                receive(port);
            }
        }
        send_due();
    }
}

void FrameSwitch::receive(std::size_t port) {
    constexpr int frames_a_turn = 64;
    std::vector<std::uint8_t> frame(frame_bytes_max);
    for (int i = 0; i < frames_a_turn; ++i) {
        const auto got = ::read(taps_[port], frame.data(), frame_bytes_max);
        if (got < static_cast<ssize_t>(header_bytes)) {
            return;
        }
        std::vector<std::uint8_t> bytes(frame.begin(), frame.begin() + got);
        Address to{};
        Address from{};
        std::copy_n(bytes.begin(), to.size(), to.begin());
        std::copy_n(bytes.begin() + 6, from.size(), from.begin());
        learned_[port] = from;
        const auto found = std::find(learned_.begin(), learned_.end(), to);
        for (std::size_t other = 0; other < taps_.size(); ++other) {
            const bool wanted = found == learned_.end() ||
                                other == static_cast<std::size_t>(found - learned_.begin());
            if (other != port && wanted) {
                forward(port, other, bytes);
            }
        }
    }
}

void FrameSwitch::forward(std::size_t from, std::size_t to,
                          const std::vector<std::uint8_t>& frame) {
    PathState path;
    {
        const std::lock_guard lock(mutex_);
        path = paths_[from][to];
    }
    if (path == PathState{}) {
        (void)!::write(taps_[to], frame.data(), frame.size());
        return;
    }
    if (path.cut || chance(path.loss_percent) || waiting_.size() >= waiting_max) {
        return;
    }
    const int copies = chance(path.double_percent) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        auto delay = path.delay;
        if (path.jitter.count() > 0) {
            delay += std::chrono::milliseconds(random_() %
                                               static_cast<std::uint64_t>(path.jitter.count()));
        }
        auto bytes = frame;
        if (chance(path.damage_percent) && bytes.size() > header_bytes) {
            damage(bytes);
        }
        waiting_.push({Clock::now() + delay, next_number_++, to, std::move(bytes)});
    }
}

void FrameSwitch::damage(std::vector<std::uint8_t>& frame) {
    const auto payload = random_() % 2 == 0 ? tcp_payload_of(frame) : 0;
    const auto first = payload > 0 ? payload : header_bytes;
    const auto at = first + random_() % (frame.size() - first);
    const auto before = frame[at];
    frame[at] = static_cast<std::uint8_t>(before ^ (1U << (random_() % 8)));
    if (payload > 0) {
        mend_sum(frame, at, before);
    }
}

void FrameSwitch::send_due() {
    const auto now = Clock::now();
    while (!waiting_.empty() && waiting_.top().due <= now) {
        const auto& next = waiting_.top();
        (void)!::write(taps_[next.to], next.frame.data(), next.frame.size());
        waiting_.pop();
    }
}

}  // namespace remit::test
