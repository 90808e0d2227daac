#include "consensus/output.h"

#include <iterator>
#include <utility>

namespace remit::consensus {

namespace {

template <class T>
void move_to_end(std::vector<T>& into, std::vector<T>&& from) {
    into.insert(into.end(), std::make_move_iterator(from.begin()),
                std::make_move_iterator(from.end()));
}

}  // namespace

std::string_view name_of(ForkRule rule) {
    switch (rule) {
        case ForkRule::two_blocks_in_a_view:
            return "two_blocks_in_a_view";
        case ForkRule::finalized_and_nullified:
            return "finalized_and_nullified";
        case ForkRule::two_chains:
            return "two_chains";
    }
    return "unknown";
}

void Output::append(Output&& next) {
    move_to_end(journal, std::move(next.journal));
    move_to_end(store_batches, std::move(next.store_batches));
    sync_before_send = sync_before_send || next.sync_before_send;
    move_to_end(send, std::move(next.send));
    move_to_end(commits, std::move(next.commits));
    move_to_end(notarized, std::move(next.notarized));
    move_to_end(execution_proofs, std::move(next.execution_proofs));
    move_to_end(execution_certificates, std::move(next.execution_certificates));
    move_to_end(sealed, std::move(next.sealed));
    move_to_end(refused, std::move(next.refused));
    move_to_end(expired, std::move(next.expired));
    move_to_end(drop_batches, std::move(next.drop_batches));
    move_to_end(evidence, std::move(next.evidence));
    move_to_end(misbehaviour, std::move(next.misbehaviour));
    if (next.lost_vote) {
        lost_vote = next.lost_vote;
    }
    move_to_end(hand_overs, std::move(next.hand_overs));
    if (next.unsupported) {
        unsupported = next.unsupported;
    }
    if (next.divergence && !divergence) {
        divergence = std::move(next.divergence);
    }
    if (next.fork && !fork) {
        fork = std::move(next.fork);
    }
    if (next.foreign_votes && !foreign_votes) {
        foreign_votes = next.foreign_votes;
    }
}

}  // namespace remit::consensus
