#include "gateway/bank/bank_role.h"

#include "gateway/connectors/clearing_accounts.h"
#include "gateway/pay_in.h"
#include "ledger/base/codec.h"

namespace remit::gateway {

namespace {

constexpr char mark_prefix = 'M';

const remit::v1::Leg* find_leg(const remit::v1::ListWindowsResponse& windows, const Saga& saga) {
    for (const auto& window : windows.windows()) {
        if (window.window_id() != saga.window_id()) {
            continue;
        }
        for (const auto& leg : window.legs()) {
            if (leg.participant_id() == saga.participant_id() &&
                leg.asset_id() == saga.asset_id()) {
                return &leg;
            }
        }
    }
    return nullptr;
}

}  // namespace

const SagaRules& BankRole::rules_of(v1::SagaKind kind) const {
    if (kind == v1::SAGA_KIND_LEG) {
        return leg_;
    }
    return submit_;
}

void BankRole::ask(std::vector<Saga>& sagas, StepContext& context) {
    for (auto& saga : sagas) {
        ask_leg(saga, context);
    }
}

void BankRole::ask_leg(Saga& saga, StepContext& context) {
    const auto windows = ledger_.windows();
    const auto positions = ledger_.positions();
    const auto account = cash_account("cover", saga.participant_id(), saga.currency());
    const auto balances = rail_.balances(account);
    if (!windows || !positions || !balances) {
        back_off(saga, "no node or no rail answers", context);
        return;
    }
    const auto* leg = find_leg(*windows, saga);
    if (leg != nullptr && leg->due_minor() != 0) {
        // Our confirmation did not take effect after all: the entries are still good.
        enter(saga, saga.entries_size() > 0 ? v1::SAGA_STEP_CONFIRM : v1::SAGA_STEP_ENTRIES);
        back_off(saga, "the leg is still due", context);
        return;
    }
    const bool drawn =
        leg != nullptr && !saga.pay_out() && (leg->state() == "DRAWN" || leg->state() == "SHORT");
    if (!drawn) {
        finish(saga, v1::SAGA_STEP_DONE, context);
        return;
    }
    // The ledger has lowered the cover; the cash that it took from there must follow.
    std::int64_t at_rail = 0;
    for (const auto& balance : balances->balances()) {
        at_rail += balance.account() == account ? balance.balance_minor() : 0;
    }
    std::int64_t at_ledger = 0;
    for (const auto& position : positions->positions()) {
        if (position.participant_id() == saga.participant_id() &&
            position.asset_id() == saga.asset_id()) {
            at_ledger = position.cover_minor();
        }
    }
    saga.set_drawn_minor(std::min(at_rail - at_ledger, saga.amount_minor()));
    if (saga.drawn_minor() > 0) {
        enter(saga, v1::SAGA_STEP_DRAW);
    } else {
        finish(saga, v1::SAGA_STEP_DONE, context);
    }
}

bool BankRole::study(BlockFacts& facts) {
    return study_windows(ledger_, facts);
}

void BankRole::on_block(const BlockFacts& facts, Change& change) {
    for (const auto* window : closed_windows(facts)) {
        open_legs(*window, change);
    }
}

void BankRole::open_legs(const remit::v1::Window& window, Change& change) const {
    for (const auto& leg : window.legs()) {
        if (leg.net_minor() == 0) {
            continue;
        }
        Saga saga;
        saga.set_kind(v1::SAGA_KIND_LEG);
        saga.set_id(leg_id(window.window_id(), leg.participant_id(), leg.asset_id()));
        saga.set_window_id(window.window_id());
        saga.set_participant_id(leg.participant_id());
        saga.set_asset_id(leg.asset_id());
        saga.set_currency(registry_.currency_of(leg.asset_id()));
        saga.set_pay_out(leg.net_minor() > 0);
        saga.set_amount_minor(std::abs(leg.net_minor()));
        saga.set_rail_account(cash_account("own", leg.participant_id(), saga.currency()));
        const bool ours = leg.participant_id() == options_.own_maker ||
                          leg.participant_id() == options_.participant;
        if (saga.pay_out()) {
            saga.set_step(v1::SAGA_STEP_WATCH);
        } else {
            saga.set_step(ours ? v1::SAGA_STEP_INSTRUCT : v1::SAGA_STEP_ENTRIES);
        }
        change.add(std::move(saga));
    }
}

void BankRole::on_write(const Saga& saga, node::KvBatch& batch) {
    if (saga.kind() != v1::SAGA_KIND_MARK || saga.step() != v1::SAGA_STEP_DONE) {
        return;
    }
    const auto& mark = saga.operation().bank_mark();
    Journal::put(batch, mark_prefix,
                 Writer().u32(mark.source_asset_id()).u32(mark.target_asset_id()).view(), mark);
    marks_.put(mark);
}

void BankRole::load(const Journal& journal) {
    journal.each<remit::v1::BankMark>(
        mark_prefix, [&](ByteView, const remit::v1::BankMark& mark) { marks_.put(mark); });
}

}  // namespace remit::gateway
