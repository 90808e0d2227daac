#include "consensus/peers.h"

#include <algorithm>
#include <vector>

namespace remit::consensus {

namespace {
constexpr std::size_t round_trips_kept = 32;
constexpr std::int64_t delta_margin_ms = 50;  // consensus.md 3.4
constexpr std::int64_t laggard_answer_ms = 100;
constexpr View views_awaited = 2;  // by the rule of Amnesia, behind the highest of a quorum
}  // namespace

void Peers::start() {
    for (std::size_t i = 0; i < context_.set().size(); ++i) {
        // A start counts as having heard everybody: nobody is skipped before the window passed.
        peers_[static_cast<ValidatorIndex>(i)].heard_ms = context_.now.mono_ms;
        peers_[static_cast<ValidatorIndex>(i)].laggard_answered_ms =
            context_.now.mono_ms - laggard_answer_ms;
    }
    ping_at_ = context_.now.mono_ms;
    measure_delta();
}

void Peers::adopt(const Peers& before, ValidatorIndex old, ValidatorIndex now) {
    if (const auto found = before.peers_.find(old); found != before.peers_.end()) {
        peers_[now] = found->second;
    }
}

void Peers::heard(ValidatorIndex peer) {
    peers_[peer].heard_ms = context_.now.mono_ms;
}

void Peers::on_status(ValidatorIndex peer, const PeerStatus& status) {
    peers_[peer].status = status;
}

void Peers::on_pong(ValidatorIndex peer, const Pong& pong) {
    // Compared before subtracting: the peer chose the number.
    const auto now = context_.now.mono_ms;
    const auto longest = std::int64_t{2} * context_.params().delta_ms_max;
    if (pong.sent_ms > now || pong.sent_ms < now - longest) {
        return;
    }
    const auto round_trip = now - pong.sent_ms;
    auto& samples = peers_[peer].round_trips_ms;
    samples.push_back(round_trip);
    if (samples.size() > round_trips_kept) {
        samples.pop_front();
    }
    measure_delta();
}

void Peers::forget_status(ValidatorIndex peer) {
    peers_[peer].status.reset();
}

void Peers::voted(ValidatorIndex peer, std::int64_t lag_ms) {
    constexpr std::int64_t us = 1000;
    constexpr std::int64_t weight = 8;
    auto& lag = peers_[peer].vote_lag_us;
    lag = lag ? *lag + (lag_ms * us - *lag) / weight : lag_ms * us;
}

std::vector<PeerMetrics> Peers::metrics() const {
    constexpr std::int64_t us = 1000;
    std::vector<PeerMetrics> out;
    for (std::size_t i = 0; i < context_.set().size(); ++i) {
        auto& each = out.emplace_back();
        each.name = context_.set().validators()[i].name;
        const auto nullified = context_.nullified_by_leader.find(each.name);
        each.views_nullified =
            nullified == context_.nullified_by_leader.end() ? 0 : nullified->second;
        const auto found = peers_.find(static_cast<ValidatorIndex>(i));
        if (i == context_.self() || found == peers_.end()) {
            continue;
        }
        const auto& peer = found->second;
        if (!peer.round_trips_ms.empty()) {
            each.round_trip_ms =
                *std::max_element(peer.round_trips_ms.begin(), peer.round_trips_ms.end());
        }
        if (peer.vote_lag_us) {
            each.vote_lag_ms = *peer.vote_lag_us / us;
        }
    }
    return out;
}

void Peers::measure_delta() {
    // Twice the slowest one-way time of the nearest quorum, plus a margin: the farthest f peers
    // must not slow everybody's timers down.
    std::vector<std::int64_t> slowest;
    for (const auto& [index, peer] : peers_) {
        if (index != context_.self() && context_.set().contains(index) &&
            !peer.round_trips_ms.empty()) {
            slowest.push_back(
                *std::max_element(peer.round_trips_ms.begin(), peer.round_trips_ms.end()));
        }
    }
    std::sort(slowest.begin(), slowest.end());
#ifdef SIM_BUG_delta_of_the_slowest
    const auto needed = context_.set().size() - 1;
#else
    const auto needed = context_.set().q() - 1;
#endif
    const auto at = std::min(needed, slowest.size());
    const std::int64_t round_trip = at == 0 ? 0 : slowest[at - 1];
    context_.delta_ms =
        std::clamp<std::int64_t>(round_trip + delta_margin_ms, context_.params().delta_ms_min,
                                 context_.params().delta_ms_max);
}

std::int64_t Peers::quiet_at(ValidatorIndex leader) const {
    const auto found = peers_.find(leader);
    const auto heard = found == peers_.end() ? 0 : found->second.heard_ms;
    return heard + context_.params().skip_window_ms;
}

bool Peers::quiet(ValidatorIndex leader) const {
    if (leader == context_.self() || context_.now.mono_ms < quiet_at(leader)) {
        return false;
    }
    std::size_t heard = 1;
    for (const auto& [index, peer] : peers_) {
        if (index != leader && index != context_.self() && context_.set().contains(index) &&
            context_.now.mono_ms - peer.heard_ms < context_.params().skip_window_ms) {
            ++heard;
        }
    }
    return heard >= context_.set().q();
}

Peers::Ahead Peers::ahead_of(Height height, std::size_t turn) const {
    std::vector<ValidatorIndex> ahead;
    Ahead out;
    for (const auto& [index, peer] : peers_) {
        if (peer.status && peer.status->finalised_height > height) {
            ahead.push_back(index);
            out.height = std::max(out.height, peer.status->finalised_height);
        }
    }
    out.peer = ahead.empty() ? out.peer : ahead[turn % ahead.size()];
    return out;
}

bool Peers::may_vote_soon(const Peer& peer, View view) const {
    return peer.status && peer.status->epoch == context_.set().epoch() &&
           peer.status->votes_from > view && peer.status->votes_from - view <= views_awaited;
}

bool Peers::waits(ValidatorIndex peer, View view) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && may_vote_soon(found->second, view);
}

bool Peers::anybody_waits(View view) const {
    return std::any_of(peers_.begin(), peers_.end(), [&](const auto& each) {
        return context_.set().contains(each.first) && may_vote_soon(each.second, view);
    });
}

bool Peers::may_answer_laggard(ValidatorIndex peer) {
    auto& answered = peers_[peer].laggard_answered_ms;
    if (context_.now.mono_ms - answered < laggard_answer_ms) {
        return false;
    }
    answered = context_.now.mono_ms;
    return true;
}

bool Peers::ping_due() {
    if (context_.now.mono_ms < ping_at_) {
        return false;
    }
    ping_at_ =
        context_.now.mono_ms + std::max<std::int64_t>(context_.params().skip_window_ms / 4, 1);
    return true;
}

}  // namespace remit::consensus
