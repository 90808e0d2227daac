#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
/// I8: ESCROW holds what live and BLOCKED remittances, pending returns and locked off-ramps hold,
/// and `reserved` is what live prepares and returns would make their payers owe.
class EscrowMatchesRemittances final : public Invariant {
public:
    explicit EscrowMatchesRemittances(const Scope& scope) : Invariant("I8", scope) {}

    void on_account(const Change<Account>& change) override {
        const AccountId& id = change.after ? change.after->id : change.before->id;
        if (id.kind == AccountKind::escrow) {
            escrow_[{id.participant, id.asset}] += Wide{change.after ? change.after->balance : 0} -
                                                   (change.before ? change.before->balance : 0);
        }
    }
    void on_position(const Change<Position>& change) override {
        const Position& any = change.after ? *change.after : *change.before;
        reserved_[{any.participant, any.asset}] += Wide{change.after ? change.after->reserved : 0} -
                                                   (change.before ? change.before->reserved : 0);
    }
    void on_remittance(const Change<Remittance>& change) override {
        add(change.before, -1);
        add(change.after, 1);
    }
    void on_return(const Change<Return>& change) override {
        const Return& any = change.after ? *change.after : *change.before;
        const auto remittance = scope_.after.remittance(any.uetr);
        if (!remittance) {
            report(change.key, "a return of no remittance");
            return;
        }
        add(change.before, *remittance, -1);
        add(change.after, *remittance, 1);
    }
    void on_redemption(const Change<Redemption>& change) override {
        add(change.before, -1);
        add(change.after, 1);
    }

private:
    void add(const std::optional<Remittance>& remittance, int sign) {
        if (remittance && holds_escrow(*remittance)) {
            held_[{remittance->payer_operator, remittance->source.asset}] +=
                Wide{remittance->total_debit()} * sign;
        }
        if (remittance && is_live(*remittance)) {
            add_reserved(promised_, flows_of(*remittance), sign);
        }
    }
    void add(const std::optional<Return>& movement, const Remittance& remittance, int sign) {
        if (movement && movement->state == ReturnState::pending) {
            held_[{remittance.payee_operator, remittance.target.asset}] +=
                Wide{movement->target} * sign;
            add_reserved(promised_, flows_of(*movement, remittance), sign);
        }
    }
    void add(const std::optional<Redemption>& redemption, int sign) {
        if (redemption && redemption->state == RedemptionState::locked) {
            held_[{redemption->owner, redemption->account.asset}] +=
                Wide{redemption->amount} * sign;
        }
    }

    void conclude() override {
        if (const auto place = first_difference(escrow_, held_)) {
            report({}, "ESCROW of " + to_text(*place) + " changed by " +
                           to_text(at(escrow_, *place)) + ", what is held by " +
                           to_text(at(held_, *place)));
        }
        if (const auto place = first_difference(reserved_, promised_)) {
            report(keys::position(place->first.value, place->second.value),
                   "reserved of " + to_text(*place) + " changed by " +
                       to_text(at(reserved_, *place)) + ", what is promised by " +
                       to_text(at(promised_, *place)));
        }
    }
    Sums escrow_;
    Sums held_;
    Sums reserved_;
    Sums promised_;
};
}  // namespace

std::unique_ptr<Invariant> escrow_matches_remittances(const Scope& scope) {
    return std::make_unique<EscrowMatchesRemittances>(scope);
}

}  // namespace remit::ledger
