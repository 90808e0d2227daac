#include "gateway/reconciliation/reconciliation.h"

#include <map>

#include "gateway/connectors/clearing_accounts.h"
#include "gateway/wallet/rules.h"

namespace remit::gateway {

namespace {

void add_line(v1::ReconcileResponse& report, v1::ReconcileLine line) {
    line.set_difference_minor(line.rail_minor() - line.ledger_minor());
    *report.add_lines() = std::move(line);
}

void conclude(v1::ReconcileResponse& report, const Engine& engine) {
    bool equal = true;
    for (const auto& line : report.lines()) {
        equal = equal && line.difference_minor() == 0;
    }
    for (auto& item : engine.journal().breaks()) {
        equal = equal && item.closed_at_ms() != 0;
        *report.add_breaks() = std::move(item);
    }
    report.set_equal(equal);
    report.set_height(engine.next_height() - 1);
}

/// Fiat that moved at the rail while its token side is still on its way to the ledger.
std::int64_t under_way(const std::vector<Saga>& live, const std::string& currency) {
    std::int64_t sum = 0;
    for (const auto& saga : live) {
        if (saga.currency() != currency || saga.rail_reference().empty()) {
            continue;
        }
        if (saga.kind() == v1::SAGA_KIND_ON_RAMP) {
            sum += saga.amount_minor();
        } else if (saga.kind() == v1::SAGA_KIND_OFF_RAMP ||
                   (saga.kind() == v1::SAGA_KIND_RECEIVE && saga.pay_out())) {
            sum -= saga.amount_minor();
        }
    }
    return sum;
}

/// What came and went through an account by transfers of this operator, opening money left out.
Result<std::int64_t, std::string> movement_of(Rail& rail, const std::string& account) {
    std::int64_t sum = 0;
    v1::ListEntriesRequest request;
    request.set_account_prefix(account);
    constexpr std::uint32_t page = 1'000;
    request.set_limit(page);
    while (true) {
        const auto answer = rail.entries(request);
        if (!answer) {
            return fail(std::string("the rail gives no answer: " + answer.error().reason));
        }
        for (const auto& entry : answer->entries()) {
            sum += entry.account() == account ? entry.amount_minor() : 0;
        }
        if (answer->entries_size() < static_cast<int>(page)) {
            return sum;
        }
        request.set_after_cursor(answer->last_cursor());
    }
}

}  // namespace

Result<v1::ReconcileResponse, std::string> reconcile_wallets(const Engine& engine, Rail& rail,
                                                             const Registry& registry) {
    v1::ReconcileResponse report;
    const auto live = engine.live();
    for (const auto& [id, asset] : registry.assets) {
        const auto ramps = engine.journal().ramps(id);
        TRY_ASSIGN(const auto moved, movement_of(rail, operator_account(asset.currency())));
        v1::ReconcileLine line;
        line.set_what("on-ramps less pay-outs = movement of the operator's account");
        line.set_currency(asset.currency());
        line.set_ledger_minor(ramps.on_ramped_minor() - ramps.paid_out_minor());
        line.set_rail_minor(moved);
        line.set_under_way_minor(under_way(live, asset.currency()));
        add_line(report, std::move(line));
    }
    conclude(report, engine);
    return report;
}

Result<v1::ReconcileResponse, std::string> reconcile_bank(const Engine& engine, Ledger& ledger,
                                                          Rail& rail, const Registry& registry) {
    const auto positions = ledger.positions();
    const auto totals = ledger.totals();
    if (!positions || !totals) {
        return fail(std::string("no node answers"));
    }
    const auto balances = rail.balances("");
    if (!balances) {
        return fail(std::string("the rail gives no answer: " + balances.error().reason));
    }
    std::map<std::string, std::int64_t> at_ledger;
    std::map<std::string, std::int64_t> at_rail;
    for (const auto& position : positions->positions()) {
        const auto currency = registry.currency_of(position.asset_id());
        const auto has = [&](std::string_view kind, std::int64_t minor) {
            at_ledger[cash_account(kind, position.participant_id(), currency)] += minor;
        };
        has("reserve", position.reserve_minor());
        has("cover", position.cover_minor());
    }
    for (const auto& asset : totals->totals()) {
        at_ledger[clearing_account(asset.currency())] -= asset.clearing_minor();
    }
    for (const auto& balance : balances->balances()) {
        const auto& name = balance.account();
        if (name.starts_with("reserve/") || name.starts_with("cover/") ||
            name.starts_with("clearing/")) {
            at_rail[name] += balance.balance_minor();
        }
    }
    v1::ReconcileResponse report;
    for (const auto& [id, asset] : registry.assets) {
        v1::ReconcileLine cash;
        cash.set_what("reserves + covers - CLEARING = cash at the bank");
        cash.set_currency(asset.currency());
        for (const auto& [name, minor] : at_ledger) {
            cash.set_ledger_minor(cash.ledger_minor() +
                                  (name.ends_with("/" + asset.currency()) ? minor : 0));
        }
        for (const auto& [name, minor] : at_rail) {
            cash.set_rail_minor(cash.rail_minor() +
                                (name.ends_with("/" + asset.currency()) ? minor : 0));
        }
        add_line(report, std::move(cash));
    }
    for (const auto& [name, minor] : at_ledger) {
        v1::ReconcileLine line;
        line.set_what(name);
        line.set_currency(name.substr(name.rfind('/') + 1));
        line.set_ledger_minor(minor);
        const auto at = at_rail.find(name);
        line.set_rail_minor(at == at_rail.end() ? 0 : at->second);
        if (line.ledger_minor() != 0 || line.rail_minor() != 0) {
            add_line(report, std::move(line));
        }
    }
    conclude(report, engine);
    return report;
}

}  // namespace remit::gateway
