// Rows of the floor: the months whose level must reach an amount, and the reference year behind them.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

struct Strategy;  // defined in strategy.hpp, whose definitions need this header

namespace detail {

/// The level of the twelve months that a plan is compared with.
struct ReferenceYear {
    Month first = no_month;          ///< Its first month; no_month where no month is known.
    std::array<double, 12> level{};  ///< Per month from the first: net revenue, currency; NaN where not known.

    /// @param month any month.
    /// @return the level of the month of the same name, currency; NaN where not known.
    [[nodiscard]] double at(Month month) const;
};

/// @param strategy its start and reference.
/// @param portfolio the customers; their monthly revenue is used where the baseline has no history.
/// @param baseline the baseline; its history is used where it has one.
/// @return the reference year; without any monthly revenue each month counts as an average month of the period.
ReferenceYear reference_year(const Strategy& strategy, const Portfolio& portfolio, const Baseline& baseline);

/// The reference year of some customers: the months of the company's that the portfolio has by customer.
/// @param company the reference year of the company.
/// @param portfolio the customers.
/// @param rows their rows.
/// @return their reference year.
ReferenceYear reference_year(const ReferenceYear& company, const Portfolio& portfolio,
                             std::span<const std::size_t> rows);

/// One row of the floor.
struct FloorSpan {
    int first = 0;                      ///< First month of the row, counted from the start; negative before it.
    int length = 0;                     ///< Number of months of the row.
    std::vector<std::size_t> months{};  ///< The months of the plan that count, 0-based.
    double past = 0;                    ///< Level of the row's months before the start, currency.
    double floor = -std::numeric_limits<double>::infinity();  ///< Least level of `months` and `past`, currency.
    double baseline = 0;                                      ///< Level of both without any action, currency.
};

/// @param strategy its kind of rows and its months.
/// @return number of rows.
std::size_t count_of_rows(const Strategy& strategy);

/// @param strategy its floor.
/// @param reference the reference year.
/// @param level per month of the plan the level without any action, currency.
/// @return the rows that have a floor, in order of time.
std::vector<FloorSpan> floor_rows(const Strategy& strategy, const ReferenceYear& reference,
                                  std::span<const double> level);

/// The level per month that may leave without being replaced: the room above the floor.
/// @param rows the rows of the floor.
/// @param floors per row the level to keep, currency; `past` included.
/// @param level per month of the plan the level without any action, currency.
/// @return per month >= 0; infinity where there is no floor.
std::vector<double> room_above(const std::vector<FloorSpan>& rows, std::span<const double> floors,
                               std::span<const double> level);

}  // namespace detail
}  // namespace custfolio
