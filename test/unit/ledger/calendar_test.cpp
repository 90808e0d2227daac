#include "ledger/calendar.h"

#include <catch2/catch.hpp>

using remit::BlockTime;
using namespace remit::ledger;

namespace {
Day day(const char* text) {
    return day_from_text(text).value();
}
}  // namespace

TEST_CASE("calendar: only days that exist are read, and they print as they were written") {
    REQUIRE(to_text(day("2024-02-29")) == "2024-02-29");
    for (const char* bad : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "1969-12-31",
                            "2024-12-32", "2024/12/31", "", "2024-12-3a"}) {
        CAPTURE(bad);
        REQUIRE_FALSE(day_from_text(bad));
    }
}

TEST_CASE("calendar: cut-offs fall on common business days at the local minute") {
    // 24 December 2024 is a Tuesday; 25th, 26th (HK), 30th (PH) and 1 January are holidays.
    const Calendar calendar =
        business_day_calendar({.first_day = day("2024-12-24"),
                               .days = 10,
                               .minute_of_day = 16 * 60,
                               .utc_offset_minutes = 8 * 60,
                               .holidays = {day("2024-12-25"), day("2024-12-26"), day("2024-12-30"),
                                            day("2024-12-31"), day("2025-01-01")}});
    REQUIRE(calendar.cut_offs.size() == 3);
    REQUIRE(to_text(calendar.cut_offs[0].at) == "2024-12-24 08:00:00.000 UTC");
    REQUIRE(calendar.cut_offs[0].value_date == "2024-12-27");
    REQUIRE(to_text(calendar.cut_offs[1].at) == "2024-12-27 08:00:00.000 UTC");
    REQUIRE(calendar.cut_offs[1].value_date == "2025-01-02");
    REQUIRE(to_text(calendar.cut_offs[2].at) == "2025-01-02 08:00:00.000 UTC");
    REQUIRE(calendar.cut_offs[2].value_date == "2025-01-03");
    REQUIRE(is_well_formed(calendar));
}

TEST_CASE("calendar: next and last cut-off around a time") {
    const Calendar calendar{{{BlockTime{100}, "2025-01-01"}, {BlockTime{200}, "2025-01-02"}}};
    REQUIRE(next_cut_off(calendar, BlockTime{99})->at.ms == 100);
    REQUIRE(next_cut_off(calendar, BlockTime{100})->at.ms == 200);
    REQUIRE_FALSE(next_cut_off(calendar, BlockTime{200}));
    REQUIRE_FALSE(last_cut_off(calendar, BlockTime{99}));
    REQUIRE(last_cut_off(calendar, BlockTime{100})->at.ms == 100);
    REQUIRE(last_cut_off(calendar, BlockTime{999})->at.ms == 200);
}

TEST_CASE("calendar: one that does not rise or names no day is ill-formed") {
    REQUIRE(is_well_formed(Calendar{}));
    REQUIRE_FALSE(
        is_well_formed(Calendar{{{BlockTime{5}, "2025-01-01"}, {BlockTime{5}, "2025-01-01"}}}));
    REQUIRE_FALSE(is_well_formed(Calendar{{{BlockTime{-5}, "2025-01-01"}}}));
    REQUIRE_FALSE(is_well_formed(Calendar{{{BlockTime{5}, "2025-02-30"}}}));
}

TEST_CASE("calendar: its record is read back as it was") {
    const Calendar calendar{{{BlockTime{100}, "2025-01-01"}, {BlockTime{200}, "2025-01-02"}}};
    REQUIRE(decode<Calendar>(encode(calendar)) == calendar);
}
