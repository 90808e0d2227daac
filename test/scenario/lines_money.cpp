#include "test/scenario/scenario.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

void Scenario::add_money_lines() {
    // open A alice HKD
    verbs_["open"] = [this](Line& line) {
        const auto owner = line.next("a participant");
        const auto name = line.next("a wallet");
        const auto currency = asset(line.next("a currency"));
        const auto tag = *CustomerTag::from(id_of(name).view());
        wallets_[name] = customer_account(participant(owner), currency, tag);
        return Sending{.operation = OpenAccount{.asset = currency, .tag = tag}, .sender = owner};
    };
    // fund A alice 1000.00 [ref r1]
    verbs_["fund"] = [this](Line& line) {
        const auto owner = line.next("a participant");
        const auto account = wallet(line.next("a wallet"));
        FundWallet operation{.asset = account.asset,
                             .tag = account.tag,
                             .amount = amount(line),
                             .fiat_reference = {}};
        operation.fiat_reference = line.take("ref") ? line.next("a reference") : fresh("FIAT-");
        return Sending{.operation = operation, .sender = owner};
    };
    // defund A po1 lock alice 100.00 | lock FEE HKD 12.00 | final [ref r] | cancel
    verbs_["defund"] = [this](Line& line) {
        const auto owner = line.next("a participant");
        DefundWallet operation;
        operation.payout_id = uetr_of("payout " + line.next("a payout"));
        if (line.take("lock")) {
            operation.step = DefundStep::lock;
            if (line.take("FEE")) {
                operation.asset = asset(line.next("a currency"));
            } else {
                const auto account = wallet(line.next("a wallet"));
                operation.asset = account.asset;
                operation.tag = account.tag;
            }
            operation.amount = amount(line);
        } else if (line.take("final")) {
            operation.step = DefundStep::final;
            operation.rail_reference = line.take("ref") ? line.next("a reference") : fresh("RAIL-");
        } else {
            line.expect("cancel");
            operation.step = DefundStep::cancel;
        }
        return Sending{.operation = operation, .sender = owner};
    };
}

}  // namespace remit::test
