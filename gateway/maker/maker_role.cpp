#include "gateway/maker/maker_role.h"

#include <algorithm>

namespace remit::gateway {

const SagaRules& MakerRole::rules_of(v1::SagaKind /*kind*/) const {
    return pay_in_;  // the only kind that on_block starts
}

void MakerRole::ask(std::vector<Saga>& /*sagas*/, StepContext& /*context*/) {}

bool MakerRole::read_marks() {
    for (const auto& [source, of_source] : registry_.assets) {
        for (const auto& [target, of_target] : registry_.assets) {
            if (source == target) {
                continue;
            }
            const auto mark = ledger_.mark(source, target);
            if (mark) {
                marks_.put(*mark);
            } else if (mark.error().kind != LedgerFailure::Kind::not_found) {
                return false;
            }
        }
    }
    return true;
}

bool MakerRole::study(BlockFacts& facts) {
    const auto& receipts = facts.block.receipts();
    const bool marked = std::any_of(receipts.begin(), receipts.end(), [](const auto& receipt) {
        return receipt.verb() == "bank_mark" && !receipt.has_refusal();
    });
    return (!marked || read_marks()) && study_windows(ledger_, facts);
}

void MakerRole::on_block(const BlockFacts& facts, Change& change) {
    open_pay_ins(facts, participant_, "own", registry_, change);
}

void MakerRole::on_write(const Saga& /*saga*/, node::KvBatch& /*batch*/) {}

}  // namespace remit::gateway
