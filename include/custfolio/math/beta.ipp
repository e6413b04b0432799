// Definitions of the beta distribution.
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/root.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio {

namespace detail {

/// Refuses parameters of a beta variable that are not positive and finite.
CUSTFOLIO_INLINE void check_beta(const char* function, double a, double b) {
    if (!(a > 0 && std::isfinite(a) && b > 0 && std::isfinite(b))) {
        throw InputError(std::string(function) + ": a = " + std::to_string(a) + ", b = " + std::to_string(b) +
                         "; both must be positive and finite");
    }
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), for x at most about a / (a + b).
CUSTFOLIO_INLINE double beta_fraction(double a, double b, double x) {
    constexpr double tiny = 1e-300;
    // Lentz's method: a denominator of 0 becomes tiny, and the fraction goes on.
    const auto away = [](double value) { return std::abs(value) < tiny ? tiny : value; };
    double c = 1;
    double d = 1 / away(1 - (a + b) * x / (a + 1));
    double value = d;
    for (int m = 1; m < 100'000; ++m) {
        const double k = m;
        const double even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
        d = 1 / away(1 + even * d);
        c = away(1 + even / c);
        value *= c * d;
        const double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
        d = 1 / away(1 + odd * d);
        c = away(1 + odd / c);
        const double change = c * d;
        value *= change;
        if (std::abs(change - 1) < std::numeric_limits<double>::epsilon()) break;
    }
    return value;
}

}  // namespace detail

namespace math {

CUSTFOLIO_INLINE double regularised_beta(double a, double b, double x) {
    detail::check_beta("regularised_beta", a, b);
    if (!(x >= 0 && x <= 1)) {
        throw InputError("regularised_beta: x = " + std::to_string(x) + "; it must be in [0, 1]");
    }
    if (x == 0 || x == 1) return x;
    const double front = std::exp(a * std::log(x) + b * std::log1p(-x) - log_beta(a, b));
    // The fraction converges fast left of the mean; right of it the mirrored one does.
    if (x <= (a + 1) / (a + b + 2)) return front * detail::beta_fraction(a, b, x) / a;
    return 1 - front * detail::beta_fraction(b, a, 1 - x) / b;
}

CUSTFOLIO_INLINE double beta_quantile(double p, double a, double b) {
    detail::check_beta("beta_quantile", a, b);
    if (!(p >= 0 && p <= 1)) {
        throw InputError("beta_quantile: p = " + std::to_string(p) + "; it must be in [0, 1]");
    }
    if (p == 0 || p == 1) return p;
    return brent_root([&](double x) { return regularised_beta(a, b, x) - p; }, 0.0, 1.0, {.absolute = 1e-15}).root;
}

}  // namespace math

}  // namespace custfolio
