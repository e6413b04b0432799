// Definitions of the special functions.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio::detail {

/// Stirling's series is used from here on.
inline constexpr double stirling_from = 10.0;

/// Coefficients of Stirling's series, B(2k) / (2k (2k - 1)) for k = 1, 2, ... (DLMF 5.11.1).
inline constexpr std::array<double, 9> stirling{
    0.08333333333333333333,    -0.002777777777777777778, 0.0007936507936507936508,
    -0.0005952380952380952381, 0.0008417508417508417508, -0.001917526917526917527,
    0.006410256410256410256,   -0.02955065359477124183,  0.1796443723688305732};

/// Coefficients of ln Gamma(2 + e): (1 - Euler's constant) e, then (-1)^k (zeta(k) - 1) / k of e^k (DLMF 5.7.3).
inline constexpr std::array<double, 29> log_gamma_near_two{
    0.42278433509846713939,    0.3224670334241132182,     -0.06735230105319809513,   0.02058080842778454788,
    -0.007385551028673985266,  0.002890510330741523286,   -0.001192753911703260977,  0.0005096695247430424223,
    -0.0002231547584535793798, 0.00009945751278180853371, -0.0000449262367381331417, 0.00002050721277567069155,
    -9.439488275268395904e-6,  4.374866789907487804e-6,   -2.039215753801366237e-6,  9.551412130407419833e-7,
    -4.492469198764566043e-7,  2.120718480555466587e-7,   -1.004322482396809961e-7,  4.769810169363980566e-8,
    -2.271109460894316491e-8,  1.083865921489695409e-8,   -5.183475041970046655e-9,  2.483674543802478317e-9,
    -1.192140140586091207e-9,  5.731367241678862013e-10,  -2.759522885124233145e-10, 1.330476437424448948e-10,
    -6.422964563838100022e-11};

/// Fails unless a number is positive and finite.
inline void require_positive(double x, const char* function, const char* name) {
    if (!(x > 0.0) || !std::isfinite(x)) {
        throw InputError(std::string(function) + ": " + name + " is " + std::to_string(x) +
                         ", must be positive and finite");
    }
}

/// Remainder of Stirling's formula at x >= stirling_from.
inline double stirling_remainder(double x) {
    const double square = 1.0 / (x * x);
    double sum = 0.0;
    for (std::size_t k = stirling.size(); k-- > 0;) sum = sum * square + stirling[k];
    return sum / x;
}

/// stirling_remainder(a + b) - stirling_remainder(a), exact also where b is tiny.
inline double stirling_difference(double a, double b) {
    // Powers of 1 / a and 1 / (a + b) are subtracted term by term, so that small b loses nothing.
    const double u = 1.0 / a;
    const double w = 1.0 / (a + b);
    const double step = -b * u * w;
    const double squares = step * (u + w);
    double difference = step;
    double power = u;
    double sum = 0.0;
    for (const double coefficient : stirling) {
        sum += coefficient * difference;
        difference = w * w * difference + power * squares;
        power *= u * u;
    }
    return sum;
}

/// ln Gamma(2 + e) for |e| <= 1/2.
inline double log_gamma_at_two_plus(double e) {
    double sum = 0.0;
    for (std::size_t k = log_gamma_near_two.size(); k-- > 0;) sum = (sum + log_gamma_near_two[k]) * e;
    return sum;
}

/// ln 2F1 by its power series, all of whose terms must be positive: a, b, c > 0 and 0 <= z < 1.
inline double log_hyp2f1_series(double a, double b, double c, double z) {
    // The sum may exceed a double: it is scaled down, and the logarithm of the scale is added at the end.
    constexpr double large = 1e280;
    double term = 1.0;
    double offset = 0.0;
    math::CompensatedSum sum(1.0);
    for (double n = 0.0;; n += 1.0) {
        const double ratio = (a + n) * (b + n) * z / ((c + n) * (n + 1.0));
        term *= ratio;
        sum += term;
        // Once falling, the ratios tend to z monotonously or from below: the larger one bounds the rest.
        const double bound = std::max(ratio, z);
        if (bound < 1.0 && term * bound <= 1e-17 * (1.0 - bound) * sum.value()) break;
        if (sum.value() > large) {
            sum = math::CompensatedSum(sum.value() / large);
            term /= large;
            offset += std::log(large);
        }
    }
    return offset + std::log(sum.value());
}

/// ln(1 + exp(v)).
inline double softplus(double v) {
    return v > 0.0 ? v + std::log1p(std::exp(-v)) : std::log1p(std::exp(v));
}

