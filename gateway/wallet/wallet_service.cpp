#include "gateway/wallet/wallet_service.h"

#include <algorithm>
#include <thread>

#include "gateway/channels.h"
#include "gateway/reconciliation/reconciliation.h"
#include "gateway/status_report.h"

namespace remit::gateway {

namespace {

constexpr std::uint32_t wait_ms_max = 60'000;

grpc::Status status_of(const LedgerFailure& failure) {
    switch (failure.kind) {
        case LedgerFailure::Kind::silent:
            return {grpc::StatusCode::UNAVAILABLE, "no node answers: " + failure.text};
        case LedgerFailure::Kind::not_found:
            return {grpc::StatusCode::NOT_FOUND, failure.text};
        case LedgerFailure::Kind::refused:
            return gateway::status_of(grpc::StatusCode::FAILED_PRECONDITION, failure.refusal);
    }
    return grpc::Status::CANCELLED;
}

RequestError no_wallet(const std::string& name, const std::string& currency) {
    return {.kind = RequestError::Kind::not_found,
            .reason = "WALLET_NOT_FOUND",
            .text = "no wallet " + name + " in " + currency + ": open it first"};
}

std::string masked(const std::string& name) {
    return name.substr(0, 1) + std::string(name.size() > 2 ? name.size() - 2 : 1, '*') +
           (name.size() > 2 ? name.substr(name.size() - 1) : "");
}

}  // namespace

grpc::Status status_of(const RequestError& error) {
    auto code = grpc::StatusCode::INVALID_ARGUMENT;
    if (error.kind == RequestError::Kind::not_found) {
        code = grpc::StatusCode::NOT_FOUND;
    } else if (error.kind == RequestError::Kind::reused) {
        code = grpc::StatusCode::ALREADY_EXISTS;
    } else if (error.kind == RequestError::Kind::refused) {
        code = grpc::StatusCode::FAILED_PRECONDITION;
    } else if (error.kind == RequestError::Kind::silent) {
        code = grpc::StatusCode::UNAVAILABLE;
    }
    return gateway::status_of(code, error.reason, error.text);
}

Turn WalletServer::only_own(const Context& context) const {
    return parts_.identity.enter(context, parts_.options.participant);
}

Parsed<v1::Wallet> WalletServer::open_wallet_named(const std::string& name,
                                                   const std::string& currency) {
    auto wallet = parts_.wallets.by_name(name, currency);
    if (!wallet || !wallet->open()) {
        return fail(no_wallet(name, currency));
    }
    return *wallet;
}

Saga WalletServer::wait_for(v1::SagaKind kind, const Bytes& id, std::uint32_t wait_ms,
                            const std::function<bool(const Saga&)>& enough) {
    const auto longest = std::chrono::milliseconds(std::min(wait_ms, wait_ms_max));
    return parts_.engine.wait_until(kind, id, enough, longest).value_or(Saga());
}

grpc::Status WalletServer::OpenWallet(Context* context, const v1::OpenWalletRequest* request,
                                      v1::OpenWalletResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    if (const auto checked = check_wallet_name(request->name()); !checked) {
        return gateway::status_of(checked.error());
    }
    const auto asset = parts_.registry.asset_of(request->currency());
    if (!asset) {
        return gateway::status_of(malformed("CURRENCY_NOT_OPEN", "no such asset").value());
    }
    v1::Wallet wanted;
    wanted.set_name(request->name());
    wanted.set_currency(request->currency());
    wanted.set_asset_id(asset->asset_id());
    wanted.set_rail_account(customer_account(request->name(), request->currency()));
    wanted.set_pay_out(request->pay_out());
    v1::Wallet wallet;
    {
        // One at a time, so that one name never gets two tags.
        const std::lock_guard lock(open_mutex_);
        node::KvBatch batch;
        wallet = parts_.wallets.find_or_draw(wanted, batch);
        if (!batch.empty()) {
            Saga saga;
            saga.set_kind(v1::SAGA_KIND_OPEN_WALLET);
            saga.set_id(wallet.tag());
            saga.set_step(v1::SAGA_STEP_RAIL_ACCOUNT);
            saga.set_tag(wallet.tag());
            saga.set_wallet(wallet.name());
            saga.set_asset_id(wallet.asset_id());
            saga.set_currency(wallet.currency());
            saga.set_rail_account(wallet.rail_account());
            saga.set_rail_opening_minor(request->rail_opening_minor());
            parts_.wallets.remember(wallet);
            parts_.engine.start({std::move(saga)}, batch);
        }
    }
    const auto saga =
        wait_for(v1::SAGA_KIND_OPEN_WALLET, wallet.tag(), request->wait_ms(), is_at_rest);
    if (saga.step() == v1::SAGA_STEP_REFUSED) {
        return saga.has_refusal()
                   ? gateway::status_of(grpc::StatusCode::FAILED_PRECONDITION, saga.refusal())
                   : gateway::status_of(grpc::StatusCode::FAILED_PRECONDITION, "RAIL_REFUSED",
                                        saga.note());
    }
    *response->mutable_wallet() = parts_.wallets.by_tag(wallet.tag()).value_or(wallet);
    return grpc::Status::OK;
}

grpc::Status WalletServer::GetWallet(Context* context, const v1::GetWalletRequest* request,
                                     v1::GetWalletResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto wallet = parts_.wallets.by_name(request->name(), request->currency());
    if (!wallet) {
        return gateway::status_of(no_wallet(request->name(), request->currency()));
    }
    *response->mutable_wallet() = *wallet;
    if (wallet->open()) {
        remit::v1::AccountId id;
        id.set_participant_id(parts_.options.participant);
        id.set_asset_id(wallet->asset_id());
        id.set_kind("CUSTOMER");
        id.set_tag(wallet->tag());
        const auto account = parts_.ledger.account(id);
        if (!account) {
            return status_of(account.error());
        }
        response->set_balance_minor(account->balance_minor());
    }
    const auto balances = parts_.rail.balances(wallet->rail_account());
    if (!balances) {
        return {grpc::StatusCode::UNAVAILABLE, "the rail gives no answer"};
    }
    for (const auto& balance : balances->balances()) {
        if (balance.account() == wallet->rail_account()) {
            response->set_rail_balance_minor(balance.balance_minor());
        }
    }
    return grpc::Status::OK;
}

grpc::Status WalletServer::ListWallets(Context* context, const v1::ListWalletsRequest* /*request*/,
                                       v1::ListWalletsResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    for (auto& wallet : parts_.wallets.all()) {
        *response->add_wallets() = std::move(wallet);
    }
    return grpc::Status::OK;
}

grpc::Status WalletServer::ResolveWallet(Context* context, const v1::ResolveWalletRequest* request,
                                         v1::ResolveWalletResponse* response) {
    const auto turn = parts_.identity.enter(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto wallet = open_wallet_named(request->name(), request->currency());
    if (!wallet) {
        return gateway::status_of(wallet.error());
    }
    response->set_tag(wallet->tag());
    response->set_asset_id(wallet->asset_id());
    response->set_masked_name(masked(wallet->name()));
    return grpc::Status::OK;
}

grpc::Status WalletServer::SetWallet(Context* context, const v1::SetWalletRequest* request,
                                     v1::SetWalletResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto& wanted = request->wallet();
    const std::lock_guard lock(open_mutex_);
    auto wallet = open_wallet_named(wanted.name(), wanted.currency());
    if (!wallet) {
        return gateway::status_of(wallet.error());
    }
    constexpr std::size_t reason_size = 4;
    if (!wanted.reject_reason().empty() && wanted.reject_reason().size() != reason_size) {
        return gateway::status_of(
            malformed("BAD_REASON", "a reason is an ISO 20022 code of 4 characters").value());
    }
    wallet->set_pay_out(wanted.pay_out());
    wallet->set_blocked(wanted.blocked());
    wallet->set_reject_reason(wanted.reject_reason());
    wallet->set_silent(wanted.silent());
    node::KvBatch batch;
    WalletBook::put(batch, *wallet);
    parts_.engine.start({}, batch);
    parts_.wallets.remember(*wallet);
    *response->mutable_wallet() = *wallet;
    return grpc::Status::OK;
}

grpc::Status WalletServer::OnRamp(Context* context, const v1::OnRampRequest* request,
                                  v1::OnRampResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto id = id_or_draw(request->request_id(), false, parts_.random);
    const auto amount = check_amount(request->amount_minor());
    const auto wallet = open_wallet_named(request->wallet(), request->currency());
    if (!id || !amount || !wallet) {
        return gateway::status_of(!id ? id.error() : !amount ? amount.error() : wallet.error());
    }
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_ON_RAMP);
    saga.set_id(*id);
    saga.set_step(v1::SAGA_STEP_COLLECT);
    saga.set_wallet(wallet->name());
    saga.set_tag(wallet->tag());
    saga.set_asset_id(wallet->asset_id());
    saga.set_currency(wallet->currency());
    saga.set_amount_minor(request->amount_minor());
    saga.set_rail_account(wallet->rail_account());
    parts_.engine.start({saga});
    const auto now = wait_for(v1::SAGA_KIND_ON_RAMP, *id, request->wait_ms(), is_at_rest);
    if (now.tag() != saga.tag() || now.amount_minor() != saga.amount_minor()) {
        return gateway::status_of(RequestError{.kind = RequestError::Kind::reused,
                                               .reason = "ID_REUSED",
                                               .text = "this id stands for another on-ramp"});
    }
    response->set_request_id(*id);
    response->set_progress(progress_of(now));
    response->set_fiat_reference(now.rail_reference());
    response->set_height(now.height());
    if (now.has_refusal()) {
        *response->mutable_refusal() = now.refusal();
    } else if (now.step() == v1::SAGA_STEP_REFUSED) {
        response->mutable_refusal()->set_name("RAIL_REFUSED");
        response->mutable_refusal()->set_iso_reason(now.reason());
        response->mutable_refusal()->set_meaning(now.note());
    }
    return grpc::Status::OK;
}

grpc::Status WalletServer::OffRamp(Context* context, const v1::OffRampRequest* request,
                                   v1::OffRampResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto id = id_or_draw(request->payout_id(), true, parts_.random);
    const auto amount = check_amount(request->amount_minor());
    const auto wallet = open_wallet_named(request->wallet(), request->currency());
    if (!id || !amount || !wallet) {
        return gateway::status_of(!id ? id.error() : !amount ? amount.error() : wallet.error());
    }
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_OFF_RAMP);
    saga.set_id(*id);
    saga.set_step(v1::SAGA_STEP_LOCK);
    saga.set_wallet(wallet->name());
    saga.set_tag(wallet->tag());
    saga.set_asset_id(wallet->asset_id());
    saga.set_currency(wallet->currency());
    saga.set_amount_minor(request->amount_minor());
    saga.set_rail_account(wallet->rail_account());
    {
        const std::lock_guard lock(spend_mutex_);
        if (wallet->pay_out() && !parts_.engine.find(v1::SAGA_KIND_OFF_RAMP, *id)) {
            const auto checked = check_spendable({{saga.tag(), saga.amount_minor()}});
            if (!checked) {
                return gateway::status_of(checked.error());
            }
        }
        parts_.engine.start({saga});
    }
    const auto now = wait_for(v1::SAGA_KIND_OFF_RAMP, *id, request->wait_ms(), is_at_rest);
    if (now.tag() != saga.tag() || now.amount_minor() != saga.amount_minor()) {
        return gateway::status_of(RequestError{.kind = RequestError::Kind::reused,
                                               .reason = "ID_REUSED",
                                               .text = "this id stands for another off-ramp"});
    }
    response->set_payout_id(*id);
    response->set_progress(progress_of(now));
    response->set_rail_reference(now.rail_reference());
    response->set_height(now.height());
    if (now.has_refusal()) {
        *response->mutable_refusal() = now.refusal();
    } else if (now.step() == v1::SAGA_STEP_REFUSED) {
        response->mutable_refusal()->set_name("RAIL_REFUSED");
        response->mutable_refusal()->set_iso_reason(now.reason());
        response->mutable_refusal()->set_meaning(now.note());
    }
    return grpc::Status::OK;
}

