#pragma once

#include <deque>
#include <functional>
#include <map>

#include "consensus/output.h"
#include "node/snapshot/counts.h"
#include "node/snapshot/library.h"
#include "node/storage/known_epochs.h"

namespace remit::node {

/// Runs `work` away from the caller and what it returns on the caller's thread again.
using Aside = std::function<void(std::function<std::function<void()>()> work)>;

/// Answers peers that ask for snapshots: bounded queues, one bucket of bytes for all of them, so
/// that whoever joins never costs the votes their network. Reactor thread.
class SnapshotServer {
public:
    struct Parts {
        SnapshotLibrary& library;
        const BlockStore& store;
        const KnownEpochs& epochs;
        std::int64_t bytes_per_second = 0;
        Aside aside;  ///< reads chunks
    };
    explicit SnapshotServer(Parts parts)
        : parts_(std::move(parts)), bytes_(parts_.bytes_per_second) {}

    void on_request(consensus::ValidatorIndex from, const consensus::SnapshotRequest& request,
                    std::int64_t now_ms);
    void on_request(consensus::ValidatorIndex from, const consensus::ChunkRequest& request,
                    std::int64_t now_ms);
    /// Serves what the bucket allows.
    void on_time(std::int64_t now_ms);
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
    [[nodiscard]] consensus::Output take_output() { return std::exchange(out_, {}); }
    [[nodiscard]] std::uint64_t bytes_served() const { return bytes_served_; }
    [[nodiscard]] std::uint64_t chunks_served() const { return chunks_served_; }
    /// What was made and served here.
    void add_to(SnapshotCounts& counts) const;

private:
    struct Waiting {
        consensus::ValidatorIndex from = 0;
        consensus::ChunkRequest request;
    };
    void refill(std::int64_t now_ms);
    void spend(std::size_t bytes);
    void serve(const Waiting& next);
    consensus::Epoch send_ways(consensus::ValidatorIndex to, consensus::Epoch known);
    void answer(consensus::ValidatorIndex to, consensus::Message message);
    std::optional<consensus::SnapshotAnswer> newest_certified(consensus::Height above);

    Parts parts_;
    std::int64_t bytes_ = 0;  // left in the bucket; may fall below zero
    std::int64_t filled_ms_ = 0;
    std::deque<Waiting> waiting_;
    std::map<consensus::ValidatorIndex, std::size_t> waiting_of_;
    std::map<consensus::ValidatorIndex, std::int64_t> answered_ms_;
    std::uint64_t bytes_served_ = 0;
    std::uint64_t chunks_served_ = 0;
    consensus::Output out_;
};

}  // namespace remit::node
