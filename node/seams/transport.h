#pragma once

#include <cstdint>

#include "ledger/base/bytes.h"

namespace remit::node {

/// Votes, certificates and headers never queue behind batches: two connections per peer.
enum class Channel : std::uint8_t { votes, bulk };

/// Sends to the other validators. Best effort: bytes may be lost, delayed, doubled or reordered,
/// and the caller never learns; consensus repairs. Called on the reactor thread, never blocks.
/// What is sent may wait for `flush`, so that one turn's messages to a peer travel as one.
class Transport {
public:
    virtual ~Transport() = default;
    /// `peer` is a position in the validator set, never our own.
    virtual void send(std::uint16_t peer, Channel channel, ByteView bytes) = 0;
    /// Everything sent so far goes now.
    virtual void flush() {}
};

}  // namespace remit::node
