// Definitions of normal amounts that are censored at 0.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/root.hpp"

namespace custfolio {

namespace detail {

/// A normal variable; the amount is its part above 0.
struct BeforeCensoring {
    double mean = 0;
    double deviation = 0;  ///< 0: the amount is certain.
};

/// The normal variable whose part above 0 has a mean and a deviation.
CUSTFOLIO_INLINE BeforeCensoring before_censoring(double mean, double deviation) {
    if (!(std::isfinite(mean) && mean >= 0)) {
        throw InputError("the mean is " + number_text(mean) + "; that of an amount never below 0 must be 0 or more");
    }
    if (!(std::isfinite(deviation) && deviation >= 0)) {
        throw InputError("the standard deviation is " + number_text(deviation) + "; it must be 0 or more");
    }
    constexpr double highest = 9;  // deviations above 0: censoring changes no digit
    constexpr double lowest = -4;  // below 0: the chance of an amount is 3e-5
    constexpr double widest = 240;
    if (mean >= highest * deviation) return {mean, deviation};
    if (deviation > widest * mean) return {mean, 0.0};
    // Moments of max(0, Z + t) by t.
    const auto first = [](double t) { return t * math::normal_cdf(t) + math::normal_pdf(t); };
    const auto second = [](double t) { return (t * t + 1) * math::normal_cdf(t) + t * math::normal_pdf(t); };
    const auto excess = [&](double t) {
        const double one = first(t);
        return std::log(second(t) / (one * one) - 1) - 2 * std::log(deviation / mean);
    };
    const double t = math::brent_root(excess, lowest, highest, {1e-13, 1e-13, 200}).root;
    const double scale = mean / first(t);
    return {t * scale, scale};
}

CUSTFOLIO_INLINE math::LatticeDistribution nonnegative_lattice(double mean, double deviation, double step) {
    const BeforeCensoring normal = before_censoring(mean, deviation);
    const math::LatticeDistribution whole = normal_lattice(normal.mean, normal.deviation, step);
    if (!(whole.origin() < 0)) return whole;
    // Points below 0 move to 0, which is a point: so the mean of what was split over two points stays.
    const auto zero = static_cast<std::ptrdiff_t>(std::llround(-whole.origin() / step));
    std::vector<double> mass(whole.mass().begin() + zero, whole.mass().end());
    mass.front() = std::accumulate(whole.mass().begin(), whole.mass().begin() + zero + 1, 0.0);
    return {0.0, step, std::move(mass), whole.errors()};
}

}  // namespace detail

CUSTFOLIO_INLINE double nonnegative_quantile(double mean, double deviation, double probability) {
    const detail::BeforeCensoring normal = detail::before_censoring(mean, deviation);
    if (!(normal.deviation > 0)) return deviation > 0 ? 0.0 : mean;
    return std::max(0.0, normal.mean + normal.deviation * math::normal_quantile(probability));
}

CUSTFOLIO_INLINE Distribution nonnegative_distribution(double mean, double deviation) {
    const detail::BeforeCensoring normal = detail::before_censoring(mean, deviation);
    if (!(normal.deviation > 0)) return Distribution().shifted(mean);
    constexpr double points = 100'000;
    const double range = 2 * detail::factor_reach * normal.deviation;
    const double step = detail::round_step(std::max(deviation / 1000, range / points));
    return {detail::nonnegative_lattice(mean, deviation, step), mean, deviation * deviation};
}

}  // namespace custfolio
