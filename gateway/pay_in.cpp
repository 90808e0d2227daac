#include "gateway/pay_in.h"

#include <algorithm>

#include "gateway/connectors/clearing_accounts.h"
#include "ledger/base/codec.h"

namespace remit::gateway {

namespace {

constexpr const char* closed = "WINDOW_CLOSED";

Saga pay_in_saga(const remit::v1::Leg& leg, std::uint64_t window, std::string_view cash,
                 const Registry& registry) {
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_PAY_IN);
    saga.set_id(Writer().u64(window).u32(leg.asset_id()).take());
    saga.set_step(v1::SAGA_STEP_INSTRUCT);
    saga.set_window_id(window);
    saga.set_participant_id(leg.participant_id());
    saga.set_asset_id(leg.asset_id());
    saga.set_currency(registry.currency_of(leg.asset_id()));
    saga.set_amount_minor(-leg.net_minor());
    saga.set_rail_account(cash_account(cash, leg.participant_id(), saga.currency()));
    return saga;
}

}  // namespace

bool study_windows(Ledger& ledger, BlockFacts& facts) {
    const auto& events = facts.block.events();
    if (std::none_of(events.begin(), events.end(),
                     [](const auto& event) { return event.kind() == closed; })) {
        return true;
    }
    const auto windows = ledger.windows();
    // A node that is behind this block does not know the window yet.
    if (!windows || windows->height() < facts.block.height()) {
        return false;
    }
    facts.windows.assign(windows->windows().begin(), windows->windows().end());
    return true;
}

std::vector<const remit::v1::Window*> closed_windows(const BlockFacts& facts) {
    std::vector<const remit::v1::Window*> out;
    for (const auto& event : facts.block.events()) {
        for (const auto& window : facts.windows) {
            if (event.kind() == closed && event.window_id() == window.window_id()) {
                out.push_back(&window);
            }
        }
    }
    return out;
}

void open_pay_ins(const BlockFacts& facts, std::uint32_t participant, std::string_view cash,
                  const Registry& registry, Change& change) {
    for (const auto* window : closed_windows(facts)) {
        for (const auto& leg : window->legs()) {
            if (leg.participant_id() == participant && leg.net_minor() < 0) {
                change.add(pay_in_saga(leg, window->window_id(), cash, registry));
            }
        }
    }
}

Action PayInRules::next(const Saga& saga) const {
    if (saga.step() != v1::SAGA_STEP_INSTRUCT) {
        return Action::wait();
    }
    v1::Transfer transfer;
    transfer.set_transfer_id(pay_in_id(leg_of(saga)));
    transfer.set_debit_account(saga.rail_account());
    transfer.set_credit_account(clearing_account(saga.currency()));
    transfer.set_currency(saga.currency());
    transfer.set_amount_minor(saga.amount_minor());
    return Action::at_rail(RailName::clearing, std::move(transfer));
}

void PayInRules::on_rail(Saga& saga, const v1::TransferResult& result, StepContext& context) const {
    saga.set_rail_reference(result.entry_reference());
    saga.set_reason(result.reason());
    if (result.outcome() != v1::TRANSFER_OUTCOME_REJECTED) {
        finish(saga, v1::SAGA_STEP_DONE, context);
        return;
    }
    v1::Break item;
    item.set_break_id("pay_in/" + pay_in_id(leg_of(saga)));
    item.set_break_class(v1::BREAK_CLASS_STATUS_DIFF);
    item.set_owner("treasury");
    item.set_subject(pay_in_id(leg_of(saga)));
    item.set_currency(saga.currency());
    item.set_amount_minor(saga.amount_minor());
    item.set_opened_at_ms(context.now_ms);
    item.set_detail("the bank's rail refused our pay-in: " + result.reason() +
                    "; after the deadline the bank draws our cover");
    context.breaks.push_back(std::move(item));
    finish(saga, v1::SAGA_STEP_PARKED, context);
}

}  // namespace remit::gateway
