// Definitions of the rounding that adds up.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/rounding.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE double from_units(std::int64_t units, double unit) {
    // Units such as 0.01 are not exact; a division by the whole number 100 gives the nearest double.
    const double per_one = std::round(1.0 / unit);
    const auto count = static_cast<double>(units);
    return per_one >= 1.0 && per_one < 0x1p53 && 1.0 / per_one == unit ? count / per_one : count * unit;
}

CUSTFOLIO_INLINE std::vector<std::int64_t> largest_remainder_units(std::span<const double> amounts, double unit,
                                                                   std::optional<std::int64_t> total) {
    if (!(unit > 0.0) || !std::isfinite(unit)) {
        throw InputError("largest_remainder: unit is " + std::to_string(unit) + ", must be positive");
    }
    constexpr double nearly_whole = 1e-9;
    const double per_one = std::round(1.0 / unit);
    const bool divides = per_one >= 1.0 && per_one < 0x1p53 && 1.0 / per_one == unit;
    CompensatedSum sum;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        if (!std::isfinite(amounts[i])) {
            throw InputError("largest_remainder: amount at index " + std::to_string(i) + " is " +
                             std::to_string(amounts[i]) + ", must be finite");
        }
        if (!(std::abs(amounts[i]) / unit <= 0x1p52)) {
            throw InputError("largest_remainder: amount at index " + std::to_string(i) + " is " +
                             std::to_string(amounts[i]) + ", more than 2^52 units of " + std::to_string(unit));
        }
        sum += amounts[i];
    }
    // A negative sum is rounded as its mirror image, so that credit and debit are treated alike.
    const double sign = sum.value() < 0.0 ? -1.0 : 1.0;
    std::vector<std::int64_t> units(amounts.size());
    std::vector<double> remainder(amounts.size());
    std::int64_t reached = 0;
    CompensatedSum remaining;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        const double exact = sign * (divides ? amounts[i] * per_one : amounts[i] / unit);
        const double nearest = std::round(exact);
        // An amount that rounding has put just below a whole number of units is whole.
        const double whole = std::abs(exact - nearest) <= nearly_whole ? nearest : std::floor(exact);
        units[i] = static_cast<std::int64_t>(whole);
        remainder[i] = std::max(0.0, exact - whole);
        if (remainder[i] <= nearly_whole) remainder[i] = 0.0;
        reached += units[i];
        remaining += remainder[i];
    }
    // A half in the total that rounding has made slightly less is still a half.
    std::int64_t raised = static_cast<std::int64_t>(std::floor(remaining.value() + 0.5 + nearly_whole));
    if (total) raised = static_cast<std::int64_t>(sign) * *total - reached;
    std::vector<std::size_t> order(amounts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // A whole amount must not be raised: that would be a full unit off.
    std::erase_if(order, [&](std::size_t i) { return remainder[i] == 0.0; });
    if (raised < 0 || raised > static_cast<std::int64_t>(order.size())) {
        throw InputError("largest_remainder: total of " + std::to_string(*total) +
                         " units cannot be reached, the amounts rounded down and up add up to " +
                         std::to_string(sign > 0.0 ? reached : -reached - static_cast<std::int64_t>(order.size())) +
                         " and " +
                         std::to_string(sign > 0.0 ? reached + static_cast<std::int64_t>(order.size()) : -reached));
    }
    const auto last = order.begin() + raised;
    // Only which remainders are greatest counts, not their order; equal ones go by position.
    std::nth_element(order.begin(), last, order.end(), [&](std::size_t a, std::size_t b) {
        return remainder[a] != remainder[b] ? remainder[a] > remainder[b] : a < b;
    });
    for (auto it = order.begin(); it != last; ++it) ++units[*it];
    if (sign < 0.0) {
        for (std::int64_t& u : units) u = -u;
    }
    return units;
}

CUSTFOLIO_INLINE std::vector<double> largest_remainder(std::span<const double> amounts, double unit,
                                                       std::optional<std::int64_t> total) {
    const std::vector<std::int64_t> units = largest_remainder_units(amounts, unit, total);
    std::vector<double> rounded(units.size());
    std::transform(units.begin(), units.end(), rounded.begin(), [&](std::int64_t u) { return from_units(u, unit); });
    return rounded;
}

}  // namespace custfolio::math