grpc::Status WalletServer::GetRemittance(Context* context, const v1::GetRemittanceRequest* request,
                                         v1::GetRemittanceResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    auto remittance = parts_.ledger.remittance(request->uetr());
    if (!remittance) {
        return status_of(remittance.error());
    }
    *response->mutable_remittance() = std::move(*remittance);
    return grpc::Status::OK;
}

grpc::Status WalletServer::WatchRemittance(
    Context* context, const v1::WatchRemittanceRequest* request,
    grpc::ServerWriter<v1::WatchRemittanceResponse>* writer) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    constexpr std::chrono::milliseconds pause(200);
    int steps_told = -1;
    while (!context->IsCancelled() && !stopped_) {
        auto remittance = parts_.ledger.remittance(request->uetr());
        if (remittance && remittance->timeline_size() > steps_told) {
            steps_told = remittance->timeline_size();
            v1::WatchRemittanceResponse response;
            *response.mutable_remittance() = *remittance;
            const auto& state = remittance->state();
            const bool over = state == "CREDITED" || state == "REJECTED" || state == "EXPIRED" ||
                              state == "REFUSED" || state == "RETURNED";
            if (!writer->Write(response) || over) {
                return grpc::Status::OK;
            }
        }
        std::this_thread::sleep_for(pause);
    }
    return grpc::Status::OK;
}

grpc::Status WalletServer::GetGatewayStatus(Context* context,
                                            const v1::GetGatewayStatusRequest* /*request*/,
                                            v1::GetGatewayStatusResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    response->set_name(parts_.name);
    response->set_participant_id(parts_.options.participant);
    fill_status(parts_.engine, *response);
    return grpc::Status::OK;
}

grpc::Status WalletServer::Reconcile(Context* context, const v1::ReconcileRequest* /*request*/,
                                     v1::ReconcileResponse* response) {
    const auto turn = only_own(*context);
    if (!turn.ok()) {
        return turn.status();
    }
    const auto report = reconcile_wallets(parts_.engine, parts_.rail, parts_.registry);
    if (!report) {
        return {grpc::StatusCode::UNAVAILABLE, report.error()};
    }
    *response = *report;
    return grpc::Status::OK;
}

}  // namespace remit::gateway
