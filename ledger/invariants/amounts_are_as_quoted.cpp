#include "ledger/invariants/invariant.h"

namespace remit::ledger {

namespace {
Wide power_of_ten(int exponent) {
    Wide out = 1;
    for (int i = 0; i < exponent; ++i) {
        out *= 10;
    }
    return out;
}

/// target = floor(source x rate) when the source was fixed, source = ceil(target / rate) when the
/// target was: in integers, either way.
bool fits_rate(const Exchange& exchange, int source_exponent, int target_exponent) {
    const Wide numerator = Wide{exchange.rate.mantissa} * power_of_ten(target_exponent);
    const Wide denominator =
        power_of_ten(static_cast<int>(exchange.rate.scale)) * power_of_ten(source_exponent);
    if (numerator == 0) {
        return false;
    }
    const Wide source = exchange.source.minor;
    const Wide target = exchange.target.minor;
    return target == source * numerator / denominator ||
           source == (target * denominator + numerator - 1) / numerator;
}

/// I6: what a remittance moves is what was quoted: amounts meet in a chain from the payer's to the
/// payee's, each fits its own rate, and nothing of it changes after prepare.
class AmountsAreAsQuoted final : public Invariant {
public:
    explicit AmountsAreAsQuoted(const Scope& scope) : Invariant("I6", scope) {}

    void on_remittance(const Change<Remittance>& change) override {
        if (!change.after || change.after->state == RemittanceState::refused) {
            return;
        }
        const Remittance& after = *change.after;
        if (change.before) {
            const Remittance& before = *change.before;
            if (before.source != after.source || before.target != after.target ||
                before.fees != after.fees || before.exchanges != after.exchanges) {
                report(change.key, "the amounts of a remittance changed after prepare");
            }
            return;
        }
        check_chain(change.key, after);
    }

private:
    void check_chain(ByteView key, const Remittance& remittance) {
        Money held = remittance.source;
        for (const Exchange& exchange : remittance.exchanges) {
            const auto source = scope_.after.asset(exchange.source.asset);
            const auto target = scope_.after.asset(exchange.target.asset);
            if (exchange.source != held || !source || !target ||
                !fits_rate(exchange, source->exponent, target->exponent)) {
                report(key, "an exchange of a remittance does not fit its rate or the one before");
                return;
            }
            held = exchange.target;
        }
        if (held != remittance.target || held.minor <= 0 || remittance.source.minor <= 0) {
            report(key, "what a remittance delivers is not what its exchanges give");
        }
    }
};
}  // namespace

std::unique_ptr<Invariant> amounts_are_as_quoted(const Scope& scope) {
    return std::make_unique<AmountsAreAsQuoted>(scope);
}

}  // namespace remit::ledger
