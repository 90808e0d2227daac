#include "consensus/certificate.h"

#include <bit>

#include "ledger/base/result.h"

namespace remit::consensus {

std::string_view name_of(VoteKind kind) {
    switch (kind) {
        case VoteKind::notarize:
            return "notarize";
        case VoteKind::nullify:
            return "nullify";
        case VoteKind::finalize:
            return "finalize";
    }
    return "unknown";
}

std::string_view name_of(CertificateError error) {
    switch (error) {
        case CertificateError::wrong_epoch:
            return "wrong_epoch";
        case CertificateError::wrong_validator_set:
            return "wrong_validator_set";
        case CertificateError::bad_bitmap:
            return "bad_bitmap";
        case CertificateError::too_few_signers:
            return "too_few_signers";
        case CertificateError::too_many_signers:
            return "too_many_signers";
        case CertificateError::bad_signature:
            return "bad_signature";
        case CertificateError::nullify_digest:
            return "nullify_digest";
    }
    return "unknown";
}

namespace {

constexpr Domain view_answer_domain{"remit.view"};

Writer signed_prefix(const Hash& chain_id, Epoch epoch, const Hash& valset_hash) {
    Writer writer;
    writer.fixed(chain_id).u64(epoch).fixed(valset_hash);
    return writer;
}

std::size_t bits_set(ByteView bitmap) {
    std::size_t count = 0;
    for (const char byte : bitmap) {
        count += static_cast<std::size_t>(std::popcount(static_cast<std::uint8_t>(byte)));
    }
    return count;
}

struct SignerBounds {
    std::size_t at_least = 0;
    std::size_t at_most = 0;
};

Status<CertificateError> verify_signers(const Signers& signers, const ValidatorSet& set,
                                        ByteView message, SignerBounds bounds) {
    if (signers.bitmap.size() != set.bitmap_bytes()) {
        return fail(CertificateError::bad_bitmap);
    }
    for (std::size_t i = set.size(); i < signers.bitmap.size() * 8; ++i) {
        if (signers.has(static_cast<ValidatorIndex>(i))) {
            return fail(CertificateError::bad_bitmap);
        }
    }
    const auto count = signers.signatures.size();
    if (bits_set(signers.bitmap) != count) {
        return fail(CertificateError::bad_bitmap);
    }
#ifndef SIM_BUG_duplicate_signers
    if (count < bounds.at_least) {
        return fail(CertificateError::too_few_signers);
    }
#endif
    if (count > bounds.at_most) {
        return fail(CertificateError::too_many_signers);
    }
    std::size_t next = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto index = static_cast<ValidatorIndex>(i);
        if (!signers.has(index)) {
            continue;
        }
        if (!remit::verify(set.key(index), message, signers.signatures[next])) {
            return fail(CertificateError::bad_signature);
        }
        ++next;
    }
    return {};
}

Status<CertificateError> check_epoch(Epoch epoch, const Hash& valset_hash,
                                     const ValidatorSet& set) {
    if (epoch != set.epoch()) {
        return fail(CertificateError::wrong_epoch);
    }
    if (valset_hash != set.hash()) {
        return fail(CertificateError::wrong_validator_set);
    }
    return {};
}

}  // namespace

Bytes vote_bytes(const Hash& chain_id, const ValidatorSet& set, VoteKind kind, View view,
                 const Hash& digest) {
    auto writer = signed_prefix(chain_id, set.epoch(), set.hash());
    writer.u8(static_cast<std::uint8_t>(kind)).u64(view).fixed(digest);
    return signed_bytes(domain::vote, {writer.view()});
}

Bytes execution_bytes(const Hash& chain_id, const ValidatorSet& set,
                      const ExecutionResult& result) {
    auto writer = signed_prefix(chain_id, set.epoch(), set.hash());
    result.write(writer);
    return signed_bytes(domain::execution, {writer.view()});
}

Bytes view_answer_bytes(const Hash& chain_id, const ValidatorSet& set, const Hash& nonce,
                        View view) {
    auto writer = signed_prefix(chain_id, set.epoch(), set.hash());
    writer.fixed(nonce).u64(view);
    return signed_bytes(view_answer_domain, {writer.view()});
}

Bytes ack_bytes(const Hash& chain_id, const ValidatorSet& set, const Entry& entry) {
    auto writer = signed_prefix(chain_id, set.epoch(), set.hash());
    entry.write(writer);
    return signed_bytes(domain::ack, {writer.view()});
}

