#pragma once

#include <vector>

#include "consensus/certificate.h"
#include "consensus/epoch.h"
#include "ledger/base/result.h"

namespace remit::node {

/// Why a portable receipt proof proves nothing.
enum class ReceiptProofError : std::uint8_t {
    malformed,         ///< not the canonical bytes of one proof
    wrong_chain,       ///< another genesis
    bad_receipt_path,  ///< the receipt is not under the certified receipts root
    bad_execution,     ///< fewer than f+1 validators signed the result
    wrong_block,       ///< the result or a header belongs to another block
    broken_chain,      ///< a header does not follow the one before
    not_final,         ///< no valid Finalization of the last header
    bad_hand_over,     ///< the way from the genesis set to the set that signed is broken
};
std::string_view name_of(ReceiptProofError error);

/// A receipt with everything needed to check it against the genesis file alone. Canonical bytes:
/// "remit-receipt" padded to 16 | version u16 | chain id 32 | receipt | receipt proof |
/// ExecutionCertificate | u16 count of headers | headers | Finalization | u32 count of hand-overs |
/// hand-overs. The headers run from the receipt's block to the finalised one; the hand-overs lead
/// from the first epoch to the one whose set signed last.
struct PortableReceipt {
    static constexpr std::size_t headers_max = 256;
    static constexpr std::size_t ways_max = 100'000;

    Hash chain_id;
    Bytes receipt;        ///< canonical ledger::Receipt
    Bytes receipt_proof;  ///< canonical ledger::ReceiptProof
    consensus::ExecutionCertificate execution;
    std::vector<consensus::Header> headers;
    consensus::Certificate finalization;
    std::vector<consensus::HandOver> ways;

    [[nodiscard]] Bytes encode() const;
    static Result<PortableReceipt, ReceiptProofError> decode(ByteView bytes);
};

/// Success when `validators` of the chain `chain_id`, or those they handed over to, made exactly
/// this receipt final: f+1 of a set executed its block to these roots, and q of the block's set
/// finalised it. Needs nothing but the genesis file.
Status<ReceiptProofError> verify(const PortableReceipt& proof, const Hash& chain_id,
                                 const consensus::ValidatorSet& validators);

}  // namespace remit::node
