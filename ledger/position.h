#pragma once

#include <algorithm>
#include <vector>

#include "ledger/base/time.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"

namespace remit::ledger {

/// What is left of the net of a closed window.
struct Due {
    WindowId window{};
    Minor amount = 0;  // negative: owed by the participant

    friend bool operator==(const Due&, const Due&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.window, self.amount);
    }
};

/// The last statement of the clearing bank about one of a participant's cash accounts.
struct Attestation {
    std::uint64_t as_of_height = 0;
    BlockTime at{};  // block time it was taken in; 0: never attested

    [[nodiscard]] bool present() const { return at.ms != 0; }
    friend bool operator==(const Attestation&, const Attestation&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.as_of_height, self.at);
    }
};

/// What a participant owes and is owed in an asset, and the cash that stands behind it
/// (ledger.md 2). Amounts in minor units of the asset. A missing record reads as all zero.
struct Position {
    ParticipantId participant{};
    AssetId asset{};
    Minor open = 0;          // net of crossing postings since the last close
    std::vector<Due> due{};  // closed windows with something left, rising by window
    Minor reserved = 0;      // crossing amounts it will pay if what is prepared commits
    Minor cover = 0;
    Minor locked = 0;   // part of cover that gives no cap
    Minor drawn = 0;    // cover drawn by settle_fail and not yet restored
    Minor reserve = 0;  // safeguarded cash at the bank
    Attestation cover_attested{};
    Attestation reserve_attested{};
    bool over_cap = false;
    bool shortfall = false;
    bool holds_customers = false;  // safeguarding applies: CUSTOMER accounts exist

    [[nodiscard]] Minor due_of(WindowId window) const {
        for (const Due& entry : due) {
            if (entry.window == window) {
                return entry.amount;
            }
        }
        return 0;
    }
    /// Adds to what is due of a window; an entry that becomes 0 goes away.
    void add_due(WindowId window, Minor amount) {
        const auto at = std::lower_bound(
            due.begin(), due.end(), window,
            [](const Due& entry, WindowId wanted) { return entry.window < wanted; });
        if (at == due.end() || at->window != window) {
            if (amount != 0) {
                due.insert(at, Due{window, amount});
            }
        } else {
            at->amount += amount;
            if (at->amount == 0) {
                due.erase(at);
            }
        }
    }
    /// open + sum of due: what the participant is owed (negative: owes) altogether.
    [[nodiscard]] Minor net() const {
        Minor out = open;
        for (const Due& entry : due) {
            out += entry.amount;
        }
        return out;
    }
    friend bool operator==(const Position&, const Position&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.asset, self.open, self.due, self.reserved, self.cover,
             self.locked, self.drawn, self.reserve, self.cover_attested, self.reserve_attested,
             self.over_cap, self.shortfall, self.holds_customers);
    }
};

}  // namespace remit::ledger
