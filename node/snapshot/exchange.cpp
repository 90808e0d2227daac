#include "node/snapshot/exchange.h"

#include <algorithm>
#include <utility>

namespace remit::node {

Status<IoError> SnapshotExchange::open(SnapshotServer::Parts serve,
                                       std::optional<SnapshotJoin::Parts> join,
                                       std::int64_t now_ms) {
    server_ = std::make_unique<SnapshotServer>(std::move(serve));
    if (join) {
        TRY_ASSIGN(join_, SnapshotJoin::open(std::move(*join), now_ms));
    }
    return {};
}

bool SnapshotExchange::on_message(consensus::ValidatorIndex from, const consensus::Message& message,
                                  std::int64_t now_ms) {
    if (const auto* snapshot = std::get_if<consensus::SnapshotRequest>(&message)) {
        server_ ? server_->on_request(from, *snapshot, now_ms) : void();
    } else if (const auto* chunk = std::get_if<consensus::ChunkRequest>(&message)) {
        server_ ? server_->on_request(from, *chunk, now_ms) : void();
    } else if (const auto* found = std::get_if<consensus::SnapshotAnswer>(&message)) {
        join_ ? join_->on_answer(from, *found, now_ms) : void();
    } else if (const auto* bytes = std::get_if<consensus::ChunkAnswer>(&message)) {
        join_ ? join_->on_chunk(from, *bytes, now_ms) : void();
    } else {
        const auto* status = std::get_if<consensus::PeerStatus>(&message);
        const auto* way = std::get_if<consensus::HandOver>(&message);
        if (join_ && status != nullptr) {
            join_->on_status(from, *status);
        } else if (join_ && way != nullptr) {
            join_->on_hand_over(from, *way);
        }
        return false;
    }
    return true;
}

void SnapshotExchange::on_disconnected(consensus::ValidatorIndex peer) {
    if (join_) {
        join_->on_disconnected(peer);
    }
}

void SnapshotExchange::on_executed(consensus::Height height, std::int64_t now_ms) {
    if (join_) {
        join_->on_executed(height, now_ms);
    }
}

void SnapshotExchange::on_time(std::int64_t now_ms) {
    if (server_) {
        server_->on_time(now_ms);
    }
    if (join_) {
        join_->on_time(now_ms);
    }
}

std::optional<std::int64_t> SnapshotExchange::next_deadline() const {
    const auto serve = server_ ? server_->next_deadline() : std::nullopt;
    const auto join = join_ ? join_->next_deadline() : std::nullopt;
    return serve && join ? std::min(serve, join) : serve ? serve : join;
}

consensus::Output SnapshotExchange::take_output() {
    consensus::Output out;
    if (server_) {
        out.append(server_->take_output());
    }
    if (join_) {
        out.append(join_->take_output());
    }
    return out;
}

std::optional<SnapshotCounts> SnapshotExchange::counts() const {
    if (!server_) {
        return std::nullopt;
    }
    auto out = join_ ? join_->counts() : SnapshotCounts();
    out.chunks_missing = join_ ? join_->chunks_missing() : std::nullopt;
    server_->add_to(out);
    return out;
}

bool SnapshotExchange::gathered() {
    const bool complete = join_ && join_->complete();
    return complete && !std::exchange(told_, true);
}

Status<IoError> SnapshotExchange::discard() {
    told_ = false;
    return join_ ? join_->discard() : Status<IoError>();
}

}  // namespace remit::node
