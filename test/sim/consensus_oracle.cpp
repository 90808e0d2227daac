#include "test/sim/consensus_oracle.h"

#include <bit>

#include "test/sim/oracle.h"
#include "test/sim/oracle_words.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
template <class Map, class Key>
bool agrees(Map& map, const Key& key, const Hash& digest) {
    return map.try_emplace(key, digest).first->second == digest;
}
}  // namespace

ConsensusOracle::ConsensusOracle(const Hash& chain_id, const ValidatorSet& validators,
                                 const Params& params, std::uint64_t epoch_blocks)
    : chain_id_(chain_id),
      sets_{{validators.epoch(), validators}},
      versions_{{validators.epoch(), params.protocol_version}},
      params_(params),
      leaders_(chain_id, validators, epoch_blocks) {
    for (std::size_t i = 0; i < validators.size(); ++i) {
        nodes_[validators.key(static_cast<ValidatorIndex>(i))] = i;
    }
}

const ValidatorSet& ConsensusOracle::set_of(Epoch epoch) const {
    const auto found = sets_.find(epoch);
    if (found == sets_.end()) {
        throw Breach("E1", "epoch " + std::to_string(epoch) + " is used before anybody entered it");
    }
    return found->second;
}

std::size_t ConsensusOracle::quorum(Epoch epoch) const {
    const auto n = set_of(epoch).size();
    return n - (n - 1) / 3;
}

std::optional<std::size_t> ConsensusOracle::node_of(Epoch epoch, ValidatorIndex signer) const {
    const auto& set = set_of(epoch);
    const auto found = set.contains(signer) ? nodes_.find(set.key(signer)) : nodes_.end();
    return found != nodes_.end() ? std::optional(found->second) : std::nullopt;
}

std::uint64_t ConsensusOracle::parameter_changes() const {
    std::uint64_t out = 0;
    auto before = params_;
    for (const auto& [epoch, params] : params_of_epoch_) {
        before.protocol_version = params.protocol_version;
        out += params == before ? 0 : 1;
        before = params;
    }
    return out;
}

std::uint64_t ConsensusOracle::sets_seen() const {
    std::set<std::vector<PublicKey>> out;
    for (const auto& [epoch, set] : sets_) {
        std::vector<PublicKey> keys;
        for (const auto& validator : set.validators()) {
            keys.push_back(validator.key);
        }
        out.insert(std::move(keys));
    }
    return out.size();
}

std::uint64_t ConsensusOracle::epochs_without_byzantine() const {
    std::uint64_t out = 0;
    for (const auto& [epoch, set] : sets_) {
        std::size_t adversaries = 0;
        for (std::size_t i = 0; i < set.size(); ++i) {
            const auto node = node_of(epoch, static_cast<ValidatorIndex>(i));
            adversaries += node && is_byzantine(*node);
        }
        out += adversaries == 0;
    }
    return out;
}

void ConsensusOracle::on_epoch(std::size_t node, const HandOver& way) {
    const auto epoch = way.epoch();
    const auto text = who(node) + " enters epoch " + std::to_string(epoch);
    const auto& last = way.headers.front();
    if (!agrees(roots_, epoch, last.digest()) || !agrees(descriptions_, epoch, way.next.hash())) {
        throw Breach("E1", text + " from another root or description than others did");
    }
    if (last.flags != header_flag::epoch_last || last.epoch + 1 != epoch ||
        last.exec.next_epoch_hash != way.next.hash()) {
        throw Breach("E1", text + " though its root does not name it");
    }
    auto parent = last.digest();
    for (std::size_t i = 1; i < way.headers.size(); ++i) {
        const auto& closing = way.headers[i];
        if (closing.flags != header_flag::closing || closing.parent_digest != parent ||
            !closing.batches.empty() || closing.height != last.height ||
            closing.time_ms != last.time_ms || closing.exec != last.exec) {
            throw Breach("E2", text + " over a closing block that is none");
        }
        parent = closing.digest();
    }
    if (way.finalization.digest != parent || way.finalization.kind != VoteKind::finalize) {
        throw Breach("E1", text + " without a Finalization that covers the last block");
    }
    versions_.emplace(epoch, way.next.params.protocol_version);
    params_of_epoch_.emplace(epoch, way.next.params);
    if (!commits_only_) {
        check_certificate(way.finalization);
    }
    if (!sets_.emplace(epoch, way.next.set).second || commits_only_) {
        return;
    }
    const auto wrong = leaders_.on_epoch(way, [this](const Hash& digest) {
        const auto found = headers_.find(digest);
        return found == headers_.end() ? nullptr : &found->second;
    });
    if (!wrong.empty()) {
        throw Breach("E4", text + " " + wrong);
    }
}

