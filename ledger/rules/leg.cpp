#include "ledger/rules/leg.h"

#include <set>
#include <vector>

#include "ledger/base/check.h"
#include "ledger/bilateral.h"

namespace remit::ledger {

namespace {
std::vector<Leg> legs_under(const StateReader& state, const Bytes& prefix) {
    std::vector<Leg> out;
    scan(state.view(), prefix, [&](ByteView, ByteView value) {
        const auto leg = decode<Leg>(value);
        CHECK(leg.has_value());
        out.push_back(*leg);
        return true;
    });
    return out;
}

bool failed(const Leg& leg) {
    return leg.state == LegState::drawn || leg.state == LegState::short_leg;
}

/// Participants that owed in the window and paid every leg themselves are in good order again.
void forgive_failed_legs(LedgerState& state, const std::vector<Leg>& legs) {
    std::set<ParticipantId> payers;
    for (const Leg& leg : legs) {
        if (leg.net < 0) {
            payers.insert(leg.participant);
        }
    }
    for (const Leg& leg : legs) {
        if (failed(leg)) {
            payers.erase(leg.participant);
        }
    }
    for (const ParticipantId payer : payers) {
        auto participant = state.participant(payer);
        if (participant && participant->failed_legs != 0) {
            participant->failed_legs = 0;
            state.put(*participant);
        }
    }
}
}  // namespace

Result<DueLeg, LedgerError> find_due_leg(const StateReader& state, WindowId window,
                                         ParticipantId participant, AssetId asset) {
    auto record = state.window(window);
    if (!record) {
        return fail(LedgerError::window_not_found);
    }
    if (record->state == WindowState::open) {
        return fail(LedgerError::window_not_oldest);
    }
    const auto leg = state.leg(window, participant, asset);
    if (!leg) {
        return fail(LedgerError::window_not_found);
    }
    const Minor due = state.position(participant, asset).due_of(window);
    if (due == 0) {
        return fail(LedgerError::leg_not_due);
    }
    const WindowSequence sequence = state.windows();
    if (sequence.unsettled.empty() || sequence.unsettled.front() != window) {
        return fail(LedgerError::window_not_oldest);
    }
    return DueLeg{.window = *std::move(record), .leg = *leg, .due = due};
}

bool has_failed_leg(const StateReader& state, WindowId window, ParticipantId participant) {
    for (const Leg& leg : legs_under(state, keys::legs_of(window.value, participant.value))) {
        if (failed(leg)) {
            return true;
        }
    }
    return false;
}

bool has_short_leg(const StateReader& state, WindowId window, ParticipantId participant) {
    for (const Leg& leg : legs_under(state, keys::legs_of(window.value, participant.value))) {
        if (leg.state == LegState::short_leg) {
            return true;
        }
    }
    return false;
}

AccountId clearing_account(const Asset& asset) {
    return own_account(asset.issuer, asset.id, AccountKind::clearing);
}

AccountId settlement_account(ParticipantId participant, AssetId asset) {
    return own_account(participant, asset, AccountKind::settlement);
}

Minor cash_in_clearing(const StateReader& state, const Asset& asset) {
    return -state.balance(clearing_account(asset));
}

void settle_if_done(LedgerState& state, const BlockContext& block, WindowId window) {
    const auto legs = legs_under(state, keys::legs_of(window.value));
    for (const Leg& leg : legs) {
        if (state.position(leg.participant, leg.asset).due_of(window) != 0) {
            return;
        }
    }
    auto record = state.window(window);
    CHECK(record.has_value());
    record->state = WindowState::settled;
    record->settled_height = block.height;
    state.put(*record);
    WindowSequence sequence = state.windows();
    CHECK(!sequence.unsettled.empty() && sequence.unsettled.front() == window);
    sequence.unsettled.erase(sequence.unsettled.begin());
    state.put(sequence);
    forgive_failed_legs(state, legs);
    forget_bilaterals(state, window);
}

}  // namespace remit::ledger
