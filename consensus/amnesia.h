#pragma once

#include <map>
#include <optional>
#include <string>

#include "consensus/block_tree.h"
#include "consensus/context.h"
#include "consensus/safety_rules.h"

namespace remit::consensus {

/// What a validator does whose votes may be lost (its journal is gone or an old copy), and how the
/// others help it. It asks every peer for its view with the certificate that the peer entered it
/// on, signed over a fresh number; once q peers have answered it votes again, but only in views
/// that lie two or more above the highest answer. Until then it follows, votes nothing and
/// acknowledges nothing.
///
/// Why two: I entered my last view w on a certificate of w-1. Its signers and my q responders have
/// an honest one in common who is not me, and its view is w-1 at least.
class Amnesia {
public:
    Amnesia(Context& context, const BlockTree& tree, SafetyRules& safety)
        : context_(context), tree_(tree), safety_(safety) {}

    /// Votes may be lost; `nonce` is fresh from the host. At start, before the first step.
    void begin(const Hash& nonce);
    /// A peer showed a vote of mine of this view that my journal lacks. At any time; `seed` is
    /// fresh from the host.
    void discover(View shown, const Hash& seed);
    /// An earlier run has its answers, and its record is in the journal. At start.
    void wait_for_first_view();
    [[nodiscard]] bool active() const { return nonce_ || waiting_; }
    /// The view it waits for, once it has its answers; else 0.
    [[nodiscard]] View first_view() const { return waiting_ ? safety_.resume_view() : 0; }
    /// No answers yet.
    [[nodiscard]] bool asking() const { return nonce_.has_value(); }
    /// Ends if the first view that may be voted in has come.
    void look();

    void on_request(ValidatorIndex from, const ViewRequest& request);
    void on_answer(ValidatorIndex from, const ViewAnswer& answer);
    /// Asks again when it is time. End of every step.
    void ask();
    [[nodiscard]] std::optional<std::int64_t> deadline() const;

private:
    [[nodiscard]] std::optional<std::string> flaw_in(ValidatorIndex from, const ViewAnswer& answer);
    void resume();

    Context& context_;
    const BlockTree& tree_;
    SafetyRules& safety_;
    std::optional<Hash> nonce_;             // of the question under way
    std::map<ValidatorIndex, View> views_;  // answered, one for each peer
    bool waiting_ = false;                  // for the first view that may be voted in
    std::uint64_t discoveries_ = 0;
    std::int64_t ask_at_ = 0;
    std::map<ValidatorIndex, std::int64_t> answered_ms_;  // when each peer last got my answer
};

}  // namespace remit::consensus
