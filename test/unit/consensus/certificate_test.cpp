#include "consensus/certificate.h"

#include <catch2/catch.hpp>

#include "consensus/messages.h"
#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;

namespace {

std::optional<CertificateError> error_of(const Status<CertificateError>& status) {
    return status ? std::nullopt : std::optional(status.error());
}

ExecutionCertificate executed(const Chain& chain, const std::vector<ValidatorIndex>& by) {
    ExecutionCertificate out{
        .epoch = 1, .valset_hash = chain.set.hash(), .result = {}, .signers = {}};
    out.result.height = 5;
    SignatureMap signatures;
    for (const auto index : by) {
        signatures[index] =
            chain.signers[index]->sign(execution_bytes(chain.chain_id, chain.set, out.result));
    }
    out.signers = Signers::from(signatures, signatures.size(), chain.set.size());
    return out;
}

}  // namespace

TEST_CASE("certificate: exactly a quorum of distinct valid signatures verifies", "[consensus]") {
    const Chain chain(4);
    const auto digest = chain.genesis.digest();
    const auto check = [&](const Certificate& certificate) {
        return error_of(verify(certificate, chain.set, chain.chain_id));
    };
    CHECK_FALSE(check(chain.certificate(VoteKind::notarize, 1, digest, {0, 1, 2})).has_value());
    CHECK_FALSE(check(chain.certificate(VoteKind::finalize, 1, digest, {1, 2, 3})).has_value());
    CHECK_FALSE(check(chain.certificate(VoteKind::nullify, 1, Hash{}, {0, 2, 3})).has_value());
    CHECK(check(chain.certificate(VoteKind::notarize, 1, digest, {0, 1})) ==
          CertificateError::too_few_signers);
    CHECK(check(chain.certificate(VoteKind::notarize, 1, digest, {0, 1, 2, 3})) ==
          CertificateError::too_many_signers);
}

TEST_CASE("certificate: a signer cannot count twice", "[consensus]") {
    const Chain chain(4);
    auto certificate = chain.certificate(VoteKind::notarize, 1, chain.chain_id, {0, 1});
    certificate.signers.signatures.push_back(certificate.signers.signatures[1]);
    CHECK(error_of(verify(certificate, chain.set, chain.chain_id)) == CertificateError::bad_bitmap);
    // On the wire there is one signature per bit, so the third one is trailing bytes.
    CHECK_FALSE(decode<Certificate>(encode(certificate)).has_value());
    // The same signature under another signer's bit is no signature of that signer.
    certificate.signers.bitmap[0] = 0b0111;
    CHECK(error_of(verify(certificate, chain.set, chain.chain_id)) ==
          CertificateError::bad_signature);
}

TEST_CASE("certificate: spare bits and odd bitmap sizes are refused", "[consensus]") {
    const Chain chain(4);
    const auto good = chain.certificate(VoteKind::notarize, 1, chain.chain_id, {0, 1, 2});
    auto spare = good;
    spare.signers.bitmap[0] = static_cast<char>(0b10000011);
    CHECK(error_of(verify(spare, chain.set, chain.chain_id)) == CertificateError::bad_bitmap);
    auto longer = good;
    longer.signers.bitmap.push_back('\0');
    CHECK(error_of(verify(longer, chain.set, chain.chain_id)) == CertificateError::bad_bitmap);
    auto empty = good;
    empty.signers = {};
    CHECK(error_of(verify(empty, chain.set, chain.chain_id)) == CertificateError::bad_bitmap);
    auto huge = good;
    huge.signers.bitmap.assign(9, '\0');
    CHECK_FALSE(decode<Certificate>(encode(huge)).has_value());
}

TEST_CASE("certificate: another kind, view, digest, epoch, set or chain does not verify",
          "[consensus]") {
    const Chain chain(4);
    const auto good = chain.certificate(VoteKind::notarize, 7, chain.chain_id, {0, 1, 2});
    const auto check = [&](const Certificate& certificate) {
        return error_of(verify(certificate, chain.set, chain.chain_id));
    };
    auto other = good;
    other.kind = VoteKind::finalize;
    CHECK(check(other) == CertificateError::bad_signature);
    other = good;
    other.view += 1;
    CHECK(check(other) == CertificateError::bad_signature);
    other = good;
    other.digest.data[0] ^= 1;
    CHECK(check(other) == CertificateError::bad_signature);
    other = good;
    other.epoch = 2;
    CHECK(check(other) == CertificateError::wrong_epoch);
    other = good;
    other.valset_hash.data[0] ^= 1;
    CHECK(check(other) == CertificateError::wrong_validator_set);
    other = good;
    other.kind = VoteKind::nullify;
    CHECK(check(other) == CertificateError::nullify_digest);
    CHECK(error_of(verify(good, chain.set, chain.genesis.digest())) ==
          CertificateError::bad_signature);
}

TEST_CASE("certificate: flipping any bit of a valid one makes it invalid", "[consensus]") {
    const Chain chain(4);
    const auto bytes = encode(chain.certificate(VoteKind::finalize, 7, chain.chain_id, {0, 1, 3}));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 4);
        const auto back = decode<Certificate>(changed);
        if (back && verify(*back, chain.set, chain.chain_id)) {
            FAIL_CHECK("byte " << at << " does not matter");
        }
    }
}

TEST_CASE("execution certificate: q votes anchor, f+1 prove, fewer do neither", "[consensus]") {
    const Chain chain(4);
    CHECK(verify(executed(chain, {0, 1, 2}), chain.set, chain.chain_id));
    CHECK(error_of(verify(executed(chain, {0, 1}), chain.set, chain.chain_id)) ==
          CertificateError::too_few_signers);
    CHECK(verify_execution_proof(executed(chain, {0, 1}), chain.set, chain.chain_id));
    CHECK(verify_execution_proof(executed(chain, {0, 1, 2}), chain.set, chain.chain_id));
    CHECK(error_of(verify_execution_proof(executed(chain, {3}), chain.set, chain.chain_id)) ==
          CertificateError::too_few_signers);
    auto forged = executed(chain, {0, 1, 2});
    forged.result.state_root.data[0] = 1;
    CHECK(error_of(verify_execution_proof(forged, chain.set, chain.chain_id)) ==
          CertificateError::bad_signature);
}
