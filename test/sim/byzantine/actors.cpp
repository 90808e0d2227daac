#include "test/sim/byzantine/actors.h"

#include <algorithm>

namespace remit::sim {

const std::vector<ActorKind>& actor_kinds() {
    static const std::vector<ActorKind> kinds = {
        {"silent", silent},
        {"crash_mid_broadcast", crash_mid_broadcast},
        {"equivocating_leader", equivocating_leader, true},
        {"double_notarize", double_notarize, true},
        {"nullify_and_finalize", nullify_and_finalize, true},
        {"finalize_without_notarization", finalize_without_notarization},
        {"vote_for_everything", vote_for_everything, true},
        {"withheld_certificate", withheld_certificate},
        {"bad_parent", bad_parent},
        {"far_view_spam", far_view_spam},
        {"wrong_chain", wrong_chain},
        {"bad_certificate", bad_certificate},
        {"repeated_vote", repeated_vote},
        {"wrong_state_root", wrong_state_root},
        {"partial_batch", partial_batch},
        {"bad_batch_names", bad_batch_names},
        {"ack_without_data", ack_without_data},
        {"censoring_leader", censoring_leader},
        {"empty_blocks", empty_blocks},
        {"oversized_block", oversized_block},
        {"time_at_skew_edge", time_at_skew_edge},
        {"foreign_header", foreign_header},
        {"foreign_items", foreign_items},
        {"sync_liar", sync_liar},
        {"forged_evidence", forged_evidence},
        {"malleated_signature", malleated_signature},
        {"replayed_session", replayed_session},
        {"mutated_message", mutated_message, true},
        {"one_certificate_behind", one_certificate_behind},
        {"twin", twin, true},
        {"votes_of_old_epochs", votes_of_old_epochs, false, true},
        {"hand_over_liar", hand_over_liar, false, true},
        {"two_closings", two_closings, true, true},
        {"poisoned_snapshot", poisoned_snapshot, false, false, true},
    };
    return kinds;
}

const ActorKind* actor_named(const std::string& name) {
    const auto& kinds = actor_kinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const ActorKind& each) { return each.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

}  // namespace remit::sim
