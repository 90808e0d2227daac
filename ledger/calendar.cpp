#include "ledger/calendar.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace remit::ledger {

namespace {
using std::chrono::days;

constexpr std::size_t date_size = 10;
constexpr int value_date_search_days = 60;

/// Digits only; -1 otherwise.
int number(std::string_view text) {
    int out = 0;
    for (char c : text) {
        if (c < '0' || c > '9') {
            return -1;
        }
        out = out * 10 + (c - '0');
    }
    return out;
}

bool is_business_day(Day day, const std::set<Day>& holidays) {
    const std::chrono::weekday weekday(day);
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday &&
           !holidays.contains(day);
}

Day next_business_day(Day day, const std::set<Day>& holidays) {
    Day out = day + days{1};
    for (int i = 0; i < value_date_search_days && !is_business_day(out, holidays); ++i) {
        out += days{1};
    }
    return out;
}

/// The first cut-off later than `time`, or the end.
auto after(const Calendar& calendar, BlockTime time) {
    return std::upper_bound(
        calendar.cut_offs.begin(), calendar.cut_offs.end(), time,
        [](BlockTime wanted, const CutOff& cut_off) { return wanted < cut_off.at; });
}
}  // namespace

std::optional<Day> day_from_text(std::string_view text) {
    if (text.size() != date_size || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const int year = number(text.substr(0, 4));
    const int month = number(text.substr(5, 2));
    const int day = number(text.substr(8, 2));
    if (year < 1970 || month < 1 || day < 1) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    return date.ok() ? std::optional<Day>(date) : std::nullopt;
}

std::string to_text(Day day) {
    const std::chrono::year_month_day date{day};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

std::optional<CutOff> next_cut_off(const Calendar& calendar, BlockTime time) {
    const auto found = after(calendar, time);
    return found != calendar.cut_offs.end() ? std::optional<CutOff>(*found) : std::nullopt;
}

std::optional<CutOff> last_cut_off(const Calendar& calendar, BlockTime time) {
    const auto found = after(calendar, time);
    return found != calendar.cut_offs.begin() ? std::optional<CutOff>(*std::prev(found))
                                              : std::nullopt;
}

bool is_well_formed(const Calendar& calendar) {
    if (calendar.cut_offs.size() > Calendar::cut_offs_max) {
        return false;
    }
    BlockTime previous{-1};
    for (const CutOff& cut_off : calendar.cut_offs) {
        if (cut_off.at <= previous || !day_from_text(cut_off.value_date)) {
            return false;
        }
        previous = cut_off.at;
    }
    return true;
}

Calendar business_day_calendar(const BusinessDays& rule) {
    Calendar out;
    for (std::uint32_t i = 0; i < rule.days && out.cut_offs.size() < Calendar::cut_offs_max; ++i) {
        const Day day = rule.first_day + days{i};
        if (!is_business_day(day, rule.holidays)) {
            continue;
        }
        const auto at = day.time_since_epoch() +
                        std::chrono::minutes{rule.minute_of_day - rule.utc_offset_minutes};
        out.cut_offs.push_back(
            {.at = BlockTime{std::chrono::duration_cast<std::chrono::milliseconds>(at).count()},
             .value_date = to_text(next_business_day(day, rule.holidays))});
    }
    return out;
}

}  // namespace remit::ledger