Signers Signers::from(const SignatureMap& signatures, std::size_t count, std::size_t n) {
    Signers out;
    out.bitmap.assign((n + 7) / 8, '\0');
    for (const auto& [index, signature] : signatures) {
        if (out.signatures.size() == count) {
            break;
        }
        auto& byte = out.bitmap[index / 8U];
        byte = static_cast<char>(static_cast<std::uint8_t>(byte) | (1U << (index % 8U)));
        out.signatures.push_back(signature);
    }
    return out;
}

bool Signers::has(ValidatorIndex index) const {
    if (index / 8U >= bitmap.size()) {
        return false;
    }
    return ((static_cast<std::uint8_t>(bitmap[index / 8U]) >> (index % 8U)) & 1U) != 0;
}

void Signers::write(Writer& writer) const {
    writer.bytes(bitmap);
    for (const auto& signature : signatures) {
        writer.fixed(signature);
    }
}

Signers Signers::read(Reader& reader) {
    Signers out;
    out.bitmap = reader.bytes(limits::validators / 8);
    const auto count = bits_set(out.bitmap);  // one signature per bit: no second count to lie about
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        out.signatures.push_back(reader.fixed<Signature>());
    }
    return out;
}

void Certificate::write(Writer& writer) const {
    writer.u8(static_cast<std::uint8_t>(kind)).u64(epoch).u64(view);
    writer.fixed(digest).fixed(valset_hash);
    signers.write(writer);
}

Certificate Certificate::read(Reader& reader) {
    Certificate out;
    out.kind = reader.enumerator(VoteKind::finalize);
    if (out.kind < VoteKind::notarize) {
        reader.fail();
    }
    out.epoch = reader.u64();
    out.view = reader.u64();
    out.digest = reader.fixed<Hash>();
    out.valset_hash = reader.fixed<Hash>();
    out.signers = Signers::read(reader);
    return out;
}

void ExecutionCertificate::write(Writer& writer) const {
    writer.u64(epoch).fixed(valset_hash);
    result.write(writer);
    signers.write(writer);
}

ExecutionCertificate ExecutionCertificate::read(Reader& reader) {
    ExecutionCertificate out;
    out.epoch = reader.u64();
    out.valset_hash = reader.fixed<Hash>();
    out.result = ExecutionResult::read(reader);
    out.signers = Signers::read(reader);
    return out;
}

void AvailabilityCertificate::write(Writer& writer) const {
    writer.u64(epoch).fixed(valset_hash);
    entry.write(writer);
    signers.write(writer);
}

AvailabilityCertificate AvailabilityCertificate::read(Reader& reader) {
    AvailabilityCertificate out;
    out.epoch = reader.u64();
    out.valset_hash = reader.fixed<Hash>();
    out.entry = Entry::read(reader);
    out.signers = Signers::read(reader);
    return out;
}

Status<CertificateError> verify(const Certificate& certificate, const ValidatorSet& set,
                                const Hash& chain_id) {
    TRY(check_epoch(certificate.epoch, certificate.valset_hash, set));
    if (certificate.kind == VoteKind::nullify && !certificate.digest.is_zero()) {
        return fail(CertificateError::nullify_digest);
    }
    return verify_signers(
        certificate.signers, set,
        vote_bytes(chain_id, set, certificate.kind, certificate.view, certificate.digest),
        {.at_least = set.q(), .at_most = set.q()});
}

Status<CertificateError> verify(const ExecutionCertificate& certificate, const ValidatorSet& set,
                                const Hash& chain_id) {
    TRY(check_epoch(certificate.epoch, certificate.valset_hash, set));
    return verify_signers(certificate.signers, set,
                          execution_bytes(chain_id, set, certificate.result),
                          {.at_least = set.q(), .at_most = set.q()});
}

Status<CertificateError> verify_execution_proof(const ExecutionCertificate& proof,
                                                const ValidatorSet& set, const Hash& chain_id) {
    TRY(check_epoch(proof.epoch, proof.valset_hash, set));
    return verify_signers(proof.signers, set, execution_bytes(chain_id, set, proof.result),
                          {.at_least = set.f() + 1, .at_most = set.size()});
}

Status<CertificateError> verify(const AvailabilityCertificate& certificate, const ValidatorSet& set,
                                const Hash& chain_id) {
    TRY(check_epoch(certificate.epoch, certificate.valset_hash, set));
    if (!set.contains(certificate.entry.author)) {
        return fail(CertificateError::bad_bitmap);
    }
    return verify_signers(certificate.signers, set, ack_bytes(chain_id, set, certificate.entry),
                          {.at_least = set.f() + 1, .at_most = set.f() + 1});
}

}  // namespace remit::consensus
