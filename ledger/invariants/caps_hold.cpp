#include <algorithm>

#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
constexpr Wide bps_whole = 10'000;

Wide debt_of(const Position& position) {
    Wide out = std::max<Minor>(0, -position.open);
    for (const Due& due : position.due) {
        out += std::max<Minor>(0, -due.amount);
    }
    return out;
}

Wide cap_by(const Position& position, const Policy& policy) {
    return Wide{std::max<Minor>(0, position.cover - position.locked)} * policy.cap_bps / bps_whole;
}

/// I11: committed debt stays within floor(k x free cover), or OVER_CAP is set and the debt has not
/// grown since. Who caused what within one block is not asked when cover was attested or governance
/// acted in it.
class CapsHold final : public Invariant {
public:
    explicit CapsHold(const Scope& scope)
        : Invariant("I11", scope), policy_(scope.after.policy()) {}

    void on_policy(const Change<Policy>& /*change*/) override { policy_changed_ = true; }
    void on_position(const Change<Position>& change) override {
        if (change.after) {
            changes_.push_back(change);
        }
    }
    void on_other(keys::Table table, const Change<Bytes>& change) override {
        const bool statement =
            table == keys::Table::reference &&
            change.key.at(1) == static_cast<char>(keys::ReferenceKind::statement);
        figures_moved_ = figures_moved_ || statement || table == keys::Table::govern_nonce;
    }

private:
    void check_cap(ByteView key, const Position& position) {
        if (debt_of(position) > cap_by(position, policy_) && !position.over_cap) {
            report(key, to_text({position.participant, position.asset}) + " owes " +
                            to_text(debt_of(position)) + " over its cap of " +
                            to_text(cap_by(position, policy_)));
        }
    }

    void conclude() override {
        for (const Change<Position>& change : changes_) {
            check_cap(change.key, *change.after);
            if (!change.before || !change.before->over_cap || figures_moved_) {
                continue;
            }
            const Wide allowed = std::max(debt_of(*change.before), cap_by(*change.after, policy_));
            if (debt_of(*change.after) > allowed) {
                report(change.key, "debt of " +
                                       to_text({change.after->participant, change.after->asset}) +
                                       " grew while over its cap");
            }
        }
        if (policy_changed_ && scope_.block) {
            scan(scope_.after.view(), keys::prefix(keys::Table::position),
                 [&](ByteView key, ByteView value) {
                     if (const auto position = decode<Position>(value)) {
                         check_cap(key, *position);
                     }
                     return true;
                 });
        }
    }

    Policy policy_;
    std::vector<Change<Position>> changes_;
    bool policy_changed_ = false;
    bool figures_moved_ = false;
};
}  // namespace

std::unique_ptr<Invariant> caps_hold(const Scope& scope) {
    return std::make_unique<CapsHold>(scope);
}

}  // namespace remit::ledger
