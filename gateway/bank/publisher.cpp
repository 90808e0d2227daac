#include "gateway/bank/publisher.h"

#include <algorithm>

#include "gateway/connectors/clearing_accounts.h"
#include "ledger/base/codec.h"

namespace remit::gateway {

namespace {

/// Block time may be this far behind our clock when the first quote on a mark is used.
constexpr std::int64_t backdated_ms = 5'000;

remit::v1::Rate to_proto(const ledger::Rate& rate) {
    remit::v1::Rate out;
    out.set_mantissa(rate.mantissa);
    out.set_scale(rate.scale);
    return out;
}

bool is_under_way(const std::vector<Saga>& live, v1::SagaKind kind, const Bytes& id_prefix) {
    return std::any_of(live.begin(), live.end(), [&](const Saga& saga) {
        return saga.kind() == kind && saga.id().starts_with(id_prefix);
    });
}

/// No closed window is unsettled: every movement of cash for settlement is on the ledger.
bool is_quiet(const remit::v1::ListWindowsResponse& windows) {
    return std::none_of(windows.windows().begin(), windows.windows().end(),
                        [](const auto& window) { return window.state() == "PENDING_SETTLEMENT"; });
}

/// `reserve/1/HKD` -> 1; 0 when it is none of that kind.
std::uint32_t owner_of(const std::string& account, std::string_view kind) {
    if (!account.starts_with(std::string(kind) + "/")) {
        return 0;
    }
    return static_cast<std::uint32_t>(std::strtoul(&account[kind.size() + 1], nullptr, 10));
}

}  // namespace

std::uint32_t Publisher::poll(std::int64_t now_ms, bool forced) {
    const std::lock_guard lock(mutex_);
    std::vector<Saga> sagas;
    add_marks(now_ms, forced, sagas);
    const bool due =
        forced || attested_at_ms_ == 0 || now_ms >= attested_at_ms_ + options_.attest_every_ms;
    if (due && add_attestations(sagas)) {
        attested_at_ms_ = now_ms;
    }
    if (sagas.empty()) {
        return 0;
    }
    const auto count = static_cast<std::uint32_t>(sagas.size());
    engine_.start(std::move(sagas));
    return count;
}

void Publisher::add_marks(std::int64_t now_ms, bool forced, std::vector<Saga>& sagas) {
    const auto live = engine_.live();
    for (const auto& [source, source_asset] : registry_.assets) {
        for (const auto& [target, target_asset] : registry_.assets) {
            const auto pair = Writer().u32(source).u32(target).take();
            const auto newest = marks_.find({source, target});
            const bool fresh = newest && newest->valid_to_ms() - now_ms > options_.mark_life_ms / 2;
            const auto rate = rates_.cross(source_asset.currency(), target_asset.currency());
            if (source == target || (fresh && !forced) || !rate ||
                is_under_way(live, v1::SAGA_KIND_MARK, pair)) {
                continue;
            }
            const auto on_ledger = ledger_.mark(source, target);
            if (!on_ledger && on_ledger.error().kind == LedgerFailure::Kind::silent) {
                continue;
            }
            const auto last =
                std::max(on_ledger ? on_ledger->mark_id() : 0, newest ? newest->mark_id() : 0);
            Saga saga;
            saga.set_kind(v1::SAGA_KIND_MARK);
            saga.set_id(pair + Writer().u64(last + 1).take());
            saga.set_step(v1::SAGA_STEP_SUBMIT);
            auto& mark = *saga.mutable_operation()->mutable_bank_mark();
            mark.set_mark_id(last + 1);
            mark.set_source_asset_id(source);
            mark.set_target_asset_id(target);
            *mark.mutable_bid() = to_proto(shifted(*rate, -options_.mark_spread_bps));
            *mark.mutable_ask() = to_proto(shifted(*rate, options_.mark_spread_bps));
            mark.set_valid_from_ms(now_ms - backdated_ms);
            mark.set_valid_to_ms(now_ms + options_.mark_life_ms);
            sagas.push_back(std::move(saga));
        }
    }
}

Saga Publisher::attestation(const v1::RailBalance& balance, bool cover, std::uint64_t height) {
    Saga saga;
    saga.set_kind(v1::SAGA_KIND_ATTEST);
    saga.set_step(v1::SAGA_STEP_SUBMIT);
    const auto statement = "ST" + random_.draw<Uuid>().hex().substr(0, 24);
    saga.set_id(statement);
    saga.set_rail_account(balance.account());
    saga.set_currency(balance.currency());
    saga.set_amount_minor(balance.balance_minor());
    const auto fill = [&](auto& claim) {
        claim.set_participant_id(owner_of(balance.account(), cover ? "cover" : "reserve"));
        claim.set_asset_id(registry_.asset_of(balance.currency())->asset_id());
        claim.set_kind(remit::v1::ATTESTATION_KIND_FACT);
        claim.set_balance_minor(balance.balance_minor());
        claim.set_as_of_height(height);
        claim.set_statement_reference(statement);
    };
    if (cover) {
        fill(*saga.mutable_operation()->mutable_attest_cover());
    } else {
        fill(*saga.mutable_operation()->mutable_attest_reserve());
    }
    return saga;
}

bool Publisher::add_attestations(std::vector<Saga>& sagas) {
    const auto live = engine_.live();
    if (is_under_way(live, v1::SAGA_KIND_LEG, "") || is_under_way(live, v1::SAGA_KIND_ATTEST, "")) {
        return false;
    }
    // The balances lie between two looks at the ledger with no settlement before, between or after:
    // they hold exactly what the ledger has seen up to the first.
    const auto before = ledger_.windows();
    const auto balances = rail_.balances("");
    const auto after = ledger_.windows();
    if (!before || !balances || !after || !is_quiet(*before) || !is_quiet(*after) ||
        before->windows_size() != after->windows_size()) {
        return false;
    }
    for (const auto& balance : balances->balances()) {
        const auto asset = registry_.asset_of(balance.currency());
        if (!asset || asset->issuer_id() != options_.participant) {
            continue;
        }
        for (const bool cover : {true, false}) {
            const auto owner = owner_of(balance.account(), cover ? "cover" : "reserve");
            if (owner != 0 && owner != options_.participant &&
                registry_.participants.contains(owner)) {
                sagas.push_back(attestation(balance, cover, before->height()));
            }
        }
    }
    return true;
}

}  // namespace remit::gateway
