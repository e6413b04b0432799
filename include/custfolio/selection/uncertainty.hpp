// How sure a temperature is: deviations of the rates, and of the customer's own months.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// Whether a customer is surely on its side of the target.
enum class Certainty {
    sure,      ///< The chance to be on the other side of the target is less than 5 %.
    undecided  ///< It is 5 % or more.
};

/// @param certainty any value.
/// @return "sure" or "undecided".
/// @throws InputError for a number that is none of them.
std::string to_string(Certainty certainty);

/// Own months may shrink a temperature across the target. Then the chance and the observed temperature disagree, and
/// the customer is undecided.
/// @param probability_below chance to be below the target, in [0, 1].
/// @param below whether the observed temperature is below the target.
/// @return sure where the chance is above 0.95 and the customer below, or the chance is below 0.05 and it is not.
Certainty certainty_of(double probability_below, bool below);

/// The relative standard deviation of a rate or pool.
struct RateDeviation {
    std::string element{};  ///< A driver with a rate, or a pool.
    double deviation = 0;   ///< A fraction in [0, 1]: 0.25 for 25 %.
};

/// Level and heat of customers by month, customers in the order of the portfolio.
struct CustomerMonths {
    Matrix level{};  ///< Customers x months: net revenue, currency.
    Matrix heat{};   ///< Customers x months: contribution, currency.
};

/// What is uncertain.
struct UncertaintyOptions {
    double target = 0.05;                        ///< Least temperature of a warm customer, a fraction in (-1, 1).
    double rates = 0.25;                         ///< Relative standard deviation of every rate, a fraction in [0, 1].
    std::vector<RateDeviation> deviations = {};  ///< That of single rates and pools, in place of `rates`.
    CustomerMonths months = {};                  ///< Own months of the customers; empty: they do not count.
    std::vector<std::int32_t> segment = {};      ///< Segment of each customer, from 0; empty: all are one segment.
};

/// Temperatures with their deviation, one entry per customer of the portfolio, in its order.
struct Uncertainty {
    Identity identity{};                 ///< The portfolio of the temperatures.
    double target = 0.05;                ///< Least temperature of a warm customer, a fraction.
    Column temperature{};                ///< As observed, a fraction; NaN where the revenue is not positive.
    Column expected{};                   ///< Shrunk towards the segment where months count; else as observed.
    Column deviation{};                  ///< Standard deviation of the temperature, a fraction.
    Column p10{};                        ///< Lower end of the 80 % interval, a fraction.
    Column p90{};                        ///< Upper end of the 80 % interval, a fraction.
    Column probability_below{};          ///< Chance to be below the target, in [0, 1].
    std::vector<Certainty> certainty{};  ///< Whether the customer is surely on its observed side; see certainty_of().

    /// @return customers that are surely at the target or above.
    [[nodiscard]] std::size_t surely_warm() const;
    /// @return customers that are surely below the target.
    [[nodiscard]] std::size_t surely_cold() const;
    /// @return all other customers.
    [[nodiscard]] std::size_t undecided() const;
};

/// How sure the temperature of each customer is.
///
/// Every rate has an independent normal deviation. A temperature is linear in the rates, so it is normal: its variance
/// is the sum over the elements of (deviation x charge / revenue)^2. Goods and the revenue share do not deviate.
///
/// Where months are given, the customer's temperature is shrunk towards its segment by them (see
/// shrink_temperature()), and the variance of that is added.
///
/// A customer without positive revenue has no temperature. Its chance to be below the target is that of a loss.
/// @param statement the statement.
/// @param costs the cost model that it was made with.
/// @param options target, deviations, months and segments.
/// @return temperatures, intervals and chances. O(customers x (elements + months)).
/// @throws InputError where an option is out of range, a length differs, no contributions are known, or no customer has
/// two months with sales.
/// @throws NotFoundError where a deviation is of no rate or pool (the message lists them).
Uncertainty uncertain(const Statement& statement, const CostModel& costs, const UncertaintyOptions& options = {});

/// Level and heat of a statement's customers by month, for UncertaintyOptions. The months of a customer sum to its row
/// of the statement.
/// @param statement the statement.
/// @param ledger the lines that it was made from.
/// @param costs the cost model that it was made with.
/// @param options the options that it was made with.
/// @return customers x months of the statement's period. As group_by() by customer and month.
/// @throws InputError as group_by() does, and where no contributions are known.
CustomerMonths customer_months(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
                               const StatementOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/uncertainty.ipp"
#endif