/// Second derivative of softplus, which is largest at 0.
inline double softplus_curvature(double v) {
    const double e = std::exp(-std::abs(v));
    return e / ((1.0 + e) * (1.0 + e));
}

/// Distance of the nodes of a trapezoidal rule whose integrand is analytic in a strip and grows in it by
/// exp(size width^2 / 6).
inline double node_distance(double size) {
    // Balances the two errors of the rule: a wider strip allows wider steps, until growth in it takes that back.
    const double strip = std::min(2.4, 12.0 / std::sqrt(size));
    const double growth = size * strip * strip / 6.0;
    return 2.0 * std::numbers::pi * strip / (38.0 + growth);
}

/// Where a condition that is true at `inside` and not at `outside` ends, to 60 bits of their distance.
template <class Condition>
double edge_of(double inside, double outside, Condition&& condition) {
    for (int k = 0; k < 60; ++k) {
        const double middle = 0.5 * (inside + outside);
        (condition(middle) ? inside : outside) = middle;
    }
    return outside;
}

/// ln of the integral over logit s of (s / mean)^m ((1 - s) / (1 - mean))^(c - m) (1 + w s)^(-a). Here mean = m / c, 0
/// < m < c and w > -1. It is the trapezoidal rule over the part that counts.
///
/// Everything is relative to the mean, so that large parameters lose no digits. The logarithm of the integrand has one
/// maximum. Its slope, times positive factors, is a quadratic of the odds s / (1 - s) with one positive root.
inline double log_peak_integral(double m, double c, double a, double w) {
    const double mean = m / c;
    const double rest = (c - m) / c;
    const auto share = [&](double d) { return mean / (mean + rest * std::exp(-d)); };  // s at logit mean + d
    const auto log_f = [&](double d) {
        const double growth = mean * std::expm1(d);
        const double of_rest = d > 500.0       ? d + std::log(mean)
                               : growth > -0.5 ? std::log1p(growth)
                                               : std::log(rest + mean * std::exp(d));  // - ln ((1 - s) / (1 - mean))
        return m * d - c * of_rest - a * std::log1p(w * share(d));
    };
    const auto rises = [&](double d) {
        const double s = share(d);
        return m - c * s - a * w * s * (1.0 - s) / (1.0 + w * s) > 0.0;
    };
    constexpr int doublings = 60;
    double low = -1.0;
    double high = 1.0;
    // The integrand rises before its maximum: doubling encloses it.
    for (int k = 0; k < doublings && !rises(low); ++k) low *= 2.0;
    for (int k = 0; k < doublings && rises(high); ++k) high *= 2.0;
    const double peak = edge_of(low, high, rises);
    const double top = log_f(peak);
    const auto edge = [&](double step) {
        // exp(-45) of the peak is below rounding of the sum.
        const auto counts = [&](double d) { return log_f(d) > top - 45.0; };
        for (int k = 0; k < doublings && counts(peak + step); ++k) step *= 2.0;
        return edge_of(peak, peak + step, counts);
    };
    // Beyond the tails the integrand is exp(m d) or exp((m - c) d) to double precision: a geometric series.
    const double odds = mean / rest;
    const double left_tail = -40.0 - std::log(1.0 + m / rest + a * std::abs(w) * odds);
    const double right_tail = 40.0 + std::log(1.0 + (c + a * std::abs(w) / (1.0 + w)) / odds);
    low = edge(-1.0);
    high = edge(1.0);
    const bool long_left = low < left_tail && left_tail < peak;
    const bool long_right = high > right_tail && right_tail > peak;
    if (long_left) low = left_tail;
    if (long_right) high = right_tail;
    const double centre = std::log(odds);
    const double shift = std::log1p(w);
    const double at_first = std::clamp(0.0, centre + low, centre + high);
    const double at_second = std::clamp(-shift, centre + low, centre + high) + shift;
    // Two bounds of the growth: by the powers of 1 - s and 1 + w s. Or by those of the beta density and of 1 + w s.
    const double first = softplus_curvature(at_first);
    const double second = softplus_curvature(at_second);
    const double size = 4.0 * std::min(std::abs(a - c) * first + a * second,
                                       c * first + a * std::min(first + second, 0.25 * std::abs(shift))) +
                        1.0;
    const double nodes = std::ceil((high - low) / node_distance(size));
    if (!(nodes < 1e6)) {
        throw NumericalError("log_hyp2f1: parameters of sizes " + std::to_string(a) + ", " + std::to_string(m) +
                             " and " + std::to_string(c) + " need more than 1,000,000 nodes");
    }
    const double h = (high - low) / nodes;
    math::CompensatedSum sum;
    for (double k = 0.0; k <= nodes; ++k) sum += std::exp(log_f(low + k * h) - top);
    if (long_left) sum += std::exp(log_f(low) - top) / std::expm1(m * h);
    if (long_right) sum += std::exp(log_f(high) - top) / std::expm1((c - m) * h);
    return top + std::log(sum.value() * h);
}

