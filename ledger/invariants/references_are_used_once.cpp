#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
/// I7: references, nonces and UETRs are never given up or taken again, and an idempotency key not
/// before its validity has ended. Every exchange has its own quote nonce: each is on record, and
/// there are as many records as exchanges.
class ReferencesAreUsedOnce final : public Invariant {
public:
    explicit ReferencesAreUsedOnce(const Scope& scope) : Invariant("I7", scope) {}

    void on_other(keys::Table table, const Change<Bytes>& change) override {
        const bool is_nonce = table == keys::Table::quote_nonce;
        const bool is_kept =
            is_nonce || table == keys::Table::reference || table == keys::Table::govern_nonce;
        if (is_kept && change.before && change.before != change.after) {
            report(change.key, "a reference or nonce kept for ever was taken again or erased");
        }
        if (is_nonce) {
            nonces_ += (change.after ? 1 : 0) - (change.before ? 1 : 0);
        }
    }

    void on_idempotency(const Change<IdempotencyRecord>& change) override {
        const bool changed = change.before && (!change.after || change.after->transaction !=
                                                                    change.before->transaction);
        if (changed && scope_.block && change.before->valid_until >= scope_.block->time) {
            report(change.key, "an idempotency key was taken again or given up while valid");
        }
    }

    void on_remittance(const Change<Remittance>& change) override {
        if (change.before && (!change.after || change.after->body != change.before->body)) {
            report(change.key, "a UETR was taken again or erased");
        }
        exchanges_ += used(change.after) - used(change.before);
        if (!change.after || change.before || used(change.after) == 0) {
            return;
        }
        for (const Exchange& exchange : change.after->exchanges) {
            if (!scope_.after.has_quote_nonce(exchange.maker, exchange.nonce)) {
                report(change.key, "the nonce of a quote that was used is not on record");
            }
        }
    }

private:
    /// Exchanges whose quotes a remittance has used up; a refused one uses none.
    static std::int64_t used(const std::optional<Remittance>& remittance) {
        return remittance && remittance->state != RemittanceState::refused
                   ? static_cast<std::int64_t>(remittance->exchanges.size())
                   : 0;
    }

    void conclude() override {
        if (nonces_ != exchanges_) {
            report({}, std::to_string(exchanges_) + " exchanges were agreed under " +
                           std::to_string(nonces_) + " new quote nonces");
        }
    }
    std::int64_t nonces_ = 0;
    std::int64_t exchanges_ = 0;
};
}  // namespace

std::unique_ptr<Invariant> references_are_used_once(const Scope& scope) {
    return std::make_unique<ReferencesAreUsedOnce>(scope);
}

}  // namespace remit::ledger
