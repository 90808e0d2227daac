#pragma once

#include <map>
#include <optional>
#include <vector>

#include "consensus/header.h"
#include "consensus/validator_set.h"
#include "ledger/base/result.h"

namespace remit::consensus {

enum class VoteKind : std::uint8_t { notarize = 1, nullify = 2, finalize = 3 };
std::string_view name_of(VoteKind kind);

/// Why a certificate proves nothing.
enum class CertificateError : std::uint8_t {
    wrong_epoch,
    wrong_validator_set,
    bad_bitmap,  ///< wrong length, spare bits set, or not one signature per bit
    too_few_signers,
    too_many_signers,  ///< exactly the quorum is asked for
    bad_signature,
    nullify_digest,  ///< a nullification signs digest zero
};
std::string_view name_of(CertificateError error);

/// The exact bytes a vote signs (129 of them).
Bytes vote_bytes(const Hash& chain_id, const ValidatorSet& set, VoteKind kind, View view,
                 const Hash& digest);
/// The exact bytes an execution vote signs.
Bytes execution_bytes(const Hash& chain_id, const ValidatorSet& set, const ExecutionResult& result);
/// The exact bytes that tell a validator which lost its votes where a peer stands.
Bytes view_answer_bytes(const Hash& chain_id, const ValidatorSet& set, const Hash& nonce,
                        View view);
/// The exact bytes an Ack signs.
Bytes ack_bytes(const Hash& chain_id, const ValidatorSet& set, const Entry& entry);

/// Signatures by index; a map, so a signer counts once.
using SignatureMap = std::map<ValidatorIndex, Signature>;

/// Who signed, and the signatures in index order. Bit i of byte i/8, counted from the lowest, is
/// validator i.
struct Signers {
    Bytes bitmap;  ///< ceil(n/8) bytes, spare bits zero
    std::vector<Signature> signatures;

    friend bool operator==(const Signers&, const Signers&) = default;
    /// The first `count` of `signatures` by index.
    static Signers from(const SignatureMap& signatures, std::size_t count, std::size_t n);
    [[nodiscard]] bool has(ValidatorIndex index) const;
    void write(Writer& writer) const;
    static Signers read(Reader& reader);
};

/// q equal votes: a Notarization, Nullification or Finalization.
struct Certificate {
    VoteKind kind = VoteKind::notarize;
    Epoch epoch = 0;
    View view = 0;
    Hash digest;  ///< of the header; zero in a nullification
    Hash valset_hash;
    Signers signers;

    friend bool operator==(const Certificate&, const Certificate&) = default;
    void write(Writer& writer) const;
    static Certificate read(Reader& reader);
};

/// Equal execution votes: q of them anchor a result in a later header; f+1 of them, with a
/// finalisation of the block, are a safe receipt.
struct ExecutionCertificate {
    Epoch epoch = 0;
    Hash valset_hash;
    ExecutionResult result;
    Signers signers;

    friend bool operator==(const ExecutionCertificate&, const ExecutionCertificate&) = default;
    void write(Writer& writer) const;
    static ExecutionCertificate read(Reader& reader);
};

/// f+1 equal Acks: at least one honest validator holds the batch and vouches for the Entry.
struct AvailabilityCertificate {
    Epoch epoch = 0;
    Hash valset_hash;
    Entry entry;
    Signers signers;

    friend bool operator==(const AvailabilityCertificate&,
                           const AvailabilityCertificate&) = default;
    void write(Writer& writer) const;
    static AvailabilityCertificate read(Reader& reader);
};

/// Verify a certificate against the set whose epoch it names. Nothing else defines validity.
Status<CertificateError> verify(const Certificate& certificate, const ValidatorSet& set,
                                const Hash& chain_id);
/// Exactly q votes: an ExecCert.
Status<CertificateError> verify(const ExecutionCertificate& certificate, const ValidatorSet& set,
                                const Hash& chain_id);
/// At least f+1 votes: the execution half of an ExecProof.
Status<CertificateError> verify_execution_proof(const ExecutionCertificate& proof,
                                                const ValidatorSet& set, const Hash& chain_id);
Status<CertificateError> verify(const AvailabilityCertificate& certificate, const ValidatorSet& set,
                                const Hash& chain_id);

}  // namespace remit::consensus
