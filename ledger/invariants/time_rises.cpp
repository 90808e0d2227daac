#include "ledger/invariants/invariant.h"

namespace remit::ledger {

namespace {
/// I16: heights rise by one, times never fall, and the state says those of its own block.
class TimeRises final : public Invariant {
public:
    explicit TimeRises(const Scope& scope) : Invariant("I16", scope) {}

    void on_head(const Change<HeadRecord>& change) override {
        seen_ = change.after.has_value();
        if (!scope_.block || !change.after) {
            return;
        }
        const HeadRecord before = change.before.value_or(HeadRecord{});
        const bool rises =
            change.after->height == before.height + 1 && change.after->time >= before.time;
        const bool own = change.after->height == scope_.block->height &&
                         change.after->time == scope_.block->time;
        if (!rises || !own) {
            report(change.key, "the head went from height " + std::to_string(before.height) +
                                   " to " + std::to_string(change.after->height));
        }
    }

private:
    void conclude() override {
        if (!seen_) {
            report(keys::meta(keys::MetaItem::head), "the state does not say its height");
        }
    }
    bool seen_ = false;
};
}  // namespace

std::unique_ptr<Invariant> time_rises(const Scope& scope) {
    return std::make_unique<TimeRises>(scope);
}

}  // namespace remit::ledger
