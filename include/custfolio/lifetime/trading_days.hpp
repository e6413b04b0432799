// Trading days: what the weekdays bring a company, so that months are compared by the weekdays in them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Net revenue of a company by day.
class TradingDays {
  public:
    /// @param day days of the rows.
    /// @param revenue net revenue of the rows, currency.
    /// @param oldest first month that counts.
    /// @param months number of months that count; rows outside of them are left out. Linear in rows.
    TradingDays(std::span<const DayNumber> day, std::span<const double> revenue, Month oldest, std::size_t months);

    /// Trading days of months, in those of a mean month: what the weekdays brought in the last two years before
    /// `months`, summed over the days of each month.
    /// @param months months that are known, from the oldest on.
    /// @param ahead months after them.
    /// @return months + ahead factors; none where seasonal naive is not nearer with them, by the squared error of the
    /// company's growth on the year before: at most 90 % of what it is without.
    [[nodiscard]] std::vector<double> factors(std::size_t months, std::size_t ahead) const;

  private:
    Month oldest_;
    std::vector<double> daily_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/trading_days.ipp"
#endif
