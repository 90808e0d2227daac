#include <algorithm>
#include <utility>

#include "consensus/batches.h"

// The author's side: items wait here until sealed, at once when none of my batches is on its way,
// else when full or `seal_delay_ms` after the first item.

namespace remit::consensus {

std::size_t Batches::own_count() const {
    return author_count(context_.self());
}

/// A node outside the set has no batches: f+1 validators get the items, one of them is honest.
void Batches::forward(const SubmitItems& items) {
    Forward out;
    std::size_t bytes = 0;
    for (const auto& item : items.items) {
        bytes += 4 + item.bytes.size();
        if (bytes > context_.params().batch_bytes_max ||
            out.items.size() == limits::forwarded_items) {
            context_.out.refused.push_back(item.token);
            ++context_.metrics.items_refused;
            continue;
        }
        out.items.push_back(item.bytes);
        forwarded_.push_back(
            {.again_ms = context_.now.mono_ms + std::int64_t{2} * context_.params().resend_ms,
             .token = item.token});
    }
    if (out.items.empty() || !context_.supported()) {
        return;
    }
    const auto n = context_.set().size();
    for (std::size_t i = 0; i <= context_.set().f(); ++i) {
        context_.send(static_cast<ValidatorIndex>((next_forward_ + i) % n), out, Channel::bulk);
    }
    ++next_forward_;  // the next ones go to others, should these be down
}

/// What may have been lost on its way: the host gives it again unless it was executed meanwhile.
void Batches::give_back_forwarded(bool all) {
    while (!forwarded_.empty() && (all || forwarded_.front().again_ms <= context_.now.mono_ms)) {
        context_.out.expired.push_back(forwarded_.front().token);
        forwarded_.pop_front();
    }
}

void Batches::on_forward(ValidatorIndex from, const Forward& forward) {
    // Nobody has looked at these items: they never take more than half of what is mine.
    if (!context_.voting || 2 * own_count() >= context_.params().author_window) {
        return;
    }
    SubmitItems items;
    std::size_t bytes = 0;
    for (const auto& item : forward.items) {
        bytes += item.size();
        items.items.push_back({.token = 0, .bytes = item});  // nobody here waits for it
    }
    context_.served(from, 1, bytes);
    submit(items);
}

void Batches::submit(const SubmitItems& items) {
    if (!context_.set().contains(context_.self())) {
        forward(items);
        return;
    }
    const auto& params = context_.params();
    for (const auto& item : items.items) {
        const auto bytes = 4 + item.bytes.size();
        const bool full =
            own_count() >= params.author_window && pending_bytes_ + bytes > params.batch_bytes_max;
        if (bytes > params.batch_bytes_max || full || !(context_.voting || context_.starting)) {
            context_.out.refused.push_back(item.token);
            ++context_.metrics.items_refused;
            continue;
        }
        if (pending_bytes_ + bytes > params.batch_bytes_max ||
            pending_.size() == limits::batch_items) {
            seal();
        }
        if (pending_bytes_ + bytes > params.batch_bytes_max ||
            pending_.size() == limits::batch_items) {  // the signer is away
            context_.out.refused.push_back(item.token);
            ++context_.metrics.items_refused;
            continue;
        }
        if (pending_.empty()) {
            pending_since_ms_ = context_.now.mono_ms;
        }
        pending_.push_back(item);
        pending_bytes_ += bytes;
    }
}

void Batches::seal_due(bool now_at_once) {
    give_back_forwarded(false);
    if (pending_.empty() || own_count() >= context_.params().author_window) {
        return;
    }
    const bool idle = own_count() == 0;
    const bool waited =
        context_.now.mono_ms >= pending_since_ms_ + std::int64_t{context_.params().seal_delay_ms};
    if (now_at_once || idle || waited) {
        seal();
    }
}

std::optional<std::int64_t> Batches::seal_deadline() const {
    if (!forwarded_.empty()) {
        return forwarded_.front().again_ms;  // a node that forwards seals nothing
    }
    if (pending_.empty() || own_count() >= context_.params().author_window || !context_.signing()) {
        return std::nullopt;
    }
    return pending_since_ms_ + std::int64_t{context_.params().seal_delay_ms};
}

void Batches::seal() {
    if (pending_.empty() || !context_.signing()) {
        return;
    }
    Batch batch;
    batch.epoch = context_.set().epoch();
    batch.author = context_.self();
    // Never the nonce of an earlier run: the wall clock leads, a counter keeps it rising.
    next_nonce_ = std::max(
        next_nonce_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(context_.now.wall_ms, 0))
                             << 16U);
    batch.nonce = next_nonce_;
    batch.expires_height =
        tree_.floor().header.height + std::max<Height>(context_.params().expiry_window / 2, 1);
    SealedItems sealed;
    for (auto& item : pending_) {
        sealed.tokens.push_back(item.token);
        batch.items.push_back(std::move(item.bytes));
    }
    batch.bytes = static_cast<std::uint32_t>(pending_bytes_);
    batch.items_root = items_root_of(batch.items);
    const auto entry = batch.entry();
    const auto signature =
        context_.sign(batch_signed_bytes(context_.config.chain_id, entry.digest));
    if (!signature) {
        for (std::size_t i = 0; i < batch.items.size(); ++i) {
            pending_[i].bytes = std::move(batch.items[i]);
        }
        return;
    }
    batch.author_signature = *signature;
    pending_.clear();
    pending_bytes_ = 0;
    sealed.batch = entry.digest;
    own_tokens_[entry.digest] = sealed.tokens;
    context_.out.sealed.push_back(std::move(sealed));
    unsent_.push_back(entry.digest);
    take(std::make_shared<const Batch>(std::move(batch)), entry);
}

BatchHandle Batches::take_inline() {
    if (unsent_.empty()) {
        return nullptr;
    }
    const auto* mine = held(unsent_.back());
    if (mine == nullptr || mine->entry.bytes > context_.params().inline_bytes_max) {
        return nullptr;
    }
    unsent_.pop_back();
    return mine->batch;
}

void Batches::stream_sealed() {
    for (const auto& digest : unsent_) {
        if (const auto batch = find(digest)) {
            context_.broadcast(batch, Channel::bulk);
        }
    }
    unsent_.clear();
}

}  // namespace remit::consensus
