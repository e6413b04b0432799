// Groups of budget lines by month, fiscal period and dimension.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/budget/fiscal_calendar.hpp"
#include "custfolio/budget/line_items.hpp"

namespace custfolio {

/// Groups of lines: for each name that they are grouped by, a column of texts with a row a group.
struct BudgetGroups {
    std::vector<std::string> by;  ///< The names: month, year, quarter, period, item, or a dimension.
    std::vector<Labels> keys;     ///< For each name the text of each group.
    std::size_t size = 0;         ///< Number of groups; 1 where nothing is grouped by.
};

namespace detail {

/// Lines, or in a calendar of weeks their parts, with the group of each.
struct GroupedRows {
    BudgetGroups groups;              ///< In ascending order of their codes.
    std::vector<std::size_t> line;    ///< Line of each row.
    std::vector<std::size_t> group;   ///< Group of each row.
    std::vector<std::int64_t> units;  ///< Units of each row.
    std::vector<double> share;        ///< Share of the line's month in each row; empty: all of it.

    /// @param weight one a row, or empty. @return sums of units times weight, by group.
    [[nodiscard]] std::vector<std::int64_t> sums(std::span<const std::int64_t> weight) const;
};

/// Groups some lines.
/// @param lines all lines. @param calendar the fiscal calendar. @param units units of all lines.
/// @param by the names. @param among positions of the lines that are grouped.
/// @return the groups. @throws InputError where a name is unknown or twice, or "month" is beside periods of weeks.
GroupedRows group_lines(const LineItems& lines, const FiscalCalendar& calendar, std::span<const std::int64_t> units,
                        std::span<const std::string> by, std::span<const std::size_t> among);

/// Numbers distinct codes from 0 in ascending order.
/// @param codes any codes; becomes their numbers. @return how many there are.
std::size_t number_codes(std::vector<std::int64_t>& codes);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/budget_groups.ipp"
#endif
