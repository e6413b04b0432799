// Definitions of the texts of months and days, and of the months that a period covers.
#pragma once

#include <algorithm>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE std::string padded(unsigned value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

CUSTFOLIO_INLINE std::string year_text(int year) {
    return year < 0 ? "-" + padded(static_cast<unsigned>(-year), 4) : padded(static_cast<unsigned>(year), 4);
}

CUSTFOLIO_INLINE void throw_no_month(int year, unsigned month) {
    throw InputError("month " + std::to_string(month) + " of year " + std::to_string(year) +
                     " does not exist; months run from 1 to 12");
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Month month) {
    return detail::year_text(month.year()) + "-" + detail::padded(month.month_of_year(), 2);
}

CUSTFOLIO_INLINE std::string day_text(DayNumber day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    return detail::year_text(static_cast<int>(date.year())) + "-" +
           detail::padded(static_cast<unsigned>(date.month()), 2) + "-" +
           detail::padded(static_cast<unsigned>(date.day()), 2);
}

CUSTFOLIO_INLINE std::vector<double> covered_months(Period period) {
    std::vector<double> shares;
    for (int m = 0; m < period.months(); ++m) {
        const Month month = period.first_month() + m;
        const Period whole{month.first_day(), month.last_day()};
        const Period part{std::max(whole.first, period.first), std::min(whole.last, period.last)};
        const bool counts = whole.days() - part.days() <= most_days_missing;
        shares.push_back(counts ? 1.0 : static_cast<double>(part.days()) / whole.days());
    }
    return shares;
}

}  // namespace custfolio