void ConsensusOracle::on_send(std::size_t from, ByteView bytes, const Durable& durable) {
    if (commits_only_ || bytes == last_sent_) {
        return;  // or the same message to the next peer
    }
    last_sent_ = bytes;
    const auto message = decode_message(bytes);
    if (!message) {
        throw Breach("C8", who(from) + " sends bytes that are no message");
    }
    check_message(from, *message, durable);
}

void ConsensusOracle::check_message(std::size_t from, const Message& message,
                                    const Durable& durable) {
    if (const auto* vote = std::get_if<Vote>(&message)) {
        check_vote(from, *vote, durable);
    } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
        const Vote leader{VoteKind::notarize,      proposal->header.epoch,
                          proposal->header.view,   proposal->header.digest(),
                          proposal->header.leader, proposal->leader_signature};
        check_vote(from, leader, durable);
        if (node_of(leader.epoch, leader.signer) == from) {
            proposed_[from] = {leader.epoch, leader.view};
        }
        learn(proposal->header);
        if (proposal->inline_batch) {
            learn(*proposal->inline_batch);
        }
        for (const auto& nullification : proposal->justification.nullifications) {
            check_certificate(nullification);
        }
        if (proposal->justification.parent) {
            check_certificate(*proposal->justification.parent);
        }
    } else if (const auto* batch = std::get_if<BatchHandle>(&message)) {
        learn(**batch);
    } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
        check_certificate(*certificate);
    } else if (const auto* ack = std::get_if<Ack>(&message)) {
        check_entry(from, ack->entry, "Take rule", "acknowledges");
        check_held(from, ack->entry.digest, "acknowledges");
        acknowledged_[ack->entry.digest].insert(from);
    } else if (const auto* executed = std::get_if<ExecutionVote>(&message)) {
        check_executed(from, *executed);
    } else if (const auto* offer = std::get_if<Offer>(&message)) {
        for (const auto& entry : offer->entries) {
            check_entry(from, entry, "Offer rule", "offers");
        }
    } else if (const auto* execution = std::get_if<ExecutionCertificate>(&message)) {
        if (execution->signers.signatures.size() < quorum(execution->epoch)) {
            throw Breach("C8", who(from) + " sends an execution certificate of too few votes");
        }
    }
}

void ConsensusOracle::check_vote(std::size_t from, const Vote& vote, const Durable& durable) {
    if (node_of(vote.epoch, vote.signer) != from) {
        return;  // a relay
    }
    const auto name = std::string(name_of(vote.kind));
    const auto key = VoteKey(from, vote.epoch, vote.view, vote.kind);
    const bool first = !votes_.contains(key);
    auto& newest = voted_[from];
    if (first && vote.epoch < newest.first) {
        throw Breach("E3", who(from) + " votes in epoch " + std::to_string(vote.epoch) +
                               " after it voted in " + std::to_string(newest.first));
    }
    const auto program = programs_.find(from);
    const auto version = versions_.find(vote.epoch);
    if (program != programs_.end() && version != versions_.end() &&
        version->second > program->second) {
        throw Breach("E5", who(from) + " votes in epoch " + std::to_string(vote.epoch) +
                               " of protocol version " + std::to_string(version->second) +
                               ", which its program does not know");
    }
    if (!agrees(votes_, key, vote.digest)) {
        throw Breach("C5", who(from) + " signs two " + name + " votes" + at(vote.view) + " (S1)");
    }
    const auto other = vote.kind == VoteKind::nullify ? VoteKind::finalize : VoteKind::nullify;
    if (vote.kind != VoteKind::notarize &&
        votes_.contains(VoteKey(from, vote.epoch, vote.view, other))) {
        throw Breach("C5", who(from) + " signs nullify and finalize" + at(vote.view) + " (S2)");
    }
    if (first) {
        check_grounds(from, vote);
        check_named(from, vote);
    }
    newest = std::max(newest, ViewKey(vote.epoch, vote.view));
    if (first && !durable(vote.signature.view())) {
        throw Breach("C5", who(from) + " sends a " + name + " vote" + at(vote.view) +
                               " that is not durable in its journal");
    }
}

