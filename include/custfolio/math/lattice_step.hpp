// The choice of the distance between the points of a lattice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "custfolio/config.hpp"

namespace custfolio::math {

/// A step for a lattice and what it means.
struct StepChoice {
    double step = 1.0;       ///< distance between points, in units of value.
    bool exact = true;       ///< whether every value is a whole multiple of the step.
    std::size_t points = 1;  ///< number of points that the range takes.
};

/// The greatest unit count of which all values are whole multiples; it can be gathered in parts, in any order.
struct CommonDivisor {
    std::uint64_t units = 0;  ///< 0: no value but 0 so far.
    bool whole = true;        ///< Whether every value is a whole number of units.

    /**
     * @brief Adds a value.
     * @param value finite.
     * @param unit smallest amount that counts, positive.
     */
    void add(double value, double unit);
    /**
     * @brief Adds the values of another.
     * @param other of the same unit.
     */
    void add(const CommonDivisor& other);
};

/**
 * @brief Chooses a step: the greatest common divisor of the values where that fits, else the finest round multiple of
 * it (1, 2, 4, 5, 8 times a power of ten) that fits: round amounts lie on it.
 * @param values amounts that should lie on the lattice (0 is a point), finite; zeros are ignored.
 * @param unit smallest amount that counts (0.01 for cents), positive. Values that are no multiples of it are never
 * exact; the step is then a multiple of the unit.
 * @param range width that the lattice must cover, not negative, finite: at most the sum of absolute values; with
 * trimmed tails twice bernstein_half_width.
 * @param max_points greatest number of points, at least 2.
 * @return the step; points is at most max_points.
 * @throws InputError when an argument is out of range (with the index of the value).
 */
StepChoice choose_step(std::span<const double> values, double unit, double range, std::size_t max_points);

/**
 * @brief As above, for values with a given divisor.
 * @param divisor of all values.
 * @param unit as above.
 * @param range as above.
 * @param max_points as above.
 * @return the step, as above.
 * @throws InputError as above.
 */
StepChoice choose_step(const CommonDivisor& divisor, double unit, double range, std::size_t max_points);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/lattice_step.ipp"
#endif
