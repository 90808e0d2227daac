#include <algorithm>
#include <map>

#include "ledger/rules/next_epoch.h"
#include "ledger/rules/plan_check.h"
#include "ledger/state_access.h"
#include "ledger/wire/governance.h"
#include "node/api/ledger_queries.h"
#include "node/api/records_to_proto.h"

namespace remit::node {

namespace {

constexpr std::uint32_t page_size_default = 100;
constexpr std::uint32_t page_size_max = 1000;
/// Records one call may look at, however few of them fit its filter.
constexpr std::size_t looked_at_max = 20'000;

/// A page token is the key of the next record, in hexadecimal.
Answer<Bytes> first_key(const std::string& token, const Bytes& prefix) {
    if (token.empty()) {
        return prefix;
    }
    auto key = from_hex(token);
    if (!key || key->size() > 64 || !key->starts_with(prefix)) {
        return fail(invalid_argument("page_token is not one that this list gave"));
    }
    return std::move(*key);
}

std::uint32_t page_size_of(std::uint32_t asked) {
    return asked == 0 ? page_size_default : std::min(asked, page_size_max);
}

/// Calls `take(value)` for each record from `from` on; it says whether the record was taken. Gives
/// the token of the next page, empty at the end.
template <class Take>
std::string read_page(const ledger::StateView& view, const Bytes& prefix, Bytes from,
                      std::uint32_t size, Take take) {
    std::uint32_t taken = 0;
    auto record = view.next(from, prefix);
    for (std::size_t looked_at = 0; record; ++looked_at) {
        if (taken == size || looked_at == looked_at_max) {
            return to_hex(record->first);
        }
        taken += take(ByteView(record->second)) ? 1 : 0;
        record = view.next(ledger::key_after(record->first), prefix);
    }
    return {};
}

void add_account(v1::AssetTotals& totals, const ledger::Account& account) {
    totals.set_sum_minor(totals.sum_minor() + account.balance);
    if (account.id.kind == ledger::AccountKind::clearing) {
        totals.set_clearing_minor(totals.clearing_minor() + account.balance);
    } else if (account.id.kind != ledger::AccountKind::settlement) {
        totals.set_supply_minor(totals.supply_minor() + account.balance);
    }
}

}  // namespace

Answer<v1::ListAccountsResponse> LedgerQueries::run(const v1::ListAccountsRequest& request) const {
    const auto latest = reads_.latest();
    const auto prefix = request.participant_id() == 0
                            ? ledger::keys::prefix(ledger::keys::Table::account)
                            : ledger::keys::accounts_of(request.participant_id());
    TRY_ASSIGN(auto from, first_key(request.page_token(), prefix));
    v1::ListAccountsResponse out;
    out.set_next_page_token(read_page(*latest->view, prefix, std::move(from),
                                      page_size_of(request.page_size()), [&](ByteView value) {
                                          const auto found = ledger::decode<ledger::Account>(value);
                                          if (found) {
                                              *out.add_accounts() = to_proto(*found);
                                          }
                                          return found.has_value();
                                      }));
    out.set_height(latest->height);
    return out;
}

/// At most 32 pieces for each validator key, so there are no pages.
Answer<v1::ListEvidenceResponse> LedgerQueries::run(const v1::ListEvidenceRequest&) const {
    const auto latest = reads_.latest();
    v1::ListEvidenceResponse out;
    for (const auto& evidence : ledger::StateReader(*latest->view).evidence()) {
        *out.add_evidence() = to_proto(evidence);
    }
    out.set_height(latest->height);
    return out;
}

Answer<v1::GetValidatorsResponse> LedgerQueries::run(const v1::GetValidatorsRequest&) const {
    const auto latest = reads_.latest();
    const ledger::StateReader state(*latest->view);
    v1::GetValidatorsResponse out;
    out.set_height(latest->height);
    if (const auto epoch = state.epoch()) {
        out.set_epoch(epoch->epoch);
        out.set_end_height(epoch->end_height);
        out.set_reason(std::string(name_of(epoch->reason)));
        *out.mutable_in_force() =
            ledger::wire::to_proto(ledger::EpochPlan{.validators = epoch->validators,
                                                     .epoch_blocks = epoch->epoch_blocks,
                                                     .protocol_version = epoch->protocol_version});
        if (const auto params = ledger::params_of(*epoch)) {
            *out.mutable_in_force()->mutable_parameters() = ledger::wire::to_proto(*params);
        }
        if (const auto root = reads_.root_of(epoch->epoch)) {
            out.set_root(root->bytes());
        }
        for (const auto debt : state.leader_debts()) {
            const auto index = static_cast<std::uint16_t>(out.leadership_size());
            auto& leadership = *out.add_leadership();
            leadership.set_debt(debt);
            leadership.set_demoted(
                std::binary_search(epoch->demoted.begin(), epoch->demoted.end(), index));
        }
    }
    if (const auto plan = state.epoch_plan()) {
        *out.mutable_planned() = ledger::wire::to_proto(*plan);
        for (const auto& each : plan->validators) {
            auto& readiness = *out.add_readiness();
            readiness.set_validate_key(each.validate_key.bytes());
            readiness.set_ready(ledger::is_ready(each.validate_key, plan->protocol_version, state));
            if (const auto said = state.ready(each.validate_key)) {
                readiness.set_height(said->height);
                readiness.set_version_min(said->version_min);
                readiness.set_version_max(said->version_max);
            }
        }
    }
    return out;
}

Answer<v1::ListRemittancesResponse> LedgerQueries::run(
    const v1::ListRemittancesRequest& request) const {
    std::optional<ledger::RemittanceState> state;
    if (!request.state().empty()) {
        state = ledger::remittance_state_from(request.state());
        if (!state) {
            return fail(invalid_argument("state is not the name of one"));
        }
    }
    const auto latest = reads_.latest();
    const BlockTime now{latest->time_ms};
    const auto prefix = ledger::keys::prefix(ledger::keys::Table::remittance);
    TRY_ASSIGN(auto from, first_key(request.page_token(), prefix));
    const auto wanted = [&](const ledger::Remittance& remittance) {
        const bool mine = request.participant_id() == 0 ||
                          remittance.payer_operator.value == request.participant_id() ||
                          remittance.payee_operator.value == request.participant_id();
        return mine && (!state || remittance.state_at(now) == *state);
    };
    v1::ListRemittancesResponse out;
    out.set_next_page_token(read_page(*latest->view, prefix, std::move(from),
                                      page_size_of(request.page_size()), [&](ByteView value) {
                                          const auto found =
                                              ledger::decode<ledger::Remittance>(value);
                                          if (!found || !wanted(*found)) {
                                              return false;
                                          }
                                          *out.add_remittances() = to_proto(*found, now);
                                          return true;
                                      }));
    out.set_height(latest->height);
    return out;
}

Answer<v1::GetTotalsResponse> LedgerQueries::run(const v1::GetTotalsRequest&) const {
    const std::lock_guard lock(totals_mutex_);
    const auto latest = reads_.latest();
    if (totals_ && totals_->height() == latest->height) {
        return *totals_;
    }
    using ledger::keys::Table;
    auto out = std::make_shared<v1::GetTotalsResponse>();
    ledger::scan(*latest->view, ledger::keys::prefix(Table::asset), [&](ByteView, ByteView value) {
        if (const auto asset = ledger::decode<ledger::Asset>(value)) {
            auto* totals = out->add_totals();
            totals->set_asset_id(asset->id.value);
            totals->set_currency(asset->currency);
        }
        return true;
    });
    std::map<std::uint16_t, v1::AssetTotals*> by_asset;
    for (auto& totals : *out->mutable_totals()) {
        by_asset[static_cast<std::uint16_t>(totals.asset_id())] = &totals;
    }
    ledger::scan(*latest->view, ledger::keys::prefix(Table::account),
                 [&](ByteView, ByteView value) {
                     const auto account = ledger::decode<ledger::Account>(value);
                     if (account && by_asset.contains(account->id.asset.value)) {
                         add_account(*by_asset[account->id.asset.value], *account);
                     }
                     return true;
                 });
    auto& states = *out->mutable_remittances_by_state();
    ledger::scan(*latest->view, ledger::keys::prefix(Table::remittance),
                 [&](ByteView, ByteView value) {
                     if (const auto found = ledger::decode<ledger::Remittance>(value)) {
                         ++states[std::string(name_of(found->state_at({latest->time_ms})))];
                     }
                     return true;
                 });
    out->set_height(latest->height);
    totals_ = out;
    return *out;
}

}  // namespace remit::node
