// The budget of what comes without any action, with the joint error of the baseline.
#pragma once

#include <span>
#include <string>

#include "custfolio/budget/line_item_budget.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// The budget of a baseline: revenue and costs of each customer and month, source "baseline". New business as usual has
/// lines of its own, source "new business", with "(none)" in all other dimensions.
///
/// The bands of any customers and months follow from the baseline's joint error; so the company's level has the band of
/// Baseline::company(). Sums of amounts that cannot be below 0 have a band that is not. Bands are NaN where the joint
/// error is not known. Costs move with the revenue at the customer's
/// temperature, whose own error is the same in all months.
/// @param baseline the baseline.
/// @param customers identity of each of its customers.
/// @param settings currency, calendar, rates, types of accounts and correlation.
/// @param dimensions further dimensions with a label for each customer.
/// @param sales recent sales of the customers, for the causes of a variance; null: no quantities. Revenue and cost of
/// goods have the quantity that the revenue buys at the customer's price in these sales; 0 where it has none. Costs are
/// split into accounts "cost of goods" and "cost to serve" in the customer's proportion, else in that of all customers.
/// @return the budget. O(customers x months).
/// @throws InputError where there is another number of customers or labels than rows, the sales have no quantities or
/// no costs of goods, or as LineItemBudget.
LineItemBudget baseline_budget(const Baseline& baseline, std::span<const std::string> customers,
                               BudgetSettings settings = {}, std::span<const Dimension> dimensions = {},
                               const Portfolio* sales = nullptr);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/baseline_budget.ipp"
#endif
