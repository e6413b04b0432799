// Roots of a function of one variable inside a bracket: Brent's method, bisection, thresholds of a condition.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::math {

/// When a root search may stop.
struct RootTolerance {
    double absolute =
        0.0;  ///< width of the final bracket that is good enough, in units of x; 0 asks for full precision.
    double relative = 4.0e-16;      ///< the same as a share of |x|; raised to twice the spacing of doubles where lower.
    unsigned max_iterations = 200;  ///< upper bound on function values after the two at the ends.
};

/// What a root search found.
struct RootResult {
    double root = 0.0;        ///< best x: the end of the final bracket with the smaller residual.
    double residual = 0.0;    ///< f(root).
    double lower = 0.0;       ///< lower end of the final bracket; f changes sign between lower and upper.
    double upper = 0.0;       ///< upper end of the final bracket.
    unsigned iterations = 0;  ///< function values used after the two at the ends.
    bool converged = false;   ///< whether the bracket is within tolerance (false: max_iterations was reached).
};

}  // namespace custfolio::math

namespace custfolio::detail {

/// Refuses a bracket that is no interval.
inline void check_interval(const char* function, double lower, double upper) {
    if (!std::isfinite(lower) || !std::isfinite(upper) || lower > upper) {
        throw InputError(std::string(function) + ": [" + std::to_string(lower) + ", " + std::to_string(upper) +
                         "] is no interval, need finite ends in ascending order");
    }
}

/// Value of f at x; NaN is refused, infinities have a sign and may serve.
template <class F>
double root_value(const char* function, F& f, double x) {
    const double value = f(x);
    if (std::isnan(value)) throw InputError(std::string(function) + ": the function is NaN at " + std::to_string(x));
    return value;
}

/// Width at which a bracket around x is good enough.
inline double root_width(const math::RootTolerance& tolerance, double x) {
    const double spacing = 2.0 * std::numeric_limits<double>::epsilon();
    return std::max({tolerance.absolute, std::max(tolerance.relative, spacing) * std::abs(x),
                     2.0 * std::numeric_limits<double>::denorm_min()});
}

/// Refuses function values of one sign.
inline void check_bracket(const char* function, double lower, double upper, double at_lower, double at_upper) {
    if ((at_lower > 0.0) == (at_upper > 0.0)) {
        throw InputError(std::string(function) + ": no change of sign between f(" + std::to_string(lower) +
                         ") = " + std::to_string(at_lower) + " and f(" + std::to_string(upper) +
                         ") = " + std::to_string(at_upper) + "; widen the bracket");
    }
}

}  // namespace custfolio::detail

