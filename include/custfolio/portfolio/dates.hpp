// Days, months and periods: whole days and whole months, no clock and no time zone.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace custfolio {

/// A day as the number of days since 1970-01-01. This is Arrow's date32, so date columns need no conversion.
using DayNumber = std::int32_t;

/// Marks a day that is not there: an open case, an unpaid invoice.
inline constexpr DayNumber no_day = std::numeric_limits<DayNumber>::min();

namespace detail {
/// @throws InputError that names the year and month, which are not in the calendar.
[[noreturn]] void throw_no_month(int year, unsigned month);
}  // namespace detail

/// A calendar month.
class Month {
  public:
    /// January 1970.
    constexpr Month() = default;
    /// @param value year and month, for instance `2022y / 1`.
    /// @throws InputError where it is not ok(), as `2026y / 13`.
    constexpr Month(
        std::chrono::year_month value)  // NOLINT(google-explicit-constructor): `.start = {2022y / 1}` is the face
        : index_((static_cast<int>(value.year()) - 1970) * 12 + static_cast<int>(static_cast<unsigned>(value.month())) -
                 1) {
        if (!value.ok()) {
            detail::throw_no_month(static_cast<int>(value.year()), static_cast<unsigned>(value.month()));
        }
    }
    /// @param index months since January 1970, negative before.
    /// @return that month.
    static constexpr Month from_index(int index) {
        Month month;
        month.index_ = index;
        return month;
    }
    /// The month of a day.
    /// @param day days since 1970-01-01.
    /// @return its month.
    static constexpr Month of(DayNumber day) {
        const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
        return {date.year() / date.month()};
    }
    /// @return months since January 1970.
    [[nodiscard]] constexpr int index() const { return index_; }
    /// @return the calendar year.
    [[nodiscard]] constexpr int year() const { return 1970 + (index_ >= 0 ? index_ / 12 : (index_ - 11) / 12); }
    /// @return the month of the year, 1..12.
    [[nodiscard]] constexpr unsigned month_of_year() const {
        return static_cast<unsigned>(index_ - (year() - 1970) * 12) + 1;
    }
    /// @return its first day, in days since 1970-01-01.
    [[nodiscard]] constexpr DayNumber first_day() const {
        const std::chrono::sys_days day{std::chrono::year{year()} / std::chrono::month{month_of_year()} / 1};
        return static_cast<DayNumber>(day.time_since_epoch().count());
    }
    /// @return its last day, in days since 1970-01-01.
    [[nodiscard]] constexpr DayNumber last_day() const { return (*this + 1).first_day() - 1; }
    /// @param months how many months later; negative for earlier.
    /// @return the shifted month.
    [[nodiscard]] constexpr Month operator+(int months) const { return from_index(index_ + months); }
    /// @param other an earlier or later month.
    /// @return how many months this one is after `other`.
    [[nodiscard]] constexpr int operator-(Month other) const { return index_ - other.index_; }
    /// Calendar order.
    /// @return the order of the two.
    constexpr auto operator<=>(const Month&) const = default;

  private:
    int index_ = 0;
};

/// Marks a month that the user must give.
inline constexpr Month no_month = Month::from_index(std::numeric_limits<int>::min());

/// @param month any month.
/// @return its ISO text, "2022-01".
std::string to_string(Month month);

/// @param day days since 1970-01-01.
/// @return its ISO text, "2022-01-31".
std::string day_text(DayNumber day);

/// Days from first to last, both included.
struct Period {
    DayNumber first = 0;  ///< First day, days since 1970-01-01.
    DayNumber last = -1;  ///< Last day, included; a period with last < first is empty.

    /// @return number of days, 0 where empty.
    [[nodiscard]] constexpr int days() const { return last < first ? 0 : last - first + 1; }
    /// @param day days since 1970-01-01.
    /// @return whether the day is in the period.
    [[nodiscard]] constexpr bool contains(DayNumber day) const { return first <= day && day <= last; }
    /// @return the month of the first day.
    [[nodiscard]] constexpr Month first_month() const { return Month::of(first); }
    /// @return number of calendar months that the period touches, 0 where empty.
    [[nodiscard]] constexpr int months() const { return last < first ? 0 : Month::of(last) - Month::of(first) + 1; }
    /// Same days.
    /// @return whether the two are the same.
    constexpr bool operator==(const Period&) const = default;
};

/// Days that may be missing at the edge of a month that counts as whole: weekends and holidays without a sale.
inline constexpr int most_days_missing = 5;

/// The share of each calendar month that a period covers: days in the period over days of the month. It is 1 where at
/// most most_days_missing days are missing. Revenue over the sum of the shares is the mean month.
/// @param period the days.
/// @return one share in (0, 1] per month of `period.months()`; only the first and the last can be below 1.
std::vector<double> covered_months(Period period);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/dates.ipp"
#endif
