#include "ledger/invariants/invariant.h"

namespace remit::ledger {

namespace {
/// I4: only SETTLEMENT and CLEARING are ever negative, CLEARING never is positive, and no figure
/// leaves its range.
class SignsHold final : public Invariant {
public:
    explicit SignsHold(const Scope& scope) : Invariant("I4", scope) {}

    void on_account(const Change<Account>& change) override {
        if (!change.after) {
            report(change.key, "an account was erased");
            return;
        }
        const Minor balance = change.after->balance;
        const AccountKind kind = change.after->id.kind;
        const bool may_be_negative =
            kind == AccountKind::settlement || kind == AccountKind::clearing;
        const bool wrong = (balance < 0 && !may_be_negative) ||
                           (balance > 0 && kind == AccountKind::clearing) || !in_range(balance);
        if (wrong) {
            report(change.key, "a " + std::string(name_of(kind)) + " account of participant " +
                                   std::to_string(change.after->id.participant.value) + " holds " +
                                   std::to_string(balance));
        }
    }

    void on_position(const Change<Position>& change) override {
        if (!change.after) {
            report(change.key, "a position was erased");
            return;
        }
        const Position& position = *change.after;
        const bool wrong = position.reserved < 0 || position.cover < 0 || position.reserve < 0 ||
                           position.drawn < 0 || position.locked < 0 ||
                           position.locked > position.cover;
        if (wrong) {
            report(change.key, "position " + to_text({position.participant, position.asset}) +
                                   " has a negative figure, or more locked than covered");
        }
    }
};
}  // namespace

std::unique_ptr<Invariant> signs_hold(const Scope& scope) {
    return std::make_unique<SignsHold>(scope);
}

}  // namespace remit::ledger
