#include "node/snapshot/server.h"

#include <algorithm>
#include <utility>

namespace remit::node {

namespace {
constexpr std::size_t waiting_of_a_peer = 8;
constexpr std::int64_t answers_apart_ms = 500;
constexpr consensus::Height anchor_search = 256;  // heights
constexpr std::size_t ways_at_once = 16;
}  // namespace

void SnapshotServer::refill(std::int64_t now_ms) {
    constexpr std::int64_t second = 1000;
    const auto passed = std::clamp<std::int64_t>(now_ms - filled_ms_, 0, second);
    filled_ms_ = now_ms;
    bytes_ = std::min(parts_.bytes_per_second, bytes_ + passed * parts_.bytes_per_second / second);
}

void SnapshotServer::spend(std::size_t bytes) {
    bytes_ -= static_cast<std::int64_t>(bytes);
    bytes_served_ += bytes;
}

void SnapshotServer::answer(consensus::ValidatorIndex to, consensus::Message message) {
    out_.send.push_back(
        {.to = to, .channel = consensus::Channel::bulk, .message = std::move(message)});
}

/// The newest block with a Finalization of its own whose header anchors a snapshot that is kept
/// here, and the certificate of the result that it anchors.
std::optional<consensus::SnapshotAnswer> SnapshotServer::newest_certified(consensus::Height above) {
    const auto newest = or_die(parts_.store.executed_height()).value_or(0);
    for (auto height = newest; height > 0 && height + anchor_search > newest; --height) {
        auto block = or_die(parts_.store.block(height, 1));
        if (!block || block->header.exec.snapshot_root == Hash{}) {
            return std::nullopt;
        }
        const auto kept = parts_.library.find(block->header.exec.snapshot_root);
        if (kept && kept->manifest.height() <= above) {
            return std::nullopt;  // older blocks anchor older ones
        }
        if (!kept || !block->finalization) {
            continue;
        }
        auto certificate = or_die(parts_.store.execution(block->header.exec.height));
        const auto quorum = certificate ? parts_.epochs.quorum(certificate->epoch) : std::nullopt;
        if (!quorum || certificate->result != block->header.exec ||
            certificate->signers.signatures.size() < *quorum) {
            continue;
        }
        return consensus::SnapshotAnswer{.anchor = std::move(block->header),
                                         .finalization = std::move(*block->finalization),
                                         .execution = std::move(*certificate),
                                         .manifest = *kept->bytes};
    }
    return std::nullopt;
}

/// Whoever joins must know the set that certified a snapshot before it can judge one. Returns the
/// newest epoch that it knows then.
consensus::Epoch SnapshotServer::send_ways(consensus::ValidatorIndex to, consensus::Epoch known) {
    for (std::size_t i = 0; i < ways_at_once; ++i) {
        auto way = or_die(parts_.store.hand_over(known + 1));
        if (!way) {
            break;
        }
        spend(consensus::encode(*way).size());
        answer(to, std::move(*way));
        ++known;
    }
    return known;
}

void SnapshotServer::on_request(consensus::ValidatorIndex from,
                                const consensus::SnapshotRequest& request, std::int64_t now_ms) {
    refill(now_ms);
    const auto before = answered_ms_.find(from);
    if (bytes_ <= 0 ||
        (before != answered_ms_.end() && now_ms < before->second + answers_apart_ms)) {
        return;
    }
    answered_ms_[from] = now_ms;
    const auto known = send_ways(from, request.epoch);
    auto found = newest_certified(request.above_height);
    if (!found || std::max(found->anchor.epoch, found->execution.epoch) > known ||
        found->manifest.size() > consensus::limits::snapshot_manifest_bytes) {
        return;
    }
    spend(found->manifest.size());
    answer(from, std::move(*found));
}

void SnapshotServer::on_request(consensus::ValidatorIndex from,
                                const consensus::ChunkRequest& request, std::int64_t now_ms) {
    if (waiting_of_[from] >= waiting_of_a_peer) {
        return;  // no honest peer asks for so much at once
    }
    ++waiting_of_[from];
    waiting_.push_back({from, request});
    on_time(now_ms);
}

void SnapshotServer::on_time(std::int64_t now_ms) {
    refill(now_ms);
    while (!waiting_.empty() && bytes_ > 0) {
        const auto next = waiting_.front();
        waiting_.pop_front();
        --waiting_of_[next.from];
        serve(next);
    }
}

void SnapshotServer::add_to(SnapshotCounts& counts) const {
    counts.made += parts_.library.made();
    counts.chunks_served += chunks_served_;
    counts.bytes_served += bytes_served_;
}

void SnapshotServer::serve(const Waiting& next) {
    const auto snapshot = parts_.library.find(next.request.snapshot_root);
    if (!snapshot || next.request.index >= snapshot->manifest.chunks.size()) {
        answer(next.from,
               consensus::ChunkAnswer{next.request.snapshot_root, next.request.index, Bytes()});
        return;
    }
    spend(snapshot->manifest.chunks[next.request.index].bytes);
    parts_.aside([this, next, snapshot]() -> std::function<void()> {
        // A copy that went away meanwhile, or that the disk damaged, is one that is not kept.
        auto bytes = parts_.library.chunk(snapshot, next.request.index).value_or(Bytes());
        return [this, next, bytes = std::move(bytes)] {
            chunks_served_ += bytes.empty() ? 0 : 1;
            answer(next.from,
                   consensus::ChunkAnswer{next.request.snapshot_root, next.request.index, bytes});
        };
    });
}

std::optional<std::int64_t> SnapshotServer::next_deadline() const {
    if (waiting_.empty()) {
        return std::nullopt;
    }
    constexpr std::int64_t second = 1000;
    return filled_ms_ + 1 + std::max<std::int64_t>(0, -bytes_) * second / parts_.bytes_per_second;
}

}  // namespace remit::node
