// Definitions of yearly amounts in a period.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/ledger/yearly_amounts.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::vector<double> amounts_in_period(std::span<const double> amount,
                                                       std::span<const std::int32_t> year, Period period) {
    if (year.size() != amount.size()) {
        throw InputError("yearly amounts: there are " + std::to_string(year.size()) + " years for " +
                         std::to_string(amount.size()) + " amounts; each must have one");
    }
    std::vector<double> counted(amount.size());
    for (std::size_t row = 0; row < counted.size(); ++row) {
        const std::string where = "yearly amounts, row " + std::to_string(row) + " (counted from 0)";
        require_finite(amount[row], where);
        if (year[row] < 1 || year[row] > 9999) {
            throw InputError(where + ": the year is " + std::to_string(year[row]) + "; it must lie from 1 to 9999");
        }
        const Month january{std::chrono::year{year[row]} / 1};
        const DayNumber first = january.first_day();
        const DayNumber last = (january + 11).last_day();
        const int days = std::min(last, period.last) - std::max(first, period.first) + 1;
        counted[row] = amount[row] * std::max(days, 0) / (last - first + 1);
    }
    return counted;
}

}  // namespace custfolio
