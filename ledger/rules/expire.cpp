#include "ledger/rules/expire.h"

#include "ledger/base/check.h"
#include "ledger/rules/route.h"

namespace remit::ledger {

namespace {
/// When money cannot go home now (the account and SUSPENSE are both at the largest amount), the
/// deadline is filed again for later rather than woken for in every block.
constexpr std::int64_t retry_after_ms = 3'600'000;

struct ExpiryEntry {
    Bytes key{};
    BlockTime at{};
    keys::ExpiryKind kind = keys::ExpiryKind::remittance;
    Uuid id{};
};

/// The first entry whose key is `from` or later.
std::optional<ExpiryEntry> first_expiry(const StateReader& state, ByteView from) {
    const Bytes prefix = keys::prefix(keys::Table::expiry);
    const auto record = state.view().next(from, prefix);
    if (!record) {
        return std::nullopt;
    }
    Reader reader(ByteView(record->first).substr(prefix.size()));
    ExpiryEntry entry;
    entry.key = record->first;
    entry.at.ms = static_cast<std::int64_t>(reader.u64());
    entry.kind = reader.enumerator(keys::ExpiryKind::hold);
    entry.id = reader.fixed<Uuid>();
    CHECK(reader.done());
    return entry;
}

Status<LedgerError> expire_remittance(const Uetr& uetr, const BlockContext& block,
                                      LedgerState& state, std::vector<LedgerEvent>& events) {
    auto remittance = state.remittance(uetr);
    CHECK(remittance.has_value());
    CHECK(remittance->state == RemittanceState::prepared);
    TRY(release(state, *remittance));
    remittance->state = RemittanceState::expired;
    remittance->timeline.push_back(own_step(RemittanceState::expired, Verb::expire, block));
    state.put(*remittance);
    events.push_back({.kind = LedgerEvent::Kind::expired, .reference = uetr.bytes()});
    return {};
}

Status<LedgerError> expire_return(const ReturnId& id, const BlockContext& block, LedgerState& state,
                                  std::vector<LedgerEvent>& events) {
    auto movement = state.return_movement(id);
    CHECK(movement.has_value());
    CHECK(movement->state == ReturnState::pending);
    auto remittance = state.remittance(movement->uetr);
    CHECK(remittance.has_value());
    TRY(release_return(state, *remittance, *movement));
    remittance->state = remittance->before_return;
    remittance->before_return = RemittanceState::none;
    remittance->pending_return = {};
    const TimelineStep step = own_step(remittance->state, Verb::expire, block);
    remittance->timeline.push_back(step);
    state.put(*remittance);
    movement->state = ReturnState::expired;
    movement->timeline.push_back(step);
    state.put(*movement);
    events.push_back({.kind = LedgerEvent::Kind::return_expired, .reference = id.bytes()});
    return {};
}

Status<LedgerError> expire_one(const ExpiryEntry& entry, const BlockContext& block,
                               LedgerState& state, std::vector<LedgerEvent>& events) {
    return entry.kind == keys::ExpiryKind::return_movement
               ? expire_return(entry.id, block, state, events)
               : expire_remittance(entry.id, block, state, events);
}
}  // namespace

void sweep_expired(const BlockContext& block, LedgerState& state,
                   std::vector<LedgerEvent>& events) {
    const std::uint32_t limit = state.policy().sweep_per_block_max;
    Bytes from;  // behind what this sweep erased, so that it is not walked over again
    for (std::uint32_t i = 0; i < limit; ++i) {
        const auto entry = first_expiry(state, from);
        if (!entry || entry->at > block.time) {
            return;
        }
        from = key_after(entry->key);
        state.remove_expiry(entry->at, entry->kind, entry->id);
        Delta attempt = state.delta().nested();
        LedgerState inner(attempt);
        if (expire_one(*entry, block, inner, events)) {
            state.delta().merge(std::move(attempt));
        } else {
            state.add_expiry({block.time.ms + retry_after_ms}, entry->kind, entry->id);
        }
    }
}

std::optional<BlockTime> next_expiry_at(const StateReader& state) {
    const auto entry = first_expiry(state, {});
    return entry ? std::optional<BlockTime>(entry->at) : std::nullopt;
}

void prune_idempotency(const BlockContext& block, std::size_t items, LedgerState& state) {
    const Bytes prefix = keys::prefix(keys::Table::idempotency_expiry);
    const std::size_t limit = state.policy().sweep_per_block_max + items;
    Bytes from;
    for (std::size_t i = 0; i < limit; ++i) {
        const auto record = state.view().next(from, prefix);
        if (!record) {
            return;
        }
        from = key_after(record->first);
        Reader reader(ByteView(record->first).substr(prefix.size()));
        const auto valid_until_ms = static_cast<std::int64_t>(reader.u64());
        const std::uint32_t participant = reader.u32();
        const auto client_key = reader.fixed<ClientKey>();
        CHECK(reader.done());
        if (valid_until_ms >= block.time.ms) {
            return;
        }
        state.delta().erase(keys::idempotency(participant, client_key));
        state.delta().erase(record->first);
    }
}

}  // namespace remit::ledger
