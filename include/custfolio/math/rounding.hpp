// Rounding of many amounts so that the rounded amounts add up to the rounded total.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief Rounds amounts to whole units by the method of largest remainders (Hamilton), as numbers of units.
 *
 * Every amount is rounded down or up to a neighbouring unit, the largest remainders up, so that the rounded amounts add
 * up to the total; equal remainders go to the lower index. An amount within a billionth of a unit of a whole number of
 * units counts as whole. Negating every amount negates every result when the sum is not 0.
 * @param amounts finite amounts, positive or negative; may be empty.
 * @param unit size of a unit (0.01 for cents), positive and finite.
 * @param total what the result must add up to, in units; by default the sum of the amounts rounded to whole units
 * (halves away from zero). A parent's already rounded amount fits whenever it is within one unit of the sum.
 * @return number of units per amount, each less than one unit from its amount.
 * @throws InputError when an amount is not finite (with its index), the unit is not positive, or an amount exceeds 2^52
 * units, beyond which doubles do not separate units.
 * @throws InputError when a given total cannot be reached with every amount less than one unit away.
 * Complexity: O(n log n).
 */
std::vector<std::int64_t> largest_remainder_units(std::span<const double> amounts, double unit,
                                                  std::optional<std::int64_t> total = std::nullopt);

/**
 * @brief As largest_remainder_units, with the amounts in their own unit of measure.
 * @param amounts finite amounts, positive or negative; may be empty.
 * @param unit size of a unit (0.01 for cents), positive and finite.
 * @param total what the result must add up to, in units; by default the rounded sum.
 * @return rounded amounts: each the double nearest to its number of units.
 * @throws InputError as largest_remainder_units.
 * @throws InputError as largest_remainder_units.
 */
std::vector<double> largest_remainder(std::span<const double> amounts, double unit,
                                      std::optional<std::int64_t> total = std::nullopt);

/**
 * @brief The double nearest to a number of units.
 * @param units number of units.
 * @param unit size of a unit, positive and finite.
 * @return units * unit; computed by division where 1 / unit is whole (29 units of 0.01 are 0.29 exactly as written).
 */
double from_units(std::int64_t units, double unit);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/rounding.ipp"
#endif
