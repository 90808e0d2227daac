// The calls of WalletService that send remittances and give them back.
#include <algorithm>

#include "gateway/channels.h"
#include "gateway/wallet/wallet_service.h"

namespace remit::gateway {

namespace {

constexpr int sends_per_call_max = 1'000;

bool is_reached(const Saga& saga, v1::WaitFor wait) {
    if (is_at_rest(saga)) {
        return true;
    }
    switch (static_cast<int>(wait)) {
        case v1::WAIT_FOR_PREPARED:
            return saga.prepared_at_ms() != 0;
        case v1::WAIT_FOR_COMMITTED:
            return saga.committed_at_ms() != 0;
        case v1::WAIT_FOR_END:
            return false;
        default:
            return true;
    }
}

}  // namespace

Parsed<Bytes> WalletServer::payee_tag_of(const v1::SendRemittanceRequest& request) {
    if (!request.payee_tag().empty()) {
        return request.payee_tag();
    }
    const auto& currency = request.payee_currency();
    if (request.payee_operator_id() == parts_.options.participant) {
        TRY_ASSIGN(const auto wallet, open_wallet_named(request.payee_wallet(), currency));
        return wallet.tag();
    }
    const auto index =
        std::to_string(request.payee_operator_id()) + "/" + currency + "/" + request.payee_wallet();
    {
        const std::lock_guard lock(resolved_mutex_);
        if (const auto at = resolved_.find(index); at != resolved_.end()) {
            return at->second;
        }
    }
    const auto found =
        parts_.directory.resolve(request.payee_operator_id(), request.payee_wallet(), currency);
    if (!found) {
        return fail(RequestError{
            .kind =
                found.error().silent ? RequestError::Kind::silent : RequestError::Kind::not_found,
            .reason = found.error().silent ? "PAYEE_OPERATOR_SILENT" : "WALLET_NOT_FOUND",
            .text = found.error().text});
    }
    const std::lock_guard lock(resolved_mutex_);
    return resolved_[index] = found->tag();
}

Parsed<Saga> WalletServer::saga_of(const v1::SendRemittanceRequest& request) {
    TRY_ASSIGN(const auto from, open_wallet_named(request.from_wallet(), request.from_currency()));
    TRY_ASSIGN(const auto payee_tag, payee_tag_of(request));
    return send_saga(request, payee_tag,
                     {.from = from,
                      .registry = parts_.registry,
                      .expires_in_ms = parts_.options.expires_in_ms,
                      .screening_hash = parts_.options.screening_hash,
                      .now_ms = parts_.clock.wall_ms()},
                     parts_.random);
}

Status<RequestError> WalletServer::check_spendable(const std::map<Bytes, std::int64_t>& wanted) {
    if (wanted.empty()) {
        return {};
    }
    auto debits = wanted;
    for (const auto& saga : parts_.engine.live()) {
        const bool debits_later =
            saga.kind() == v1::SAGA_KIND_RECEIVE || saga.step() == v1::SAGA_STEP_QUOTE ||
            saga.step() == v1::SAGA_STEP_PREPARE || saga.step() == v1::SAGA_STEP_LOCK;
        const auto at = debits.find(saga.tag());
        if (debits_later && at != debits.end()) {
            at->second += saga.amount_minor();
        }
    }
    for (const auto& [tag, amount] : debits) {
        remit::v1::AccountId id;
        id.set_participant_id(parts_.options.participant);
        id.set_asset_id(parts_.wallets.by_tag(tag).value_or(v1::Wallet()).asset_id());
        id.set_kind("CUSTOMER");
        id.set_tag(tag);
        const auto account = parts_.ledger.account(id);
        if (!account || account->balance_minor() < amount) {
            return fail(RequestError{
                .kind = account ? RequestError::Kind::refused : RequestError::Kind::silent,
                .reason = account ? "INSUFFICIENT_FUNDS" : "NO_NODE",
                .text = account ? "the wallet pays out: what is on its way "
                                  "to the customer cannot be sent"
                                : "no node tells the balance"});
        }
    }
    return {};
}

Status<RequestError> WalletServer::start_sends(std::vector<Saga> sagas) {
    const std::lock_guard lock(spend_mutex_);
    std::map<Bytes, std::int64_t> wanted;
    for (const auto& saga : sagas) {
        const auto known = parts_.engine.find(v1::SAGA_KIND_SEND, saga.id());
        const auto wallet = parts_.wallets.by_tag(saga.tag());
        if (!known && wallet && wallet->pay_out()) {
            wanted[saga.tag()] += saga.amount_minor();
        }
        if (known && !is_same_send(*known, saga)) {
            return fail(RequestError{.kind = RequestError::Kind::reused,
                                     .reason = "ID_REUSED",
                                     .text = "this UETR stands for another remittance"});
        }
    }
    TRY(check_spendable(wanted));
    parts_.engine.start(std::move(sagas));
    return {};
}

grpc::Status WalletServer::SendRemittance(Context* context,
                                          const v1::SendRemittanceRequest* request,
                                          v1::SendRemittanceResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    auto saga = saga_of(*request);
    if (!saga) {
        return status_of(saga.error());
    }
    const auto id = saga->id();
    if (const auto started = start_sends({std::move(*saga)}); !started) {
        return status_of(started.error());
    }
    const auto wait_ms = request->wait() == v1::WAIT_FOR_UNSPECIFIED ? 0 : request->wait_ms();
    *response = response_of(wait_for(v1::SAGA_KIND_SEND, id, wait_ms, [&](const Saga& now) {
        return is_reached(now, request->wait());
    }));
    return grpc::Status::OK;
}

grpc::Status WalletServer::SendRemittances(Context* context,
                                           const v1::SendRemittancesRequest* request,
                                           v1::SendRemittancesResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    if (request->remittances_size() > sends_per_call_max) {
        return {grpc::StatusCode::INVALID_ARGUMENT, "at most 1,000 remittances in one call"};
    }
    std::vector<Saga> sagas;
    std::vector<Bytes> ids;
    for (const auto& one : request->remittances()) {
        auto saga = saga_of(one);
        if (!saga) {
            return status_of(saga.error());
        }
        ids.push_back(saga->id());
        sagas.push_back(std::move(*saga));
    }
    if (const auto started = start_sends(std::move(sagas)); !started) {
        return status_of(started.error());
    }
    for (const auto& id : ids) {
        const auto saga = parts_.engine.find(v1::SAGA_KIND_SEND, id).value_or(Saga());
        *response->add_remittances() = response_of(saga);
    }
    return grpc::Status::OK;
}

grpc::Status WalletServer::GetSend(Context* context, const v1::GetSendRequest* request,
                                   v1::SendRemittanceResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto saga = parts_.engine.find(v1::SAGA_KIND_SEND, request->uetr());
    if (!saga) {
        return status_of(RequestError{.kind = RequestError::Kind::not_found,
                                      .reason = "REMITTANCE_NOT_FOUND",
                                      .text = "this gateway sent no remittance of this UETR"});
    }
    *response = response_of(*saga);
    return grpc::Status::OK;
}

grpc::Status WalletServer::ReturnRemittance(Context* context,
                                            const v1::ReturnRemittanceRequest* request,
                                            v1::ReturnRemittanceResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto id = id_or_draw(request->return_id(), true, parts_.random);
    const auto uetr = id_or_draw(request->uetr(), true, parts_.random);
    if (!id || !uetr || request->uetr().empty() || request->source_minor() < 0) {
        return status_of(malformed("NOT_A_UUID",
                                   "return_id and uetr are UUIDs of version 4, and "
                                   "the amount is not negative")
                             .value());
    }
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_GIVE_BACK);
    saga.set_id(*id);
    saga.set_uetr(*uetr);
    saga.set_step(v1::SAGA_STEP_RECHECK);
    auto& back = *saga.mutable_give_back();
    back.set_return_id(*id);
    back.set_uetr(*uetr);
    back.set_source_minor(request->source_minor());
    back.set_mode(remit::v1::RETURN_MODE_SAME_RATE);
    back.set_reason(request->reason());
    back.set_operator_bears(request->operator_bears());
    parts_.engine.start({saga});
    const auto now = wait_for(v1::SAGA_KIND_GIVE_BACK, *id, request->wait_ms(), is_at_rest);
    if (now.uetr() != saga.uetr()) {
        return status_of(RequestError{.kind = RequestError::Kind::reused,
                                      .reason = "ID_REUSED",
                                      .text = "this id stands for another return"});
    }
    response->set_return_id(*id);
    response->set_progress(progress_of(now));
    response->set_height(now.height());
    if (now.has_refusal()) {
        *response->mutable_refusal() = now.refusal();
    } else if (now.step() == v1::SAGA_STEP_REFUSED) {
        response->mutable_refusal()->set_name("NOTHING_TO_RETURN");
        response->mutable_refusal()->set_meaning(now.note());
    }
    return grpc::Status::OK;
}

}  // namespace remit::gateway
