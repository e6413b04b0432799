// Definitions of the normal distribution and the logistic function.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio::detail {

/// Value at x of the polynomial with these coefficients, lowest power first.
template <std::size_t N>
double polynomial(const std::array<double, N>& coefficient, double x) {
    double value = coefficient[N - 1];
    for (std::size_t k = N - 1; k > 0; --k) value = value * x + coefficient[k - 1];
    return value;
}

/// Refuses what is not a probability.
inline void check_probability(const char* function, double p) {
    if (!(p >= 0.0 && p <= 1.0)) {
        throw InputError(std::string(function) + ": probability is " + std::to_string(p) + ", must be between 0 and 1");
    }
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE double normal_pdf(double x) {
    constexpr double inverse_sqrt_two_pi = std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    return inverse_sqrt_two_pi * std::exp(-0.5 * x * x);
}

CUSTFOLIO_INLINE double normal_cdf(double x) {
    // erfc keeps the digits of small chances on the left.
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

CUSTFOLIO_INLINE double log_normal_cdf(double x) {
    // On the right the chance is near 1: its logarithm comes from the other tail.
    if (x > 0.0) return std::log1p(-normal_cdf(-x));
    if (x > -30.0) return std::log(normal_cdf(x));
    // Mills' ratio by its asymptotic series: Phi itself underflows from -38 on.
    const double square = 1.0 / (x * x);
    return -0.5 * x * x - 0.5 * std::log(2.0 * std::numbers::pi) - std::log(-x) +
           std::log1p(-square * (1.0 - square * (3.0 - 15.0 * square)));
}

CUSTFOLIO_INLINE double normal_quantile(double p) {
    detail::check_probability("normal_quantile", p);
    if (p == 0.0) return -std::numeric_limits<double>::infinity();
    if (p == 1.0) return std::numeric_limits<double>::infinity();
    // Wichura's algorithm AS 241: rational functions for the middle, the tails and the far tails.
    const double centred = p - 0.5;
    if (std::abs(centred) <= 0.425) {
        constexpr std::array<double, 8> a{3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                          1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                          3.3430575583588128105e4, 2.5090809287301226727e3};
        constexpr std::array<double, 8> b{1.0,
                                          4.2313330701600911252e1,
                                          6.8718700749205790830e2,
                                          5.3941960214247511077e3,
                                          2.1213794301586595867e4,
                                          3.9307895800092710610e4,
                                          2.8729085735721942674e4,
                                          5.2264952788528545610e3};
        const double r = 0.180625 - centred * centred;
        return centred * detail::polynomial(a, r) / detail::polynomial(b, r);
    }
    const double tail = std::sqrt(-std::log(centred < 0.0 ? p : 1.0 - p));
    double z = 0.0;
    if (tail <= 5.0) {
        constexpr std::array<double, 8> c{
            1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
            1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
        constexpr std::array<double, 8> d{1.0,
                                          2.05319162663775882187e0,
                                          1.67638483018380384940e0,
                                          6.89767334985100004550e-1,
                                          1.48103976427480074590e-1,
                                          1.51986665636164571966e-2,
                                          5.47593808499534494600e-4,
                                          1.05075007164441684324e-9};
        z = detail::polynomial(c, tail - 1.6) / detail::polynomial(d, tail - 1.6);
    } else {
        constexpr std::array<double, 8> e{
            6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
            2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
        constexpr std::array<double, 8> f{1.0,
                                          5.99832206555887937690e-1,
                                          1.36929880922735805310e-1,
                                          1.48753612908506148525e-2,
                                          7.86869131145613259100e-4,
                                          1.84631831751005468180e-5,
                                          1.42151175831644588870e-7,
                                          2.04426310338993978564e-15};
        z = detail::polynomial(e, tail - 5.0) / detail::polynomial(f, tail - 5.0);
    }
    return centred < 0.0 ? -z : z;
}

CUSTFOLIO_INLINE double logistic(double x) {
    // Each side in the form that cannot overflow.
    if (x >= 0.0) return 1.0 / (1.0 + std::exp(-x));
    const double odds = std::exp(x);
    return odds / (1.0 + odds);
}

CUSTFOLIO_INLINE double logit(double p) {
    detail::check_probability("logit", p);
    // 2 p - 1 is exact in the middle, where the quotient form would cancel.
    if (p > 0.25 && p < 0.75) return 2.0 * std::atanh(2.0 * p - 1.0);
    return std::log(p / (1.0 - p));
}

CUSTFOLIO_INLINE double log1pexp(double x) {
    // In each range the cheapest form that is exact to rounding (Maechler).
    if (x <= -37.0) return std::exp(x);
    if (x <= 18.0) return std::log1p(std::exp(x));
    if (x <= 33.3) return x + std::exp(-x);
    return x;
}

CUSTFOLIO_INLINE QuadratureRule gauss_hermite(std::size_t n) {
    if (n < 1 || n > 256) {
        throw InputError("gauss_hermite: n is " + std::to_string(n) + ", must be between 1 and 256");
    }
    // Orthonormal Hermite polynomials: their values stay small, where Hermite's own grow like factorials.
    std::vector<double> root(n + 1);
    for (std::size_t k = 0; k <= n; ++k) root[k] = std::sqrt(static_cast<double>(k));
    // h_n at x with its slope, the sum of squares of those before it, and how many of its zeros lie above x. That is
    // how often the sequence h_0, ..., h_n changes its sign (Sturm).
    struct At {
        double value, slope, squares;
        std::size_t above;
    };
    const auto at = [&](double x) {
        double before = 0.0;
        At here{1.0, 0.0, 0.0, 0};
        for (std::size_t k = 0; k < n; ++k) {
            here.squares += here.value * here.value;
            const double next = (x * here.value - root[k] * before) / root[k + 1];
            before = std::exchange(here.value, next);
            if ((before > 0.0) != (next > 0.0)) ++here.above;
        }
        here.slope = root[n] * before;  // h_n' = sqrt(n) h_{n-1}
        return here;
    };
    QuadratureRule rule;
    rule.node.assign(n, 0.0);
    rule.weight.assign(n, 0.0);
    double total = 0.0;
    for (std::size_t i = 0; 2 * i < n; ++i) {  // from the largest node down to 0; the others mirror them
        const bool middle = 2 * i + 1 == n;
        double low = 0.0;
        double high = 2.0 * root[n];  // above the largest zero
        // Bisection by the count of zeros separates the nodes; Newton's steps then double the digits each time.
        for (int halvings = 0; halvings < 20 && !middle; ++halvings) {
            const double half = 0.5 * (low + high);
            (at(half).above > i ? low : high) = half;
        }
        double x = middle ? 0.0 : 0.5 * (low + high);
        for (int steps = 0; steps < 4 && !middle; ++steps) {
            const At here = at(x);
            x -= here.value / here.slope;
        }
        const double weight = 1.0 / at(x).squares;
        rule.node[n - 1 - i] = x;
        rule.node[i] = -x;
        rule.weight[n - 1 - i] = rule.weight[i] = weight;
        total += middle ? weight : 2.0 * weight;
    }
    // Weights sum to 1 exactly, as those of a probability must.
    for (double& w : rule.weight) w /= total;
    return rule;
}

}  // namespace custfolio::math
