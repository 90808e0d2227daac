#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
/// I18: FEE accounts change only by the fees of committed remittances and by off-ramps of their
/// owner.
class FeesMatchRemittances final : public Invariant {
public:
    explicit FeesMatchRemittances(const Scope& scope) : Invariant("I18", scope) {}

    void on_account(const Change<Account>& change) override {
        const AccountId& id = change.after ? change.after->id : change.before->id;
        if (id.kind == AccountKind::fee) {
            accounts_[{id.participant, id.asset}] +=
                Wide{change.after ? change.after->balance : 0} -
                (change.before ? change.before->balance : 0);
        }
    }
    void on_remittance(const Change<Remittance>& change) override {
        add(change.before, -1);
        add(change.after, 1);
    }
    void on_redemption(const Change<Redemption>& change) override {
        add(change.before, -1);
        add(change.after, 1);
    }

private:
    void add(const std::optional<Remittance>& remittance, int sign) {
        if (!remittance || !is_committed(*remittance)) {
            return;
        }
        for (const Fee& fee : remittance->fees) {
            earned_[{fee.participant, remittance->source.asset}] += Wide{fee.amount} * sign;
        }
    }
    void add(const std::optional<Redemption>& redemption, int sign) {
        const bool taken = redemption && redemption->state != RedemptionState::cancelled &&
                           redemption->account.kind == AccountKind::fee;
        if (taken) {
            earned_[{redemption->owner, redemption->account.asset}] -=
                Wide{redemption->amount} * sign;
        }
    }
    void conclude() override {
        if (const auto place = first_difference(accounts_, earned_)) {
            report({}, "FEE of " + to_text(*place) + " changed by " +
                           to_text(at(accounts_, *place)) + ", its fees by " +
                           to_text(at(earned_, *place)));
        }
    }
    Sums accounts_;
    Sums earned_;
};
}  // namespace

std::unique_ptr<Invariant> fees_match_remittances(const Scope& scope) {
    return std::make_unique<FeesMatchRemittances>(scope);
}

}  // namespace remit::ledger
