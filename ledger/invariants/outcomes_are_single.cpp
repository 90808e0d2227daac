#include <array>
#include <initializer_list>

#include "ledger/invariants/flows.h"

namespace remit::ledger {

namespace {
using State = RemittanceState;

constexpr std::size_t state_count = static_cast<std::size_t>(last_of(State{})) + 1;

/// The state table of remittance.md 3.7: where one step leads.
std::initializer_list<State> next_states(State state) {
    static constexpr auto from_none = {State::prepared, State::refused};
    static constexpr auto from_prepared = {State::committed, State::rejected, State::expired,
                                           State::held};
    static constexpr auto from_held = {State::prepared, State::blocked, State::rejected};
    static constexpr auto from_committed = {State::credited, State::credit_failed,
                                            State::return_pending};
    static constexpr auto to_return = {State::return_pending};
    static constexpr auto from_pending = {State::returned, State::partly_returned, State::committed,
                                          State::credited, State::credit_failed};
    switch (state) {
        case State::none:
            return from_none;
        case State::prepared:
            return from_prepared;
        case State::held:
            return from_held;
        case State::committed:
            return from_committed;
        case State::credited:
        case State::credit_failed:
        case State::partly_returned:
            return to_return;
        case State::return_pending:
            return from_pending;
        case State::refused:
        case State::rejected:
        case State::expired:
        case State::blocked:
        case State::returned:
            return {};
    }
    return {};
}

void walk(State state, std::array<bool, state_count>& reached) {
    bool& here = reached.at(static_cast<std::size_t>(state));
    if (here) {
        return;
    }
    here = true;
    for (const State next : next_states(state)) {
        walk(next, reached);
    }
}

/// Any number of steps fits into one block.
bool can_become(State before, State after) {
    std::array<bool, state_count> reached{};
    walk(before, reached);
    return reached.at(static_cast<std::size_t>(after));
}

/// I5: each UETR has one outcome: its state only goes where the table leads, its money belongs to a
/// window exactly when it has moved, and that window stays.
class OutcomesAreSingle final : public Invariant {
public:
    explicit OutcomesAreSingle(const Scope& scope) : Invariant("I5", scope) {}

    void on_remittance(const Change<Remittance>& change) override {
        if (!change.after) {
            report(change.key, "a remittance was erased");
            return;
        }
        const State before = change.before ? change.before->state : State::none;
        const State after = change.after->state;
        if (after == State::none || (before != after && !can_become(before, after))) {
            report(change.key, "a remittance went from " + std::string(name_of(before)) + " to " +
                                   std::string(name_of(after)));
        }
        const WindowId window = change.after->window;
        const bool moved_window =
            change.before && change.before->window.value != 0 && change.before->window != window;
        if (is_committed(*change.after) != (window.value != 0) || moved_window) {
            report(change.key, "a remittance in state " + std::string(name_of(after)) +
                                   " belongs to window " + std::to_string(window.value));
        }
    }

    void on_return(const Change<Return>& change) override {
        if (!change.after) {
            report(change.key, "a return was erased");
            return;
        }
        const bool ended = change.before && change.before->state != ReturnState::pending;
        if (ended && change.before->state != change.after->state) {
            report(change.key, "an ended return changed its state");
        }
        if ((change.after->state == ReturnState::done) != (change.after->window.value != 0)) {
            report(change.key, "a return belongs to a window and is not done, or the other way");
        }
    }

    void on_redemption(const Change<Redemption>& change) override {
        const bool ended = change.before && change.before->state != RedemptionState::locked;
        if (!change.after || (ended && change.before->state != change.after->state)) {
            report(change.key, "an ended off-ramp changed its state");
        }
    }
};
}  // namespace

std::unique_ptr<Invariant> outcomes_are_single(const Scope& scope) {
    return std::make_unique<OutcomesAreSingle>(scope);
}

}  // namespace remit::ledger
