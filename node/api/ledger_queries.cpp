#include "node/api/ledger_queries.h"

#include "ledger/wire/encode.h"
#include "node/api/records_to_proto.h"

namespace remit::node {

namespace {

using ledger::LedgerError;
using ledger::StateReader;

ledger::AssetId asset_id_of(std::uint32_t number) {
    return {static_cast<std::uint16_t>(number <= 0xFFFF ? number : 0)};
}

/// A window that nothing was recorded of yet is the open one.
std::optional<ledger::Window> window_of(const StateReader& state, ledger::WindowId id) {
    auto window = state.window(id);
    if (!window && id == state.windows().open) {
        window = ledger::Window{};
        window->id = id;
    }
    return window;
}

}  // namespace

Answer<v1::GetTransactionResponse> LedgerQueries::run(
    const v1::GetTransactionRequest& request) const {
    const auto id = Hash::from(request.transaction_id());
    if (!id) {
        return fail(invalid_argument("transaction_id must be 32 bytes"));
    }
    const auto found = reads_.transaction(*id);
    if (!found) {
        return fail(
            not_found("TRANSACTION_NOT_FOUND",
                      "no final transaction has this id here: it may still be on its way, or "
                      "its block is no longer kept by this node"));
    }
    v1::GetTransactionResponse out;
    out.set_state(v1::TRANSACTION_STATE_FINAL);
    for (const auto& receipt : found->receipts) {
        *out.add_receipts() = ledger::wire::to_proto(receipt);
    }
    return out;
}

Answer<v1::GetAccountResponse> LedgerQueries::run(const v1::GetAccountRequest& request) const {
    const auto id = account_id_from(request.id());
    if (!id) {
        return fail(invalid_argument(
            "id needs participant, asset, kind and, for CUSTOMER alone, a tag of 16 bytes"));
    }
    const auto latest = reads_.latest();
    const auto account = StateReader(*latest->view).account(*id);
    if (!account) {
        return fail(failure_of(LedgerError::wrong_account));
    }
    v1::GetAccountResponse out;
    *out.mutable_account() = to_proto(*account);
    out.set_height(latest->height);
    if (request.with_proof()) {
        const auto key = ledger::keys::account(id->participant.value, id->asset.value,
                                               static_cast<std::uint8_t>(id->kind), id->tag);
        out.set_proof(latest->tree.prove(key).encode());
    }
    return out;
}

Answer<v1::GetRemittanceResponse> LedgerQueries::run(
    const v1::GetRemittanceRequest& request) const {
    const auto uetr = ledger::Uetr::from(request.uetr());
    if (!uetr) {
        return fail(invalid_argument("uetr must be 16 bytes"));
    }
    const auto latest = reads_.latest();
    const auto remittance = StateReader(*latest->view).remittance(*uetr);
    if (!remittance) {
        return fail(failure_of(LedgerError::remittance_not_found));
    }
    v1::GetRemittanceResponse out;
    *out.mutable_remittance() = to_proto(*remittance, {latest->time_ms});
    out.set_height(latest->height);
    return out;
}

Answer<v1::GetWindowResponse> LedgerQueries::run(const v1::GetWindowRequest& request) const {
    const auto latest = reads_.latest();
    const StateReader state(*latest->view);
    const ledger::WindowId id =
        request.window_id() == 0 ? state.windows().open : ledger::WindowId{request.window_id()};
    const auto window = window_of(state, id);
    if (!window) {
        return fail(failure_of(LedgerError::window_not_found));
    }
    v1::GetWindowResponse out;
    *out.mutable_window() = to_proto(*window, state);
    out.set_height(latest->height);
    return out;
}

Answer<v1::ListWindowsResponse> LedgerQueries::run(const v1::ListWindowsRequest&) const {
    const auto latest = reads_.latest();
    const StateReader state(*latest->view);
    v1::ListWindowsResponse out;
    const auto open = state.windows().open.value;
    // The newest hundred: one is made a business day.
    for (auto number = open > 100 ? open - 100 : 1; number <= open; ++number) {
        if (const auto window = window_of(state, {number})) {
            *out.add_windows() = to_proto(*window, state);
        }
    }
    out.set_height(latest->height);
    return out;
}

Answer<v1::ListPositionsResponse> LedgerQueries::run(const v1::ListPositionsRequest&) const {
    const auto latest = reads_.latest();
    const auto policy = StateReader(*latest->view).policy();
    v1::ListPositionsResponse out;
    ledger::scan(*latest->view, ledger::keys::prefix(ledger::keys::Table::position),
                 [&](ByteView, ByteView value) {
                     if (const auto position = ledger::decode<ledger::Position>(value)) {
                         *out.add_positions() = to_proto(*position, policy);
                     }
                     return true;
                 });
    out.set_height(latest->height);
    return out;
}

Answer<v1::GetBlockResponse> LedgerQueries::run(const v1::GetBlockRequest& request) const {
    const auto height = request.height() == 0 ? reads_.final_height() : request.height();
    if (height > 0 && height <= reads_.forgotten_height()) {
        auto failure = pruned("the block is final");
        failure.metadata["kept_above"] = std::to_string(reads_.forgotten_height());
        return fail(std::move(failure));
    }
    const auto block = reads_.block(height);
    const auto executed = reads_.executed(height);
    if (!block || !executed) {
        return fail(not_found("BLOCK_NOT_FOUND", "no final block has this height"));
    }
    v1::GetBlockResponse out;
    out.set_height(height);
    out.set_digest(block->header.digest().bytes());
    out.set_time_ms(block->header.time_ms);
    out.set_view(block->header.view);
    out.set_leader(block->header.leader);
    out.set_batches(static_cast<std::uint32_t>(block->header.batches.size()));
    out.set_receipts(static_cast<std::uint32_t>(executed->receipts.size()));
    out.set_state_root(executed->result.state_root.bytes());
    out.set_receipts_root(executed->result.receipts_root.bytes());
    if (block->finalization) {
        out.set_finalization(consensus::encode(*block->finalization));
    }
    if (block->execution) {
        out.set_execution_certificate(consensus::encode(*block->execution));
    }
    return out;
}

Answer<v1::GetReceiptResponse> LedgerQueries::run(const v1::GetReceiptRequest& request) const {
    const auto id = Hash::from(request.transaction_id());
    if (!id) {
        return fail(invalid_argument("transaction_id must be 32 bytes"));
    }
    const auto found = reads_.transaction(*id);
    if (!found || request.operation_index() >= found->receipts.size()) {
        return fail(not_found("RECEIPT_NOT_FOUND", "no final receipt has this id and index"));
    }
    auto proof = reads_.receipt_proof(*id, request.operation_index());
    if (!proof) {
        return fail(ApiFailure{.code = grpc::StatusCode::UNAVAILABLE,
                               .reason = "PROOF_NOT_READY",
                               .message = "the receipt's certificates are still being gathered",
                               .retry_after_ms = 200});
    }
    v1::GetReceiptResponse out;
    *out.mutable_receipt() = ledger::wire::to_proto(found->receipts[request.operation_index()]);
    out.set_proof(std::move(*proof));
    return out;
}

Answer<v1::GetMarkResponse> LedgerQueries::run(const v1::GetMarkRequest& request) const {
    const auto latest = reads_.latest();
    const auto mark =
        StateReader(*latest->view)
            .mark(asset_id_of(request.source_asset_id()), asset_id_of(request.target_asset_id()));
    if (!mark) {
        return fail(not_found("MARK_NOT_FOUND", "the bank has published no mark of this pair"));
    }
    v1::GetMarkResponse out;
    *out.mutable_mark() = to_proto(*mark);
    return out;
}

Answer<v1::ListParticipantsResponse> LedgerQueries::run(const v1::ListParticipantsRequest&) const {
    const auto latest = reads_.latest();
    v1::ListParticipantsResponse out;
    using ledger::keys::Table;
    ledger::scan(*latest->view, ledger::keys::prefix(Table::participant),
                 [&](ByteView, ByteView value) {
                     if (const auto found = ledger::decode<ledger::Participant>(value)) {
                         *out.add_participants() = to_proto(*found);
                     }
                     return true;
                 });
    ledger::scan(*latest->view, ledger::keys::prefix(Table::asset), [&](ByteView, ByteView value) {
        if (const auto found = ledger::decode<ledger::Asset>(value)) {
            *out.add_assets() = to_proto(*found);
        }
        return true;
    });
    out.set_height(latest->height);
    return out;
}

}  // namespace remit::node
