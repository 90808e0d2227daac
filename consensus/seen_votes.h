#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/context.h"

namespace remit::consensus {

/// Who signed what in the last 1,000 views, raw: also votes that came after their certificate was
/// formed, and those inside certificates. Two votes of one signer that contradict each other are
/// evidence, whenever the second one comes; and a validator that asks for its own newest votes
/// (ShownVotes) hears of them from here. Memory: one vote a view, signer and kind.
class SeenVotes {
public:
    explicit SeenVotes(Context& context) : context_(context) {}

    /// A vote whose signature holds.
    void add(const Vote& vote) { take(vote, true); }
    /// A vote from its signer's own connection that nothing rests on: its signature is looked at
    /// only when it contradicts another.
    void add_unchecked(const Vote& vote) { take(vote, false); }
    /// A certificate that holds: the votes in it.
    void add(const Certificate& certificate);

    /// The signer's newest vote of each kind, signatures checked.
    [[nodiscard]] std::vector<Vote> newest_of(ValidatorIndex signer);

    static constexpr View views_kept = 1000;

private:
    struct Slot {
        Vote vote;
        bool checked = false;
    };
    using Slots = std::array<std::optional<Slot>, 3>;  // by kind
    void take(const Vote& vote, bool checked);
    void compare(Slots& slots, Slot& incoming);
    [[nodiscard]] bool hold(Slot& slot);
    void prune();

    Context& context_;
    std::map<View, std::map<ValidatorIndex, Slots>> views_;
    std::set<std::tuple<View, ValidatorIndex, EvidenceKind>> told_;
};

}  // namespace remit::consensus
