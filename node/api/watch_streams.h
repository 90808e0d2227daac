#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "node/replica/read_model.h"
#include "node/tls/call_shares.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::node {

/// The event streams of all watchers. Each reads blocks by height at its own pace, one message in
/// flight, so a slow reader costs no memory; one that takes no message for `stall_ms` is dropped
/// and resumes by height. Thread-safe.
class WatchStreams {
public:
    static constexpr std::int64_t stall_ms = 30'000;

    /// `share_max`: of the streams, under one key.
    WatchStreams(const ReadModel& reads, std::size_t streams_max, std::size_t share_max)
        : reads_(reads), shares_(streams_max, share_max) {}
    ~WatchStreams();
    WatchStreams(const WatchStreams&) = delete;
    WatchStreams& operator=(const WatchStreams&) = delete;

    /// The reactor of one stream of that key's, which deletes itself. `may_watch` is asked again at
    /// every block: false ends the stream.
    using MayWatch = std::function<bool()>;
    grpc::ServerWriteReactor<v1::WatchEventsResponse>* open(const v1::WatchEventsRequest& request,
                                                            const TransportPin& key,
                                                            MayWatch may_watch);
    /// New blocks are final. `now_ms` is monotonic.
    void wake(std::int64_t now_ms);
    /// Ends every stream with UNAVAILABLE, and refuses new ones.
    void close();
    [[nodiscard]] std::size_t count() const;

private:
    class Stream;
    const ReadModel& reads_;
    CallShares shares_;
    mutable std::mutex mutex_;
    std::set<std::shared_ptr<Stream>> streams_;
    bool closed_ = false;
};

}  // namespace remit::node
