// Definitions of the fiscal calendars.
#pragma once

#include <algorithm>

#include "custfolio/budget/fiscal_calendar.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/rounding.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void require_fiscal_year(int year) {
    // The calendar has the years 1 to 9999, and a fiscal year may end in the next one.
    if (year < 1 || year > 9998) {
        throw InputError("fiscal year " + std::to_string(year) + " is out of range; it must be within 1 to 9998");
    }
}

/// 1 for Monday to 7 for Sunday; 1970-01-01 was a Thursday.
CUSTFOLIO_INLINE int iso_weekday(DayNumber day) {
    // Twice modulo, since days before 1970 are negative.
    return ((day + 3) % 7 + 7) % 7 + 1;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(WeekPattern pattern) {
    switch (pattern) {
        case WeekPattern::four_four_five:
            return "4-4-5";
        case WeekPattern::four_five_four:
            return "4-5-4";
        case WeekPattern::five_four_four:
            return "5-4-4";
    }
    throw InputError("pattern " + std::to_string(static_cast<int>(pattern)) + " does not exist");
}

CUSTFOLIO_INLINE FiscalCalendar FiscalCalendar::of_months(unsigned first_month, bool named_by_end) {
    if (first_month < 1 || first_month > 12) {
        throw InputError("first month " + std::to_string(first_month) + " is none; it must be within 1 to 12");
    }
    FiscalCalendar calendar;
    calendar.first_month_ = first_month;
    calendar.named_by_end_ = named_by_end;
    return calendar;
}

CUSTFOLIO_INLINE FiscalCalendar FiscalCalendar::of_weeks(WeekPattern pattern, unsigned end_month, unsigned end_weekday,
                                                         bool nearest, bool named_by_end, int long_period) {
    if (end_month < 1 || end_month > 12) {
        throw InputError("end month " + std::to_string(end_month) + " is none; it must be within 1 to 12");
    }
    if (end_weekday < 1 || end_weekday > 7) {
        throw InputError("end weekday " + std::to_string(end_weekday) +
                         " is none; it must be within 1 (Monday) to 7 (Sunday)");
    }
    if (long_period < 1 || long_period > 12) {
        throw InputError("the 53rd week goes to period " + std::to_string(long_period) + "; it must be within 1 to 12");
    }
    FiscalCalendar calendar;
    calendar.weeks_ = true;
    // The month after the last one begins the year.
    calendar.first_month_ = end_month % 12 + 1;
    calendar.named_by_end_ = named_by_end;
    calendar.pattern_ = pattern;
    calendar.end_weekday_ = end_weekday;
    calendar.nearest_ = nearest;
    calendar.long_period_ = long_period;
    return calendar;
}

CUSTFOLIO_INLINE DayNumber FiscalCalendar::last_day(int end_year) const {
    const unsigned end_month = first_month_ == 1 ? 12 : first_month_ - 1;
    const Month month{std::chrono::year{end_year} / std::chrono::month{end_month}};
    const DayNumber last = month.last_day();
    if (!weeks_) return last;
    // The last such weekday of the month, or the nearest to its end: at most three days after it.
    const int back = (detail::iso_weekday(last) - static_cast<int>(end_weekday_) + 7) % 7;
    return nearest_ && back > 3 ? last - back + 7 : last - back;
}

CUSTFOLIO_INLINE Period FiscalCalendar::year_days(int year) const {
    detail::require_fiscal_year(year);
    // A year of calendar months from January on ends in the year in which it begins.
    const bool same = !weeks_ && first_month_ == 1;
    const int end = named_by_end_ || same ? year : year + 1;
    return {last_day(end - 1) + 1, last_day(end)};
}

CUSTFOLIO_INLINE std::array<FiscalPeriod, 12> FiscalCalendar::periods(int year) const {
    const Period whole = year_days(year);
    std::array<FiscalPeriod, 12> result;
    DayNumber day = whole.first;
    for (int number = 1; number <= 12; ++number) {
        DayNumber next = 0;
        if (weeks_) {
            // Each quarter has two periods of four weeks and one of five; a 53rd week is added to one period.
            const int place = (number - 1) % 3;
            const int five = pattern_ == WeekPattern::five_four_four   ? 0
                             : pattern_ == WeekPattern::four_five_four ? 1
                                                                       : 2;
            const bool longer = number == long_period_ && whole.days() > 364;
            // Whole weeks, so that every period ends on the same weekday.
            next = day + 7 * ((place == five ? 5 : 4) + (longer ? 1 : 0));
        } else {
            next = (Month::of(day) + 1).first_day();
        }
        result[static_cast<std::size_t>(number - 1)] = {year, (number - 1) / 3 + 1, number, {day, next - 1}};
        day = next;
    }
    return result;
}

CUSTFOLIO_INLINE FiscalPeriod FiscalCalendar::period_of(DayNumber day) const {
    // A fiscal year may begin up to a year before or after the calendar year of its days.
    for (int year = Month::of(day).year() - 2; year <= Month::of(day).year() + 1; ++year) {
        if (year < 1 || year > 9998 || !year_days(year).contains(day)) continue;
        for (const FiscalPeriod& period : periods(year)) {
            if (period.days.contains(day)) return period;
        }
    }
    throw InputError(day_text(day) + " lies in no fiscal year within 1 to 9998");
}

CUSTFOLIO_INLINE std::vector<PeriodShare> FiscalCalendar::spread(std::span<const Month> months,
                                                                 std::span<const std::int64_t> units) const {
    if (months.size() != units.size()) {
        throw InputError(std::to_string(months.size()) + " months for " + std::to_string(units.size()) +
                         " amounts; there must be as many");
    }
    struct Part {
        FiscalPeriod period;
        int days;
    };
    const auto [least, most] = std::minmax_element(months.begin(), months.end());
    const Month begin = months.empty() ? Month{} : *least;
    // Periods of a month are looked up once, at its first line.
    std::vector<std::vector<Part>> parts(months.empty() ? 0 : static_cast<std::size_t>(*most - begin) + 1);
    std::vector<PeriodShare> shares_of_lines;
    shares_of_lines.reserve(months.size() * (weeks_ ? 2 : 1));
    std::vector<double> amounts;
    for (std::size_t line = 0; line < months.size(); ++line) {
        std::vector<Part>& parts_of_month = parts[static_cast<std::size_t>(months[line] - begin)];
        if (parts_of_month.empty()) {
            for (DayNumber day = months[line].first_day(); day <= months[line].last_day();) {
                const FiscalPeriod period = period_of(day);
                const DayNumber last = std::min(period.days.last, months[line].last_day());
                parts_of_month.push_back({period, last - day + 1});
                day = last + 1;
            }
        }
        const auto length = static_cast<double>(months[line].last_day() - months[line].first_day() + 1);
        amounts.clear();
        for (const Part& part : parts_of_month)
            amounts.push_back(static_cast<double>(units[line]) * part.days / length);
        // Shares by days, rounded so that they sum to the month's amount.
        const std::vector<std::int64_t> shares = math::largest_remainder_units(amounts, 1.0, units[line]);
        for (std::size_t k = 0; k < parts_of_month.size(); ++k)
            shares_of_lines.push_back({line, parts_of_month[k].period, shares[k]});
    }
    return shares_of_lines;
}

}  // namespace custfolio
