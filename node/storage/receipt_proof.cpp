#include "node/storage/receipt_proof.h"

#include <map>

#include "ledger/receipt.h"
#include "ledger/state/proof.h"

namespace remit::node {

namespace {
constexpr Domain format_tag{"remit-receipt"};
constexpr std::uint16_t format_version = 3;  // 1 had no hand-overs, in 2 they named no leaders
constexpr std::size_t part_bytes_max = std::size_t{1} << 16U;

/// The sets by epoch, from the first on, each proven by the one before.
Result<std::map<consensus::Epoch, consensus::ValidatorSet>, ReceiptProofError> follow(
    const PortableReceipt& proof, const Hash& chain_id, const consensus::ValidatorSet& first) {
    std::map<consensus::Epoch, consensus::ValidatorSet> out{{first.epoch(), first}};
    for (const auto& way : proof.ways) {
        const auto& newest = out.rbegin()->second;
        if (!consensus::verify(way, newest, chain_id)) {
            return fail(ReceiptProofError::bad_hand_over);
        }
        out.emplace(way.epoch(), way.next.set);
    }
    return out;
}
}  // namespace

std::string_view name_of(ReceiptProofError error) {
    switch (error) {
        case ReceiptProofError::malformed:
            return "MALFORMED";
        case ReceiptProofError::wrong_chain:
            return "WRONG_CHAIN";
        case ReceiptProofError::bad_receipt_path:
            return "BAD_RECEIPT_PATH";
        case ReceiptProofError::bad_execution:
            return "BAD_EXECUTION";
        case ReceiptProofError::wrong_block:
            return "WRONG_BLOCK";
        case ReceiptProofError::broken_chain:
            return "BROKEN_CHAIN";
        case ReceiptProofError::not_final:
            return "NOT_FINAL";
        case ReceiptProofError::bad_hand_over:
            return "BAD_HAND_OVER";
    }
    return "MALFORMED";
}

Bytes PortableReceipt::encode() const {
    Writer writer;
    writer.raw(format_tag.tag()).u16(format_version).fixed(chain_id);
    writer.bytes(receipt).bytes(receipt_proof);
    execution.write(writer);
    writer.u16(static_cast<std::uint16_t>(headers.size()));
    for (const auto& header : headers) {
        header.write(writer);
    }
    finalization.write(writer);
    writer.u32(static_cast<std::uint32_t>(ways.size()));
    for (const auto& way : ways) {
        way.write(writer);
    }
    return writer.take();
}

Result<PortableReceipt, ReceiptProofError> PortableReceipt::decode(ByteView bytes) {
    Reader reader(bytes);
    const auto tag = format_tag.tag();
    const bool ours = reader.raw(tag.size()) == tag && reader.u16() == format_version;
    PortableReceipt out;
    out.chain_id = reader.fixed<Hash>();
    out.receipt = reader.bytes(part_bytes_max);
    out.receipt_proof = reader.bytes(part_bytes_max);
    out.execution = consensus::ExecutionCertificate::read(reader);
    const auto headers = reader.u16();
    if (!ours || !reader.ok() || headers == 0 || headers > headers_max) {
        return fail(ReceiptProofError::malformed);
    }
    for (std::uint16_t i = 0; i < headers && reader.ok(); ++i) {
        out.headers.push_back(consensus::Header::read(reader));
    }
    out.finalization = consensus::Certificate::read(reader);
    const auto ways = reader.count(ways_max);
    for (std::uint32_t i = 0; i < ways && reader.ok(); ++i) {
        out.ways.push_back(consensus::HandOver::read(reader));
    }
    if (!reader.done()) {
        return fail(ReceiptProofError::malformed);
    }
    return out;
}

Status<ReceiptProofError> verify(const PortableReceipt& proof, const Hash& chain_id,
                                 const consensus::ValidatorSet& validators) {
    if (proof.headers.empty() || proof.headers.size() > PortableReceipt::headers_max) {
        return fail(ReceiptProofError::malformed);
    }
    if (proof.chain_id != chain_id) {
        return fail(ReceiptProofError::wrong_chain);
    }
    TRY_ASSIGN(const auto sets, follow(proof, chain_id, validators));
    const auto receipt = ledger::decode<ledger::Receipt>(proof.receipt);
    if (!receipt) {
        return fail(ReceiptProofError::malformed);
    }
    const auto root = ledger::receipts_root_of(proof.receipt, proof.receipt_proof);
    const auto& result = proof.execution.result;
    if (!root || *root != result.receipts_root) {
        return fail(ReceiptProofError::bad_receipt_path);
    }
    const auto executors = sets.find(proof.execution.epoch);
    if (executors == sets.end() ||
        !consensus::verify_execution_proof(proof.execution, executors->second, chain_id)) {
        return fail(ReceiptProofError::bad_execution);
    }
    const auto& block = proof.headers.front();
    if (block.digest() != result.block_digest || block.height != result.height ||
        receipt->height != block.height || receipt->time != block.time()) {
        return fail(ReceiptProofError::wrong_block);
    }
    for (std::size_t i = 1; i < proof.headers.size(); ++i) {
        const auto& header = proof.headers[i];
        if (header.parent_digest != proof.headers[i - 1].digest() || header.epoch != block.epoch ||
            header.height != proof.headers[i - 1].height + (header.is_closing() ? 0 : 1)) {
            return fail(ReceiptProofError::broken_chain);
        }
    }
    const auto& last = proof.headers.back();
    const auto& final = proof.finalization;
    const auto voters = sets.find(block.epoch);
    if (voters == sets.end() || block.is_closing() || final.kind != consensus::VoteKind::finalize ||
        final.digest != last.digest() || final.view != last.view ||
        !consensus::verify(final, voters->second, chain_id)) {
        return fail(ReceiptProofError::not_final);
    }
    return {};
}

}  // namespace remit::node
