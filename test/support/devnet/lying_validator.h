#pragma once

#include "consensus/certificate.h"
#include "consensus/messages.h"
#include "node/network/peer_network.h"
#include "node/network/peer_receiver.h"
#include "node/seams/clock.h"
#include "node/storage/chain.h"
#include "test/support/devnet/devnet.h"

namespace remit::test {

/// Validator `self` of the devnet, whose process is gone, as a liar: says to the others whatever
/// the keys of the devnet can sign. The others must be there.
class LyingValidator {
public:
    LyingValidator(const Devnet& devnet, std::size_t self);

    /// To every other validator.
    void say(const consensus::Message& message);
    /// Two blocks of one view, by its own key.
    void notarize_twice(consensus::View view);
    /// As if these validators had colluded.
    [[nodiscard]] consensus::Certificate certificate(consensus::VoteKind kind, consensus::View view,
                                                     const Hash& digest,
                                                     const std::vector<std::size_t>& signers) const;

private:
    /// Takes nothing in.
    struct DeafReceiver : node::PeerReceiver {
        void on_message(consensus::ValidatorIndex /*peer*/, consensus::Message /*message*/,
                        node::ReadLease /*lease*/) override {}
        void on_garbage(consensus::ValidatorIndex /*peer*/) override {}
        void on_connected(consensus::ValidatorIndex /*peer*/) override {}
        void on_disconnected(consensus::ValidatorIndex /*peer*/) override {}
    };
    [[nodiscard]] node::PeerNetworkConfig config() const;
    [[nodiscard]] consensus::Vote vote(consensus::VoteKind kind, consensus::View view,
                                       const Hash& digest, std::size_t signer) const;

    const Devnet& devnet_;
    std::size_t self_;
    node::Chain chain_;
    node::SystemClock clock_;
    DeafReceiver receiver_;
    node::PeerNetwork network_;
};

}  // namespace remit::test
