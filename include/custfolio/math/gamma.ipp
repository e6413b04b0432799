// Definitions of the gamma distribution's tail.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/gamma.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE double regularised_gamma_tail(double a, double x) {
    if (!(a > 0.0) || !std::isfinite(a) || !(x >= 0.0)) {
        throw InputError("regularised_gamma_tail: a is " + std::to_string(a) + " and x " + std::to_string(x) +
                         ", need a positive and x at least 0");
    }
    if (x == 0.0) return 1.0;
    if (std::isinf(x)) return 0.0;
    const double front = std::exp(a * std::log(x) - x - log_gamma(a));  // x^a e^-x / Gamma(a)
    // Left of the mean the power series converges fast; its positive terms cancel nothing.
    if (x < a + 1.0) {
        double term = 1.0 / a;
        double sum = term;
        for (double n = 1.0; term > 1e-17 * sum; n += 1.0) {
            term *= x / (a + n);
            sum += term;
        }
        return std::clamp(1.0 - front * sum, 0.0, 1.0);
    }
    // Right of the mean the continued fraction does (Lentz's method, with tiny for a denominator of 0).
    double b = x + 1.0 - a;
    double d = 1.0 / b;
    double c = 1e300;
    double fraction = d;
    for (double n = 1.0; n < 1e7; n += 1.0) {
        const double numerator = -n * (n - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / (std::abs(d) < 1e-300 ? 1e-300 : d);
        c = b + numerator / c;
        if (std::abs(c) < 1e-300) c = 1e-300;
        const double step = c * d;
        fraction *= step;
        if (std::abs(step - 1.0) < 1e-16) break;
    }
    return std::clamp(front * fraction, 0.0, 1.0);
}

CUSTFOLIO_INLINE double chi_square_tail(double statistic, double degrees) {
    return regularised_gamma_tail(0.5 * degrees, 0.5 * statistic);
}

}  // namespace custfolio::math
