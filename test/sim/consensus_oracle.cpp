#include "test/sim/consensus_oracle.h"

#include <bit>

#include "test/sim/oracle.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
std::string who(std::size_t node) {
    return "validator " + std::to_string(node);
}
std::string at(View view) {
    return " in view " + std::to_string(view);
}

template <class Map, class Key>
bool agrees(Map& map, const Key& key, const Hash& digest) {
    return map.try_emplace(key, digest).first->second == digest;
}
}  // namespace

ConsensusOracle::ConsensusOracle(const Hash& chain_id, const ValidatorSet& validators)
    : chain_id_(chain_id), validators_(validators) {
    const auto n = validators.size();
    quorum_ = n - (n - 1) / 3;
}

void ConsensusOracle::on_send(std::size_t from, ByteView bytes, const test::MemoryDisk& disk) {
    if (commits_only_ || bytes == last_sent_) {
        return;  // or the same message to the next peer
    }
    last_sent_ = bytes;
    const auto message = decode_message(bytes);
    if (!message) {
        throw Breach("C8", who(from) + " sends bytes that are no message");
    }
    check_message(from, *message, disk);
}

void ConsensusOracle::check_message(std::size_t from, const Message& message,
                                    const test::MemoryDisk& disk) {
    if (const auto* vote = std::get_if<Vote>(&message)) {
        check_vote(from, *vote, disk);
    } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
        const Vote leader{VoteKind::notarize,      proposal->header.epoch,
                          proposal->header.view,   proposal->header.digest(),
                          proposal->header.leader, proposal->leader_signature};
        check_vote(from, leader, disk);
        learn(proposal->header);
        if (proposal->justification.parent) {
            check_certificate(*proposal->justification.parent);
        }
    } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
        check_certificate(*certificate);
    } else if (const auto* execution = std::get_if<ExecutionCertificate>(&message)) {
        if (execution->signers.signatures.size() < quorum_) {
            throw Breach("C8", who(from) + " sends an execution certificate of too few votes");
        }
    }
}

void ConsensusOracle::check_vote(std::size_t from, const Vote& vote, const test::MemoryDisk& disk) {
    if (vote.signer != from) {
        return;  // a relay
    }
    const auto name = std::string(name_of(vote.kind));
    const auto key = VoteKey(from, vote.view, vote.kind);
    const bool first = !votes_.contains(key);
    if (!agrees(votes_, key, vote.digest)) {
        throw Breach("C5", who(from) + " signs two " + name + " votes" + at(vote.view));
    }
    const auto other = vote.kind == VoteKind::nullify ? VoteKind::finalize : VoteKind::nullify;
    if (vote.kind != VoteKind::notarize && votes_.contains(VoteKey(from, vote.view, other))) {
        throw Breach("C5", who(from) + " signs nullify and finalize" + at(vote.view));
    }
    if (first && !disk.durable(vote.signature.view())) {
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
    if (signers < quorum_ || certificate.signers.signatures.size() != signers) {
        throw Breach("C8", name + at(certificate.view) + " of " + std::to_string(signers) +
                               " votes; " + std::to_string(quorum_) + " are needed");
    }
    const auto message =
        vote_bytes(chain_id_, validators_, certificate.kind, certificate.view, certificate.digest);
    std::size_t next = 0;
    for (std::size_t index = 0; index < validators_.size(); ++index) {
        const auto who_signed = static_cast<ValidatorIndex>(index);
        if (certificate.signers.has(who_signed) &&
            !remit::verify(validators_.key(who_signed), message,
                           certificate.signers.signatures[next++])) {
            throw Breach("C8", name + at(certificate.view) + " with a bad signature");
        }
    }
    const auto view = certificate.view;
    if (certificate.kind == VoteKind::notarize && !agrees(notarized_, view, certificate.digest)) {
        throw Breach("C4", "two blocks notarized" + at(view));
    }
    if (certificate.kind == VoteKind::finalize && !agrees(finalized_, view, certificate.digest)) {
        throw Breach("C1", "two blocks finalized" + at(view));
    }
    if (certificate.kind == VoteKind::finalize) {
        check_chain(certificate);
    }
    if (certificate.kind == VoteKind::nullify) {
        nullified_.insert(view);
    }
    if (nullified_.contains(view) && finalized_.contains(view)) {
        throw Breach("C3", "finalization and nullification" + at(view));
    }
}

/// C1 before anybody commits: a node that sees two finalised chains stops and commits neither.
void ConsensusOracle::check_chain(const Certificate& finalization) {
    const auto header = headers_.find(finalization.digest);
    if (header != headers_.end() &&
        !agrees(finalized_heights_, header->second, finalization.digest)) {
        throw Breach("C1", "two blocks finalized at height " + std::to_string(header->second));
    }
}

void ConsensusOracle::learn(const Header& header) {
    headers_.emplace(header.digest(), header.height);
}

void ConsensusOracle::on_evidence(std::size_t by, const Evidence& evidence) {
    ++evidence_seen_;
    const auto& first = evidence.first;
    const auto& second = evidence.second;
    if (!is_byzantine(first.signer) || first.signer != second.signer) {
        throw Breach("C11", who(by) + " holds evidence against honest " + who(first.signer));
    }
    const bool contradict = first.view == second.view &&
                            (first.kind == second.kind ? first.digest != second.digest
                                                       : first.kind != VoteKind::notarize &&
                                                             second.kind != VoteKind::notarize);
    for (const auto& vote : {first, second}) {
        if (!contradict ||
            !remit::verify(validators_.key(vote.signer),
                           vote_bytes(chain_id_, validators_, vote.kind, vote.view, vote.digest),
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
    const auto [block, fresh] =
        blocks_.try_emplace(height, Block{commit.digest, commit.header.time_ms});
    if (block->second.digest != commit.digest) {
        throw Breach("C1", text + " commits another block than others did");
    }
    if (!fresh) {
        return;
    }
    const auto parent = blocks_.find(height - 1);
    if (parent != blocks_.end() && (parent->second.digest != commit.header.parent_digest ||
                                    parent->second.time_ms > commit.header.time_ms)) {
        throw Breach("C2", text + " commits a block that does not follow the one before");
    }
    for (const auto& entry : commit.header.batches) {
        if (!batches_named_.try_emplace(entry.digest, height).second) {
            throw Breach("C9", text + " names a batch that was named before");
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
}

Height ConsensusOracle::committed() const {
    return blocks_.empty() ? 0 : blocks_.rbegin()->first;
}

}  // namespace remit::sim
