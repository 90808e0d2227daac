#include "test/sim/byzantine/small_change.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

void SmallChange::of(Entry& entry, const Entry& older) {
    one_of(entry, older, &Entry::digest, &Entry::author, &Entry::expires_height, &Entry::bytes);
}

void SmallChange::of(ExecutionResult& result, const ExecutionResult& older) {
    one_of(result, older, &ExecutionResult::height, &ExecutionResult::block_digest,
           &ExecutionResult::state_root, &ExecutionResult::receipts_root,
           &ExecutionResult::snapshot_root, &ExecutionResult::next_epoch_hash);
}

void SmallChange::of(Vote& vote, const Vote& older) {
    constexpr std::uint64_t kinds = 3;
    if (random_.below(5) == 0) {
        vote.kind = static_cast<VoteKind>(1 + random_.below(kinds));
        return;
    }
    one_of(vote, older, &Vote::epoch, &Vote::view, &Vote::digest, &Vote::signer);
}

void SmallChange::of(Ack& ack, const Ack& older) {
    if (random_.below(3) == 0) {
        one_of(ack, older, &Ack::epoch, &Ack::signer);
        return;
    }
    of(ack.entry, older.entry);
}

void SmallChange::of(ExecutionVote& vote, const ExecutionVote& older) {
    if (random_.below(4) == 0) {
        one_of(vote, older, &ExecutionVote::epoch, &ExecutionVote::signer);
        return;
    }
    of(vote.result, older.result);
}

void SmallChange::of(Header& header, const Header& older) {
    switch (random_.below(8)) {
        case 0:
            of(header.exec, older.exec);
            break;
        case 1:
            header.batches = older.batches;
            break;
        case 2:
            if (!header.batches.empty() && !older.batches.empty()) {
                of(header.batches.front(), older.batches.front());
                break;
            }
            [[fallthrough]];
        default:
            one_of(header, older, &Header::version, &Header::epoch, &Header::view, &Header::height,
                   &Header::leader, &Header::parent_view, &Header::parent_digest, &Header::time_ms,
                   &Header::params_hash, &Header::leader_schedule_hash, &Header::flags);
    }
}

}  // namespace remit::sim
