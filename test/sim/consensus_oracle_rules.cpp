// The rules of voting by their names: N1, N2, N4, N6, N7, S4, Take and Offer.
#include <algorithm>

#include "test/sim/consensus_oracle.h"
#include "test/sim/oracle.h"
#include "test/sim/oracle_words.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

/// Whether a quorum can have voted so in this view, for all that was on the wires: its own vote may
/// have been counted by `voter` before it was sent.
bool ConsensusOracle::may_be_certified(const ViewKey& place, VoteKind kind, const Hash& digest,
                                       std::size_t voter) const {
    const bool unsent = !votes_.contains(VoteKey(voter, place.first, place.second, kind));
    return votes_for(place, kind, digest) + (unsent ? 1 : 0) >= quorum(place.first);
}

bool ConsensusOracle::any_certified(const ViewKey& place, VoteKind kind, std::size_t voter) const {
    for (const auto& [key, node] : nodes_) {
        const auto vote = votes_.find(VoteKey(node, place.first, place.second, kind));
        if (vote != votes_.end() && may_be_certified(place, kind, vote->second, voter)) {
            return true;
        }
    }
    return false;
}

/// N1: a view is entered on a certificate of the one before, or on a later one.
bool ConsensusOracle::opened(const ViewKey& place, std::size_t voter) const {
    const auto [epoch, view] = place;
    const ViewKey before(epoch, view - 1);
    const auto later = finalized_.lower_bound(before);
    if (view <= 1 || notarized_.contains(before) || nullified_.contains(before) ||
        (later != finalized_.end() && later->first.first == epoch)) {
        return true;
    }
    for (const auto kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
        if (any_certified(before, kind, voter)) {
            return true;
        }
    }
    View newest = view;
    for (const auto& [node, voted] : voted_) {
        newest = voted.first == epoch ? std::max(newest, voted.second) : newest;
    }
    for (View each = view; each <= newest; ++each) {
        if (notarized_.contains({epoch, each}) || nullified_.contains({epoch, each}) ||
            any_certified({epoch, each}, VoteKind::finalize, voter)) {
            return true;
        }
    }
    return false;
}

/// N1 and S4: what an honest vote rests on was there when it was sent.
void ConsensusOracle::check_grounds(std::size_t from, const Vote& vote) const {
    const ViewKey place(vote.epoch, vote.view);
    const auto name = std::string(name_of(vote.kind));
    if (vote.kind != VoteKind::finalize) {
        if (!opened(place, from)) {
            throw Breach("N1", who(from) + " sends a " + name + " vote" + at(vote.view) +
                                   ", which no certificate opens");
        }
        return;
    }
    const auto found = notarized_.find(place);
    const bool known = found != notarized_.end() && found->second == vote.digest;
    if (!known && !may_be_certified(place, VoteKind::notarize, vote.digest, from)) {
        throw Breach("S4", who(from) + " sends a " + name + " vote" + at(vote.view) +
                               " for a block that is not notarized");
    }
}

/// Take, Offer: nobody vouches for a batch, or hands it on, that can be named no more as far as he
/// knew before this turn.
void ConsensusOracle::check_entry(std::size_t from, const Entry& entry, const std::string& rule,
                                  const std::string& does) const {
    const auto standing = standing_.find(from);
    if (standing == standing_.end()) {
        return;
    }
    const auto finalised = standing->second.finalised;
    const auto named = batches_named_.find(entry.digest);
    const bool known = named != batches_named_.end() && named->second <= finalised;
    if (entry.expires_height <= finalised || known) {
        throw Breach(rule, who(from) + " " + does + " a batch that is " +
                               (known ? "named" : "expired") + " at height " +
                               std::to_string(finalised));
    }
}

/// What every honest voter has looked at in a header, without its data.
void ConsensusOracle::check_header(std::size_t node, const Header& header) {
    const auto text = who(node) + " commits height " + std::to_string(header.height);
    if (!set_of(header.epoch).contains(header.leader) ||
        params_of_.try_emplace(header.epoch, header.params_hash).first->second !=
            header.params_hash) {
        throw Breach("N2", text + " with a foreign leader or other parameters than before");
    }
    if (newest_clock_ms_ && header.time_ms > *newest_clock_ms_ + std::int64_t{params_.skew_ms}) {
        throw Breach("N4", text + " of a time that no honest clock was near to");
    }
    const auto changed = params_of_epoch_.find(header.epoch);
    const auto& params = changed == params_of_epoch_.end() ? params_ : changed->second;
    if (params.hash() != header.params_hash) {
        throw Breach("N2", text + " with other parameters than its epoch's");
    }
    const auto parent = blocks_.find(header.height - 1);
    if (parent != blocks_.end() && header.exec != parent->second.exec) {
        const auto anchored = blocks_.find(header.exec.height);
        const auto result = results_.find(header.exec.height);
        if (header.exec.height <= parent->second.exec.height ||
            header.exec.height >= header.height || anchored == blocks_.end() ||
            anchored->second.digest != header.exec.block_digest ||
            (result != results_.end() && result->second != header.exec)) {
            throw Breach("N6", text + " which anchors no newer result of its own chain");
        }
    }
    if (!header.batches.empty() && header.height - header.exec.height > params.lag_max) {
        throw Breach("N7", text + " with payload too far ahead of execution");
    }
}

}  // namespace remit::sim
