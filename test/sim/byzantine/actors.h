#pragma once

#include <string>

#include "test/sim/byzantine/actor.h"

namespace remit::sim {

using MakeActor = std::unique_ptr<Actor> (*)(Seat seat);

// Each in the file of its name.
std::unique_ptr<Actor> silent(Seat seat);
std::unique_ptr<Actor> crash_mid_broadcast(Seat seat);
std::unique_ptr<Actor> equivocating_leader(Seat seat);
std::unique_ptr<Actor> double_notarize(Seat seat);
std::unique_ptr<Actor> nullify_and_finalize(Seat seat);
std::unique_ptr<Actor> finalize_without_notarization(Seat seat);
std::unique_ptr<Actor> vote_for_everything(Seat seat);
std::unique_ptr<Actor> withheld_certificate(Seat seat);
std::unique_ptr<Actor> bad_parent(Seat seat);
std::unique_ptr<Actor> far_view_spam(Seat seat);
std::unique_ptr<Actor> wrong_chain(Seat seat);
std::unique_ptr<Actor> bad_certificate(Seat seat);
std::unique_ptr<Actor> repeated_vote(Seat seat);
std::unique_ptr<Actor> wrong_state_root(Seat seat);
std::unique_ptr<Actor> partial_batch(Seat seat);
std::unique_ptr<Actor> bad_batch_names(Seat seat);
std::unique_ptr<Actor> ack_without_data(Seat seat);
std::unique_ptr<Actor> censoring_leader(Seat seat);
std::unique_ptr<Actor> empty_blocks(Seat seat);
std::unique_ptr<Actor> oversized_block(Seat seat);
std::unique_ptr<Actor> time_at_skew_edge(Seat seat);
std::unique_ptr<Actor> foreign_header(Seat seat);
std::unique_ptr<Actor> foreign_items(Seat seat);
std::unique_ptr<Actor> sync_liar(Seat seat);
std::unique_ptr<Actor> forged_evidence(Seat seat);
std::unique_ptr<Actor> malleated_signature(Seat seat);
std::unique_ptr<Actor> replayed_session(Seat seat);
std::unique_ptr<Actor> mutated_message(Seat seat);
std::unique_ptr<Actor> one_certificate_behind(Seat seat);
std::unique_ptr<Actor> twin(Seat seat);
std::unique_ptr<Actor> votes_of_old_epochs(Seat seat);
std::unique_ptr<Actor> hand_over_liar(Seat seat);
std::unique_ptr<Actor> two_closings(Seat seat);
std::unique_ptr<Actor> poisoned_snapshot(Seat seat);

struct ActorKind {
    std::string name;
    MakeActor make;
    /// It signs votes that contradict each other, and honest validators get to see both.
    bool leaves_evidence = false;
    /// What it does takes epochs that end.
    bool needs_epochs = false;
    /// It lies to whoever joins from a snapshot: that one blames it, and joins by others.
    bool needs_joiners = false;
};
const std::vector<ActorKind>& actor_kinds();
/// Null for a name that is none.
const ActorKind* actor_named(const std::string& name);

}  // namespace remit::sim
