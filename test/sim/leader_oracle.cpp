#include "test/sim/leader_oracle.h"

#include <algorithm>
#include <vector>

#include "node/storage/epochs.h"

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {

/// The names of those who owe enough: the deepest first, in the order of the set among equals.
std::vector<std::string> worst(const ValidatorSet& set,
                               const std::map<std::string, std::uint64_t>& debts,
                               std::uint64_t enough) {
    std::vector<std::string> out;
    for (std::uint64_t debt = 400; debt >= enough; --debt) {
        for (const auto& validator : set.validators()) {
            const auto found = debts.find(validator.name);
            if (found != debts.end() && found->second == debt) {
                out.push_back(validator.name);
            }
        }
    }
    out.resize(std::min(out.size(), (set.size() - 1) / 3));
    std::sort(out.begin(), out.end());
    return out;
}

/// Twenty, a hundred, or between them twice the blocks of an epoch.
std::uint64_t enough_of(std::uint64_t epoch_blocks) {
    return std::clamp<std::uint64_t>(2 * epoch_blocks, 20, 100);
}

}  // namespace

LeaderOracle::LeaderOracle(const Hash& chain_id, const ValidatorSet& set,
                           std::uint64_t epoch_blocks)
    : chain_id_(chain_id), set_(set), epoch_blocks_(epoch_blocks) {}

void LeaderOracle::count(const Header& header, const LeaderSchedule& schedule, Debts& debts) const {
    const auto name = [this](ValidatorIndex index) { return set_.validators()[index].name; };
    for (View view = header.parent_view + 1; view < header.view; ++view) {
        auto& debt = debts[name(schedule.leader(view))];
        debt = std::min<std::uint64_t>(debt + 10, 4 * enough_of(epoch_blocks_));
    }
    auto& debt = debts[name(header.leader)];
    debt -= debt > 0 ? 1 : 0;
}

std::string LeaderOracle::on_epoch(const HandOver& way, const Headers& headers) {
    const auto& last = way.headers.front();
    std::vector<const Header*> chain{&last};
    while (chain.back()->parent_view != 0) {
        const auto* parent = headers(chain.back()->parent_digest);
        if (parent == nullptr) {
            return "over a header that nobody proposed";
        }
        chain.push_back(parent);
    }
    if (root_ != Hash{} && chain.back()->parent_digest != root_) {
        return "that does not stand on the epoch before";
    }
    auto debts = debts_;
    auto judged = debts;  // as the result in the last header had them
    const LeaderSchedule schedule(chain_id_, set_, demoted_);
    for (auto each = chain.rbegin(); each != chain.rend(); ++each) {
        count(**each, schedule, debts);
        if ((*each)->height <= last.exec.height) {
            judged = debts;
        }
    }
    std::vector<std::string> named;
    for (const auto index : way.next.demoted) {
        named.push_back(way.next.set.contains(index) ? way.next.set.validators()[index].name : "?");
    }
    std::sort(named.begin(), named.end());
    const auto record = node::record_of(way.next);
    if (!record || named != worst(way.next.set, judged, enough_of(record->epoch_blocks))) {
        return "with " + std::to_string(named.size()) + " demoted, not those who failed";
    }
    demotions_ += named.size();
    debts_.clear();
    for (const auto& validator : way.next.set.validators()) {
        debts_[validator.name] = debts[validator.name] / 2;
    }
    set_ = way.next.set;
    demoted_ = way.next.demoted;
    epoch_blocks_ = record->epoch_blocks;
    root_ = last.digest();
    return {};
}

}  // namespace remit::sim
