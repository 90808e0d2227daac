#pragma once

#include <utility>

#include "ledger/base/bytes.h"
#include "ledger/base/result.h"

namespace remit::node::signer {

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int value = -1) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    [[nodiscard]] int get() const { return value_; }
    [[nodiscard]] bool is_open() const { return value_ >= 0; }
    void close();

private:
    int value_;
};

/// Sends all of it within `wait_ms` between two pieces; false when the other end is gone or does
/// not read.
bool send_all(int socket, ByteView bytes, int wait_ms);

/// A new socket connected to this path; the error in words.
Result<Descriptor, std::string> connect_to(const std::string& path);

/// A new socket that listens at this path, where no file may be. `mode` is the file's.
Result<Descriptor, std::string> listen_at(const std::string& path, unsigned mode);

}  // namespace remit::node::signer
