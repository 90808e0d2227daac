#include "test/scenario/scenario.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {

void same(const std::string& what, const std::string& actual, const std::string& expected) {
    if (actual != expected) {
        throw ScenarioFailure(what + " is " + actual + ", not " + expected);
    }
}

void same_amount(const std::string& what, Minor actual, Minor expected) {
    same(what, format_amount(actual, 2), format_amount(expected, 2));
}

/// Tokens held: everything that is neither SETTLEMENT nor CLEARING.
Minor supply_of(const StateView& view, AssetId asset) {
    Minor out = 0;
    scan(view, keys::prefix(keys::Table::account), [&](ByteView, ByteView value) {
        const auto account = decode<Account>(value);
        if (account && account->id.asset == asset && account->id.kind != AccountKind::settlement &&
            account->id.kind != AccountKind::clearing) {
            out += account->balance;
        }
        return true;
    });
    return out;
}

}  // namespace

// position A HKD -1000.00 [open X] [reserved X] [cover X] [locked X] [reserve X] [drawn X] [cap X]
//          [over_cap yes|no] [shortfall yes|no]
void Scenario::check_position(Line& line) {
    const auto who = participant(line.next("a participant"));
    const auto currency = asset(line.next("a currency"));
    const auto position = chain().state().position(who, currency);
    if (line.peek().find_first_of("0123456789") != std::string::npos) {
        same_amount("position", position.net(), amount(line));
    }
    while (!line.done()) {
        const auto word = line.next("a figure");
        if (word == "over_cap") {
            same(word, position.over_cap ? "yes" : "no", line.next("yes or no"));
        } else if (word == "shortfall") {
            same(word, position.shortfall ? "yes" : "no", line.next("yes or no"));
        } else {
            const Minor actual = word == "open"       ? position.open
                                 : word == "reserved" ? position.reserved
                                 : word == "cover"    ? position.cover
                                 : word == "locked"   ? position.locked
                                 : word == "reserve"  ? position.reserve
                                 : word == "drawn"    ? position.drawn
                                 : word == "cap"      ? cap_of(position, chain().state().policy())
                                                      : throw ScenarioFailure("no figure: " + word);
            same_amount(word, actual, amount(line));
        }
    }
}

void Scenario::add_check_lines() {
    // balance alice 1000.00 | balance A FEE HKD 12.00
    others_["balance"] = [this](Line& line) {
        const auto name = line.next("a wallet or participant");
        const auto found = wallets_.find(name);
        auto id = found == wallets_.end() ? AccountId{} : found->second;
        if (found == wallets_.end()) {
            const auto kind = account_kind_from(line.next("a kind of account"));
            if (!kind) {
                throw ScenarioFailure("no wallet or kind of account: " + name);
            }
            id = own_account(participant(name), asset(line.next("a currency")), *kind);
        }
        same_amount("balance", chain().state().balance(id), amount(line));
    };
    others_["position"] = [this](Line& line) { check_position(line); };
    others_["supply"] = [this](Line& line) {
        const auto currency = asset(line.next("a currency"));
        same_amount("supply", supply_of(chain().view(), currency), amount(line));
    };
    others_["status"] = [this](Line& line) {
        const auto found = chain().state().participant(participant(line.next("a participant")));
        same("status", found ? std::string(ledger::name_of(found->status)) : "NONE",
             line.next("a status"));
    };
    add_remittance_checks();
    add_window_checks();
}

void Scenario::add_remittance_checks() {
    // state p1 PREPARED [reason AC04]: as a reader sees it now
    others_["state"] = [this](Line& line) {
        const auto remittance = chain().state().remittance(uetr_of(line.next("a remittance")));
        const auto expected = line.next("a state");
        const auto state = remittance ? remittance->state_at(chain().now()) : RemittanceState::none;
        same("state", remittance ? std::string(ledger::name_of(state)) : "NONE", expected);
        if (line.take("reason")) {
            same("reason", remittance->reason, line.next("a reason"));
        }
    };
    // swept p1 yes|no: whether the record itself says EXPIRED, not only its reader
    others_["swept"] = [this](Line& line) {
        const auto remittance = chain().state().remittance(uetr_of(line.next("a remittance")));
        const bool swept = remittance && remittance->state == RemittanceState::expired;
        same("swept", swept ? "yes" : "no", line.next("yes or no"));
    };
    others_["return_state"] = [this](Line& line) {
        const auto movement =
            chain().state().return_movement(uetr_of("return " + line.next("a return")));
        same("state", movement ? std::string(ledger::name_of(movement->state)) : "NONE",
             line.next("a state"));
    };
    // payout A po1 LOCKED
    others_["payout"] = [this](Line& line) {
        const auto owner = participant(line.next("a participant"));
        const auto redemption =
            chain().state().redemption(owner, uetr_of("payout " + line.next("a payout")));
        same("state", redemption ? std::string(ledger::name_of(redemption->state)) : "NONE",
             line.next("a state"));
    };
    // in_window p1 2: the window of its commit
    others_["in_window"] = [this](Line& line) {
        const auto remittance = chain().state().remittance(uetr_of(line.next("a remittance")));
        same("window", std::to_string(remittance ? remittance->window.value : 0),
             line.next("a window"));
    };
}

void Scenario::add_window_checks() {
    others_["window"] = [this](Line& line) {
        const auto found = chain().state().window(window(line));
        same("window", found ? std::string(ledger::name_of(found->state)) : "NONE",
             line.next("a state"));
    };
    // net 1 A HKD -8489.55 | due 1 A HKD 0.00 | leg 1 A HKD PAID_IN
    others_["net"] = [this](Line& line) {
        const auto id = window(line);
        const auto who = participant(line.next("a participant"));
        const auto leg = chain().state().leg(id, who, asset(line.next("a currency")));
        same_amount("net", leg ? leg->net : 0, amount(line));
    };
    others_["due"] = [this](Line& line) {
        const auto id = window(line);
        const auto who = participant(line.next("a participant"));
        const auto position = chain().state().position(who, asset(line.next("a currency")));
        same_amount("due", position.due_of(id), amount(line));
    };
    others_["leg"] = [this](Line& line) {
        const auto id = window(line);
        const auto who = participant(line.next("a participant"));
        const auto leg = chain().state().leg(id, who, asset(line.next("a currency")));
        same("leg", leg ? std::string(ledger::name_of(leg->state)) : "NONE", line.next("a state"));
    };
}

}  // namespace remit::test
