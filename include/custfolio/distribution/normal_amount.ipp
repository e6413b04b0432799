// Definitions of normal amounts on a lattice.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio {

namespace detail {

// Steps that people write down are multiples of such numbers, and amounts then lie on points.
CUSTFOLIO_INLINE double round_step(double size) {
    const double power = std::pow(10.0, std::floor(std::log10(size)));
    double step = power;
    for (const double digit : {2.0, 4.0, 5.0, 8.0}) {
        if (digit * power <= size) step = digit * power;
    }
    return step;
}

CUSTFOLIO_INLINE math::LatticeDistribution normal_lattice(double mean, double deviation, double step) {
    if (!(deviation > 0)) {
        const double certain[] = {1.0};
        return math::LatticeDistribution::from_atoms(std::span(&mean, 1), certain, step, 0.0);
    }
    const auto first = static_cast<std::int64_t>(std::floor((mean - factor_reach * deviation) / step));
    const auto last = static_cast<std::int64_t>(std::ceil((mean + factor_reach * deviation) / step));
    // The integral of the normal cdf is tail + max(u, 0), and the chance of a point is its second difference. The tail
    // is even, so that its digits stay right on both sides.
    const auto count = static_cast<std::size_t>(last - first) + 1;
    const auto place = [&](std::size_t k) {
        return (static_cast<double>(first + static_cast<std::int64_t>(k) - 1) * step - mean) / deviation;
    };
    const auto tail = [](double u) { return math::normal_pdf(u) - std::abs(u) * math::normal_cdf(-std::abs(u)); };
    const double width = step / deviation;
    std::vector<double> mass(count);
    // Three neighbouring values give each second difference, so every value is computed once.
    double before = tail(place(0));
    double here = tail(place(1));
    for (std::size_t k = 0; k < count; ++k) {
        const double after = tail(place(k + 2));
        const double bend = std::max(width - std::abs(place(k + 1)), 0.0);  // of max(u, 0)
        mass[k] = std::max((before - 2 * here + after + bend) / width, 0.0);
        before = std::exchange(here, after);
    }
    math::LatticeErrors errors;
    errors.truncation = 2 * math::normal_cdf(-factor_reach);
    errors.discretisation = step / 2;
    return {static_cast<double>(first) * step, step, std::move(mass), errors};
}

}  // namespace detail

CUSTFOLIO_INLINE Distribution normal_distribution(double mean, double deviation) {
    require_finite(mean, "the mean");
    if (!(std::isfinite(deviation) && deviation >= 0)) {
        throw InputError("the standard deviation is " + number_text(deviation) + "; it must be 0 or more");
    }
    if (deviation == 0) return Distribution().shifted(mean);
    const math::LatticeDistribution centred =
        detail::normal_lattice(0, deviation, detail::round_step(deviation / 1000));
    return {math::shifted(centred, mean), mean, deviation * deviation};
}

}  // namespace custfolio