/// Number of terms of a series of 2F1 for 0 < z < 1 with `rest` = 1 - z. Terms rise as long as (a + n) (b + n) z > (c +
/// n) (n + 1), and then fall at most like z^n.
inline double hyp2f1_terms(double a, double b, double c, double z, double rest) {
    const double linear = c + 1.0 - (a + b) * z;
    const double square = linear * linear - 4.0 * rest * (c - a * b * z);
    const double rising = square > 0.0 ? std::max(0.0, (std::sqrt(square) - linear) / (2.0 * rest)) : 0.0;
    return rising - 40.0 / std::log1p(-rest);
}

/// ln 2F1 by the trapezoidal rule on Euler's integral in v = logit t, for 0 < b < c and z < 1.
inline double log_hyp2f1_integral(double a, double b, double c, double z) {
    const double log_rest = std::log1p(-z);
    const double size = a + std::abs(a - c) + 1.0;
    const double h = node_distance(size);
    const double reach = 40.0 + std::log(size);
    const double low = std::min(0.0, -log_rest) - reach;
    const double high = std::max(0.0, -log_rest) + reach;
    constexpr double many_nodes = 4000.0;
    if ((high - low) / h > many_nodes) {
        // E[(1 - z s)^-a] of a beta variable s; of 1 - s where that is the smaller one.
        const bool turned = b > c - b;
        const double m = turned ? c - b : b;
        const double w = turned ? z / (1.0 - z) : -z;
        return log_peak_integral(m, c, a, w) - log_peak_integral(m, c, 0.0, w) - (turned ? a * log_rest : 0.0);
    }
    const auto steps = static_cast<std::size_t>(std::ceil((high - low) / h));
    const auto log_f = [&](double v) { return b * v + (a - c) * softplus(v) - a * softplus(v + log_rest); };
    // Beyond both ends the integrand is an exponential: its sum is a geometric series.
    const double last = low + static_cast<double>(steps) * h;
    const double left = log_f(low) - b * h - math::log1m_exp(-b * h);
    const double right = log_f(last) - (c - b) * h - math::log1m_exp(-(c - b) * h);
    // The largest value so far is the scale.
    double top = std::max(left, right);
    math::CompensatedSum sum(std::exp(left - top) + std::exp(right - top));
    for (std::size_t k = 0; k <= steps; ++k) {
        const double value = log_f(low + static_cast<double>(k) * h);
        if (value > top) {
            sum = math::CompensatedSum(sum.value() * std::exp(top - value));
            top = value;
        }
        sum += std::exp(value - top);
    }
    return top + std::log(sum.value() * h) - math::log_beta(b, c - b);
}

/// 2F1(a, b; c; z) divided by exp(log_next), from ln 2F1 at c + 1 and c + 2 (DLMF 15.5.18).
inline double hyp2f1_lowered(double a, double b, double c, double z, double log_next, double log_after) {
    const double first = c - (2.0 * c + 1.0 - a - b) * z;
    const double second = (c + 1.0 - a) * (c + 1.0 - b) * z / (c + 1.0);
    return (first + second * std::exp(log_after - log_next)) / (c * (1.0 - z));
}

