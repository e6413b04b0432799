// Definitions of the choice of a step.
#pragma once

#include <cmath>
#include <numeric>
#include <string>

#include "custfolio/math/detail/lattice_points.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/lattice_step.hpp"
#include "custfolio/math/rounding.hpp"

namespace custfolio::detail {

/// The smallest of 1, 2, 4, 5, 8 times a power of ten that is not below a number of at least 1. Amounts and targets
/// that people write down are multiples of such.
inline double round_number(double least) {
    double power = 1.0;
    while (10.0 * power < least) power *= 10.0;
    for (const double digit : {1.0, 2.0, 4.0, 5.0, 8.0}) {
        if (digit * power >= least) return digit * power;
    }
    return 10.0 * power;
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE void CommonDivisor::add(double value, double unit) {
    const double count = detail::lattice_position(std::abs(value), std::abs(value), unit);
    // Beyond 2^49 units the count of a value is no longer exact.
    whole = whole && count == std::round(count) && count < 0x1p49;
    if (!whole) return;
    const auto multiple = static_cast<std::uint64_t>(count);
    // A multiple of the divisor changes nothing: most values need no division by Euclid.
    if (units == 0 || multiple % units != 0) units = std::gcd(units, multiple);
}

CUSTFOLIO_INLINE void CommonDivisor::add(const CommonDivisor& other) {
    whole = whole && other.whole;
    if (whole) units = std::gcd(units, other.units);
}

CUSTFOLIO_INLINE StepChoice choose_step(std::span<const double> values, double unit, double range,
                                        std::size_t max_points) {
    detail::check_positive("choose_step", "unit", unit);
    CommonDivisor divisor;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            throw InputError("choose_step: value at index " + std::to_string(i) + " is " + std::to_string(values[i]) +
                             ", must be finite");
        }
        divisor.add(values[i], unit);
    }
    return choose_step(divisor, unit, range, max_points);
}

CUSTFOLIO_INLINE StepChoice choose_step(const CommonDivisor& divisor, double unit, double range,
                                        std::size_t max_points) {
    detail::check_positive("choose_step", "unit", unit);
    if (!(range >= 0.0) || !std::isfinite(range)) {
        throw InputError("choose_step: range is " + std::to_string(range) + ", must not be negative");
    }
    if (max_points < 2) throw InputError("choose_step: max_points must be at least 2");
    const std::uint64_t least = divisor.whole && divisor.units > 0 ? divisor.units : 1;
    const double base = from_units(static_cast<std::int64_t>(least), unit);
    const double steps = range / base * (1.0 - 1e-12);  // a range of whole steps must not round up to one more
    const double multiple = detail::round_number(std::max(1.0, std::ceil(steps / static_cast<double>(max_points - 1))));
    const double units = static_cast<double>(least) * multiple;
    const double step = units < 0x1p62 ? from_units(static_cast<std::int64_t>(units), unit) : units * unit;
    return {step, divisor.whole && multiple == 1.0, static_cast<std::size_t>(std::ceil(steps / multiple)) + 1};
}

}  // namespace custfolio::math
