#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "consensus/messages.h"

namespace remit::consensus {

/// A message from an authenticated peer of this validator set. `from` is the index that the
/// connection's pinned key belongs to, never a claim of the message.
struct PeerMessage {
    ValidatorIndex from = 0;
    Message message;
};
struct PeerConnected {
    ValidatorIndex peer = 0;
};
struct PeerDisconnected {
    ValidatorIndex peer = 0;
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

using Event = std::variant<Tick, PeerMessage, PeerConnected, PeerDisconnected, SubmitItems,
                           BlockExecuted, BlockSpeculated, WakeAt>;

}  // namespace remit::consensus
