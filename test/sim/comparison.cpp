#include "test/sim/comparison.h"

#include "consensus/evidence.h"
#include "node/replica/evidence_reporter.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

void Comparison::see(ByteView bytes) {
    const auto message = decode_message(bytes);
    if (!message) {
        return;
    }
    if (const auto* certificate = std::get_if<Certificate>(&*message)) {
        see(*certificate);
    } else if (const auto* proposal = std::get_if<Proposal>(&*message)) {
        for (const auto& each : proposal->justification.nullifications) {
            see(each);
        }
        if (proposal->justification.parent) {
            see(*proposal->justification.parent);
        }
    }
}

void Comparison::see(const Certificate& certificate) {
    if (!verify(certificate, chain_.validators, chain_.id)) {
        return;
    }
    auto signature = certificate.signers.signatures.begin();
    for (std::size_t i = 0; i < chain_.validators.size(); ++i) {
        const auto signer = static_cast<ValidatorIndex>(i);
        if (certificate.signers.has(signer)) {
            compare({.kind = certificate.kind,
                     .epoch = certificate.epoch,
                     .view = certificate.view,
                     .digest = certificate.digest,
                     .signer = signer,
                     .signature = *signature++});
        }
    }
}

/// What would be recorded on a chain: the ledger must find that it holds, too.
void Comparison::compare(const Vote& vote) {
    auto& before = votes_[{vote.view, vote.signer}];
    for (const auto& other : before) {
        const auto evidence = contradiction(other, vote);
        if (evidence && verify(*evidence, chain_.validators, chain_.id) &&
            ledger::holds(node::vote_pair(*evidence, chain_.validators), chain_.id)) {
            guilty_.insert(chain_.validators.key(vote.signer));
        }
    }
    before.push_back(vote);
}

}  // namespace remit::sim
