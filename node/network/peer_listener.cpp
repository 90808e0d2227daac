#include "node/network/peer_listener.h"

#include "node/tls/credentials.h"

namespace remit::node {

namespace {

/// Bytes of one stream that may wait for the reactor before the stream is read further.
constexpr std::size_t waiting_bytes_max = std::size_t{8} << 20U;
constexpr std::size_t frame_messages_max = 4096;
/// What a waiting message takes besides its bytes, about.
constexpr std::size_t message_overhead = 512;

grpc::Status superseded() {
    return {grpc::StatusCode::ALREADY_EXISTS, "a newer process with this key is connected"};
}

/// Answers a stream that is not wanted.
class Refusal : public grpc::ServerBidiReactor<peer::v1::Frame, peer::v1::Nothing> {
public:
    explicit Refusal(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
};

}  // namespace

class PeerListener::Stream : public Reactor {
public:
    Stream(PeerListener& listener, grpc::CallbackServerContext* context,
           consensus::ValidatorIndex peer, Channel channel)
        : listener_(listener),
          context_(context),
          peer_(peer),
          channel_(channel),
          gate_(std::make_shared<Gate>()) {
        gate_->stream = this;
        StartSendInitialMetadata();
        StartRead(&frame_);
    }
    void cancel() { context_->TryCancel(); }

    void OnReadDone(bool ok) override {
        if (!ok) {
            end(grpc::Status::OK);
        } else if (!greeted_) {
            greeted_ =
                frame_.chain_id() == listener_.parts_.chain_id.view() && frame_.messages().empty();
            session_ = {.boot_counter = frame_.boot_counter(), .started = frame_.started()};
            greeted_ ? listener_.admit(*this)
                     : end({grpc::StatusCode::FAILED_PRECONDITION, "another chain"});
        } else if (deliver()) {
            listener_.on_spoken(*this);
            read_on();
        } else {
            listener_.parts_.receiver.on_garbage(peer_);
            end({grpc::StatusCode::INVALID_ARGUMENT, "not a message"});
        }
    }
    void OnCancel() override { end(grpc::Status::CANCELLED); }
    void OnDone() override {
        listener_.forget(*this);
        delete this;
    }

    [[nodiscard]] Key key() const { return {peer_, channel_}; }
    [[nodiscard]] const Session& session() const { return session_; }

    void read_on() {
        const std::lock_guard lock(gate_->mutex);
        if (gate_->stream == nullptr) {
            return;
        }
        if (gate_->waiting_bytes > waiting_bytes_max) {
            gate_->paused = true;
        } else {
            StartRead(&frame_);
        }
    }
    void end(const grpc::Status& status) {
        const std::lock_guard lock(gate_->mutex);
        if (gate_->stream != nullptr) {
            gate_->stream = nullptr;
            Finish(status);
        }
    }

private:
    /// Outlives the stream while leases are out.
    struct Gate {
        std::mutex mutex;
        Stream* stream = nullptr;  // null once the stream ended
        std::size_t waiting_bytes = 0;
        bool paused = false;
    };
    struct Lease {
        std::shared_ptr<Gate> gate;
        std::size_t bytes;
        Lease(std::shared_ptr<Gate> of, std::size_t size) : gate(std::move(of)), bytes(size) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() {
            const std::lock_guard lock(gate->mutex);
            gate->waiting_bytes -= bytes;
            if (gate->paused && gate->stream != nullptr &&
                gate->waiting_bytes < waiting_bytes_max / 2) {
                gate->paused = false;
                gate->stream->StartRead(&gate->stream->frame_);
            }
        }
    };

