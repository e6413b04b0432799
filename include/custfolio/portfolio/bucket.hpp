// The bucket: level, heat and temperature of a group of customers.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace custfolio {

/// Temperature of a level and its heat.
/// @param level net revenue, currency.
/// @param heat contribution, currency.
/// @return heat / level as a fraction (0.12, never 12). NaN at or below a level of 0, as after net returns: a loss on a
/// negative revenue would be a positive ratio. NaN where the percentage exceeds the range of a double.
[[nodiscard]] inline double temperature_of(double level, double heat) {
    const double ratio = heat / level;
    // Also as a percentage, which is how it is shown.
    return level > 0 && std::isfinite(100 * ratio) ? ratio : std::numeric_limits<double>::quiet_NaN();
}

/// A group of customers as water: level L = sum of net revenue, heat Q = sum of contribution, temperature T = Q / L.
/// Mixing is exact: level and heat add up, temperatures mix by weight of revenue.
struct Bucket {
    double level = 0;           ///< Net revenue, currency.
    double heat = 0;            ///< Contribution, currency; NaN where it is not known.
    std::size_t customers = 0;  ///< Number of customers, those without revenue included.

    /// @return heat / level as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double temperature() const { return temperature_of(level, heat); }
    /// Pours two groups of customers together.
    /// @param other the other group; customers in both are counted twice.
    /// @return the mixture.
    [[nodiscard]] Bucket operator+(const Bucket& other) const {
        return {level + other.level, heat + other.heat, customers + other.customers};
    }
    /// Same level, heat and number of customers.
    /// @return whether the two are the same.
    bool operator==(const Bucket&) const = default;
};

/// Pours customers into a bucket.
/// @param revenue net revenue per customer, currency.
/// @param contribution contribution per customer, currency; same length.
/// @return the bucket; sums are compensated and taken in order, so the bits never depend on threads.
/// @throws InputError where the lengths differ, or a number or a sum is not finite (the message names the position).
/// Linear.
Bucket pour(std::span<const double> revenue, std::span<const double> contribution);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/bucket.ipp"
#endif