void ConsensusOracle::check_certificate(const Certificate& certificate) {
    if (!certificates_.insert(hash(domain::vote, encode(certificate))).second) {
        return;
    }
    std::size_t signers = 0;
    for (const char byte : certificate.signers.bitmap) {
        signers += static_cast<std::size_t>(std::popcount(static_cast<unsigned char>(byte)));
    }
    const auto name = std::string(name_of(certificate.kind)) + " certificate";
    const auto& set = set_of(certificate.epoch);
    const auto needed = quorum(certificate.epoch);
    if (signers < needed || certificate.signers.signatures.size() != signers) {
        throw Breach("C8", name + at(certificate.view) + " of " + std::to_string(signers) +
                               " votes; " + std::to_string(needed) + " are needed");
    }
    const auto message =
        vote_bytes(chain_id_, set, certificate.kind, certificate.view, certificate.digest);
    std::size_t next = 0;
    for (std::size_t index = 0; index < set.size(); ++index) {
        const auto who_signed = static_cast<ValidatorIndex>(index);
        if (certificate.signers.has(who_signed) &&
            !remit::verify(set.key(who_signed), message, certificate.signers.signatures[next++])) {
            throw Breach("C8", name + at(certificate.view) + " with a bad signature");
        }
    }
    const auto view = certificate.view;
    const ViewKey place(certificate.epoch, view);
    if (certificate.kind == VoteKind::notarize && !agrees(notarized_, place, certificate.digest)) {
        throw Breach("C4", "two blocks notarized" + at(view));
    }
    if (certificate.kind != VoteKind::nullify) {
        check_batches(certificate);
    }
    if (certificate.kind == VoteKind::finalize && !agrees(finalized_, place, certificate.digest)) {
        throw Breach("C1", "two blocks finalized" + at(view));
    }
    if (certificate.kind == VoteKind::finalize) {
        check_chain(certificate);
    }
    if (certificate.kind == VoteKind::nullify) {
        nullified_.insert(place);
    }
    if (nullified_.contains(place) && finalized_.contains(place)) {
        throw Breach("C3", "finalization and nullification" + at(view));
    }
}

/// C1 before anybody commits: a node that sees two finalised chains stops and commits neither.
void ConsensusOracle::check_chain(const Certificate& finalization) {
    const auto header = headers_.find(finalization.digest);
    if (header != headers_.end() &&
        !agrees(finalized_heights_, header->second.height, finalization.digest)) {
        throw Breach("C1",
                     "two blocks finalized at height " + std::to_string(header->second.height));
    }
}

std::size_t ConsensusOracle::votes_for(const ViewKey& at, VoteKind kind, const Hash& digest) const {
    std::size_t votes = 0;
    for (std::size_t index = 0; index < set_of(at.first).size(); ++index) {
        const auto node = node_of(at.first, static_cast<ValidatorIndex>(index));
        if (!node || is_byzantine(*node)) {
            ++votes;
            continue;
        }
        const auto vote = votes_.find(VoteKey(*node, at.first, at.second, kind));
        votes += vote != votes_.end() && vote->second == digest;
    }
    return votes;
}

/// A certificate was on the wires, or a quorum of votes was.
bool ConsensusOracle::nullified(const ViewKey& at) const {
    return nullified_.contains(at) || votes_for(at, VoteKind::nullify, {}) >= quorum(at.first);
}

/// C2 (N3, S3): the parent is certified in the view that the header says, each view between is
/// nullified.
void ConsensusOracle::check_parent(std::size_t node, const Header& header) {
    const ViewKey parent(header.epoch, header.parent_view);
    const auto says = [&](const auto& certified) {
        const auto found = certified.find(parent);
        return found != certified.end() && found->second == header.parent_digest;
    };
    const auto text = who(node) + " commits height " + std::to_string(header.height);
    if (header.parent_view > 0 && !says(notarized_) && !says(finalized_) &&
        votes_for(parent, VoteKind::notarize, header.parent_digest) < quorum(header.epoch)) {
        throw Breach("C2", text + " on a parent that is not certified");
    }
    for (auto view = header.parent_view + 1; view < header.view; ++view) {
        if (!nullified({header.epoch, view})) {
            throw Breach("C2",
                         text + " over view " + std::to_string(view) + ", which is not nullified");
        }
    }
}

void ConsensusOracle::learn(const Header& header) {
    if (header.flags != header_flag::closing) {  // those stand beside a block, at its height
        headers_.emplace(header.digest(), header);
    }
}

void ConsensusOracle::learn(const Batch& batch) {
    batches_seen_.emplace(batch.digest(), batch.author_signature);
}

