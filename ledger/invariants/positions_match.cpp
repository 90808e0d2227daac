#include <map>

#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
/// I10: a position is the sum of its participant's accounts without CLEARING; `open` is what
/// members' movements made of it since the close; a close moves it whole into a leg, and the legs
/// of a window and asset sum to 0; what is due sums to the cash in CLEARING.
class PositionsMatch final : public Invariant {
public:
    explicit PositionsMatch(const Scope& scope) : Invariant("I10", scope) {}

    void on_account(const Change<Account>& change) override {
        const AccountId& id = change.after ? change.after->id : change.before->id;
        const Wide moved = Wide{change.after ? change.after->balance : 0} -
                           (change.before ? change.before->balance : 0);
        if (id.kind == AccountKind::clearing) {
            clearing_[id.asset] += moved;
        } else {
            accounts_[{id.participant, id.asset}] += moved;
        }
    }
    void on_position(const Change<Position>& change) override {
        add(change.before, -1);
        add(change.after, 1);
    }
    void on_leg(const Change<Leg>& change) override {
        if (!change.after || (change.before && change.before->net != change.after->net)) {
            report(change.key, "the net of a closed window changed");
            return;
        }
        if (change.before) {
            return;
        }
        const Leg& leg = *change.after;
        const Place place{leg.participant, leg.asset};
        legs_[{leg.window, leg.asset}] += leg.net;
        closed_[place] += leg.net;
        if (scope_.block && scope_.before.position(place.first, place.second).open != leg.net) {
            report(change.key, "a leg of " + to_text(place) + " is not what was open");
        }
    }
    void on_remittance(const Change<Remittance>& change) override {
        if (change.before && is_committed(*change.before)) {
            add_open(flows_, flows_of(*change.before), -1);
        }
        if (change.after && is_committed(*change.after)) {
            add_open(flows_, flows_of(*change.after), 1);
        }
    }
    void on_return(const Change<Return>& change) override {
        const Return& any = change.after ? *change.after : *change.before;
        const auto remittance = scope_.after.remittance(any.uetr);
        if (!remittance) {
            report(change.key, "a return of no remittance");
            return;
        }
        if (change.before && change.before->state == ReturnState::done) {
            add_open(flows_, flows_of(*change.before, *remittance), -1);
        }
        if (change.after && change.after->state == ReturnState::done) {
            add_open(flows_, flows_of(*change.after, *remittance), 1);
        }
    }

private:
    void add(const std::optional<Position>& position, int sign) {
        if (!position) {
            return;
        }
        const Place place{position->participant, position->asset};
        nets_[place] += Wide{position->net()} * sign;
        opens_[place] += Wide{position->open} * sign;
        dues_[position->asset] += (Wide{position->net()} - position->open) * sign;
    }

    void conclude() override {
        if (const auto place = first_difference(nets_, accounts_)) {
            report(keys::position(place->first.value, place->second.value),
                   "position " + to_text(*place) + " changed by " + to_text(at(nets_, *place)) +
                       ", its accounts by " + to_text(at(accounts_, *place)));
        }
        for (const auto& [place, net] : closed_) {
            opens_[place] += net;
        }
        if (const auto place = first_difference(opens_, flows_)) {
            report(keys::position(place->first.value, place->second.value),
                   "open of " + to_text(*place) + " changed by " + to_text(at(opens_, *place)) +
                       ", members' movements by " + to_text(at(flows_, *place)));
        }
        for (const auto& [place, sum] : legs_) {
            if (sum != 0) {
                report(keys::legs_of(place.first.value),
                       "the nets of a window and asset sum to " + to_text(sum));
            }
        }
        for (const auto* sums : {&dues_, &clearing_}) {
            for (const auto& [asset, sum] : *sums) {
                check_clearing(asset);
            }
        }
    }
    void check_clearing(AssetId asset) {
        const auto due = dues_.find(asset);
        const auto cash = clearing_.find(asset);
        if ((due != dues_.end() ? due->second : 0) + (cash != clearing_.end() ? cash->second : 0) !=
            0) {
            report({}, "what is due of asset " + std::to_string(asset.value) +
                           " is not the cash in CLEARING");
        }
    }

    Sums accounts_;
    Sums nets_;
    Sums opens_;
    Sums flows_;
    Sums closed_;
    std::map<std::pair<WindowId, AssetId>, Wide> legs_;
    std::map<AssetId, Wide> dues_;
    std::map<AssetId, Wide> clearing_;
};
}  // namespace

std::unique_ptr<Invariant> positions_match(const Scope& scope) {
    return std::make_unique<PositionsMatch>(scope);
}

}  // namespace remit::ledger
