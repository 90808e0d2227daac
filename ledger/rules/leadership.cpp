#include "ledger/rules/leadership.h"

#include <algorithm>

#include "ledger/base/check.h"

namespace remit::ledger {

std::size_t faulty_of(std::size_t validators) {
    CHECK(validators > 0);
    return (validators - 1) / 3;
}

void note_turns(const LeaderTurns& turns, LedgerState& state) {
    const auto now = state.epoch();
    if (!now) {
        return;
    }
    const std::uint64_t most = debt_max(now->epoch_blocks);
    auto debts = state.leader_debts();
    for (const auto& each : turns.failed) {
        if (each.leader < debts.size()) {
            const auto views = std::min(each.views, most);  // no overflow below
            const auto debt = debts[each.leader] + views * debt_of_failure;
            debts[each.leader] = static_cast<std::uint32_t>(std::min(debt, most));
        }
    }
    if (turns.leader < debts.size() && debts[turns.leader] > 0) {
        --debts[turns.leader];
    }
    state.put(LeaderDebts{.debts = std::move(debts)});
}

std::vector<std::uint32_t> carried_debts(const EpochRecord& now, const EpochRecord& next,
                                         const std::vector<std::uint32_t>& debts) {
    std::vector<std::uint32_t> out;
    for (const EpochValidator& each : next.validators) {
        const auto same = [&](const EpochValidator& other) {
            return other.participant == each.participant && other.name == each.name;
        };
        const auto found = std::find_if(now.validators.begin(), now.validators.end(), same);
        const auto at = static_cast<std::size_t>(found - now.validators.begin());
        out.push_back(at < debts.size() ? debts[at] : 0);
    }
    return out;
}

std::vector<std::uint16_t> demoted_of(const EpochRecord& next,
                                      const std::vector<std::uint32_t>& debts) {
    std::vector<std::uint16_t> out;
    for (std::size_t i = 0; i < debts.size(); ++i) {
        if (debts[i] >= debt_that_demotes(next.epoch_blocks)) {
            out.push_back(static_cast<std::uint16_t>(i));
        }
    }
    std::stable_sort(out.begin(), out.end(),
                     [&](auto left, auto right) { return debts[left] > debts[right]; });
    out.resize(std::min(out.size(), faulty_of(next.validators.size())));
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace remit::ledger
