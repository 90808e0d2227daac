#pragma once

#include <string_view>
#include <vector>

#include "ledger/base/time.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"

namespace remit::ledger {

enum class WindowState : std::uint8_t { open, pending_settlement, settled };
constexpr WindowState last_of(WindowState) {
    return WindowState::settled;
}
/// `OPEN`, `PENDING_SETTLEMENT`, `SETTLED`.
std::string_view name_of(WindowState state);

/// One settlement window of the network.
struct Window {
    WindowId id{};
    WindowState state = WindowState::open;
    BlockTime cut_off{};    // that closed it; 0 while open
    BlockTime closed_at{};  // block time of the close; 0 while open
    std::uint64_t closed_height = 0;
    Bytes value_date{};
    BlockTime pay_in_deadline{};
    std::uint64_t settled_height = 0;

    friend bool operator==(const Window&, const Window&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.id, self.state, self.cut_off, self.closed_at, self.closed_height, self.value_date,
             self.pay_in_deadline, self.settled_height);
    }
};

enum class LegState : std::uint8_t { due, paid_in, paid_out, drawn, short_leg };
constexpr LegState last_of(LegState) {
    return LegState::short_leg;
}
/// `DUE`, `PAID_IN`, `PAID_OUT`, `DRAWN`, `SHORT`.
std::string_view name_of(LegState state);

/// A participant's net of a closed window in one asset. What is left of it is `due[window]` of the
/// position.
struct Leg {
    WindowId window{};
    ParticipantId participant{};
    AssetId asset{};
    Minor net = 0;  // at close; negative: pays in
    LegState state = LegState::due;

    friend bool operator==(const Leg&, const Leg&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.window, self.participant, self.asset, self.net, self.state);
    }
};

/// Where the sequence of windows stands: one record.
struct WindowSequence {
    WindowId open{1};
    std::vector<WindowId> unsettled{};  // closed, oldest first; at most two
    BlockTime cut_off_done{};           // newest cut-off that closed a window

    friend bool operator==(const WindowSequence&, const WindowSequence&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.open, self.unsettled, self.cut_off_done);
    }
};

/// With so many closed windows unsettled, nothing new is prepared and the next close waits.
inline constexpr std::size_t unsettled_windows_max = 2;

}  // namespace remit::ledger
