#include "ledger/rules/standing.h"

#include <vector>

#include "ledger/base/check.h"
#include "ledger/posting.h"

namespace remit::ledger {

namespace {
std::vector<Position> positions_of(const StateReader& state, ParticipantId participant) {
    std::vector<Position> out;
    scan(state.view(), keys::positions_of(participant.value), [&](ByteView, ByteView value) {
        auto position = decode<Position>(value);
        CHECK(position.has_value());
        out.push_back(*std::move(position));
        return true;
    });
    return out;
}
}  // namespace

bool has_drawn_cover(const StateReader& state, ParticipantId participant) {
    for (const Position& position : positions_of(state, participant)) {
        if (position.drawn > 0) {
            return true;
        }
    }
    return false;
}

void unlock_cover(LedgerState& state, ParticipantId participant) {
    for (Position& position : positions_of(state, participant)) {
        if (position.drawn != 0 || position.locked != 0) {
            position.drawn = 0;
            position.locked = 0;
            state.put(position);
        }
    }
}

void review_standing(LedgerState& state, ParticipantId participant, AssetId asset,
                     const Policy& policy) {
    Position position = state.position(participant, asset);
    const bool over_cap = committed_debt(position) > cap_of(position, policy);
    const bool shortfall = !is_safeguarded(state, participant, asset);
    if (over_cap != position.over_cap || shortfall != position.shortfall) {
        position.over_cap = over_cap;
        position.shortfall = shortfall;
        state.put(position);
    }
    auto record = state.participant(participant);
    if (!record) {
        return;
    }
    bool troubled = false;
    for (const Position& each : positions_of(state, participant)) {
        troubled = troubled || each.over_cap || each.shortfall || each.drawn > 0;
    }
    if (troubled && record->status == ParticipantStatus::active) {
        record->status = ParticipantStatus::restricted;
        record->restricted_by_ledger = true;
        state.put(*record);
        state.note_own_status(participant);
    } else if (!troubled && record->restricted_by_ledger &&
               record->status == ParticipantStatus::restricted) {
        record->status = ParticipantStatus::active;
        record->restricted_by_ledger = false;
        state.put(*record);
        state.note_own_status(participant);
    }
}

}  // namespace remit::ledger
