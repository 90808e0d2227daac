#include "gateway/bank/settlement.h"

#include <algorithm>
#include <set>

#include "gateway/bank/rules.h"
#include "gateway/connectors/clearing_accounts.h"
#include "gateway/crash_points.h"

namespace remit::gateway {

namespace {

constexpr char inbox_prefix = 'I';
constexpr std::uint32_t entries_per_call = 500;
/// An entry may arrive before the block that closed its window was read.
constexpr std::int64_t stray_after_ms = 10'000;

const remit::v1::Leg* find_leg(const remit::v1::Window& window, const Saga& saga) {
    for (const auto& leg : window.legs()) {
        if (leg.participant_id() == saga.participant_id() && leg.asset_id() == saga.asset_id()) {
            return &leg;
        }
    }
    return nullptr;
}

/// Windows settle in order: only the oldest unsettled one moves.
const remit::v1::Window* oldest_pending(const remit::v1::ListWindowsResponse& windows) {
    const remit::v1::Window* oldest = nullptr;
    for (const auto& window : windows.windows()) {
        if (window.state() == "PENDING_SETTLEMENT" &&
            (oldest == nullptr || window.window_id() < oldest->window_id())) {
            oldest = &window;
        }
    }
    return oldest;
}

bool pay_ins_are_in(const remit::v1::Window& window) {
    return std::none_of(window.legs().begin(), window.legs().end(),
                        [](const auto& leg) { return leg.due_minor() < 0; });
}

bool has_failed_leg(const remit::v1::Window& window, std::uint32_t participant) {
    return std::any_of(window.legs().begin(), window.legs().end(), [&](const auto& leg) {
        return leg.participant_id() == participant &&
               (leg.state() == "DRAWN" || leg.state() == "SHORT");
    });
}

remit::v1::SettleSource source_of_account(const std::string& account) {
    if (account.starts_with("reserve/")) {
        return remit::v1::SETTLE_SOURCE_RESERVE;
    }
    return account.starts_with("cover/") ? remit::v1::SETTLE_SOURCE_COVER
                                         : remit::v1::SETTLE_SOURCE_OWN;
}

}  // namespace

EntryMatch match_entries(const ExpectedMovement& expected,
                         const std::vector<v1::RailEntry>& entries) {
    std::map<std::string, v1::RailEntry> standing;  // by reference: delivered twice counts once
    std::set<std::string> reversed;
    for (const auto& entry : entries) {
        if (entry.account() != expected.account || entry.transfer_id() != expected.transfer_id) {
            continue;
        }
        if (!entry.reverses().empty()) {
            reversed.insert(entry.reverses());
        } else {
            standing[entry.entry_reference()] = entry;
        }
    }
    EntryMatch match;
    std::int64_t sum = 0;
    for (const auto& [reference, entry] : standing) {
        if (!reversed.contains(reference)) {
            sum += entry.amount_minor();
            match.entries.push_back(entry);
        }
    }
    if (match.entries.empty()) {
        return match;
    }
    const bool one = match.entries.size() == 1;
    if (one && sum == expected.amount_minor &&
        match.entries.front().currency() == expected.currency) {
        match.kind = EntryMatch::Kind::exact;
        return match;
    }
    match.kind = EntryMatch::Kind::differs;
    match.break_class = one ? v1::BREAK_CLASS_AMOUNT_DIFF : v1::BREAK_CLASS_DUPLICATE;
    match.detail = std::to_string(match.entries.size()) + " entries of " + expected.transfer_id +
                   " sum to " + std::to_string(sum) + ", due is " +
                   std::to_string(expected.amount_minor) + " minor units";
    return match;
}

bool Settlement::take_entries() {
    const auto& journal = engine_.journal();
    if (!loaded_) {
        journal.each<v1::RailEntry>(inbox_prefix, [&](ByteView, const v1::RailEntry& entry) {
            inbox_[entry.transfer_id()].push_back(entry);
        });
        loaded_ = true;
    }
    while (true) {
        v1::ListEntriesRequest request;
        request.set_account_prefix("clearing/");
        request.set_after_cursor(journal.number(Journal::Number::entries_cursor));
        request.set_limit(entries_per_call);
        const auto answer = rail_.entries(request);
        if (!answer) {
            return false;
        }
        node::KvBatch batch;
        std::vector<v1::RailEntry> fresh;
        for (const auto& entry : answer->entries()) {
            // Unique by reference: an entry delivered again is no news.
            if (!journal.get<v1::RailEntry>(inbox_prefix, entry.entry_reference())) {
                Journal::put(batch, inbox_prefix, entry.entry_reference(), entry);
                fresh.push_back(entry);
            }
        }
        if (answer->last_cursor() <= request.after_cursor()) {
            return true;
        }
        Journal::put(batch, Journal::Number::entries_cursor, answer->last_cursor());
        crash_point(CrashPoint::entries_before_write);
        engine_.start({}, batch);
        crash_point(CrashPoint::entries_after_write);
        for (auto& entry : fresh) {
            inbox_[entry.transfer_id()].push_back(std::move(entry));
        }
        if (answer->entries_size() < static_cast<int>(entries_per_call)) {
            return true;
        }
    }
}

std::vector<v1::RailEntry> Settlement::entries_of(const std::string& transfer_id) const {
    const auto at = inbox_.find(transfer_id);
    return at == inbox_.end() ? std::vector<v1::RailEntry>() : at->second;
}

void Settlement::poll(std::int64_t now_ms) {
    if (!take_entries()) {
        return;
    }
    report_strays(now_ms);
    std::vector<Saga> waiting;
    promised_.clear();
    for (auto& saga : engine_.live()) {
        // Before the balances are read: what is paid meanwhile is counted twice, never missed.
        if (saga.kind() == v1::SAGA_KIND_LEG && saga.pay_out() &&
            saga.step() == v1::SAGA_STEP_INSTRUCT) {
            promised_[saga.currency()] += saga.amount_minor();
        }
        const bool waits =
            saga.step() == v1::SAGA_STEP_ENTRIES || saga.step() == v1::SAGA_STEP_WATCH;
        if (saga.kind() == v1::SAGA_KIND_LEG && waits && saga.retry_at_ms() <= now_ms) {
            waiting.push_back(std::move(saga));
        }
    }
    if (waiting.empty()) {
        return;
    }
    const auto windows = ledger_.windows();
    const auto status = ledger_.status();
    const auto balances = rail_.balances("clearing/");
    if (!windows || !status || !balances) {
        return;
    }
    clearing_.clear();
    for (const auto& balance : balances->balances()) {
        clearing_[balance.currency()] = balance.balance_minor();
    }
    for (const auto& seen : waiting) {
        engine_.edit([&](Change& change) {
            auto* saga = change.find(v1::SAGA_KIND_LEG, seen.id());
            if (saga == nullptr || saga->step() != seen.step()) {
                return;
            }
            const auto before = saga->SerializeAsString();
            // An idle chain's time stands still; its next block will have at least ours.
            move(*saga, *windows, std::max(status->block_time_ms(), now_ms), change);
            if (saga->SerializeAsString() == before) {
                change.sagas().erase(saga_key(seen));
            }
        });
    }
}

void Settlement::move(Saga& saga, const remit::v1::ListWindowsResponse& windows,
                      std::int64_t block_time_ms, Change& change) {
    const auto* window = oldest_pending(windows);
    if (window == nullptr || window->window_id() != saga.window_id()) {
        for (const auto& other : windows.windows()) {
            if (other.window_id() == saga.window_id() && other.state() == "SETTLED") {
                finish(saga, v1::SAGA_STEP_DONE, change.context());
            }
        }
        return;
    }
    if (saga.step() == v1::SAGA_STEP_WATCH) {
        move_pay_out(saga, *window, change);
    } else {
        move_entries(saga, *window, block_time_ms, change);
    }
}

void Settlement::move_entries(Saga& saga, const remit::v1::Window& window,
                              std::int64_t block_time_ms, Change& change) {
    const auto leg = leg_of(saga);
    const auto id = saga.pay_out() ? pay_out_id(leg) : pay_in_id(leg);
    const auto match =
        match_entries({.transfer_id = id,
                       .account = clearing_account(leg.currency),
                       .currency = leg.currency,
                       .amount_minor = saga.pay_out() ? -saga.amount_minor() : saga.amount_minor()},
                      entries_of(id));
    if (match.kind == EntryMatch::Kind::exact) {
        saga.clear_entries();
        for (const auto& entry : match.entries) {
            auto& named = *saga.add_entries();
            named.set_account(entry.account());
            named.set_booking_date(entry.booking_date());
            named.set_entry_reference(entry.entry_reference());
            named.set_amount_minor(std::abs(entry.amount_minor()));
            saga.set_source(source_of_account(entry.other_account()));
        }
        enter(saga, v1::SAGA_STEP_CONFIRM);
        return;
    }
    if (match.kind == EntryMatch::Kind::differs) {
        if (saga.note() != match.detail) {
            saga.set_note(match.detail);
            change.context().breaks.push_back(
                leg_break(saga, match.break_class, match.detail, change.context().now_ms));
        }
        return;
    }
    const bool late = window.pay_in_deadline_ms() != 0 &&
                      block_time_ms > window.pay_in_deadline_ms() + options_.grace_ms;
    if (!saga.pay_out() && late && options_.settle_fail) {
        change.context().breaks.push_back(leg_break(
            saga, v1::BREAK_CLASS_LEDGER_ONLY,
            "no pay-in was booked before the deadline: cover is drawn", change.context().now_ms));
        enter(saga, v1::SAGA_STEP_FAIL);
    }
}

void Settlement::move_pay_out(Saga& saga, const remit::v1::Window& window, Change& change) {
    const auto* leg = find_leg(window, saga);
    if (leg == nullptr || leg->due_minor() == 0) {
        finish(saga, v1::SAGA_STEP_DONE, change.context());
        return;
    }
    if (!pay_ins_are_in(window)) {
        return;
    }
    // A rejected transfer is rejected for ever: instruct only what the account can pay.
    if (clearing_[saga.currency()] - promised_[saga.currency()] < leg->due_minor()) {
        const std::string detail = "the clearing account at the rail is short for the pay-out";
        if (saga.note() != detail) {
            saga.set_note(detail);
        }
        return;
    }
    promised_[saga.currency()] += leg->due_minor();
    saga.set_amount_minor(leg->due_minor());
    const bool failed = has_failed_leg(window, saga.participant_id());
    const bool wallets = registry_.has_role(saga.participant_id(), "OPERATOR");
    saga.set_rail_account(cash_account(failed    ? "cover"
                                       : wallets ? "reserve"
                                                 : "own",
                                       saga.participant_id(), saga.currency()));
    enter(saga, v1::SAGA_STEP_INSTRUCT);
}

void Settlement::report_strays(std::int64_t now_ms) {
    std::vector<v1::Break> strays;
    for (const auto& [transfer_id, entries] : inbox_) {
        const auto& first = seen_ms_.try_emplace(transfer_id, now_ms).first->second;
        if (first < 0 || now_ms - first < stray_after_ms) {
            continue;
        }
        seen_ms_[transfer_id] = -1;  // judged
        // pay-in/<window>/<participant>/<currency>
        const auto known = [&, &id = transfer_id] {
            const auto window = id.find('/') + 1;
            const auto participant = id.find('/', window) + 1;
            const auto currency = id.find('/', participant) + 1;
            if (window == 0 || participant == 0 || currency == 0) {
                return false;
            }
            const auto asset = registry_.asset_of(id.substr(currency));
            return asset &&
                   engine_
                       .find(v1::SAGA_KIND_LEG, leg_id(std::strtoull(&id[window], nullptr, 10),
                                                       static_cast<std::uint32_t>(std::strtoul(
                                                           &id[participant], nullptr, 10)),
                                                       asset->asset_id()))
                       .has_value();
        }();
        if (!known) {
            v1::Break item;
            item.set_break_id("stray/" + transfer_id);
            item.set_break_class(v1::BREAK_CLASS_UNAPPLIED);
            item.set_owner("settlement desk");
            item.set_subject(entries.front().entry_reference());
            item.set_currency(entries.front().currency());
            item.set_amount_minor(entries.front().amount_minor());
            item.set_opened_at_ms(now_ms);
            item.set_detail("an entry of the clearing account belongs to no leg: " + transfer_id);
            strays.push_back(std::move(item));
        }
    }
    if (!strays.empty()) {
        engine_.edit([&](Change& change) { change.context().breaks = strays; });
    }
}

}  // namespace remit::gateway
