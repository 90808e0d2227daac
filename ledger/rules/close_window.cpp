#include "ledger/rules/close_window.h"

#include "ledger/base/check.h"
#include "ledger/bilateral.h"

namespace remit::ledger {

namespace {
/// The first cut-off of the calendar later than `time`. Every block asks twice, and a calendar
/// holds years of them, so the record is read only up to there.
std::optional<BlockTime> first_after(const StateReader& state, BlockTime time) {
    const auto record = state.view().get(keys::calendar());
    if (!record) {
        return std::nullopt;
    }
    Reader reader(*record);
    CHECK(reader.u8() == record_version);
    const auto count = reader.count(Calendar::cut_offs_max);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto cut_off = read<CutOff>(reader);
        CHECK(reader.ok());
        if (cut_off.at > time) {
            return cut_off.at;
        }
    }
    return std::nullopt;
}

/// Moves every open net into what is due of the window, with a leg for each. True when any is due.
bool take_nets(LedgerState& state, WindowId window) {
    bool any = false;
    scan(state.view(), keys::prefix(keys::Table::position), [&](ByteView, ByteView value) {
        auto position = decode<Position>(value);
        CHECK(position.has_value());
        if (position->open != 0) {
            const Minor net = position->open;
            position->add_due(window, net);
            position->open = 0;
            state.put(*position);
            state.put(Leg{.window = window,
                          .participant = position->participant,
                          .asset = position->asset,
                          .net = net,
                          .state = LegState::due});
            any = true;
        }
        return true;
    });
    return any;
}
}  // namespace

std::optional<BlockTime> next_close_at(const StateReader& state) {
    const WindowSequence sequence = state.windows();
    if (sequence.unsettled.size() >= unsettled_windows_max) {
        return std::nullopt;
    }
    return first_after(state, sequence.cut_off_done);
}

void close_window_if_due(const BlockContext& block, LedgerState& state,
                         std::vector<LedgerEvent>& events) {
    const auto due_at = next_close_at(state);
    if (!due_at || block.time < *due_at) {
        return;
    }
    // Cut-offs may have passed while no block was made or the close had to wait: one close for all.
    const auto cut_off = last_cut_off(state.calendar(), block.time);
    CHECK(cut_off.has_value());
    WindowSequence sequence = state.windows();
    const WindowId closing = sequence.open;
    const bool any_due = take_nets(state, closing);

    Window window = state.window(closing).value_or(Window{});
    window.id = closing;
    window.state = any_due ? WindowState::pending_settlement : WindowState::settled;
    window.cut_off = cut_off->at;
    window.closed_at = block.time;
    window.closed_height = block.height;
    window.value_date = cut_off->value_date;
    // Counted from the close, not the cut-off: a close that came late leaves the same time to pay.
    window.pay_in_deadline = BlockTime{block.time.ms + state.policy().pay_in_deadline_ms};
    window.settled_height = any_due ? 0 : block.height;
    state.put(window);
    events.push_back(
        {.kind = LedgerEvent::Kind::window_closed, .reference = {}, .window = closing});
    if (any_due) {
        sequence.unsettled.push_back(closing);
    } else {
        forget_bilaterals(state, closing);
        events.push_back(
            {.kind = LedgerEvent::Kind::window_settled, .reference = {}, .window = closing});
    }
    sequence.open = WindowId{closing.value + 1};
    sequence.cut_off_done = cut_off->at;
    state.put(sequence);
    Window next;
    next.id = sequence.open;
    state.put(next);
}

}  // namespace remit::ledger
