#include <map>

#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
/// I9: what is returned of a remittance, pending included, never exceeds it, and what its record
/// says is the sum of its returns.
class ReturnsStayWithin final : public Invariant {
public:
    explicit ReturnsStayWithin(const Scope& scope) : Invariant("I9", scope) {}

    void on_remittance(const Change<Remittance>& change) override {
        if (!change.after || change.after->state == RemittanceState::refused) {
            return;  // a refused one keeps what was asked for, however odd, and returns nothing
        }
        const Remittance& after = *change.after;
        Wide source = after.returned_source;
        Wide target = after.returned_target;
        if (!after.pending_return.is_zero()) {
            const auto pending = scope_.after.return_movement(after.pending_return);
            source += pending ? pending->source : 0;
            target += pending ? pending->target : 0;
        }
        // A refused remittance keeps what was asked, however absurd; nothing of it moved.
        const bool refused = after.state == RemittanceState::refused;
        const Wide source_max = refused ? 0 : after.source.minor;
        const Wide target_max = refused ? 0 : after.target.minor;
        if (source > source_max || target > target_max || source < 0 || target < 0) {
            report(change.key, "more is returned than was sent");
        }
        add(after.uetr, after.returned_source, after.returned_target, 1);
        if (change.before) {
            add(after.uetr, change.before->returned_source, change.before->returned_target, -1);
        }
    }
    void on_return(const Change<Return>& change) override {
        if (change.after && change.after->state == ReturnState::done) {
            add(change.after->uetr, change.after->source, change.after->target, -1);
        }
        if (change.before && change.before->state == ReturnState::done) {
            add(change.before->uetr, change.before->source, change.before->target, 1);
        }
    }

private:
    struct Sum {
        Wide source = 0;
        Wide target = 0;
    };
    void add(const Uetr& uetr, Minor source, Minor target, int sign) {
        if (source == 0 && target == 0) {
            return;
        }
        Sum& sum = sums_[uetr];
        sum.source += Wide{source} * sign;
        sum.target += Wide{target} * sign;
        if (sum.source == 0 && sum.target == 0) {
            sums_.erase(uetr);
        }
    }
    void conclude() override {
        if (!sums_.empty()) {
            report(keys::remittance(sums_.begin()->first),
                   "what a remittance says is returned is not the sum of its returns");
        }
    }
    std::map<Uetr, Sum> sums_;  // only what does not match so far
};
}  // namespace

std::unique_ptr<Invariant> returns_stay_within(const Scope& scope) {
    return std::make_unique<ReturnsStayWithin>(scope);
}

}  // namespace remit::ledger
