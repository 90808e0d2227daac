#include "ledger/rules/cash.h"

#include "ledger/base/check.h"

namespace remit::ledger {

namespace {
Bytes movements_prefix(const CashAccount& account) {
    return keys::movements_of(account.participant.value, account.asset.value, account.book);
}

Bytes movement_key(const CashAccount& account, std::uint64_t height) {
    return keys::movement(account.participant.value, account.asset.value, account.book, height);
}
}  // namespace

void move_cash(LedgerState& state, const CashAccount& account, Minor change, std::uint64_t height) {
    if (change == 0) {
        return;
    }
    Position position = state.position(account.participant, account.asset);
    Minor& figure = account.book == keys::CashBook::reserve ? position.reserve : position.cover;
    figure += change;
    CHECK(figure >= 0);
    state.put(position);

    const Bytes key = movement_key(account, height);
    CashMovement movement;
    if (const auto bytes = state.view().get(key)) {
        movement = decode<CashMovement>(*bytes).value_or(CashMovement{});
    }
    movement.amount += change;
    state.delta().put(key, encode(movement));
}

Minor movements_after(const StateReader& state, const CashAccount& account, std::uint64_t height) {
    const Bytes prefix = movements_prefix(account);
    Minor out = 0;
    auto record = state.view().next(key_after(movement_key(account, height)), prefix);
    while (record) {
        const auto movement = decode<CashMovement>(record->second);
        CHECK(movement.has_value());
        out += movement->amount;
        record = state.view().next(key_after(record->first), prefix);
    }
    return out;
}

void forget_movements(LedgerState& state, const CashAccount& account, std::uint64_t height) {
    const Bytes last = movement_key(account, height);
    scan(state.view(), movements_prefix(account), [&](ByteView key, ByteView) {
        if (key > last) {
            return false;
        }
        state.delta().erase(Bytes(key));
        return true;
    });
}

}  // namespace remit::ledger
