#include "consensus/fetcher.h"

#include <algorithm>

namespace remit::consensus {

void Fetcher::want(const Message& request, Hint hint) {
    declare(encode_message(request), request, hint);
}

void Fetcher::want(const Prepared& prepared, Hint hint) {
    declare(prepared.key, prepared.request, hint);
}

void Fetcher::declare(const Bytes& key, const Message& request, Hint hint) {
    if (const auto found = wants_.find(key); found != wants_.end()) {
        found->second.declared = true;
        return;
    }
    if (wants_.size() < wants_max && context_.config.peers > 1) {
        wants_.emplace(key, Want{.request = request,
                                 .hint = hint,
                                 .next_ms = context_.now.mono_ms + hint.delay_ms,
                                 .attempts = 0,
                                 .declared = true});
    }
}

bool Fetcher::wants(const Message& request) const {
    return wants_.contains(encode_message(request));
}

void Fetcher::flush() {
    const auto n = context_.config.peers;  // guests may have what the set has not yet
    for (auto each = wants_.begin(); each != wants_.end();) {
        auto& want = each->second;
        if (!want.declared) {
            each = wants_.erase(each);
            continue;
        }
        want.declared = false;
        ++each;
        if (want.next_ms > context_.now.mono_ms) {
            continue;
        }
        auto peer = static_cast<ValidatorIndex>((want.hint.first + want.attempts) % n);
        if (peer == context_.self()) {
            ++want.attempts;
            peer = static_cast<ValidatorIndex>((peer + 1U) % n);
        }
        ++want.attempts;
        const auto interval =
            want.hint.interval_ms > 0 ? want.hint.interval_ms : 2 * context_.delta_ms;
        want.next_ms = context_.now.mono_ms + std::max<std::int64_t>(interval, 1);
        context_.send(peer, want.request);
    }
}

std::optional<std::int64_t> Fetcher::deadline() const {
    std::optional<std::int64_t> next;
    for (const auto& [key, want] : wants_) {
        next = next ? std::min(*next, want.next_ms) : want.next_ms;
    }
    return next;
}

}  // namespace remit::consensus
