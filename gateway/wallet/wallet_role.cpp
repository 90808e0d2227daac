#include "gateway/wallet/wallet_role.h"

#include "ledger/money.h"
#include "node/ops/log.h"

namespace remit::gateway {

namespace {

/// Refusals of a maker that pass by themselves.
bool is_passing(const remit::v1::Refusal& refusal) {
    return refusal.name() == "MARK_EXPIRED" || refusal.name() == "RATE_NOT_MARKED";
}

constexpr std::uint32_t quote_tries_max = 20;

}  // namespace

const SagaRules& WalletRole::rules_of(v1::SagaKind kind) const {
    switch (static_cast<int>(kind)) {
        case v1::SAGA_KIND_OPEN_WALLET:
            return open_wallet_;
        case v1::SAGA_KIND_ON_RAMP:
            return on_ramp_;
        case v1::SAGA_KIND_OFF_RAMP:
            return off_ramp_;
        case v1::SAGA_KIND_SEND:
            return send_;
        case v1::SAGA_KIND_RECEIVE:
            return receive_;
        case v1::SAGA_KIND_GIVE_BACK:
            return give_back_;
        case v1::SAGA_KIND_TAKE_BACK:
            return take_back_;
        default:
            return pay_in_;
    }
}

void WalletRole::ask(std::vector<Saga>& sagas, StepContext& context) {
    std::vector<Saga*> to_quote;
    for (auto& saga : sagas) {
        if (saga.step() == v1::SAGA_STEP_RAIL_ACCOUNT) {
            ask_rail_account(saga, context);
        } else if (saga.step() == v1::SAGA_STEP_QUOTE) {
            to_quote.push_back(&saga);
        } else if (saga.step() == v1::SAGA_STEP_RECHECK) {
            ask_ledger(saga, context);
        }
    }
    if (!to_quote.empty()) {
        ask_quotes(to_quote, context);
    }
}

void WalletRole::ask_rail_account(Saga& saga, StepContext& context) {
    v1::RailAccount account;
    account.set_account(saga.rail_account());
    account.set_currency(saga.currency());
    account.set_opening_minor(saga.rail_opening_minor());
    const auto answer = parts_.rail.open({account});
    if (!answer || answer->size() != 1) {
        back_off(saga, "the rail gave no answer", context);
        return;
    }
    // An account that was there before on other terms is the customer's own: use it as it is.
    const auto& refusal = answer->front();
    if (refusal.empty() || refusal.starts_with("ID_REUSED")) {
        enter(saga, v1::SAGA_STEP_OPEN);
    } else {
        saga.set_note(refusal);
        finish(saga, v1::SAGA_STEP_REFUSED, context);
    }
}

void WalletRole::ask_quotes(std::vector<Saga*>& sagas, StepContext& context) {
    std::vector<v1::QuoteRequest> requests;
    for (const auto* saga : sagas) {
        auto& request = requests.emplace_back();
        request.set_requester_id(options_.participant);
        request.set_source_asset_id(saga->asset_id());
        request.set_target_asset_id(saga->payee_asset_id());
        request.set_fixed(saga->fixed());
        request.set_amount_minor(saga->amount_minor());
        *request.mutable_fees() = saga->prepare().fees();
    }
    const auto answers = parts_.quotes.quotes(requests);
    for (std::size_t i = 0; i < sagas.size(); ++i) {
        const bool answered = answers && i < answers->size() &&
                              ((*answers)[i].has_quote() || (*answers)[i].has_refusal());
        if (!answered) {
            back_off(*sagas[i], "no quote: no maker's gateway gave an answer", context);
        } else {
            take_quote(*sagas[i], (*answers)[i], context);
        }
    }
}

void WalletRole::take_quote(Saga& saga, const v1::QuoteAnswer& answer, StepContext& context) const {
    if (answer.has_refusal()) {
        if (is_passing(answer.refusal()) && saga.tries() < quote_tries_max) {
            back_off(saga, "no quote: " + answer.refusal().meaning(), context);
            return;
        }
        *saga.mutable_refusal() = answer.refusal();
        saga.set_note("the maker gave no quote; the UETR was not used");
        finish(saga, v1::SAGA_STEP_REFUSED, context);
        return;
    }
    auto& prepare = *saga.mutable_prepare();
    prepare.clear_quotes();
    *prepare.add_quotes() = answer.quote();
    prepare.set_source_minor(answer.quote().source_minor());
    prepare.set_target_minor(answer.quote().target_minor());
    prepare.set_expires_at_ms(context.now_ms + saga.expires_in_ms());
    enter(saga, v1::SAGA_STEP_PREPARE);
}

void WalletRole::ask_ledger(Saga& saga, StepContext& context) {
    const auto& uetr = saga.kind() == v1::SAGA_KIND_GIVE_BACK ? saga.uetr() : saga.id();
    const auto remittance = parts_.ledger.remittance(uetr);
    if (!remittance) {
        const bool unknown = remittance.error().kind == LedgerFailure::Kind::not_found;
        back_off(saga, unknown ? "the ledger does not know the remittance" : "no node answers",
                 context);
        return;
    }
    if (saga.kind() == v1::SAGA_KIND_SEND) {
        const bool ours = remittance->payer_operator_id() == options_.participant &&
                          remittance->payer_tag() == saga.tag() &&
                          remittance->source_minor() == saga.prepare().source_minor();
        if (ours) {
            SendRules::on_state(saga, remittance->state(), context);
        } else {
            finish(saga, v1::SAGA_STEP_REFUSED, context);
        }
    } else if (saga.kind() == v1::SAGA_KIND_RECEIVE) {
        ReceiveRules::on_state(saga, remittance->state(), context);
    } else {
        fill_return(saga, *remittance, context);
    }
}

void WalletRole::fill_return(Saga& saga, const remit::v1::Remittance& remittance,
                             StepContext& context) {
    auto& back = *saga.mutable_give_back();
    const auto left = remittance.source_minor() - remittance.returned_source_minor();
    if (remittance.payee_operator_id() != options_.participant || left <= 0) {
        saga.set_note("nothing of this remittance is ours to return");
        finish(saga, v1::SAGA_STEP_REFUSED, context);
        return;
    }
    if (back.source_minor() == 0) {
        back.set_source_minor(left);
    }
    // The ledger pays back floor(source x returned target / target) in all; the smallest target
    // part whose payback reaches what is wanted.
    using Wide = ledger::Wide;
    const Wide source = remittance.source_minor();
    const Wide target = remittance.target_minor();
    const Wide wanted = Wide{remittance.returned_source_minor()} + back.source_minor();
    const Wide reached = wanted >= source ? target : (target * wanted + source - 1) / source;
    back.set_target_minor(static_cast<std::int64_t>(reached - remittance.returned_target_minor()));
    if (back.reason().empty()) {
        back.set_reason("CUST");
    }
    back.set_expires_at_ms(context.now_ms + options_.return_expires_in_ms);
    enter(saga, v1::SAGA_STEP_RETURN_PREPARE);
}

void WalletRole::on_write(const Saga& saga, node::KvBatch& batch) {
    if (saga.kind() != v1::SAGA_KIND_OPEN_WALLET || saga.step() != v1::SAGA_STEP_DONE) {
        return;
    }
    if (auto wallet = parts_.wallets.by_tag(saga.tag()); wallet && !wallet->open()) {
        wallet->set_open(true);
        WalletBook::put(batch, *wallet);
        parts_.wallets.remember(*wallet);
    }
}

bool WalletRole::needs_study(const remit::v1::Receipt& receipt) const {
    if (receipt.verb() != "prepare" || receipt.has_refusal()) {
        return false;
    }
    const auto own = find_(v1::SAGA_KIND_SEND, receipt.reference());
    return !own || own->prepare().payee_operator_id() == options_.participant;
}

bool WalletRole::study(BlockFacts& facts) {
    for (const auto& receipt : facts.block.receipts()) {
        if (!needs_study(receipt)) {
            continue;
        }
        auto remittance = parts_.ledger.remittance(receipt.reference());
        if (!remittance) {
            node::log_warning("block_not_understood", {{"height", facts.block.height()},
                                                       {"reason", remittance.error().text}});
            return false;
        }
        facts.remittances[receipt.reference()] = std::move(*remittance);
    }
    return study_windows(parts_.ledger, facts);
}

void WalletRole::on_block(const BlockFacts& facts, Change& change) {
    for (const auto& receipt : facts.block.receipts()) {
        if (!receipt.has_refusal()) {
            on_receipt(receipt, facts, change);
        }
    }
    for (const auto& event : facts.block.events()) {
        if (event.kind() == "EXPIRED" || event.kind() == "RETURN_EXPIRED") {
            on_expired(event.reference(), change);
        }
    }
    open_pay_ins(facts, options_.participant, "reserve", parts_.registry, change);
}

void WalletRole::on_receipt(const remit::v1::Receipt& receipt, const BlockFacts& facts,
                            Change& change) {
    const auto& verb = receipt.verb();
    if (verb == "return_prepare") {
        // Whose remittance it is the ledger knows: an accept of another's is NOT_YOURS.
        Saga saga;
        saga.set_kind(v1::SAGA_KIND_TAKE_BACK);
        saga.set_id(receipt.reference());
        saga.set_step(v1::SAGA_STEP_RETURN_ACCEPT);
        change.add(std::move(saga));
        return;
    }
    if (verb == "return_accept") {
        on_return_ended(receipt.reference(), true, change);
        return;
    }
    if (verb != "prepare" && verb != "accept" && verb != "reject" && verb != "confirm_credit" &&
        verb != "fail_credit") {
        return;
    }
    if (auto* saga = change.find(v1::SAGA_KIND_SEND, receipt.reference())) {
        saga->set_height(receipt.height());
        if (verb == "prepare") {
            saga->set_transaction_id(receipt.transaction_id());
            saga->set_operation_index(receipt.operation_index());
        }
        SendRules::on_state(*saga, receipt.state(), change.context());
    }
    if (verb == "prepare") {
        const auto at = facts.remittances.find(receipt.reference());
        if (at != facts.remittances.end()) {
            on_prepared(receipt, at->second, change);
        }
    } else if (auto* saga = change.find(v1::SAGA_KIND_RECEIVE, receipt.reference())) {
        saga->set_height(receipt.height());
        ReceiveRules::on_state(*saga, receipt.state(), change.context());
    }
}

void WalletRole::on_prepared(const remit::v1::Receipt& receipt,
                             const remit::v1::Remittance& remittance, Change& change) {
    if (remittance.payee_operator_id() != options_.participant) {
        return;
    }
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_RECEIVE);
    saga.set_id(receipt.reference());
    saga.set_asset_id(remittance.target_asset_id());
    saga.set_currency(parts_.registry.currency_of(remittance.target_asset_id()));
    saga.set_amount_minor(remittance.target_minor());
    saga.set_tag(remittance.payee_tag());
    saga.set_state("PREPARED");
    saga.set_height(receipt.height());
    saga.set_screening_hash(options_.screening_hash);
    const auto wallet = parts_.wallets.by_tag(remittance.payee_tag());
    if (wallet && wallet->silent()) {
        saga.set_step(v1::SAGA_STEP_WATCH);
        saga.set_note("the wallet is silent: it will expire");
    } else if (!wallet || wallet->blocked() || !wallet->reject_reason().empty()) {
        saga.set_reason(!wallet ? "AC03" : wallet->blocked() ? "AC06" : wallet->reject_reason());
        saga.set_step(v1::SAGA_STEP_REJECT);
    } else {
        saga.set_wallet(wallet->name());
        saga.set_rail_account(wallet->rail_account());
        saga.set_pay_out(wallet->pay_out());
        saga.set_step(v1::SAGA_STEP_ACCEPT);
    }
    change.add(std::move(saga));
}

void WalletRole::on_return_ended(ByteView return_id, bool done, Change& change) {
    for (const auto kind : {v1::SAGA_KIND_GIVE_BACK, v1::SAGA_KIND_TAKE_BACK}) {
        auto* saga = change.find(kind, return_id);
        if (saga != nullptr && !is_at_rest(*saga)) {
            finish(*saga, done ? v1::SAGA_STEP_DONE : v1::SAGA_STEP_REFUSED, change.context());
        }
    }
}

void WalletRole::on_expired(ByteView reference, Change& change) {
    if (auto* saga = change.find(v1::SAGA_KIND_SEND, reference)) {
        SendRules::on_state(*saga, "EXPIRED", change.context());
    }
    if (auto* saga = change.find(v1::SAGA_KIND_RECEIVE, reference)) {
        ReceiveRules::on_state(*saga, "EXPIRED", change.context());
    }
    on_return_ended(reference, false, change);
}

}  // namespace remit::gateway
