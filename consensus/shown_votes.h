#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "consensus/amnesia.h"
#include "consensus/context.h"
#include "consensus/safety_rules.h"
#include "consensus/seen_votes.h"

namespace remit::consensus {

/// Whether the journal holds what its validator signed. At start every peer is asked for the newest
/// votes that it holds of this validator; nothing is signed until q-1 of them have answered. A vote
/// that is mine by its signature, but not in the journal, tells that the journal is an old copy
/// (its high-water file too, as it noticed nothing): the amnesia rule begins.
///
/// No honest race looks like that, as a vote is durable before it leaves. No liar can make it look
/// like that, as the vote carries my own signature. It costs no liveness: to decide anything q
/// validators must be up, and each of them then hears q-1 others; whoever waits answers as well.
class ShownVotes {
public:
    ShownVotes(Context& context, const SafetyRules& safety, SeenVotes& seen, Amnesia& amnesia)
        : context_(context), safety_(safety), seen_(seen), amnesia_(amnesia) {}

    /// At start, behind recovery; `nonce` is fresh from the host, `recovered` the journal's votes.
    void begin(const Hash& nonce, const std::vector<Vote>& recovered);
    /// Nothing may be signed yet.
    [[nodiscard]] bool waits() const { return waits_; }

    void on_connected(ValidatorIndex peer);
    void on_request(ValidatorIndex from, const VotesRequest& request);
    void on_answer(ValidatorIndex from, const VotesAnswer& answer);
    /// Asks again when it is time. End of every step.
    void ask();
    [[nodiscard]] std::optional<std::int64_t> deadline() const;

private:
    [[nodiscard]] bool lacks(const Vote& vote) const;

    Context& context_;
    const SafetyRules& safety_;
    SeenVotes& seen_;
    Amnesia& amnesia_;
    std::optional<Hash> nonce_;
    View first_view_ = 0;  // from here on the journal must hold every vote of mine
    std::map<std::pair<View, VoteKind>, Hash> recovered_;
    std::set<ValidatorIndex> answered_;
    bool waits_ = false;
    std::int64_t ask_at_ = 0;
};

}  // namespace remit::consensus