    bool deliver() {
        if (frame_.messages().size() > static_cast<int>(frame_messages_max) ||
            !frame_.chain_id().empty()) {
            return false;
        }
        if (frame_.has_clock_ms() && listener_.parts_.on_clock) {
            listener_.parts_.on_clock(
                peer_, {.wall_ms = frame_.clock_ms(),
                        .ahead_ms = frame_.has_clock_ahead_ms()
                                        ? std::optional(std::int64_t{frame_.clock_ahead_ms()})
                                        : std::nullopt});
        }
        for (const auto& bytes : frame_.messages()) {
            auto message = consensus::decode_message(bytes);
            if (!message) {
                return false;
            }
            listener_.bytes_received_ += bytes.size();
            const auto size = bytes.size() + message_overhead;
            {
                const std::lock_guard lock(gate_->mutex);
                gate_->waiting_bytes += size;
            }
            listener_.parts_.receiver.on_message(peer_, std::move(*message),
                                                 std::make_shared<Lease>(gate_, size));
        }
        return true;
    }

    PeerListener& listener_;
    grpc::CallbackServerContext* context_;
    consensus::ValidatorIndex peer_;
    Channel channel_;
    std::shared_ptr<Gate> gate_;
    peer::v1::Frame frame_;
    Session session_;
    bool greeted_ = false;
};

PeerListener::Reactor* PeerListener::Votes(grpc::CallbackServerContext* context) {
    return accept(context, Channel::votes);
}

PeerListener::Reactor* PeerListener::Bulk(grpc::CallbackServerContext* context) {
    return accept(context, Channel::bulk);
}

PeerListener::Reactor* PeerListener::accept(grpc::CallbackServerContext* context, Channel channel) {
    const auto pin = peer_pin(*context->auth_context());
    const auto peer = pin ? find(*pin) : std::nullopt;
    if (!peer) {
        return new Refusal({grpc::StatusCode::PERMISSION_DENIED, "not a validator"});
    }
    return new Stream(*this, context, *peer, channel);
}

std::optional<consensus::PeerNumber> PeerListener::find(const TransportPin& pin) {
    const std::lock_guard lock(mutex_);
    const auto found = parts_.validators.find(pin);
    return found != parts_.validators.end() ? std::optional(found->second) : std::nullopt;
}

void PeerListener::admit(Stream& stream) {
    const std::lock_guard lock(mutex_);
    auto*& slot = streams_[stream.key()];
    if (slot != nullptr && stream.session() < slot->session()) {
        auto*& waiting = waiting_[stream.key()];
        if (waiting != nullptr) {
            waiting->cancel();
        }
        waiting = &stream;
        waiting_count_ = waiting_.size();
        return;
    }
    if (slot != nullptr && slot->session() == stream.session()) {
        slot->cancel();  // the peer came back: its old connection is half open
    } else if (slot != nullptr) {
        slot->end(superseded());  // if anybody still listens there
    }
    slot = &stream;
    stream.read_on();
}

void PeerListener::on_spoken(const Stream& stream) {
    if (waiting_count_ == 0) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        const auto slot = streams_.find(stream.key());
        const auto waiting = waiting_.find(stream.key());
        if (waiting == waiting_.end() || slot == streams_.end() || slot->second != &stream) {
            return;
        }
        waiting->second->end(superseded());
        waiting_.erase(waiting);
        waiting_count_ = waiting_.size();
    }
    if (parts_.on_second_session) {
        parts_.on_second_session(stream.key().first);
    }
}

void PeerListener::forget(const Stream& stream) {
    const std::lock_guard lock(mutex_);
    const auto waiting = waiting_.find(stream.key());
    if (waiting != waiting_.end() && waiting->second == &stream) {
        waiting_.erase(waiting);
    } else if (const auto slot = streams_.find(stream.key());
               slot != streams_.end() && slot->second == &stream) {
        streams_.erase(slot);
        if (waiting != waiting_.end()) {
            streams_[stream.key()] = waiting->second;
            waiting->second->read_on();
            waiting_.erase(waiting);
        }
    }
    waiting_count_ = waiting_.size();
}

void PeerListener::list(std::map<TransportPin, consensus::PeerNumber> validators) {
    const std::lock_guard lock(mutex_);
    parts_.validators = std::move(validators);
}

void PeerListener::interrupt(consensus::ValidatorIndex peer) {
    const std::lock_guard lock(mutex_);
    for (const auto channel : {Channel::votes, Channel::bulk}) {
        if (const auto at = streams_.find({peer, channel}); at != streams_.end()) {
            at->second->cancel();
        }
    }
}

}  // namespace remit::node
