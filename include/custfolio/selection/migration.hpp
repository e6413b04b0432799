// Migration of customers between segments, with the level and the heat that moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/math/column_view.hpp"
#include "custfolio/math/matrix.hpp"

namespace custfolio {

/// Customers of one period with their segments, as columns over the caller's own memory.
struct SegmentedCustomers {
    ColumnView<std::string> id = {};        ///< Identity; empty in both periods: rows are matched by position.
    ColumnView<std::int32_t> segment = {};  ///< Segment, in [0, segments); -1: not a customer of the period.
    ColumnView<double> level = {};          ///< Net revenue, currency; empty: not known.
    ColumnView<double> heat = {};           ///< Contribution, currency; empty: not known.
};

/// Customers by their segment before and after. The last row and the last column are those who were no customers
/// before, and who are none after. The levels of a period sum over all cells to that period's level.
struct Migration {
    Matrix customers;     ///< Number of customers.
    Matrix level_before;  ///< Their net revenue before, currency; empty where it is not known.
    Matrix level_after;   ///< Their net revenue after, currency; empty where it is not known.
    Matrix heat_before;   ///< Their contribution before, currency; empty where it is not known.
    Matrix heat_after;    ///< Their contribution after, currency; empty where it is not known.
};

/// Counts who moved from which segment to which.
/// @param before the earlier period.
/// @param after the later period; segments are numbered as before.
/// @param segments number of segments.
/// @return matrices of segments + 1 by segments + 1. O(customers + segments^2).
/// @throws InputError where lengths differ, only one period has identities, one is repeated (the message names it), a
/// segment does not exist, or an amount is not finite.
Migration migration(const SegmentedCustomers& before, const SegmentedCustomers& after, std::size_t segments);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/migration.ipp"
#endif
