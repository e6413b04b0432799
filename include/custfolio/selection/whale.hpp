// The whale curve: cumulative contribution over customers ranked by contribution.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace custfolio {

/// Cumulative contribution over customers from the most to the least profitable. It rises to more than the total and
/// falls where customers cost money, hence the name.
/// @see R. S. Kaplan, V. G. Narayanan (2001), Measuring and Managing Customer Profitability, Journal of Cost
/// Management 15.
struct WhaleCurve {
    std::vector<std::size_t> order;  ///< Rows of the customers, in the portfolio for a statement, from the highest to
                                     ///< the lowest contribution; ties in their own order.
    std::vector<double> cumulative;  ///< Contribution of the first k + 1 customers of `order`, currency.
    double total = 0;                ///< Contribution of all customers, currency.
    double peak = 0;                 ///< Highest point of the curve, currency: the sum of all positive contributions.
    double peak_share = 0;           ///< peak / total; NaN where the total is not positive.
    std::size_t customers_at_peak = 0;  ///< Customers with a positive contribution.
    double loss = 0;                    ///< peak - total, >= 0, currency: cost of the customers after the peak.
    /// Gini coefficient of contribution: 0 where all contribute the same, (n - 1) / n where one contributes all. Above
    /// 1 where losses raise the curve beyond the total; NaN where the total is not positive.
    double gini = 0;

    /// Share of total contribution that the most profitable customers bring: "20 % of customers bring 225 % of profit".
    /// @param fraction of all customers, in [0, 1]; the curve is linear between customers.
    /// @return share of the total as a fraction; NaN where the total is not positive.
    /// @throws InputError where the fraction is not in [0, 1] (for a percentage the message has the fraction).
    [[nodiscard]] double share(double fraction) const;
};

/// Draws the whale curve.
/// @param contribution one per customer, currency; may be empty (total 0).
/// @return the curve; sums are compensated. O(n log n).
/// @throws InputError where a number is not finite (the message names its position).
WhaleCurve whale_curve(std::span<const double> contribution);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/whale.ipp"
#endif
