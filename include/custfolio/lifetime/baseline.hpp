// Baseline: what every customer is expected to bring in each month without any action.
#pragma once

#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// Level and heat per customer and month without any action, and how uncertain their sums are. A plain aggregate: fill
/// it with any forecast; check() checks whether it fits.
struct Baseline {
    Month start{};             ///< First month.
    Matrix level{};            ///< Customers x months: expected net revenue, currency.
    Matrix heat{};             ///< Customers x months: expected contribution, currency.
    Matrix variance{};         ///< Customers x months: variance of the level, squared currency; empty: not known.
    Column level_deviation{};  ///< Per month the standard deviation of the company's level; empty: not known.
    Column heat_deviation{};   ///< Per month the standard deviation of the company's heat; empty: not known.
    std::vector<std::string> notes{};  ///< What is worth knowing about how it was made.

    /// @return number of months.
    [[nodiscard]] int months() const { return static_cast<int>(level.cols()); }
    /// Checks that this is a baseline for a portfolio and a horizon.
    /// @param portfolio the customers, in the order of the rows.
    /// @param first first month needed.
    /// @param count number of months needed.
    /// @throws InputError where a size differs, a number is not finite, a variance or deviation is negative, or months
    /// are missing (the message names them).
    void check(const Portfolio& portfolio, Month first, int count) const;
};

/// The baseline of a portfolio alone: each month does what the last month of the reference period with the
/// same name did (seasonal naive); where there is none, or monthly revenue is not known, the period's average month.
/// Heat in proportion to the size of the revenue, at the period's temperature. It has no variance.
/// @param portfolio the customers.
/// @param start first month.
/// @param months number of months, >= 1.
/// @return the baseline.
/// @throws InputError where `months` < 1.
Baseline seasonal_baseline(const Portfolio& portfolio, Month start, int months);

/// Size of each customer's activity in each month as a share of its activity in the portfolio's reference period: what
/// follows from being served (new terms, deliveries) happens in this proportion. It is |level| over the sum of the
/// absolute months of the period (so that returns in one month do not turn a sign); over |revenue| where months are not
/// known; an even share of the period where there was no revenue.
/// @param portfolio the customers.
/// @param level customers x months, currency.
/// @return customers x months, >= 0.
Matrix activity(const Portfolio& portfolio, const Matrix& level);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/baseline.ipp"
#endif
