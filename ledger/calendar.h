#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/bytes.h"
#include "ledger/base/time.h"
#include "ledger/record.h"

namespace remit::ledger {

/// A calendar day without time or zone. Only calendar arithmetic: no clock is read.
using Day = std::chrono::sys_days;

/// `YYYY-MM-DD` of a day that exists, years 1970 to 9999. Empty optional otherwise.
std::optional<Day> day_from_text(std::string_view text);
std::string to_text(Day day);

/// One moment at which the open window closes: the first block with time >= `at` closes it.
struct CutOff {
    BlockTime at;
    Bytes value_date;  // YYYY-MM-DD; printed and reported, no rule reads it

    friend bool operator==(const CutOff&, const CutOff&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.at, self.value_date);
    }
};

/// The settlement calendar in force: governance replaces it whole.
struct Calendar {
    /// About 16 years of business days: bounds the record.
    static constexpr std::size_t cut_offs_max = 4096;

    std::vector<CutOff> cut_offs;  // strictly rising

    friend bool operator==(const Calendar&, const Calendar&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.cut_offs);
    }
};

/// The first cut-off later than `time`. Empty when the calendar has run out.
std::optional<CutOff> next_cut_off(const Calendar& calendar, BlockTime time);

/// The newest cut-off not later than `time`. Empty before the first.
std::optional<CutOff> last_cut_off(const Calendar& calendar, BlockTime time);

/// Strictly rising, none before 1970, every value date a day that exists, at most `cut_offs_max`.
bool is_well_formed(const Calendar& calendar);

/// What makes the cut-offs of a span of common business days.
struct BusinessDays {
    Day first_day;                        // in local time
    std::uint32_t days = 0;               // how many calendar days to look at
    std::int32_t minute_of_day = 0;       // of the cut-off, in local time: 960 is 16:00
    std::int32_t utc_offset_minutes = 0;  // of local time: 480 is HKT and Manila
    std::set<Day> holidays;               // of any asset's currency
};

/// A cut-off on each day that is no Saturday, Sunday or holiday; its value date is the next such
/// day after it (looked for at most 60 days ahead). A window thus spans what lies between.
Calendar business_day_calendar(const BusinessDays& rule);

}  // namespace remit::ledger
