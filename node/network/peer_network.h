#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/network/peer_receiver.h"
#include "node/network/session.h"
#include "node/ops/config.h"
#include "node/seams/clock.h"
#include "node/seams/transport.h"
#include "node/tls/credentials.h"

namespace remit::node {

/// A validator as the network sees it.
struct PeerAddress {
    std::string name;
    TransportPin pin;
    std::optional<Endpoint> endpoint;  ///< none: it connects to us, we do not know where it is
};

class OutboundLink;

struct PeerNetworkConfig {
    Hash chain_id;
    consensus::ValidatorIndex self = 0;
    Endpoint listen;
    std::vector<PeerAddress> validators;  ///< in the order of the validator set
    TlsIdentity identity;
};

/// The mesh of validators: mutual TLS pinned to the registered keys, two sending streams to each
/// peer, one listener. `send` and `flush` may be called from one thread, the rest from any.
class PeerNetwork final : public Transport {
public:
    struct Parts {
        PeerReceiver& receiver;
        const Clock& clock;
        NoticeFunction notice;
        /// A peer runs twice: two live processes have its key. gRPC thread, again and again.
        std::function<void(consensus::ValidatorIndex peer)> on_second_session = nullptr;
        /// One more peer hears a newer process with our own key. Of f+1 that say so one is honest.
        std::function<void(std::size_t peers)> on_superseded = nullptr;
    };
    PeerNetwork(PeerNetworkConfig config, Parts parts);
    ~PeerNetwork() override;
    PeerNetwork(const PeerNetwork&) = delete;
    PeerNetwork& operator=(const PeerNetwork&) = delete;

    /// Binds the listener and begins to connect. Errors: bad_configuration when the address is
    /// taken.
    Status<Failure> start(Session session = {});
    void stop();

    void send(std::uint16_t peer, Channel channel, ByteView bytes) override;
    void flush() override;
    /// Closes everything to and from a peer that misbehaved; it may come back after a pause.
    void interrupt(consensus::ValidatorIndex peer);

    [[nodiscard]] bool connected(consensus::ValidatorIndex peer) const;
    [[nodiscard]] std::size_t connected_count() const;
    struct Traffic {
        std::uint64_t sent_bytes = 0;
        std::uint64_t received_bytes = 0;
        std::uint64_t dropped_messages = 0;
    };
    [[nodiscard]] Traffic traffic() const;

private:
    struct Peer;
    struct Listening;
    void connect(consensus::ValidatorIndex index);
    void on_superseded(consensus::ValidatorIndex by);
    void on_link_change(consensus::ValidatorIndex index, Channel channel, bool up);
    void keep_links_open();

    PeerNetworkConfig config_;
    Parts parts_;
    Session session_;
    std::mutex superseded_mutex_;
    std::set<consensus::ValidatorIndex> superseded_by_;
    std::vector<std::unique_ptr<Peer>> peers_;  // null at our own place
    std::unique_ptr<Listening> listening_;
    std::atomic<std::uint64_t> sent_bytes_ = 0;
    std::set<OutboundLink*> unflushed_;  // of the thread that sends
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread keeper_;
};

}  // namespace remit::node
