// Definitions of tables of amounts and durations.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/growth/amount_tables.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio {

namespace detail {

/// Means of equally likely slices; `below(q)` integrates the quantile function from 0 to q.
template <class F>
SizeTable slices(F&& below, int points) {
    if (points < 1) throw InputError("points is " + std::to_string(points) + "; at least 1 is needed");
    SizeTable table;
    for (int k = 0; k < points; ++k) {
        // The mean of a slice is the integral of the quantile function over it, times the number of slices.
        const double size =
            points * (below(static_cast<double>(k + 1) / points) - below(static_cast<double>(k) / points));
        if (!table.sizes.empty() && table.sizes.back() == size) {
            table.probabilities.back() += 1.0 / points;
        } else {
            table.sizes.push_back(size);
            table.probabilities.push_back(1.0 / points);
        }
    }
    return table;
}

}  // namespace detail

CUSTFOLIO_INLINE SizeTable triangular_sizes(double low, double mode, double high, int points) {
    if (!(0 <= low && low <= mode && mode <= high && std::isfinite(high))) {
        throw InputError("sizes " + number_text(low) + ", " + number_text(mode) + ", " + number_text(high) +
                         ": they must be 0 or more and in ascending order");
    }
    if (low == high) return {{low}, {1}};
    // The quantile function rises as a square root up to the mode, and mirrored beyond it.
    const double peak = (mode - low) / (high - low);
    const auto below = [&](double q) {
        const double rising = std::min(q, peak);
        double area = low * rising + (2.0 / 3) * std::sqrt((high - low) * (mode - low)) * std::pow(rising, 1.5);
        if (q > peak) {
            const double falling = std::pow(1 - peak, 1.5) - std::pow(1 - q, 1.5);
            area += high * (q - peak) - (2.0 / 3) * std::sqrt((high - low) * (high - mode)) * falling;
        }
        return area;
    };
    return detail::slices(below, points);
}

CUSTFOLIO_INLINE SizeTable lognormal_sizes(double sigma, int points) {
    if (!(sigma > 0 && std::isfinite(sigma))) {
        throw InputError("sigma is " + number_text(sigma) + "; it must be positive");
    }
    // The integral of a log-normal quantile function of mean 1 is a shifted normal cdf.
    const auto below = [&](double q) {
        return q >= 1 ? 1.0 : q <= 0 ? 0.0 : math::normal_cdf(math::normal_quantile(q) - sigma);
    };
    return detail::slices(below, points);
}

CUSTFOLIO_INLINE std::vector<double> triangular_months(int low, int mode, int high) {
    if (!(0 <= low && low <= mode && mode <= high && high <= 1200)) {
        throw InputError("durations " + std::to_string(low) + ", " + std::to_string(mode) + ", " +
                         std::to_string(high) + " must be 0 to 1200 months and in ascending order");
    }
    std::vector<double> chances;
    double sum = 0;
    // The first and the last month have a weight above 0, so that both can happen.
    for (int months = low; months <= high; ++months) {
        const double weight = months <= mode ? static_cast<double>(months - low + 1) / (mode - low + 1)
                                             : static_cast<double>(high - months + 1) / (high - mode + 1);
        chances.push_back(weight);
        sum += weight;
    }
    for (double& chance : chances) chance /= sum;
    return chances;
}

}  // namespace custfolio
