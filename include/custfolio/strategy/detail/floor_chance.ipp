// Definition of the chance that all floors hold.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/strategy/detail/floor_chance.hpp"

namespace custfolio::detail {

// The lower Cholesky factor; a variable that follows from those before it gets a 0 on the diagonal.
CUSTFOLIO_INLINE Matrix cholesky(const Matrix& covariance) {
    constexpr double singular = 1e-12;  // of the variance: what is left is rounding
    const std::size_t n = covariance.rows();
    Matrix factor(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double left = covariance(i, j);
            for (std::size_t k = 0; k < j; ++k) left -= factor(i, k) * factor(j, k);
            if (i == j) {
                factor(i, i) = left > singular * covariance(i, i) ? std::sqrt(left) : 0.0;
            } else {
                factor(i, j) = factor(j, j) > 0 ? left / factor(j, j) : 0.0;
            }
        }
    }
    return factor;
}

// One variable after another is drawn from where it reaches its floor, given those before; the product of the chances
// on the way is averaged. Fixed points of a lattice make the answer the same every time.
CUSTFOLIO_INLINE double chance_of_all(std::span<const double> mean, const Matrix& covariance,
                                      std::span<const double> floor) {
    constexpr std::size_t points = 4'096;
    constexpr double never = 1e-300;  // keeps the quantiles finite
    const std::size_t n = mean.size();
    const Matrix factor = cholesky(covariance);
    std::vector<double> root(n);  // square roots of primes are independent over the rationals: an even cover
    for (std::size_t i = 0, candidate = 2; i < n; ++candidate) {
        bool prime = true;
        for (std::size_t d = 2; d * d <= candidate; ++d) prime = prime && candidate % d != 0;
        if (prime) root[i++] = std::sqrt(static_cast<double>(candidate));
    }
    // The points are folded at 1/2 (baker's transformation), which halves the error of a lattice on smooth functions.
    std::vector<double> z(n);
    double sum = 0;
    for (std::size_t k = 1; k <= points; ++k) {
        double chance = 1;
        for (std::size_t i = 0; i < n && chance > 0; ++i) {
            double expected = mean[i];
            for (std::size_t j = 0; j < i; ++j) expected += factor(i, j) * z[j];
            if (!(factor(i, i) > 0)) {
                if (expected < floor[i]) chance = 0;
                z[i] = 0;
                continue;
            }
            // Given those before, this one reaches its floor with chance p; then it is drawn from where it does.
            const double p = math::normal_cdf((expected - floor[i]) / factor(i, i));
            const double x = root[i] * static_cast<double>(k);
            const double u = std::abs(2.0 * (x - std::floor(x)) - 1.0);
            z[i] = -math::normal_quantile(std::clamp(p * u, never, 1.0 - 1e-16));
            chance *= p;
        }
        sum += chance;
        if (n == 1) return chance;
    }
    return n == 0 ? 1.0 : sum / static_cast<double>(points);
}

}  // namespace custfolio::detail
