// Quantiles of values that are sorted already.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace custfolio::math {

/// @param sorted values, ascending, at least one.
/// @param probability in [0, 1].
/// @return the quantile, linear between neighbouring values.
inline double quantile_of_sorted(std::span<const double> sorted, double probability) {
    const double at = probability * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

}  // namespace custfolio::math
