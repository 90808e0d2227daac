#include "ledger/invariants/invariant.h"

namespace remit::ledger {

namespace {
/// I12: an account frozen for debit has none (orders that may debit it come with their own verbs).
class FrozenStayWhole final : public Invariant {
public:
    explicit FrozenStayWhole(const Scope& scope) : Invariant("I12", scope) {}

    void on_account(const Change<Account>& change) override {
        const bool frozen = change.before && change.after && change.before->frozen_debit &&
                            change.after->frozen_debit;
        if (frozen && change.after->balance < change.before->balance) {
            report(change.key, "an account frozen for debit was debited");
        }
    }
};
}  // namespace

std::unique_ptr<Invariant> frozen_stay_whole(const Scope& scope) {
    return std::make_unique<FrozenStayWhole>(scope);
}

}  // namespace remit::ledger
