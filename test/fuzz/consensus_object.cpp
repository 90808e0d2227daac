// Objects of consensus that lie on disks and travel inside messages: one encoding each, and a
// certificate or evidence that verifies is one that the holders of the keys made.
#include "consensus/certificate.h"
#include "consensus/codec.h"
#include "consensus/evidence.h"
#include "consensus/journal_record.h"
#include "consensus/messages.h"
#include "consensus/params.h"
#include "test/fuzz/input.h"
#include "test/fuzz/require.h"
#include "test/support/consensus/network.h"

namespace remit::fuzz {
namespace {

using namespace consensus;  // NOLINT(google-build-using-namespace)

/// The chain whose keys signed the corpus: view 5, digest of "block", see seeds.cpp.
const test::Chain& chain() {
    static const test::Chain out(4);
    return out;
}

template <class T>
std::optional<T> decode_one(ByteView bytes) {
    auto value = decode<T>(bytes);
    if (value) {
        require(encode(*value) == bytes, "an object has one encoding");
    }
    return value;
}

/// Only votes of view 5 were ever signed with these keys, so nothing else can verify.
template <class T>
void only_as_signed(const std::optional<T>& certificate) {
    if (!certificate || !verify(*certificate, chain().set, chain().chain_id)) {
        return;
    }
    if constexpr (std::is_same_v<T, Certificate>) {
        const auto digest =
            certificate->kind == VoteKind::nullify ? Hash{} : remit::hash(domain::header, "block");
        require(certificate->view == 5 && certificate->digest == digest,
                "a certificate that was never signed verifies");
        require(certificate->signers.signatures.size() == chain().set.q(),
                "a certificate has exactly q signatures");
    } else if constexpr (std::is_same_v<T, ExecutionCertificate>) {
        require(certificate->result.height == 5, "an execution result was never signed");
    } else {
        require(certificate->entry.expires_height == 5, "an Ack was never signed");
    }
}

void run(Input input) {
    const auto kind = input.below(13);
    const auto bytes = input.rest();
    switch (kind) {
        case 0:
            decode_one<Header>(bytes);
            break;
        case 1:
            only_as_signed(decode_one<Certificate>(bytes));
            break;
        case 2:
            only_as_signed(decode_one<ExecutionCertificate>(bytes));
            break;
        case 3:
            only_as_signed(decode_one<AvailabilityCertificate>(bytes));
            break;
        case 4:
            decode_one<Batch>(bytes);
            break;
        case 5:
            if (const auto evidence = decode_one<Evidence>(bytes)) {
                require(!verify(*evidence, chain().set, chain().chain_id) ||
                            (evidence->first.signer == 3 && evidence->first.view == 5),
                        "evidence against a key that signed nothing wrong");
            }
            break;
        case 6:
            decode_one<JournalRecord>(bytes);
            break;
        case 7:
            decode_one<Params>(bytes);
            break;
        case 8:
            decode_one<ValidatorSet>(bytes);
            break;
        case 9:
            decode_one<StoredBlock>(bytes);
            break;
        case 10:
            decode_one<Proposal>(bytes);
            break;
        case 11:
            decode_one<Vote>(bytes);
            break;
        default:
            decode_one<ExecutionVote>(bytes);
            break;
    }
}

}  // namespace
}  // namespace remit::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    remit::fuzz::run({data, size});
    return 0;
}
