// Rows without a cost of goods: their cost from the mean ratio of the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace custfolio {

/// Fills the cost of rows that have none, at a ratio of cost to revenue.
/// @param cost known cost of goods per row, currency; 0 where there is none.
/// @param uncosted net revenue per row that has no cost, currency; 0 where the cost is known.
/// @param ratio cost of a unit of revenue, finite.
/// @return cost + ratio x uncosted per row. Linear.
/// @throws InputError where lengths differ or the ratio is not finite.
std::vector<double> fill_costs(std::span<const double> cost, std::span<const double> uncosted, double ratio);

/// Fills the cost of rows that have none, at the mean ratio of their group: the sum of its costs over the sum of the
/// revenue that has one.
/// @param revenue net revenue per row, currency.
/// @param cost known cost of goods per row, currency; 0 where there is none.
/// @param uncosted net revenue per row that has no cost, currency; 0 where the cost is known.
/// @param group group per row, 0 .. groups - 1, such as the customer; empty: the company is the only group.
/// @param groups number of groups.
/// @return cost + ratio x uncosted per row. The ratio is the company's for groups whose revenue with a cost is not
/// positive. Linear.
/// @throws InputError where lengths differ, a group is out of range, or the company has no positive revenue with a
/// cost.
std::vector<double> fill_costs(std::span<const double> revenue, std::span<const double> cost,
                               std::span<const double> uncosted, std::span<const std::int32_t> group,
                               std::size_t groups);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/missing_cost.ipp"
#endif
