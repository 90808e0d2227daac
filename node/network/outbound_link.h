#pragma once

#include <grpcpp/channel.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/base/hash.h"
#include "node/network/clock_offsets.h"
#include "node/network/session.h"
#include "node/seams/transport.h"
#include "remit/peer/v1/peer_service.grpc.pb.h"

namespace remit::node {

/// What may wait for a slow peer, and what one frame may carry.
struct LinkLimits {
    std::size_t queue_bytes_max = 0;
    std::size_t frame_bytes_max = 0;
};

/// Our sending stream of one class to one peer. It is opened again whenever it ends; what is sent
/// while it is closed, or over the queue's limit, is dropped: consensus asks again. Any thread.
class OutboundLink {
public:
    struct Parts {
        Channel channel = Channel::votes;
        Hash chain_id;
        LinkLimits limits;
        std::function<void(bool up)> on_change;  ///< gRPC thread
        Session session = {};
        /// The peer hears a newer process with our key. gRPC thread.
        std::function<void()> on_superseded = nullptr;
        /// What our clock shows, told every few seconds; null: never.
        std::function<ClockStamp()> stamp = nullptr;
    };
    explicit OutboundLink(Parts parts);
    ~OutboundLink();
    OutboundLink(const OutboundLink&) = delete;
    OutboundLink& operator=(const OutboundLink&) = delete;

    /// Puts the bytes into the queue; `flush` sends the queue as one frame.
    void send(ByteView bytes);
    void flush();
    /// Where the stream is opened from now on, on a connection of this link alone: the one that
    /// stands ends. None: nowhere.
    void connect(const std::shared_ptr<grpc::Channel>& connection);
    /// Opens the stream if it is closed and its pause is over, stamps it when that is due. `now_ms`
    /// is monotonic.
    void keep_open(std::int64_t now_ms);
    /// Ends the stream; it opens again after `pause_ms`.
    void interrupt(std::int64_t now_ms, std::int64_t pause_ms);
    [[nodiscard]] std::uint64_t dropped() const;

private:
    class Stream;
    void write_next();
    [[nodiscard]] bool stamp_due() const;
    void on_stream_up();
    void on_stream_done(const grpc::Status& status);

    Parts parts_;
    std::unique_ptr<peer::v1::PeerService::Stub> stub_;  // null: nowhere to connect to
    /// What the stream that is ending was opened on. Let go by whoever keeps links open: the last
    /// owner of a channel must not be one of gRPC's own threads.
    std::vector<std::unique_ptr<peer::v1::PeerService::Stub>> replaced_;
    mutable std::mutex mutex_;
    std::condition_variable ended_;
    Stream* stream_ = nullptr;  // freed by on_stream_done
    bool up_ = false;
    bool writing_ = false;
    bool closing_ = false;
    std::deque<Bytes> queue_;
    std::size_t queue_bytes_ = 0;
    std::uint64_t dropped_ = 0;
    std::int64_t open_at_ms_ = 0;
    std::int64_t pause_ms_ = 0;
    std::int64_t now_ms_ = 0;
    std::int64_t stamp_at_ms_ = 0;
};

}  // namespace remit::node
