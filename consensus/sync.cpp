#include "consensus/sync.h"

#include <algorithm>
#include <utility>

namespace remit::consensus {

namespace {
constexpr Height far_behind = 8;           // heights: ask at once
constexpr std::int64_t patience_ms = 500;  // nearer: the live protocol may close the gap itself
constexpr std::int64_t blocks_interval_ms = 500;
constexpr std::size_t answer_bytes_max = std::size_t{4} * 1024 * 1024;
}  // namespace

void Sync::on_request(ValidatorIndex from, const CertificatesRequest& request) {
    const auto& tree = parts_.tree;
    CertificatesAnswer answer;
    const auto floor_view = tree.floor().header.view;
    if (request.from_view < floor_view) {
        if (const auto* finalization = tree.certificate(VoteKind::finalize, floor_view)) {
            answer.certificates.push_back(*finalization);
        }
    }
    auto held = tree.certificates(request.from_view, request.to_view,
                                  limits::answer_certificates - answer.certificates.size());
    answer.certificates.insert(answer.certificates.end(), held.begin(), held.end());
    parts_.context.served(from, 1 + answer.certificates.size(), 0);
    if (!answer.certificates.empty()) {
        parts_.context.send(from, std::move(answer));
    }
}

void Sync::on_request(ValidatorIndex from, const HeadersRequest& request) {
    HeadersAnswer answer;
    auto next = request.digest;
    const auto count = std::min<std::size_t>(request.count, limits::answer_headers);
    while (answer.headers.size() < count) {
        const auto* block = parts_.tree.find(next);
        // The root is kept as a block of view 0; its own bytes lie in the store.
        auto header = block != nullptr && block->header.view > 0
                          ? std::optional(block->header)
                          : parts_.context.source.header(next);
        if (!header || header->height == 0) {
            break;
        }
        next = header->parent_digest;
        answer.headers.push_back(std::move(*header));
    }
    parts_.context.served(from, 1 + answer.headers.size(), 0);
    if (!answer.headers.empty()) {
        parts_.context.send(from, std::move(answer), Channel::bulk);
    }
}

void Sync::on_request(ValidatorIndex from, const BlocksRequest& request) {
    BlocksAnswer answer;
    std::size_t proven = 0;  // up to here the last Finalization reaches
    std::size_t bytes = 0;
    const auto count = std::min<std::size_t>(request.count, limits::answer_blocks);
    for (Height height = request.from_height;
         answer.blocks.size() < limits::answer_blocks && bytes < answer_bytes_max; ++height) {
        if (answer.blocks.size() >= count && proven > 0) {
            break;
        }
        auto stored = parts_.context.source.block(height);
        if (!stored) {
            break;
        }
        bytes += encode(*stored).size();
        const bool finalized =
            stored->finalization && stored->finalization->digest == stored->header.digest();
        const bool last = stored->header.is_epoch_last();
        const auto epoch = stored->header.epoch;
        answer.blocks.push_back(std::move(*stored));
        proven = finalized ? answer.blocks.size() : proven;
        if (last) {
            // What comes after is proven by another set. A last block without a Finalization of its
            // own is proven by the way into the next epoch, which goes ahead of this answer.
            if (const auto way = parts_.context.source.hand_over(epoch + 1); way && !finalized) {
                parts_.context.send(from, *way, Channel::bulk);
                proven = answer.blocks.size();
            }
            break;
        }
    }
    parts_.context.served(from, 1 + answer.blocks.size(), bytes);
    answer.blocks.resize(proven);
    if (!answer.blocks.empty()) {
        parts_.context.send(from, std::move(answer), Channel::bulk);
    }
}

void Sync::on_answer(ValidatorIndex from, const CertificatesAnswer& answer) {
    for (const auto& certificate : answer.certificates) {
        parts_.simplex.on_certificate(from, certificate, false);
    }
}

void Sync::on_answer(ValidatorIndex /*from*/, const HeadersAnswer& answer) {
    // Only what was asked for, and its ancestors: each header is named by the one before.
    std::optional<Hash> expected;
    for (const auto& header : answer.headers) {
        const auto digest = header.digest();
        const bool wanted = expected ? digest == *expected : parts_.simplex.wants_header(digest);
        if (!wanted || header.parent_view >= header.view) {
            return;
        }
        if (header.view <= parts_.tree.floor().header.view ||
            header.epoch != parts_.context.set().epoch()) {
            return;
        }
        parts_.tree.add_header(header);
        expected = header.parent_digest;
    }
}

void Sync::on_answer(ValidatorIndex from, const BlocksAnswer& answer) {
    auto& context = parts_.context;
    const auto& floor = parts_.tree.floor();
    auto parent = floor.digest;
    std::vector<const StoredBlock*> fresh;
    for (const auto& block : answer.blocks) {
        if (block.header.height <= floor.header.height) {
            continue;
        }
        if (block.header.height != floor.header.height + fresh.size() + 1 ||
            block.header.epoch != context.set().epoch() || block.header.is_closing() ||
            block.header.parent_digest != parent) {
            return;  // made on another floor; mine has moved since, or the peer invents
        }
        parent = block.header.digest();
        fresh.push_back(&block);
    }
    if (fresh.empty()) {
        return;
    }
    // The last certificate proves the whole chain, so it is looked at first.
    const auto* last = fresh.back();
    const bool own_proof = last->finalization && last->finalization->digest == parent;
    if (proven_last_ != parent && last->header.is_epoch_last() && !own_proof) {
        return;  // the way into the next epoch proves it, and was lost
    }
    if (proven_last_ != parent && (!own_proof || last->finalization->kind != VoteKind::finalize ||
                                   last->finalization->view != last->header.view ||
                                   !context.check_certificate(*last->finalization))) {
        context.blame(from, "blocks without a valid finalization");
        return;
    }
    for (const auto* block : fresh) {
        parts_.tree.add_header(block->header);
        const auto& finalization = block->finalization;
        if (finalization && finalization->kind == VoteKind::finalize &&
            finalization->view == block->header.view &&
            finalization->digest == block->header.digest()) {
            parts_.simplex.on_certificate(from, *finalization, false);
        }
        if (block->execution && block->execution->result.height == block->header.height) {
            // Which quorum it has, its sender may know for the newest set alone.
            parts_.execution.on_certificate(std::nullopt, *block->execution);
        }
    }
}

/// A member's votes for old results are answered with their certificates. Who signs none asks for
/// that of the newest result a finalised header carries, which proves all below.
void Sync::want_proof() {
    const auto& context = parts_.context;
    const auto& floor = parts_.tree.floor().header;
    if (!context.member() && floor.exec.height > context.certified_before() &&
        floor.exec.height <= context.metrics.executed_height &&
        parts_.execution.certificate(floor.exec) == nullptr) {
        parts_.fetcher.want(ExecutionCertificateRequest{floor.exec.height},
                            {.first = floor.leader});
    }
}

void Sync::declare_wants() {
    if (parts_.context.ended || parts_.context.halted || !parts_.context.supported()) {
        behind_since_ms_.reset();
        return;
    }
    want_proof();
    const auto height = parts_.tree.floor().header.height;
    turn_ += height != turn_at_ ? 1 : 0;
    turn_at_ = height;
    const auto ahead = parts_.peers.ahead_of(height, turn_);
    if (ahead.height <= height) {
        behind_since_ms_.reset();
        return;
    }
    const auto now = parts_.context.now.mono_ms;
    behind_since_ms_ = behind_since_ms_.value_or(now);
    const bool ask = ahead.height > height + far_behind || now >= *behind_since_ms_ + patience_ms;
    if (ask && !parts_.commits.crowded()) {
        const auto count = std::min<std::size_t>(64, parts_.context.params().lag_max);
        parts_.fetcher.want(
            BlocksRequest{height + 1, static_cast<std::uint16_t>(count)},
            {.first = ahead.peer, .delay_ms = 0, .interval_ms = blocks_interval_ms});
    }
}

std::optional<std::int64_t> Sync::deadline() const {
    if (!behind_since_ms_ || *behind_since_ms_ + patience_ms <= parts_.context.now.mono_ms) {
        return std::nullopt;
    }
    return *behind_since_ms_ + patience_ms;
}

}  // namespace remit::consensus
