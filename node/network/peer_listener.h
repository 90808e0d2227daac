#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "ledger/base/hash.h"
#include "node/network/clock_offsets.h"
#include "node/network/peer_receiver.h"
#include "node/network/session.h"
#include "node/tls/certificate.h"
#include "remit/peer/v1/peer_service.grpc.pb.h"

namespace remit::node {

/// Takes the streams of the other validators. Decodes on gRPC's threads, and reads a stream no
/// further while too much of it waits for the reactor.
class PeerListener : public peer::v1::PeerService::CallbackService {
public:
    struct Parts {
        Hash chain_id;
        std::map<TransportPin, consensus::ValidatorIndex> validators;
        PeerReceiver& receiver;
        /// Two runs of this validator's process live at once. gRPC thread.
        std::function<void(consensus::ValidatorIndex)> on_second_session = nullptr;
        /// A peer tells what its clock shows. gRPC thread.
        std::function<void(consensus::PeerNumber, const ClockStamp&)> on_clock = nullptr;
    };
    explicit PeerListener(Parts parts) : parts_(std::move(parts)) {}

    /// Certificates that open streams from now on, no others, and whose they are.
    void list(std::map<TransportPin, consensus::PeerNumber> validators);
    /// Ends the peer's streams.
    void interrupt(consensus::ValidatorIndex peer);
    [[nodiscard]] std::uint64_t bytes_received() const { return bytes_received_; }

private:
    class Stream;
    using Reactor = grpc::ServerBidiReactor<peer::v1::Frame, peer::v1::Nothing>;
    Reactor* Votes(grpc::CallbackServerContext* context) override;
    Reactor* Bulk(grpc::CallbackServerContext* context) override;
    [[nodiscard]] std::optional<consensus::PeerNumber> find(const TransportPin& pin);
    Reactor* accept(grpc::CallbackServerContext* context, Channel channel);
    /// Takes a greeted stream in place of the one there was, unless that is of a newer run: then it
    /// waits until the newer one has spoken (two live processes) or is gone (it was half open).
    void admit(Stream& stream);
    void on_spoken(const Stream& stream);
    void forget(const Stream& stream);

    using Key = std::pair<consensus::ValidatorIndex, Channel>;
    Parts parts_;
    std::atomic<std::uint64_t> bytes_received_ = 0;
    std::mutex mutex_;
    std::map<Key, Stream*> streams_;
    std::map<Key, Stream*> waiting_;
    std::atomic<std::size_t> waiting_count_ = 0;  // so that most frames need no lock
};

}  // namespace remit::node
