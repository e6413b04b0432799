// Fiscal calendars: years that begin in any month, and years of 52 or 53 weeks in patterns such as 4-4-5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// How many weeks the three periods of a quarter have.
enum class WeekPattern {
    four_four_five,  ///< 4-4-5.
    four_five_four,  ///< 4-5-4, as retailers use it.
    five_four_four   ///< 5-4-4.
};

/// @param pattern any value.
/// @return its name: "4-4-5", "4-5-4" or "5-4-4".
/// @throws InputError for a number that is none of them.
std::string to_string(WeekPattern pattern);

/// A period of a fiscal year: a month of it, or four or five weeks.
struct FiscalPeriod {
    int year = 0;     ///< Name of the fiscal year.
    int quarter = 1;  ///< 1..4.
    int number = 1;   ///< 1..12 within the year.
    Period days{};    ///< Its days, both ends included.
    /// Same period.
    /// @return whether the two are the same.
    bool operator==(const FiscalPeriod&) const = default;
};

/// A part of an amount that falls into a fiscal period.
struct PeriodShare {
    std::size_t line = 0;    ///< Position of the amount.
    FiscalPeriod period;     ///< The fiscal period.
    std::int64_t units = 0;  ///< Units of the amount in it.
};

/// How days belong to fiscal years, quarters and periods. A plain value; safe to use from any thread.
class FiscalCalendar {
  public:
    /// Calendar months, the year beginning in January.
    FiscalCalendar() = default;

    /// A year of calendar months.
    /// @param first_month the month in which it begins, 1..12.
    /// @param named_by_end whether the year has the name of the calendar year in which it ends (else: begins).
    /// @return the calendar.
    /// @throws InputError where the month is none.
    static FiscalCalendar of_months(unsigned first_month, bool named_by_end = true);

    /// A year of 52 or 53 whole weeks.
    /// @param pattern weeks of a quarter's periods.
    /// @param end_month the month at whose end it ends, 1..12.
    /// @param end_weekday its last day of the week, 1 (Monday) to 7 (Sunday).
    /// @param nearest whether it ends on the weekday nearest to the month's last day, which may lie in the next month
    /// (else: the last such weekday of the month).
    /// @param named_by_end whether the year has the name of the calendar year of its end month (else: the year
    /// before, in which most of a year that ends in January lies).
    /// @param long_period the period with the 53rd week, 1..12.
    /// @return the calendar. The National Retail Federation's is {four_five_four, 1, 6, true, false}.
    /// @throws InputError where an argument is out of range.
    static FiscalCalendar of_weeks(WeekPattern pattern, unsigned end_month, unsigned end_weekday, bool nearest,
                                   bool named_by_end, int long_period = 12);

    /// @param year name of a fiscal year, within the years 1 to 9998.
    /// @return its days.
    /// @throws InputError where the year is out of range.
    [[nodiscard]] Period year_days(int year) const;
    /// @param year name of a fiscal year.
    /// @return its twelve periods, in order; together they are its days.
    /// @throws InputError where the year is out of range.
    [[nodiscard]] std::array<FiscalPeriod, 12> periods(int year) const;
    /// @param day days since 1970-01-01.
    /// @return the period that contains it.
    /// @throws InputError where the day is out of range.
    [[nodiscard]] FiscalPeriod period_of(DayNumber day) const;
    /// @return whether the year has whole weeks.
    [[nodiscard]] bool has_weeks() const { return weeks_; }

    /// @return what precedes the number of a year in its name: "" where it is a calendar year, else "FY".
    [[nodiscard]] std::string year_prefix() const { return !weeks_ && first_month_ == 1 ? "" : "FY"; }

    /// Divides amounts of calendar months over fiscal periods by days, each amount exactly (largest remainder).
    /// @param months the month of each amount.
    /// @param units each amount, in whole units.
    /// @return the parts, in the order of the amounts; the parts of an amount add up to it.
    /// @throws InputError where the lengths differ.
    [[nodiscard]] std::vector<PeriodShare> spread(std::span<const Month> months,
                                                  std::span<const std::int64_t> units) const;

  private:
    [[nodiscard]] DayNumber last_day(int end_year) const;

    bool weeks_ = false;
    unsigned first_month_ = 1;
    bool named_by_end_ = true;
    WeekPattern pattern_ = WeekPattern::four_four_five;
    unsigned end_weekday_ = 6;
    bool nearest_ = false;
    int long_period_ = 12;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/fiscal_calendar.ipp"
#endif