/// ln 2F1 by the integral, after raising c above the smaller of a and b where it is not.
inline double log_hyp2f1_raised(double a, double b, double c, double z) {
    const double smaller = std::min(a, b);
    const auto integral = [&](double at) {
        // Both roles are possible where both parameters are below c: the smaller exponents need fewer points.
        const bool swap = a < at && (b >= at || b + std::abs(b - at) < a + std::abs(a - at));
        return swap ? log_hyp2f1_integral(b, a, at, z) : log_hyp2f1_integral(a, b, at, z);
    };
    if (smaller < c) return integral(c);
    const double steps = std::floor(smaller - c) + 1.0;
    if (steps > 1e6) {
        throw InputError("log_hyp2f1: c is " + std::to_string(c) +
                         ", too far below a and b for z = " + std::to_string(z));
    }
    double log_after = integral(c + steps + 1.0);
    double log_next = integral(c + steps);
    for (double k = steps - 1.0; k >= 0.0; k -= 1.0) {
        const double ratio = hyp2f1_lowered(a, b, c + k, z, log_next, log_after);
        if (!(ratio > 0.0)) {
            throw InputError("log_hyp2f1: 2F1 is not positive at z = " + std::to_string(z) + ", it has no logarithm");
        }
        log_after = log_next;
        log_next += std::log(ratio);
    }
    return log_next;
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE double log_gamma(double x) {
    detail::require_positive(x, "log_gamma", "x");
    if (x >= detail::stirling_from) {
        constexpr double half_log_two_pi = 0.91893853320467274178;
        return (x - 0.5) * std::log(x) - x + half_log_two_pi + detail::stirling_remainder(x);
    }
    // By the recurrence to the range of the series; products of a few numbers lose less than their logarithms.
    if (x > 2.5) {
        double product = 1.0;
        double y = x;
        while (y > 2.5) {
            y -= 1.0;
            product *= y;
        }
        return std::log(product) + detail::log_gamma_at_two_plus(y - 2.0);
    }
    if (x >= 1.5) return detail::log_gamma_at_two_plus(x - 2.0);
    if (x >= 0.5) return detail::log_gamma_at_two_plus(x - 1.0) - std::log1p(x - 1.0);
    return detail::log_gamma_at_two_plus(x) - std::log1p(x) - std::log(x);
}

CUSTFOLIO_INLINE double digamma(double x) {
    detail::require_positive(x, "digamma", "x");
    // digamma(x) = digamma(x + 1) - 1 / x, up to where Stirling's series has all digits.
    CompensatedSum shifted;
    while (x < detail::stirling_from) {
        shifted += -1.0 / x;
        x += 1.0;
    }
    const double square = 1.0 / (x * x);
    double sum = 0.0;
    for (std::size_t k = detail::stirling.size(); k-- > 0;) {
        sum = sum * square + static_cast<double>(2 * k + 1) * detail::stirling[k];
    }
    shifted += std::log(x);
    shifted += -0.5 / x;
    shifted += -sum * square;
    return shifted.value();
}

CUSTFOLIO_INLINE double trigamma(double x) {
    detail::require_positive(x, "trigamma", "x");
    if (x < 1e-150) throw InputError("trigamma: x is below 1e-150");
    CompensatedSum shifted;
    while (x < detail::stirling_from) {
        shifted += 1.0 / (x * x);
        x += 1.0;
    }
    const double square = 1.0 / (x * x);
    double sum = 0.0;
    for (std::size_t k = detail::stirling.size(); k-- > 0;) {
        sum = sum * square + static_cast<double>((2 * k + 1) * (2 * k + 2)) * detail::stirling[k];
    }
    shifted += 1.0 / x;
    shifted += 0.5 * square;
    shifted += sum * square / x;
    return shifted.value();
}

CUSTFOLIO_INLINE double log_gamma_ratio(double a, double b) {
    detail::require_positive(a, "log_gamma_ratio", "a");
    if (b == 0.0) return 0.0;
    detail::require_positive(b, "log_gamma_ratio", "b");
    // Differences of logarithms would cancel for small b: each step of the recurrence is one log1p.
    CompensatedSum sum;
    while (a < detail::stirling_from) {
        sum += -std::log1p(b / a);
        a += 1.0;
    }
    sum += (a - 0.5) * std::log1p(b / a);
    sum += -b;
    sum += b * std::log(a + b);
    sum += detail::stirling_difference(a, b);
    return sum.value();
}

CUSTFOLIO_INLINE double log_beta(double a, double b) {
    detail::require_positive(a, "log_beta", "a");
    detail::require_positive(b, "log_beta", "b");
    const double small = std::min(a, b);
    const double big = std::max(a, b);
    // The difference of two log gammas of about the same size would cancel; their ratio does not.
    if (small < detail::stirling_from) return log_gamma(small) - log_gamma_ratio(big, small);
    constexpr double half_log_two_pi = 0.91893853320467274178;
    const double ratio = small / big;
    CompensatedSum sum(half_log_two_pi - 0.5 * std::log(big));
    sum += detail::stirling_remainder(small);
    sum += detail::stirling_difference(big, small) * -1.0;
    sum += (small - 0.5) * std::log(ratio / (1.0 + ratio));
    sum += -big * std::log1p(ratio);
    return sum.value();
}

CUSTFOLIO_INLINE double log1m_exp(double x) {
    if (!(x <= 0.0)) {
        throw InputError("log1m_exp: x is " + std::to_string(x) + ", must not be positive");
    }
    // Each form keeps the digits where the other one cancels (Maechler).
    return x > -std::numbers::ln2 ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}

CUSTFOLIO_INLINE double log_sum_exp(double x, double y) {
    const double top = std::max(x, y);
    if (top == -std::numeric_limits<double>::infinity()) return top;
    return top + std::log1p(std::exp(std::min(x, y) - top));
}

CUSTFOLIO_INLINE double log_sum_exp(std::span<const double> values) {
    double top = -std::numeric_limits<double>::infinity();
    for (const double value : values) top = std::max(top, value);
    if (!std::isfinite(top)) return top;
    CompensatedSum sum;
    for (const double value : values) sum += std::exp(value - top);
    return top + std::log(sum.value());
}

CUSTFOLIO_INLINE double log_diff_exp(double x, double y) {
    if (!(y <= x)) {
        throw InputError("log_diff_exp: y is " + std::to_string(y) + ", must not exceed x = " + std::to_string(x));
    }
    if (y == -std::numeric_limits<double>::infinity()) return x;
    return x + log1m_exp(y - x);
}

CUSTFOLIO_INLINE double log_hyp2f1(double a, double b, double c, double z) {
    detail::require_positive(a, "log_hyp2f1", "a");
    detail::require_positive(b, "log_hyp2f1", "b");
    detail::require_positive(c, "log_hyp2f1", "c");
    if (!(z < 1.0) || !std::isfinite(z)) {
        throw InputError("log_hyp2f1: z is " + std::to_string(z) + ", must be below 1");
    }
    if (z == 0.0) return 0.0;
    constexpr double affordable = 2000.0;  // terms of a series
    // The function is symmetric in a and b.
    if (a > b) std::swap(a, b);
    // A parameter that equals c leaves a power.
    if (a == c) return -b * std::log1p(-z);
    if (b == c) return -a * std::log1p(-z);
    if (z < 0.0) {
        const double m = b < c ? b : a;
        const double power = b < c ? a : b;
        constexpr double large = 1e4;
        if (m < c && (z < -1e7 || c > large || power > large) &&
            detail::hyp2f1_terms(power, c - m, c, z / (z - 1.0), 1.0 / (1.0 - z)) > affordable) {
            // E[(1 - z s)^-power] of a beta variable s: Pfaff's transformation would lose the digits of 1 - z or c - m.
            return detail::log_peak_integral(m, c, power, -z) - detail::log_peak_integral(m, c, 0.0, -z);
        }
        // The parameter turned into its distance from c must be below c; the larger one leaves the shorter series.
        if (b < c) return -a * std::log1p(-z) + log_hyp2f1(a, c - b, c, z / (z - 1.0));
        if (a < c) return -b * std::log1p(-z) + log_hyp2f1(c - a, b, c, z / (z - 1.0));
        throw InputError("log_hyp2f1: z is negative (" + std::to_string(z) + ") and c = " + std::to_string(c) +
                         " is below both a and b");
    }
    // Euler's transformation (DLMF 15.8.1) where it leaves smaller parameters.
    double factor = 0.0;
    if (b < c && c - a + c - b < a + b) {
        factor = (c - a - b) * std::log1p(-z);
        a = c - a;
        b = c - b;
    }
    if (detail::hyp2f1_terms(a, b, c, z, 1.0 - z) <= affordable) return factor + detail::log_hyp2f1_series(a, b, c, z);
    return factor + detail::log_hyp2f1_raised(a, b, c, z);
}

CUSTFOLIO_INLINE double hyp2f1(double a, double b, double c, double z) {
    if (c <= 0.0 || !std::isfinite(c)) {
        // A negative c comes from the two next larger ones by the contiguous relation.
        if (!(c > -1.0) || c == 0.0 || !std::isfinite(c)) {
            throw InputError("hyp2f1: c is " + std::to_string(c) + ", must be above -1 and not 0");
        }
        const double log_next = log_hyp2f1(a, b, c + 1.0, z);
        const double log_after = log_hyp2f1(a, b, c + 2.0, z);
        const double value = std::exp(log_next) * detail::hyp2f1_lowered(a, b, c, z, log_next, log_after);
        if (!std::isfinite(value)) throw NumericalError("hyp2f1: value exceeds the largest double");
        return value;
    }
    const double value = std::exp(log_hyp2f1(a, b, c, z));
    if (!std::isfinite(value)) throw NumericalError("hyp2f1: value exceeds the largest double");
    return value;
}

}  // namespace custfolio::math
