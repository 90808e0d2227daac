#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "consensus/messages.h"

namespace remit::consensus {

/// A message from an authenticated peer. `from` is the number of the connection's pinned key, never
/// a claim of the message.
struct PeerMessage {
    PeerNumber from = 0;
    Message message;
};
struct PeerConnected {
    PeerNumber peer = 0;
};
struct PeerDisconnected {
    PeerNumber peer = 0;
};
/// The deadline passed, or the host just wants the clock looked at.
struct Tick {};

/// One client envelope to order. `token` is the host's name for it, given back in Output.
struct Item {
    std::uint64_t token = 0;
    Bytes bytes;
};
struct SubmitItems {
    std::vector<Item> items;
};

/// The host has executed a committed block and can never lose that (it re-executes after a crash).
struct BlockExecuted {
    ExecutionResult result;
};

/// What a notarized block would give: its vote may be sent although nothing of it is kept.
struct BlockSpeculated {
    ExecutionResult result;
};

/// The ledger's next due time (expiry, hold end, cut-off) as of the state after `height`. A time
/// not above that block's own asks for another block at once (a sweep was left over).
struct WakeAt {
    Height height = 0;
    std::optional<std::int64_t> time_ms;
};

/// A peer that the host can reach or is reached by, and a key it votes with in some epoch. A peer
/// may have several (its key rotates).
struct PeerKnown {
    PeerNumber peer = 0;
    PublicKey key;
};

using Event = std::variant<Tick, PeerMessage, PeerConnected, PeerDisconnected, SubmitItems,
                           BlockExecuted, BlockSpeculated, WakeAt, PeerKnown>;

}  // namespace remit::consensus
