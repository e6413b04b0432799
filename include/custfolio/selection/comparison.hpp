// Statements of one ledger side by side: who earns money under one way of costing and costs money under another.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// The contribution of every customer by each way of costing, customers in the order of the portfolios.
struct CostingComparison {
    Matrix contribution;                   ///< Customers x statements, currency.
    std::vector<double> spread;            ///< Highest minus lowest contribution per customer, currency.
    std::vector<bool> changes_sides;       ///< Per customer: below 0 in one statement, and not in another.
    std::vector<std::size_t> loss_makers;  ///< Customers below 0 per statement.

    /// @return number of customers that change sides.
    [[nodiscard]] std::size_t changing() const;
};

/// Compares statements of the same customers and period under several cost models.
/// @param statements at least two: `compare_costing({by_rates, by_time})`.
/// @return the contributions side by side. O(customers x statements).
/// @throws InputError where there are fewer than two, their customers, periods or revenues differ (the message names
/// the first difference), or costs of goods are not known.
/// @see R. Cooper, R. S. Kaplan (1991), Profit Priorities from Activity-Based Costing, Harvard Business Review 69(3).
CostingComparison compare_costing(const std::vector<std::reference_wrapper<const Statement>>& statements);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/comparison.ipp"
#endif
