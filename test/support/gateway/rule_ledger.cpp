#include "test/support/gateway/rule_ledger.h"

#include "ledger/state/keys.h"
#include "ledger/wire/decode.h"
#include "ledger/wire/encode.h"
#include "node/api/records_to_proto.h"

namespace remit::test {

namespace {

using gateway::LedgerFailure;

constexpr std::int64_t block_pause_ms = 5;

tl::unexpected<LedgerFailure> silent() {
    return fail(LedgerFailure{.kind = LedgerFailure::Kind::silent, .refusal = {}, .text = "lost"});
}

tl::unexpected<LedgerFailure> not_found() {
    return fail(
        LedgerFailure{.kind = LedgerFailure::Kind::not_found, .refusal = {}, .text = "not found"});
}

template <class Record, class Visit>
void each(const ledger::StateView& view, const Bytes& prefix, Visit visit) {
    ledger::scan(view, prefix, [&](ByteView, ByteView value) {
        if (const auto record = ledger::decode<Record>(value)) {
            visit(*record);
        }
        return true;
    });
}

}  // namespace

void RuleLedger::run(std::vector<ledger::BlockItem> items) {
    chain_.advance(block_pause_ms);
    const auto result = chain_.run(std::move(items));
    v1::WatchEventsResponse block;
    block.set_height(chain_.height());
    block.set_time_ms(chain_.now().ms);
    for (const auto& receipt : result.receipts) {
        auto told = ledger::wire::to_proto(receipt);
        receipts_[told.transaction_id()].push_back(told);
        *block.add_receipts() = std::move(told);
    }
    for (const auto& event : result.events) {
        *block.add_events() = node::to_proto(event);
    }
    blocks_.push_back(std::move(block));
}

void RuleLedger::pass(std::int64_t ms) {
    chain_.advance(ms);
    run({});
}

gateway::LedgerAnswer<v1::SubmitEnvelopeResponse> RuleLedger::submit(const v1::Envelope& envelope,
                                                                     std::uint32_t /*wait_ms*/) {
    if (lose_before > 0) {
        --lose_before;
        return silent();
    }
    const auto signed_body = ledger::wire::from_proto(envelope);
    if (!signed_body) {
        return fail(LedgerFailure{.kind = LedgerFailure::Kind::refused,
                                  .refusal = ledger::wire::to_proto(signed_body.error()),
                                  .text = "malformed"});
    }
    auto transaction = ledger::wire::decode(*signed_body, chain_.chain_id());
    if (!transaction) {
        return fail(LedgerFailure{.kind = LedgerFailure::Kind::refused,
                                  .refusal = ledger::wire::to_proto(transaction.error()),
                                  .text = "undecodable"});
    }
    const auto id = transaction->id.bytes();
    if (!receipts_.contains(id)) {
        run({std::move(*transaction)});
    }
    if (lose_after > 0) {
        --lose_after;
        return silent();
    }
    v1::SubmitEnvelopeResponse response;
    response.set_transaction_id(id);
    response.set_state(v1::TRANSACTION_STATE_FINAL);
    response.mutable_receipts()->Assign(receipts_[id].begin(), receipts_[id].end());
    return response;
}

gateway::LedgerAnswer<v1::GetTransactionResponse> RuleLedger::transaction(ByteView id) {
    const auto at = receipts_.find(Bytes(id));
    if (at == receipts_.end()) {
        return not_found();
    }
    v1::GetTransactionResponse response;
    response.set_state(v1::TRANSACTION_STATE_FINAL);
    response.mutable_receipts()->Assign(at->second.begin(), at->second.end());
    return response;
}

gateway::LedgerAnswer<v1::Remittance> RuleLedger::remittance(ByteView uetr) {
    const auto found = chain_.state().remittance(Uuid::from(uetr).value_or(Uuid()));
    if (!found) {
        return not_found();
    }
    return node::to_proto(*found, chain_.now());
}

gateway::LedgerAnswer<v1::Account> RuleLedger::account(const v1::AccountId& id) {
    const auto wanted = node::account_id_from(id);
    const auto found = wanted ? chain_.state().account(*wanted) : std::nullopt;
    if (!found) {
        return not_found();
    }
    return node::to_proto(*found);
}

gateway::LedgerAnswer<v1::ListWindowsResponse> RuleLedger::windows() {
    v1::ListWindowsResponse response;
    response.set_height(chain_.height());
    each<ledger::Window>(chain_.view(), ledger::keys::prefix(ledger::keys::Table::window),
                         [&](const auto& window) {
                             *response.add_windows() = node::to_proto(window, chain_.state());
                         });
    return response;
}

gateway::LedgerAnswer<v1::ListPositionsResponse> RuleLedger::positions() {
    v1::ListPositionsResponse response;
    response.set_height(chain_.height());
    each<ledger::Position>(chain_.view(), ledger::keys::prefix(ledger::keys::Table::position),
                           [&](const auto& position) {
                               *response.add_positions() =
                                   node::to_proto(position, chain_.state().policy());
                           });
    return response;
}

gateway::LedgerAnswer<v1::ListParticipantsResponse> RuleLedger::participants() {
    v1::ListParticipantsResponse response;
    each<ledger::Participant>(chain_.view(), ledger::keys::prefix(ledger::keys::Table::participant),
                              [&](const auto& participant) {
                                  *response.add_participants() = node::to_proto(participant);
                              });
    each<ledger::Asset>(chain_.view(), ledger::keys::prefix(ledger::keys::Table::asset),
                        [&](const auto& asset) { *response.add_assets() = node::to_proto(asset); });
    return response;
}

gateway::LedgerAnswer<v1::GetTotalsResponse> RuleLedger::totals() {
    v1::GetTotalsResponse response;
    std::map<std::uint32_t, v1::AssetTotals> totals;
    each<ledger::Account>(chain_.view(), ledger::keys::prefix(ledger::keys::Table::account),
                          [&](const ledger::Account& account) {
                              auto& sum = totals[account.id.asset.value];
                              sum.set_sum_minor(sum.sum_minor() + account.balance);
                              if (account.id.kind == ledger::AccountKind::clearing) {
                                  sum.set_clearing_minor(sum.clearing_minor() + account.balance);
                              }
                          });
    for (auto& [asset, sum] : totals) {
        sum.set_asset_id(asset);
        const auto known = chain_.state().asset({static_cast<std::uint16_t>(asset)});
        sum.set_currency(known ? known->currency : "");
        *response.add_totals() = sum;
    }
    response.set_height(chain_.height());
    return response;
}

gateway::LedgerAnswer<v1::BankMark> RuleLedger::mark(std::uint32_t source_asset,
                                                     std::uint32_t target_asset) {
    const auto found = chain_.state().mark({static_cast<std::uint16_t>(source_asset)},
                                           {static_cast<std::uint16_t>(target_asset)});
    if (!found) {
        return not_found();
    }
    return node::to_proto(*found);
}

gateway::LedgerAnswer<v1::GetNodeStatusResponse> RuleLedger::status() {
    v1::GetNodeStatusResponse response;
    response.set_executed_height(chain_.height());
    response.set_block_time_ms(chain_.now().ms);
    response.set_chain_id(chain_.chain_id().bytes());
    return response;
}

gateway::LedgerAnswer<void> RuleLedger::watch(std::uint64_t from_height,
                                              const gateway::BlockVisitor& visit) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        if (blocks_[i].height() >= from_height) {
            const auto block = blocks_[i];
            if (!visit(block)) {
                break;
            }
        }
    }
    return {};
}

}  // namespace remit::test
