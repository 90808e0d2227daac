#include "test/support/devnet/lying_validator.h"

#include <stdexcept>

#include "node/seams/key_file.h"

namespace remit::test {

LyingValidator::LyingValidator(const Devnet& devnet, std::size_t self)
    : devnet_(devnet),
      self_(self),
      chain_(node::chain_of(devnet.genesis_bytes()).value()),
      network_(config(), {.receiver = receiver_, .clock = clock_, .notice = [](auto...) {}}) {
    if (!network_.start({.boot_counter = 1'000, .started = 1}) ||
        !eventually([&] { return network_.connected_count() + 1 == devnet_.size(); })) {
        throw std::runtime_error("the liar does not get through to the others");
    }
}

consensus::Vote LyingValidator::vote(consensus::VoteKind kind, consensus::View view,
                                     const Hash& digest, std::size_t signer) const {
    const auto key = node::read_key_file(devnet_.folder_of(signer) + "/validate.key",
                                         {.purpose = KeyPurpose::validate, .devnet = true});
    if (!key) {
        throw std::runtime_error("cannot read the key of " + devnet_.name(signer));
    }
    return {.kind = kind,
            .epoch = chain_.validators.epoch(),
            .view = view,
            .digest = digest,
            .signer = static_cast<consensus::ValidatorIndex>(signer),
            .signature =
                key->sign(consensus::vote_bytes(chain_.id, chain_.validators, kind, view, digest))};
}

void LyingValidator::say(const consensus::Message& message) {
    for (std::size_t to = 0; to < devnet_.size(); ++to) {
        if (to != self_) {
            network_.send(static_cast<std::uint16_t>(to), node::Channel::votes,
                          consensus::encode_message(message));
        }
    }
    network_.flush();
}

void LyingValidator::notarize_twice(consensus::View view) {
    for (const char block : {'a', 'b'}) {
        say(vote(consensus::VoteKind::notarize, view, hash(domain::header, Bytes(1, block)),
                 self_));
    }
}

consensus::Certificate LyingValidator::certificate(consensus::VoteKind kind, consensus::View view,
                                                   const Hash& digest,
                                                   const std::vector<std::size_t>& signers) const {
    const auto& set = chain_.validators;
    consensus::SignatureMap signatures;
    for (const auto signer : signers) {
        signatures[static_cast<consensus::ValidatorIndex>(signer)] =
            vote(kind, view, digest, signer).signature;
    }
    return {.kind = kind,
            .epoch = set.epoch(),
            .view = view,
            .digest = digest,
            .valset_hash = set.hash(),
            .signers = consensus::Signers::from(signatures, set.q(), set.size())};
}

node::PeerNetworkConfig LyingValidator::config() const {
    node::PeerNetworkConfig out{.chain_id = devnet_.chain_id(),
                                .self = static_cast<consensus::ValidatorIndex>(self_),
                                .listen = {"127.0.0.1", devnet_.peer_port(self_)},
                                .validators = {},
                                .identity = devnet_.identity(self_)};
    for (std::size_t i = 0; i < devnet_.size(); ++i) {
        out.validators.push_back(
            {.name = devnet_.name(i),
             .pins = {devnet_.node_pin(i)},
             .endpoints = {node::Endpoint{"127.0.0.1", devnet_.peer_port(i)}}});
    }
    return out;
}

}  // namespace remit::test
