#pragma once

#include <memory>

#include "node/snapshot/join.h"
#include "node/snapshot/server.h"

namespace remit::node {

/// Both sides of snapshots at one node: serves those that are kept here, and gathers one when this
/// node is far behind. Does nothing where the chain makes none. Reactor thread.
class SnapshotExchange {
public:
    Status<IoError> open(SnapshotServer::Parts serve, std::optional<SnapshotJoin::Parts> join,
                         std::int64_t now_ms);

    /// True: the message was for this alone.
    [[nodiscard]] bool on_message(consensus::ValidatorIndex from, const consensus::Message& message,
                                  std::int64_t now_ms);
    void on_disconnected(consensus::ValidatorIndex peer);
    void on_executed(consensus::Height height, std::int64_t now_ms);
    void on_time(std::int64_t now_ms);
    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
    [[nodiscard]] consensus::Output take_output();

    /// True once for each snapshot that is gathered whole: install it.
    [[nodiscard]] bool gathered();
    /// Nothing was executed here when this process began.
    [[nodiscard]] bool began_new() const { return join_ && join_->began_new(); }
    /// What was gathered turned out useless. Errors: the disk's.
    Status<IoError> discard();
    /// Since this process began; none where the chain makes no snapshots.
    [[nodiscard]] std::optional<SnapshotCounts> counts() const;

private:
    std::unique_ptr<SnapshotServer> server_;  // null where the chain makes no snapshots
    std::unique_ptr<SnapshotJoin> join_;      // null where this node never joins from one
    bool told_ = false;
};

}  // namespace remit::node
