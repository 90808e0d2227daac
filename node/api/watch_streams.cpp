#include "node/api/watch_streams.h"

#include "ledger/wire/encode.h"
#include "node/api/api_failure.h"
#include "node/api/records_to_proto.h"

namespace remit::node {

namespace {

class Refusal : public grpc::ServerWriteReactor<v1::WatchEventsResponse> {
public:
    explicit Refusal(const ApiFailure& failure) { Finish(to_status(failure)); }
    void OnDone() override { delete this; }
};

/// True when the block holds something for the watcher.
bool fill(const BlockNews& news, std::uint32_t participant_id, v1::WatchEventsResponse& out) {
    out.Clear();
    out.set_height(news.height);
    out.set_time_ms(news.time_ms);
    for (const auto& receipt : news.receipts) {
        if (participant_id == 0 || receipt.participant.value == participant_id) {
            *out.add_receipts() = ledger::wire::to_proto(receipt);
        }
    }
    for (const auto& event : news.events) {
        *out.add_events() = to_proto(event);
    }
    return participant_id == 0 || out.receipts_size() > 0 || out.events_size() > 0;
}

}  // namespace

/// Kept alive by the set of streams and, from the call's side, by `self_` until OnDone.
class WatchStreams::Stream : public grpc::ServerWriteReactor<v1::WatchEventsResponse>,
                             public std::enable_shared_from_this<Stream> {
public:
    Stream(WatchStreams& streams, const v1::WatchEventsRequest& request, const TransportPin& key,
           MayWatch may_watch)
        : streams_(streams),
          key_(key),
          may_watch_(std::move(may_watch)),
          participant_id_(request.participant_id()),
          next_(std::max<std::uint64_t>(1, request.from_height())) {}

    void begin() {
        const std::lock_guard lock(mutex_);
        self_ = shared_from_this();
        if (check_listed()) {
            advance();
        }
    }
    void wake(std::int64_t now_ms) {
        const std::lock_guard lock(mutex_);
        if (!check_listed()) {
            return;
        }
        if (!writing_) {
            advance();
            written_at_ms_ = now_ms;
        } else if (written_at_ms_ != 0 && now_ms - written_at_ms_ > stall_ms) {
            end({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                 .reason = "SLOW_READER",
                 .message = "no event was taken for 30 s: watch again from the last height",
                 .metadata = {{"height", std::to_string(next_ - 1)}}});
        } else if (written_at_ms_ == 0) {
            written_at_ms_ = now_ms;
        }
    }
    void end(const ApiFailure& failure) {
        if (!ended_) {
            ended_ = true;
            Finish(to_status(failure));
        }
    }
    void close() {
        const std::lock_guard lock(mutex_);
        end({.code = grpc::StatusCode::UNAVAILABLE,
             .reason = "STOPPING",
             .message = "the node is stopping: watch again from the last height",
             .metadata = {{"height", std::to_string(next_ - 1)}}});
    }

    void OnWriteDone(bool ok) override {
        const std::lock_guard lock(mutex_);
        writing_ = false;
        written_at_ms_ = 0;
        if (ok) {
            advance();
        } else {
            end({.code = grpc::StatusCode::CANCELLED, .reason = "GONE", .message = "reader gone"});
        }
    }
    void OnCancel() override {
        const std::lock_guard lock(mutex_);
        end({.code = grpc::StatusCode::CANCELLED, .reason = "GONE", .message = "reader gone"});
    }
    void OnDone() override {
        streams_.shares_.leave(key_);
        const std::lock_guard lock(streams_.mutex_);
        streams_.streams_.erase(self_);
        // The last reference may be this one: let it go outside of any lock of our own.
        const auto last = std::move(self_);
    }

private:
    bool check_listed() {
        const bool listed = may_watch_();
        if (!listed) {
            end({.code = grpc::StatusCode::UNAUTHENTICATED,
                 .reason = "NOT_LISTED",
                 .message = "the certificate's key is not in the registry (any more)"});
        }
        return listed;
    }
    void advance() {
        while (!ended_ && !writing_ && next_ <= streams_.reads_.final_height()) {
            if (const auto forgotten = streams_.reads_.forgotten_height(); next_ <= forgotten) {
                auto failure = pruned("the chain has that height");
                failure.metadata["kept_above"] = std::to_string(forgotten);
                end(failure);
                return;
            }
            const auto news = streams_.reads_.news(next_);
            if (!news) {
                end(not_found("HEIGHT_NOT_HELD", "this node does not hold that block"));
                return;
            }
            ++next_;
            if (fill(*news, participant_id_, message_)) {
                writing_ = true;
                StartWrite(&message_);
            }
        }
    }

    WatchStreams& streams_;
    TransportPin key_;
    MayWatch may_watch_;
    std::uint32_t participant_id_;
    std::mutex mutex_;
    std::uint64_t next_;
    bool writing_ = false;
    bool ended_ = false;
    std::int64_t written_at_ms_ = 0;
    v1::WatchEventsResponse message_;
    std::shared_ptr<Stream> self_;
};

WatchStreams::~WatchStreams() = default;

grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchStreams::open(
    const v1::WatchEventsRequest& request, const TransportPin& key, MayWatch may_watch) {
    const auto entry = shares_.enter(key);
    if (entry != CallShares::Entry::taken) {
        return new Refusal({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                            .reason = "TOO_MANY_WATCHERS",
                            .message = entry == CallShares::Entry::full
                                           ? "no more event streams are taken now"
                                           : "this key has its share of the event streams",
                            .retry_after_ms = 1000});
    }
    std::shared_ptr<Stream> stream;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            shares_.leave(key);
            return new Refusal({.code = grpc::StatusCode::UNAVAILABLE,
                                .reason = "STOPPING",
                                .message = "no more event streams are taken now",
                                .retry_after_ms = 1000});
        }
        stream = std::make_shared<Stream>(*this, request, key, std::move(may_watch));
        streams_.insert(stream);
    }
    auto* raw = stream.get();
    stream->begin();
    return raw;
}

void WatchStreams::wake(std::int64_t now_ms) {
    std::set<std::shared_ptr<Stream>> streams;
    {
        const std::lock_guard lock(mutex_);
        streams = streams_;
    }
    for (const auto& stream : streams) {
        stream->wake(now_ms);
    }
}

void WatchStreams::close() {
    std::set<std::shared_ptr<Stream>> streams;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        streams = streams_;
    }
    for (const auto& stream : streams) {
        stream->close();
    }
}

std::size_t WatchStreams::count() const {
    const std::lock_guard lock(mutex_);
    return streams_.size();
}

}  // namespace remit::node
