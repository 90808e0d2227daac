#pragma once

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "consensus/leader_schedule.h"
#include "test/support/consensus/network.h"

namespace remit::test {

/// One engine of four, and everybody else's keys: what the others say is as a test pleases.
struct Alone {
    Chain chain;
    Disk disk;  ///< its journal: what `step` had written
    consensus::ValidatorIndex self;
    consensus::Engine engine;
    std::int64_t mono_ms = 1000;
    std::int64_t wall_ms = VirtualNetwork::wall_offset_ms + 1000;

    /// Leads view `leads`; 0: none of the first three.
    explicit Alone(consensus::View leads, const consensus::Params& params = {})
        : chain(4, params), self(pick(leads)), engine(config(), *chain.signers[self], disk) {
        if (!engine.start({}, now()).ok) {
            throw std::runtime_error("an engine without a journal does not start");
        }
    }
    [[nodiscard]] consensus::EngineConfig config() const {
        return {.chain_id = chain.chain_id,
                .validators = chain.set,
                .self = self,
                .params = chain.params,
                .genesis = chain.genesis,
                .boot_counter = 1};
    }
    [[nodiscard]] consensus::ValidatorIndex leader(consensus::View view) const {
        return consensus::LeaderSchedule(chain.chain_id, chain.set).leader(view);
    }
    [[nodiscard]] consensus::ValidatorIndex pick(consensus::View leads) const {
        return leader(leads == 0 ? 4 : leads);
    }
    [[nodiscard]] std::vector<consensus::ValidatorIndex> others() const {
        std::vector<consensus::ValidatorIndex> out;
        for (consensus::ValidatorIndex i = 0; i < 4; ++i) {
            if (i != self) {
                out.push_back(i);
            }
        }
        return out;
    }
    [[nodiscard]] consensus::Now now() const { return {mono_ms, wall_ms}; }
    consensus::Output step(const consensus::Event& event) {
        auto output = engine.step(event, now());
        disk.journal.insert(disk.journal.end(), output.journal.begin(), output.journal.end());
        return output;
    }
    consensus::Output tell(consensus::ValidatorIndex from, const consensus::Message& message) {
        return step(consensus::PeerMessage{from, message});
    }
    consensus::Output tell(const consensus::Message& message) {
        return tell(others().front(), message);
    }
    consensus::Output tick(std::int64_t later_ms) {
        mono_ms += later_ms;
        wall_ms += later_ms;
        return step(consensus::Tick{});
    }
    [[nodiscard]] consensus::Certificate certificate(consensus::VoteKind kind, consensus::View view,
                                                     const Hash& digest) const {
        return chain.certificate(kind, view, digest, others());
    }
    [[nodiscard]] consensus::Header child(const consensus::Header& parent,
                                          consensus::View view) const {
        auto out = chain.child(parent, view);
        out.leader = leader(view);
        return out;
    }
    [[nodiscard]] consensus::Proposal proposal(const consensus::Header& header) const {
        return {.header = header,
                .leader_signature = chain
                                        .vote(consensus::VoteKind::notarize, header.view,
                                              header.digest(), leader(header.view))
                                        .signature,
                .justification = {},
                .inline_batch = nullptr};
    }
    /// A batch of one item, as its author signs it; `nonce` makes it another one.
    [[nodiscard]] consensus::BatchHandle batch(consensus::ValidatorIndex author,
                                               std::uint64_t nonce,
                                               consensus::Height expires_height = 100) const {
        consensus::Batch out;
        out.epoch = 1;
        out.author = author;
        out.nonce = nonce;
        out.expires_height = expires_height;
        out.items = {"item " + std::to_string(nonce)};
        out.bytes = static_cast<std::uint32_t>(consensus::encoded_items_bytes(out.items));
        out.items_root = consensus::items_root_of(out.items);
        out.author_signature = chain.signers[author]->sign(
            consensus::batch_signed_bytes(chain.chain_id, out.digest()));
        return std::make_shared<const consensus::Batch>(std::move(out));
    }
    /// Of a batch that f+1 of the others acknowledged.
    [[nodiscard]] consensus::AvailabilityCertificate available(
        const consensus::Entry& entry) const {
        consensus::SignatureMap signatures;
        for (const auto index : others()) {
            signatures[index] =
                chain.signers[index]->sign(consensus::ack_bytes(chain.chain_id, chain.set, entry));
        }
        return {
            .epoch = 1,
            .valset_hash = chain.set.hash(),
            .entry = entry,
            .signers = consensus::Signers::from(signatures, chain.set.f() + 1, chain.set.size())};
    }
    [[nodiscard]] consensus::ExecutionCertificate executed(const consensus::Header& header) const {
        consensus::ExecutionCertificate out;
        out.epoch = 1;
        out.valset_hash = chain.set.hash();
        out.result.height = header.height;
        out.result.block_digest = header.digest();
        out.result.state_root = remit::hash(domain::state_node, "after");
        consensus::SignatureMap signatures;
        for (const auto index : others()) {
            signatures[index] = chain.signers[index]->sign(
                consensus::execution_bytes(chain.chain_id, chain.set, out.result));
        }
        out.signers = consensus::Signers::from(signatures, signatures.size(), chain.set.size());
        return out;
    }
};

/// Whether a vote of this kind and view leaves with the output.
inline bool votes(const consensus::Output& output, consensus::VoteKind kind, consensus::View view) {
    return std::any_of(output.send.begin(), output.send.end(), [&](const auto& send) {
        const auto* vote = std::get_if<consensus::Vote>(&send.message);
        return vote != nullptr && vote->kind == kind && vote->view == view;
    });
}

}  // namespace remit::test