namespace custfolio::math {

/**
 * @brief Root of f in [lower, upper] by Brent's method: interpolation where it helps, bisection where it does not.
 * @tparam F callable as `double(double)`.
 * @param f the function; need not be continuous (then the root is a change of sign). Values may be infinite, not NaN.
 * @param lower lower end of the bracket.
 * @param upper upper end of the bracket; f(lower) and f(upper) must have different signs or one be 0.
 * @param tolerance when to stop.
 * @return root, residual and the final bracket.
 * @throws InputError when the ends are no interval, f has one sign at both ends, or f is NaN somewhere.
 * @see R. P. Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.
 */
template <class F>
RootResult brent_root(F&& f, double lower, double upper, const RootTolerance& tolerance = {}) {
    detail::check_interval("brent_root", lower, upper);
    double a = lower;
    double b = upper;
    double fa = detail::root_value("brent_root", f, a);
    double fb = detail::root_value("brent_root", f, b);
    if (fa == 0.0) return {a, fa, a, a, 0, true};
    if (fb == 0.0) return {b, fb, b, b, 0, true};
    detail::check_bracket("brent_root", a, b, fa, fb);
    // b is the best point, [b, c] the bracket, a the point before b.
    double c = a;
    double fc = fa;
    double step = b - a;
    double step_before = step;
    unsigned iterations = 0;
    bool converged = false;
    for (;;) {
        if ((fb > 0.0) == (fc > 0.0)) {
            c = a;
            fc = fa;
            step = step_before = b - a;
        }
        if (std::abs(fc) < std::abs(fb)) {
            a = b;
            b = c;
            c = a;
            fa = fb;
            fb = fc;
            fc = fa;
        }
        const double width = 0.5 * detail::root_width(tolerance, b);
        const double half = 0.5 * c - 0.5 * b;
        converged = fb == 0.0 || std::abs(half) <= width;
        if (converged || iterations == tolerance.max_iterations) break;
        bool interpolated = false;
        if (std::abs(step_before) >= width && std::abs(fa) > std::abs(fb) && std::isfinite(fa) && std::isfinite(fc)) {
            const double s = fb / fa;
            double p = 2.0 * half * s;
            double q = 1.0 - s;
            if (a != c) {
                const double u = fa / fc;
                const double v = fb / fc;
                p = s * (2.0 * half * u * (u - v) - (b - a) * (v - 1.0));
                q = (u - 1.0) * (v - 1.0) * (s - 1.0);
            }
            if (p > 0.0) q = -q;
            p = std::abs(p);
            if (2.0 * p < std::min(3.0 * half * q - std::abs(width * q), std::abs(step_before * q))) {
                step_before = step;
                step = p / q;
                interpolated = true;
            }
        }
        if (!interpolated) step = step_before = half;
        a = b;
        fa = fb;
        b += std::abs(step) > width ? step : std::copysign(width, half);
        fb = detail::root_value("brent_root", f, b);
        ++iterations;
    }
    if (fb == 0.0) return {b, fb, b, b, iterations, true};
    return {b, fb, std::min(b, c), std::max(b, c), iterations, converged};
}

/**
 * @brief Root of f in [lower, upper] by bisection: slower than brent_root, the same number of steps whatever f does.
 * @tparam F callable as `double(double)`.
 * @param f the function, as in brent_root; for a monotone f the root is the only one.
 * @param lower lower end of the bracket.
 * @param upper upper end of the bracket.
 * @param tolerance when to stop; full precision takes about 60 to 70 values on a bracket that does not contain 0, up to
 * about 1 100 on one that does.
 * @return root, residual and the final bracket.
 * @throws InputError as brent_root.
 */
template <class F>
RootResult bisect(F&& f, double lower, double upper, const RootTolerance& tolerance = {0.0, 4.0e-16, 1200}) {
    detail::check_interval("bisect", lower, upper);
    double at_lower = detail::root_value("bisect", f, lower);
    double at_upper = detail::root_value("bisect", f, upper);
    if (at_lower == 0.0) return {lower, at_lower, lower, lower, 0, true};
    if (at_upper == 0.0) return {upper, at_upper, upper, upper, 0, true};
    detail::check_bracket("bisect", lower, upper, at_lower, at_upper);
    unsigned iterations = 0;
    bool converged = false;
    for (;;) {
        const double middle = 0.5 * lower + 0.5 * upper;
        converged = upper - lower <= detail::root_width(tolerance, middle) || middle <= lower || middle >= upper;
        if (converged || iterations == tolerance.max_iterations) break;
        const double value = detail::root_value("bisect", f, middle);
        ++iterations;
        if (value == 0.0) return {middle, value, middle, middle, iterations, true};
        if ((value > 0.0) == (at_upper > 0.0)) {
            upper = middle;
            at_upper = value;
        } else {
            lower = middle;
            at_lower = value;
        }
    }
    const bool low = std::abs(at_lower) < std::abs(at_upper);
    return {low ? lower : upper, low ? at_lower : at_upper, lower, upper, iterations, converged};
}

/**
 * @brief Smallest x in [lower, upper] at which a condition is true that stays true from there on.
 *
 * The answer is always a point where the condition was true, at most the tolerance above the threshold: "the smallest
 * fee that reaches the target" does reach it.
 * @tparam Condition callable as `bool(double)`, false below some threshold and true from it on.
 * @param condition the condition; must be true at `upper`.
 * @param lower lower end; when the condition is true there, it is the answer.
 * @param upper upper end.
 * @param tolerance when to stop.
 * @return root = upper end of the final bracket (condition true), lower = last point where it was false; residual is 0.
 * @throws InputError when the ends are no interval, or the condition is false at `upper`.
 */
template <class Condition>
RootResult smallest_where(Condition&& condition, double lower, double upper,
                          const RootTolerance& tolerance = {0.0, 4.0e-16, 1200}) {
    detail::check_interval("smallest_where", lower, upper);
    if (condition(lower)) return {lower, 0.0, lower, lower, 0, true};
    if (!condition(upper)) {
        throw InputError("smallest_where: the condition does not hold at the upper end " + std::to_string(upper) +
                         "; widen the interval");
    }
    unsigned iterations = 0;
    bool converged = false;
    for (;;) {
        const double middle = 0.5 * lower + 0.5 * upper;
        converged = upper - lower <= detail::root_width(tolerance, middle) || middle <= lower || middle >= upper;
        if (converged || iterations == tolerance.max_iterations) break;
        (condition(middle) ? upper : lower) = middle;
        ++iterations;
    }
    return {upper, 0.0, lower, upper, iterations, converged};
}

}  // namespace custfolio::math
