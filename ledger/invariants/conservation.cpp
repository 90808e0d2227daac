#include <map>

#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
Minor balance_of(const std::optional<Account>& account) {
    return account ? account->balance : 0;
}

/// I1: a posting takes from one account what it gives to another, so per asset nothing is left.
class PostingsSumToZero final : public Invariant {
public:
    explicit PostingsSumToZero(const Scope& scope) : Invariant("I1", scope) {}

    void on_account(const Change<Account>& change) override {
        const AccountId& id = change.after ? change.after->id : change.before->id;
        sums_[id.asset] += Wide{balance_of(change.after)} - balance_of(change.before);
    }

private:
    void conclude() override {
        for (const auto& [asset, sum] : sums_) {
            if (sum != 0) {
                report({}, "all accounts of asset " + std::to_string(asset.value) +
                               " together changed by " + to_text(sum));
            }
        }
    }
    std::map<AssetId, Wide> sums_;
};

/// I2: tokens held are matched by what participants and the clearing account owe for them.
class SupplyIsBacked final : public Invariant {
public:
    explicit SupplyIsBacked(const Scope& scope) : Invariant("I2", scope) {}

    void on_account(const Change<Account>& change) override {
        const AccountId& id = change.after ? change.after->id : change.before->id;
        const bool owes = id.kind == AccountKind::settlement || id.kind == AccountKind::clearing;
        (owes ? owed_ : supply_)[id.asset] +=
            Wide{balance_of(change.after)} - balance_of(change.before);
    }

private:
    void conclude() override {
        for (const auto* sums : {&supply_, &owed_}) {
            for (const auto& [asset, sum] : *sums) {
                if (supply_[asset] != -owed_[asset]) {
                    report({}, "supply of asset " + std::to_string(asset.value) + " changed by " +
                                   to_text(supply_[asset]) + ", SETTLEMENT and CLEARING by " +
                                   to_text(owed_[asset]));
                    return;
                }
            }
        }
    }
    std::map<AssetId, Wide> supply_;
    std::map<AssetId, Wide> owed_;
};
}  // namespace

std::unique_ptr<Invariant> postings_sum_to_zero(const Scope& scope) {
    return std::make_unique<PostingsSumToZero>(scope);
}

std::unique_ptr<Invariant> supply_is_backed(const Scope& scope) {
    return std::make_unique<SupplyIsBacked>(scope);
}

}  // namespace remit::ledger
