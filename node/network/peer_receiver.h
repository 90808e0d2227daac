#pragma once

#include <memory>

#include "consensus/messages.h"
#include "node/seams/transport.h"

namespace remit::node {

/// Holds back a stream's sender: while many leases are out, the stream is read no further. Kept
/// with a message until it has been handled.
using ReadLease = std::shared_ptr<void>;

/// Takes what arrives from the other validators. Called from network threads; must not block.
/// `peer` is the index that the connection's pinned key belongs to.
class PeerReceiver {
public:
    virtual ~PeerReceiver() = default;
    virtual void on_message(consensus::ValidatorIndex peer, consensus::Message message,
                            ReadLease lease) = 0;
    /// Bytes that are no message: no honest validator sends such.
    virtual void on_garbage(consensus::ValidatorIndex peer) = 0;
    /// Both of our streams to the peer are open; and one of them closed.
    virtual void on_connected(consensus::ValidatorIndex peer) = 0;
    virtual void on_disconnected(consensus::ValidatorIndex peer) = 0;
};

}  // namespace remit::node
