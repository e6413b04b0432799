// Definitions of the whale curve.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/selection/whale.hpp"

namespace custfolio {

CUSTFOLIO_INLINE double WhaleCurve::share(double fraction) const {
    require_probability(fraction, "whale curve: the fraction of customers");
    if (!(total > 0)) return std::numeric_limits<double>::quiet_NaN();
    // Between two customers the curve is linear.
    const double place = fraction * static_cast<double>(cumulative.size());
    const auto whole = std::min(static_cast<std::size_t>(place), cumulative.size());
    const double before = whole == 0 ? 0 : cumulative[whole - 1];
    if (whole == cumulative.size()) return before / total;
    return (before + (place - static_cast<double>(whole)) * (cumulative[whole] - before)) / total;
}

CUSTFOLIO_INLINE WhaleCurve whale_curve(std::span<const double> contribution) {
    for (std::size_t i = 0; i < contribution.size(); ++i) {
        if (std::isfinite(contribution[i])) continue;
        require_finite(contribution[i],
                       "whale curve: contribution at position " + std::to_string(i) + " (counted from 0)");
    }
    WhaleCurve curve;
    const std::size_t n = contribution.size();
    curve.order.resize(n);
    std::iota(curve.order.begin(), curve.order.end(), std::size_t{0});
    // Equal customers stay in their order, so the curve is the same each time.
    std::stable_sort(curve.order.begin(), curve.order.end(),
                     [&](std::size_t a, std::size_t b) { return contribution[a] > contribution[b]; });
    curve.cumulative.resize(n);
    math::CompensatedSum sum;
    math::CompensatedSum positive;
    math::CompensatedSum negative;
    math::CompensatedSum weighted;
    for (std::size_t k = 0; k < n; ++k) {
        const double value = contribution[curve.order[k]];
        sum += value;
        curve.cumulative[k] = sum.value();
        if (value > 0) {
            positive += value;
            ++curve.customers_at_peak;
        } else {
            negative += -value;
        }
        // From the highest down, so the rank in the ascending order of the usual formula is n - k.
        weighted += (static_cast<double>(n) - 1 - 2 * static_cast<double>(k)) * value;
    }
    curve.total = n == 0 ? 0 : curve.cumulative.back();
    curve.peak = positive.value();
    curve.loss = negative.value();
    if (!std::isfinite(curve.peak) || !std::isfinite(curve.loss)) {
        throw InputError("whale curve: the sum of the contributions overflows; check their unit");
    }
    // Shares of a total that is not positive have no meaning.
    const bool shares = curve.total > 0;
    const double none = std::numeric_limits<double>::quiet_NaN();
    curve.peak_share = shares ? curve.peak / curve.total : none;
    curve.gini = shares ? weighted.value() / (static_cast<double>(n) * curve.total) : none;
    return curve;
}

}  // namespace custfolio
