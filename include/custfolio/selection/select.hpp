// The verdict on each customer: keep, remediate, or too young.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/selection/interest.hpp"
#include "custfolio/selection/segmentation.hpp"
#include "custfolio/selection/uncertainty.hpp"

namespace custfolio {

namespace detail {

/// Whole months from the first day to the end of the last one: 1 January to 30 June is six.
int whole_months(DayNumber first, DayNumber last);

}  // namespace detail

/// The verdict on a customer.
enum class Verdict {
    keep,       ///< Warm, or interesting enough to be worth warming another way.
    remediate,  ///< Cold or lukewarm: its terms must change.
    too_young   ///< Too few months as a customer.
};

/// @param verdict any verdict.
/// @return "keep", "remediate" or "too young".
std::string to_string(Verdict verdict);

/// Settings of the selection.
struct SelectionOptions {
    double target = 0.05;  ///< Least temperature of a warm customer, a fraction in (-1, 1).
    int min_months = 6;    ///< Whole months as a customer that a verdict needs, >= 0.
    std::vector<double> interesting =
        {};  ///< How interesting each customer is, in [0, 1], in portfolio order; NaN or empty: not known.
    double interesting_threshold = 0.5;  ///< Least answer that keeps a cold customer, in [0, 1].
    Interest interest = {};         ///< In place of `interesting`: the matrix, whose class A keeps a cold customer.
    Column probability_below = {};  ///< Chance of each customer to be below the target, of uncertain(); or empty.
};

/// The verdicts over a portfolio, in its order.
struct Selection {
    Identity identity = {};                ///< The portfolio of the verdicts.
    double target = 0.05;                  ///< Least temperature of a warm customer, a fraction.
    std::vector<Verdict> verdict = {};     ///< One per customer.
    std::vector<std::string> reason = {};  ///< The reason, one sentence per customer.
    std::vector<Class> cls = {};           ///< Pareto class by net revenue (see abc()), one per customer.
    std::vector<double> temperature = {};  ///< Temperature; NaN where a customer has no positive revenue.
    /// Whether a customer is below the target at its full cost, and not at the cost that leaves with it.
    std::vector<bool> only_by_cost_that_stays = {};
    Column probability_below = {};  ///< That of the options; empty: not known.
    std::vector<Certainty> certainty =
        {};  ///< Whether a customer is surely on its side of the target; empty: not known.

    /// @return number of customers.
    [[nodiscard]] std::size_t size() const { return verdict.size(); }
    /// @param row a customer of the portfolio, 0-based.
    /// @return whether its temperature is at the target or above.
    /// @throws NotFoundError where row >= size().
    [[nodiscard]] bool warm(std::size_t row) const;
    /// @param wanted a verdict.
    /// @return the rows that have it, ascending: input of remediate().
    [[nodiscard]] CustomerRows rows(Verdict wanted) const;
};

/// Gives every customer a verdict, in this order:
/// 1. too young: fewer than `min_months` whole months from its first day to the period's last day. Without first days
/// in the
///    portfolio nobody is too young;
/// 2. keep: T >= target (warm), or interesting enough;
/// 3. remediate: T < 0 (cold), or 0 <= T < target (lukewarm).
///
/// A customer without positive revenue has no temperature to compare. It is cold if it costs money, and otherwise kept.
///
/// The reason has what decided: the temperature, the class of the matrix or what is not known of it, whether the
/// verdict is sure, and the temperature at avoidable cost where that is at the target.
/// @param portfolio the customers.
/// @param options target, youth, interest.
/// @return verdict, reason and class per customer. O(n log n).
/// @throws InputError where an option is out of range (for a percentage the message has the fraction), or a column has
/// another length than the portfolio or an entry out of [0, 1] (the message names the customer), there are two kinds
/// of interest, or the interest is of another portfolio.
Selection select(const Portfolio& portfolio, const SelectionOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/select.ipp"
#endif
