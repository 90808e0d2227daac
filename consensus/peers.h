#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "consensus/context.h"

namespace remit::consensus {

/// What is known of the other validators: when each was last heard, where it says it stands, how
/// far away it is. Nothing here is evidence; it only steers timers and whom to ask.
class Peers {
public:
    explicit Peers(Context& context) : context_(context) {}

    void start();
    /// What an earlier epoch's knew of the peer that had local index `old` there and has `now`
    /// here.
    void adopt(const Peers& before, ValidatorIndex old, ValidatorIndex now);
    void adopted() { measure_delta(); }
    void heard(ValidatorIndex peer);
    void on_status(ValidatorIndex peer, const PeerStatus& status);
    void on_pong(ValidatorIndex peer, const Pong& pong);
    void forget_status(ValidatorIndex peer);
    /// Its Notarize came so long after the view's first one.
    void voted(ValidatorIndex peer, std::int64_t lag_ms);
    /// Of all validators of the epoch, in their order, this node among them.
    [[nodiscard]] std::vector<PeerMetrics> metrics() const;

    /// The leader was silent for the skip window while a quorum (counting me) was heard.
    [[nodiscard]] bool quiet(ValidatorIndex leader) const;
    /// When `quiet` may become true.
    [[nodiscard]] std::int64_t quiet_at(ValidatorIndex leader) const;
    /// The highest finalised height that any peer claims, and one of those that claim to be above
    /// mine: another one each turn, as who claims most may be the one to give least.
    struct Ahead {
        ValidatorIndex peer = 0;
        Height height = 0;  ///< 0: nobody is ahead
    };
    [[nodiscard]] Ahead ahead_of(Height height, std::size_t turn) const;
    /// This validator, or any, says that its votes were lost and that it may vote in a view that is
    /// one or two away from this one. Its word alone.
    [[nodiscard]] bool waits(ValidatorIndex peer, View view) const;
    [[nodiscard]] bool anybody_waits(View view) const;
    /// True at most once per answer interval and peer: limits answers to whoever lags.
    bool may_answer_laggard(ValidatorIndex peer);

    /// True when a ping is due; sets the next one.
    bool ping_due();
    [[nodiscard]] std::int64_t ping_at() const { return ping_at_; }

private:
    struct Peer {
        std::int64_t heard_ms = 0;
        std::int64_t laggard_answered_ms = 0;
        std::optional<PeerStatus> status;
        std::deque<std::int64_t> round_trips_ms;  // newest last
        std::optional<std::int64_t> vote_lag_us;
    };
    void measure_delta();
    [[nodiscard]] bool may_vote_soon(const Peer& peer, View view) const;

    Context& context_;
    std::map<ValidatorIndex, Peer> peers_;
    std::int64_t ping_at_ = 0;
};

}  // namespace remit::consensus
