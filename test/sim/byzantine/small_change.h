#pragma once

#include <type_traits>

#include "consensus/messages.h"
#include "test/support/node/prng.h"

namespace remit::sim {

/// Changes one field of what a validator signs, drawn by chance: one up or down, a hash to any
/// other, or to what it was in an older one. The signature no longer fits.
class SmallChange {
public:
    explicit SmallChange(test::Prng& random) : random_(random) {}

    void of(consensus::Vote& vote, const consensus::Vote& older);
    void of(consensus::Ack& ack, const consensus::Ack& older);
    void of(consensus::ExecutionVote& vote, const consensus::ExecutionVote& older);
    void of(consensus::Header& header, const consensus::Header& older);

private:
    void of(consensus::Entry& entry, const consensus::Entry& older);
    void of(consensus::ExecutionResult& result, const consensus::ExecutionResult& older);
    template <class T>
    void field(T& value, const T& older) {
        constexpr std::uint64_t often = 400'000;
        if (random_.chance(often)) {
            value = older;
        } else if constexpr (std::is_same_v<T, Hash>) {
            value = random_.draw<Hash>();
        } else {
            value = static_cast<T>(random_.chance(500'000) ? value + 1 : value - 1);
        }
    }
    /// One of these members of both.
    template <class T, class... Fields>
    void one_of(T& changed, const T& older, Fields T::*... fields) {
        auto chosen = random_.below(sizeof...(fields));
        ((chosen-- == 0 ? field(changed.*fields, older.*fields) : void()), ...);
    }

    test::Prng& random_;
};

}  // namespace remit::sim
