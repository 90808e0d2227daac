#include "node/network/outbound_link.h"

#include <algorithm>
#include <utility>

namespace remit::node {

namespace {
constexpr std::int64_t pause_ms_min = 100;
constexpr std::int64_t pause_ms_max = 5000;
constexpr std::int64_t stamp_interval_ms = 2000;
}  // namespace

/// One life of the stream. Holds a reference on the call (AddHold) until its only read ends, so
/// that writes may be started from any thread before that.
class OutboundLink::Stream : public grpc::ClientBidiReactor<peer::v1::Frame, peer::v1::Nothing> {
public:
    explicit Stream(OutboundLink& link) : link_(link) {}

    void start(peer::v1::PeerService::Stub& stub, Channel channel) {
        // Waiting for the connection is the channel's work, with its own capped back-off.
        context_.set_wait_for_ready(true);
        if (channel == Channel::votes) {
            stub.async()->Votes(&context_, this);
        } else {
            stub.async()->Bulk(&context_, this);
        }
        AddHold();
        StartRead(&nothing_);
        StartCall();
    }
    void write(peer::v1::Frame frame) {
        frame_ = std::move(frame);
        StartWrite(&frame_);
    }
    void cancel() { context_.TryCancel(); }

    void OnReadInitialMetadataDone(bool ok) override {
        if (ok) {
            link_.on_stream_up();
        }
    }
    void OnWriteDone(bool ok) override {
        const std::lock_guard lock(link_.mutex_);
        link_.writing_ = false;
        if (ok) {
            link_.write_next();
        } else {
            link_.up_ = false;
        }
    }
    void OnReadDone(bool ok) override {
        if (ok) {
            cancel();  // the other end has nothing to say
        }
        {
            const std::lock_guard lock(link_.mutex_);
            link_.up_ = false;
            read_ended_ = true;
        }
        RemoveHold();
    }
    void OnDone(const grpc::Status& status) override { link_.on_stream_done(status); }
    /// Nothing may be written any more. Under the link's mutex.
    [[nodiscard]] bool read_ended() const { return read_ended_; }

private:
    OutboundLink& link_;
    grpc::ClientContext context_;
    peer::v1::Frame frame_;
    peer::v1::Nothing nothing_;
    bool read_ended_ = false;
};

OutboundLink::OutboundLink(Parts parts) : parts_(std::move(parts)) {}

OutboundLink::~OutboundLink() {
    std::unique_lock lock(mutex_);
    closing_ = true;
    if (stream_ != nullptr) {
        stream_->cancel();
    }
    ended_.wait(lock, [this] { return stream_ == nullptr; });
}

void OutboundLink::send(ByteView bytes) {
    const std::lock_guard lock(mutex_);
    if (!up_ || bytes.size() > parts_.limits.frame_bytes_max) {
        ++dropped_;
        return;
    }
    queue_.emplace_back(bytes);
    queue_bytes_ += bytes.size();
    // The oldest vote is the least worth; of bulk the newest is dropped, as it is asked for again.
    while (queue_bytes_ > parts_.limits.queue_bytes_max && queue_.size() > 1) {
        const bool oldest = parts_.channel == Channel::votes;
        queue_bytes_ -= oldest ? queue_.front().size() : queue_.back().size();
        oldest ? queue_.pop_front() : queue_.pop_back();
        ++dropped_;
    }
}

void OutboundLink::flush() {
    const std::lock_guard lock(mutex_);
    write_next();
}

void OutboundLink::write_next() {
    if (!up_ || writing_ || (queue_.empty() && !stamp_due())) {
        return;
    }
    peer::v1::Frame frame;
    if (stamp_due()) {
        const auto stamp = parts_.stamp();
        frame.set_clock_ms(stamp.wall_ms);
        if (stamp.ahead_ms) {
            frame.set_clock_ahead_ms(*stamp.ahead_ms);
        }
        stamp_at_ms_ = now_ms_ + stamp_interval_ms;
    }
    std::size_t size = 0;
    while (!queue_.empty() &&
           (size == 0 || size + queue_.front().size() <= parts_.limits.frame_bytes_max)) {
        size += queue_.front().size();
        queue_bytes_ -= queue_.front().size();
        frame.add_messages(std::move(queue_.front()));
        queue_.pop_front();
    }
    writing_ = true;
    stream_->write(std::move(frame));
}

bool OutboundLink::stamp_due() const {
    return parts_.stamp && now_ms_ >= stamp_at_ms_;
}

void OutboundLink::connect(const std::shared_ptr<grpc::Channel>& connection) {
    const std::lock_guard lock(mutex_);
    if (stub_) {
        replaced_.push_back(std::move(stub_));
    }
    stub_ = connection ? peer::v1::PeerService::NewStub(connection) : nullptr;
    open_at_ms_ = 0;
    if (stream_ != nullptr) {
        stream_->cancel();
    }
}

void OutboundLink::keep_open(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    now_ms_ = now_ms;
    if (stream_ != nullptr) {
        write_next();
        return;
    }
    replaced_.clear();
    if (!stub_ || closing_ || now_ms < open_at_ms_) {
        return;
    }
    stream_ = new Stream(*this);
    stream_->start(*stub_, parts_.channel);
}

void OutboundLink::interrupt(std::int64_t now_ms, std::int64_t pause_ms) {
    const std::lock_guard lock(mutex_);
    now_ms_ = now_ms;
    pause_ms_ = pause_ms;
    if (stream_ != nullptr) {
        stream_->cancel();
    }
}

void OutboundLink::on_stream_up() {
    {
        const std::lock_guard lock(mutex_);
        // The read may end on another thread before this notice is given.
        if (closing_ || stream_->read_ended()) {
            return;
        }
        up_ = true;
        pause_ms_ = 0;
        peer::v1::Frame hello;
        hello.set_chain_id(parts_.chain_id.bytes());
        hello.set_boot_counter(parts_.session.boot_counter);
        hello.set_started(parts_.session.started);
        writing_ = true;
        stream_->write(std::move(hello));
    }
    parts_.on_change(true);
}

void OutboundLink::on_stream_done(const grpc::Status& status) {
    const bool superseded = status.error_code() == grpc::StatusCode::ALREADY_EXISTS;
    parts_.on_change(false);
    if (superseded && parts_.on_superseded) {
        parts_.on_superseded();
    }
    const std::lock_guard lock(mutex_);
    // Only now: until the lock was ours somebody could cancel the stream. And not later: the stream
    // holds the channel, whose last owner must not be this thread, one of gRPC's own.
    delete std::exchange(stream_, nullptr);
    up_ = false;
    writing_ = false;
    queue_.clear();
    queue_bytes_ = 0;
    pause_ms_ =
        superseded ? pause_ms_max / 2 : std::clamp(pause_ms_ * 2, pause_ms_min, pause_ms_max);
    open_at_ms_ = now_ms_ + pause_ms_;
    ended_.notify_all();
}

std::uint64_t OutboundLink::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

}  // namespace remit::node
