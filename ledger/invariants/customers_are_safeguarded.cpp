#include <set>

#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
Minor due_sum(const Position& position) {
    return position.net() - position.open;
}

/// I3: who holds CUSTOMER accounts has -SETTLEMENT <= reserve, or SHORTFALL is set and no act of
/// its own has lowered SETTLEMENT since. A fallen attestation and a loss share are others' acts:
/// blocks with one are not asked who did what in between.
class CustomersAreSafeguarded final : public Invariant {
public:
    explicit CustomersAreSafeguarded(const Scope& scope) : Invariant("I3", scope) {}

    void on_account(const Change<Account>& change) override {
        if (!change.after) {
            return;
        }
        const AccountId& id = change.after->id;
        if (id.kind == AccountKind::customer && !change.before) {
            holders_.emplace(id.participant, id.asset);
        }
        if (id.kind == AccountKind::settlement) {
            touched_.emplace(id.participant, id.asset);
        }
    }
    void on_position(const Change<Position>& change) override {
        if (change.after) {
            touched_.emplace(change.after->participant, change.after->asset);
        }
    }
    void on_leg(const Change<Leg>& change) override {
        if (change.after && !change.before) {
            closed_[{change.after->participant, change.after->asset}] += change.after->net;
        }
    }
    void on_other(keys::Table table, const Change<Bytes>& change) override {
        const bool statement =
            table == keys::Table::reference &&
            change.key.at(1) == static_cast<char>(keys::ReferenceKind::statement);
        others_acted_ = others_acted_ || table == keys::Table::claim || statement;
    }

private:
    static Minor settlement(const StateReader& state, Place place) {
        return state.balance(own_account(place.first, place.second, AccountKind::settlement));
    }

    void conclude() override {
        for (const Place& place : holders_) {
            if (!scope_.after.position(place.first, place.second).holds_customers) {
                report({}, to_text(place) + " holds customers and its position does not say so");
            }
        }
        for (const Place& place : touched_) {
            check(place);
        }
    }

    void check(Place place) {
        const Position after = scope_.after.position(place.first, place.second);
        const Minor now = settlement(scope_.after, place);
        if (!after.holds_customers || -now <= after.reserve) {
            return;
        }
        const Bytes key = keys::position(place.first.value, place.second.value);
        if (!after.shortfall) {
            report(key, to_text(place) + " owes " + std::to_string(-now) +
                            " for its tokens, its reserve is " + std::to_string(after.reserve));
            return;
        }
        const Position before = scope_.before.position(place.first, place.second);
        if (!scope_.block || !before.shortfall || others_acted_) {
            return;
        }
        // What settlement of closed windows did to SETTLEMENT is no act of the participant's own.
        const Wide settled = Wide{due_sum(after)} - due_sum(before) - at(closed_, place);
        const Wide own = Wide{now} - settlement(scope_.before, place) - settled;
        if (own < 0) {
            report(key, to_text(place) + " lowered its SETTLEMENT by " + to_text(-own) +
                            " while short of reserve");
        }
    }

    std::set<Place> touched_;
    std::set<Place> holders_;
    Sums closed_;
    bool others_acted_ = false;
};
}  // namespace

std::unique_ptr<Invariant> customers_are_safeguarded(const Scope& scope) {
    return std::make_unique<CustomersAreSafeguarded>(scope);
}

}  // namespace remit::ledger
