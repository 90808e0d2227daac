#include "ledger/bilateral.h"

#include <algorithm>

#include "ledger/base/check.h"
#include "ledger/settlement.h"

namespace remit::ledger {

namespace {
Bytes bilateral_key(WindowAsset place, Pair pair) {
    const auto [low, high] = std::minmax(pair.debtor.value, pair.creditor.value);
    return keys::bilateral(place.window.value, place.asset.value, low, high);
}

/// The record's view: what the higher id owes the lower one.
Minor seen_from_low(Pair pair, Minor owed) {
    return pair.creditor < pair.debtor ? owed : -owed;
}

Minor stored_net(const StateReader& state, const Bytes& key) {
    const auto bytes = state.view().get(key);
    if (!bytes) {
        return 0;
    }
    const auto record = decode<Bilateral>(*bytes);
    CHECK(record.has_value());
    return record->net;
}
}  // namespace

Status<LedgerError> add_bilateral(LedgerState& state, WindowAsset place, Pair pair, Minor amount) {
    const Bytes key = bilateral_key(place, pair);
    TRY_ASSIGN(const Minor net, add(stored_net(state, key), seen_from_low(pair, amount)));
    state.delta().put(key, encode(Bilateral{net}));
    return {};
}

Minor bilateral_net(const StateReader& state, WindowAsset place, Pair pair) {
    return seen_from_low(pair, stored_net(state, bilateral_key(place, pair)));
}

void forget_bilaterals(LedgerState& state, WindowId window) {
    scan(state.view(), keys::bilaterals_of(window.value), [&](ByteView key, ByteView) {
        state.delta().erase(Bytes(key));
        return true;
    });
}

}  // namespace remit::ledger
