#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/network/clock_offsets.h"
#include "node/network/peer_receiver.h"
#include "node/network/session.h"
#include "node/ops/config.h"
#include "node/ops/metrics.h"
#include "node/seams/clock.h"
#include "node/seams/transport.h"
#include "node/tls/credentials.h"

namespace remit::node {

/// A validator as the network sees it.
struct PeerAddress {
    std::string name;
    std::vector<TransportPin> pins;   ///< certificates it may show
    std::vector<Endpoint> endpoints;  ///< one after the other is tried; none: it connects to us
};

class OutboundLink;

struct PeerNetworkConfig {
    Hash chain_id;
    consensus::ValidatorIndex self = 0;
    Endpoint listen;
    std::vector<PeerAddress> validators;  ///< by peer number; more may follow (add_peer)
    TlsIdentity identity;
};

/// The mesh of validators: mutual TLS pinned to the registered keys, two sending streams to each
/// peer, one listener. `send` and `flush` may be called from one thread, the rest from any.
class PeerNetwork final : public Transport {
public:
    /// Validators of all sets since the start, and those that are to be.
    static constexpr std::size_t peers_max = 256;
    struct Parts {
        PeerReceiver& receiver;
        const Clock& clock;
        NoticeFunction notice;
        /// A peer runs twice: two live processes have its key. gRPC thread, again and again.
        std::function<void(consensus::ValidatorIndex peer)> on_second_session = nullptr;
        /// These peers hear a newer process with our own key, one more of them than the last time.
        std::function<void(const std::set<consensus::PeerNumber>& peers)> on_superseded = nullptr;
        Metrics* metrics = nullptr;
    };
    PeerNetwork(PeerNetworkConfig config, Parts parts);
    ~PeerNetwork() override;
    PeerNetwork(const PeerNetwork&) = delete;
    PeerNetwork& operator=(const PeerNetwork&) = delete;

    /// Binds the listener and begins to connect. Errors: bad_configuration when the address is
    /// taken.
    Status<Failure> start(Session session = {});
    void stop();
    /// One more peer, with the next number; after `start`. False: there are too many.
    bool add_peer(PeerAddress address);
    /// Whether a peer may be here at all; all may at first. One that may not is closed and its
    /// certificate is refused, until it may again. After `start`, of the thread that adds peers.
    /// False: nothing changed.
    bool admit(consensus::PeerNumber peer, bool admitted);
    /// It may be elsewhere now, or have another certificate. Connections that rest on a certificate
    /// that is not named any more end at once. As `admit`: same thread, false when nothing changed.
    bool renew(consensus::PeerNumber peer, const PeerAddress& address);

    void send(std::uint16_t peer, Channel channel, ByteView bytes) override;
    void flush() override;
    /// Closes everything to and from a peer that misbehaved; it may come back after a pause.
    void interrupt(consensus::ValidatorIndex peer);

    [[nodiscard]] bool connected(consensus::ValidatorIndex peer) const;
    [[nodiscard]] std::size_t connected_count() const;
    /// This machine's clock less the peers', by their median; nothing while too few have told.
    [[nodiscard]] std::optional<std::int64_t> clock_skew_ms() const;
    struct Traffic {
        std::uint64_t sent_bytes = 0;
        std::uint64_t received_bytes = 0;
        std::uint64_t dropped_messages = 0;
    };
    [[nodiscard]] Traffic traffic() const;

private:
    struct Peer;
    struct Listening;
    void add(consensus::ValidatorIndex index, const PeerAddress& address);
    void connect(Peer& peer);
    void list();
    void try_next_endpoint(Peer& peer, std::int64_t now_ms);
    void on_superseded(consensus::ValidatorIndex by);
    void on_link_change(consensus::ValidatorIndex index, Channel channel, bool up);
    void keep_links_open();

    PeerNetworkConfig config_;
    Parts parts_;
    Session session_;
    ClockOffsets clocks_;
    std::mutex superseded_mutex_;
    std::set<consensus::ValidatorIndex> superseded_by_;
    /// Never fewer, never moved: room for all, of which the first `peer_count_` are there (null at
    /// our own place).
    std::vector<std::unique_ptr<Peer>> peers_;
    std::atomic<std::size_t> peer_count_ = 0;
    std::shared_ptr<PeerList> admitted_ = std::make_shared<PeerList>();
    std::unique_ptr<Listening> listening_;
    std::atomic<std::uint64_t> sent_bytes_ = 0;
    std::set<OutboundLink*> unflushed_;  // of the thread that sends
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread keeper_;
};

}  // namespace remit::node
