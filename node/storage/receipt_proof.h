#pragma once

#include <vector>

#include "consensus/certificate.h"
#include "consensus/header.h"
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
};
std::string_view name_of(ReceiptProofError error);

/// A receipt with everything needed to check it against the genesis file alone. Canonical bytes:
/// "remit-receipt" padded to 16 | version u16 | chain id 32 | receipt | receipt proof |
/// ExecutionCertificate | u16 count of headers | headers | Finalization. The headers run from the
/// receipt's block to the finalised one.
struct PortableReceipt {
    static constexpr std::size_t headers_max = 256;

    Hash chain_id;
    Bytes receipt;        ///< canonical ledger::Receipt
    Bytes receipt_proof;  ///< canonical ledger::ReceiptProof
    consensus::ExecutionCertificate execution;
    std::vector<consensus::Header> headers;
    consensus::Certificate finalization;

    friend bool operator==(const PortableReceipt&, const PortableReceipt&) = default;
    [[nodiscard]] Bytes encode() const;
    static Result<PortableReceipt, ReceiptProofError> decode(ByteView bytes);
};

/// Success when `validators` of the chain `chain_id` made exactly this receipt final: f+1 of them
/// executed its block to these roots, and q finalised it. Needs nothing but the genesis file.
Status<ReceiptProofError> verify(const PortableReceipt& proof, const Hash& chain_id,
                                 const consensus::ValidatorSet& validators);

}  // namespace remit::node