void ConsensusOracle::on_evidence(std::size_t by, const Evidence& evidence) {
    ++evidence_seen_;
    const auto& first = evidence.first;
    const auto& second = evidence.second;
    const auto accused = node_of(first.epoch, first.signer);
    if (!accused || !is_byzantine(*accused) || first.signer != second.signer) {
        throw Breach("C11", who(by) + " holds evidence against honest " +
                                who(accused.value_or(first.signer)));
    }
    const bool contradict = first.epoch == second.epoch && first.view == second.view &&
                            (first.kind == second.kind ? first.digest != second.digest
                                                       : first.kind != VoteKind::notarize &&
                                                             second.kind != VoteKind::notarize);
    for (const auto& vote : {first, second}) {
        const auto& set = set_of(vote.epoch);
        if (!contradict ||
            !remit::verify(set.key(vote.signer),
                           vote_bytes(chain_id_, set, vote.kind, vote.view, vote.digest),
                           vote.signature)) {
            throw Breach("C11", who(by) + " holds evidence that proves nothing");
        }
    }
}

void ConsensusOracle::on_commit(std::size_t node, const Commit& commit) {
    if (!commits_only_) {
        learn(commit.header);
        check_certificate(commit.finalization);
    }
    const auto height = commit.header.height;
    const auto text = who(node) + " at height " + std::to_string(height);
    const auto program = programs_.find(node);
    if (program != programs_.end() && commit.header.version > program->second) {
        throw Breach("E5", text + " executes a block of protocol version " +
                               std::to_string(commit.header.version));
    }
    if (commit.header.flags == header_flag::closing) {
        throw Breach("E2", text + " commits a closing block");
    }
    const auto [block, fresh] = blocks_.try_emplace(
        height, Block{commit.digest, commit.header.time_ms, commit.header.exec, {}});
    if (block->second.digest != commit.digest) {
        throw Breach("C1", text + " commits another block than others did");
    }
    if (!fresh) {
        return;
    }
    if (!commits_only_) {
        check_parent(node, commit.header);
        check_header(node, commit.header);
    }
    const auto parent = blocks_.find(height - 1);
    if (parent != blocks_.end() && parent->second.digest != commit.header.parent_digest) {
        throw Breach("C2", text + " commits a block that does not follow the one before");
    }
    if (parent != blocks_.end() && parent->second.time_ms >= commit.header.time_ms) {
        throw Breach("N4", text + " commits a block that is not later than the one before");
    }
    for (const auto& entry : commit.header.batches) {
        block->second.batches.push_back(entry.digest);
        if (!batches_named_.try_emplace(entry.digest, height).second) {
            throw Breach("C9", text + " names a batch that was named before (Once only)");
        }
    }
}

void ConsensusOracle::on_executed(std::size_t node, const node::ExecutedBlock& block) {
    if (block.breach) {
        throw Breach("I", who(node) + ": " + *block.breach);
    }
    const auto height = block.result.height;
    if (results_.try_emplace(height, block.result).first->second != block.result) {
        throw Breach("C7", who(node) + " executes height " + std::to_string(height) +
                               " to other roots than before or elsewhere");
    }
    on_speculated(node, block.result);
    durable_[node] = std::max(durable_[node], block.durable_height);
    check_kept(node, height);
}

void ConsensusOracle::on_speculated(std::size_t node, const consensus::ExecutionResult& result) {
    if (block_results_.try_emplace(result.block_digest, result).first->second != result) {
        throw Breach("C7", who(node) + " executes block " + result.block_digest.hex() +
                               " to other roots than before or elsewhere");
    }
}

void ConsensusOracle::on_boot(std::size_t node, Height executed_height) {
    if (executed_height < durable_[node]) {
        throw Breach("C6", who(node) + " comes back below its durable checkpoint");
    }
    vouched_.erase(node);
    standing_.erase(node);  // its floor may be lower again
}

/// In an epoch that it has left it may come back: it signs nothing there.
void ConsensusOracle::on_started(std::size_t node, const Metrics& metrics) {
    const auto& voted = voted_[node];
    const ViewKey now(metrics.epoch, metrics.view);
    if (now < voted && (now.first == voted.first || metrics.voting)) {
        throw Breach("C6", who(node) + " comes back in epoch " + std::to_string(now.first) +
                               at(now.second) + ", but voted in epoch " +
                               std::to_string(voted.first) + at(voted.second));
    }
}

Height ConsensusOracle::committed() const {
    return blocks_.empty() ? 0 : blocks_.rbegin()->first;
}

}  // namespace remit::sim
