// Definitions of minima of smooth functions.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/minimise.hpp"

namespace custfolio::detail {

/// Inverse of |A|, the symmetric matrix with A's eigenvectors and the absolute values of its eigenvalues, those that
/// are next to nothing raised to a share `floor` of the largest.
CUSTFOLIO_INLINE Matrix inverse_of_absolute(const math::SymmetricEigen& a, double floor) {
    const double least = std::max(floor * math::largest_size(a.values), std::numeric_limits<double>::min());
    std::vector<double> inverse;
    for (const double value : a.values) inverse.push_back(1.0 / std::max(std::abs(value), least));
    return a.matrix(inverse);
}

/// The mean of a matrix and its transpose.
CUSTFOLIO_INLINE Matrix symmetric_part(const Matrix& a) {
    Matrix result = a;
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < a.cols(); ++j) result(i, j) = 0.5 * (a(i, j) + a(j, i));
    }
    return result;
}

/// The Euclidean length.
CUSTFOLIO_INLINE double length(std::span<const double> a) {
    return std::sqrt(math::dot(a, a));
}

/// One point of a line search: step length, value, slope along the line.
struct LinePoint {
    double at, value, slope;
};

/// The minimum of the cubic through two points of a line, kept off the ends of the interval. The middle where the
/// points give none.
CUSTFOLIO_INLINE double cubic_minimum(const LinePoint& a, const LinePoint& b) {
    const double low = std::min(a.at, b.at);
    const double width = std::abs(b.at - a.at);
    double at = low + 0.5 * width;
    if (std::isfinite(b.value) && std::isfinite(b.slope)) {
        const double d = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.at - b.at);
        const double square = d * d - a.slope * b.slope;
        if (square >= 0.0) {
            const double root = std::copysign(std::sqrt(square), b.at - a.at);
            const double cubic = b.at - (b.at - a.at) * (b.slope + root - d) / (b.slope - a.slope + 2.0 * root);
            if (std::isfinite(cubic)) at = cubic;
        }
    } else {
        at = a.at + 0.2 * (b.at - a.at);  // beyond the domain: far back
    }
    return std::clamp(at, low + 0.05 * width, low + 0.95 * width);
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE Matrix hessian_from_gradient(const SmoothFunction& f, std::span<const double> x) {
    const std::size_t n = x.size();
    Matrix hessian(n, n);
    std::vector<double> above(n);
    std::vector<double> below(n);
    for (std::size_t k = 0; k < n; ++k) {
        const double width = 5e-5 * std::max(1.0, std::abs(x[k]));
        std::vector<double> point(x.begin(), x.end());
        point[k] = x[k] + width;
        const double upper = point[k];
        const double at_upper = f(point, above);
        point[k] = x[k] - width;
        const double at_lower = f(point, below);
        const bool finite = std::isfinite(at_upper) && std::isfinite(at_lower);
        for (std::size_t i = 0; i < n; ++i) {
            hessian(i, k) =
                finite ? (above[i] - below[i]) / (upper - point[k]) : std::numeric_limits<double>::quiet_NaN();
        }
    }
    return detail::symmetric_part(hessian);
}

CUSTFOLIO_INLINE MinimiseResult minimise(const SmoothFunction& f, std::vector<double> start,
                                         const MinimiseOptions& options) {
    const std::size_t n = start.size();
    MinimiseResult best;
    best.x = std::move(start);
    best.gradient.assign(n, 0.0);
    best.hessian = Matrix(n, n, std::numeric_limits<double>::quiet_NaN());
    const auto call = [&](std::span<const double> x, std::span<double> gradient) {
        ++best.evaluations;
        const double value = f(x, gradient);
        return std::isfinite(value) && all_finite(gradient) ? value : std::numeric_limits<double>::infinity();
    };
    best.value = call(best.x, best.gradient);
    if (!std::isfinite(best.value)) {
        best.message = "the function is not finite at the start";
        return best;
    }
    const auto small = [&] {
        return largest_size(best.gradient) <= options.gradient_tolerance * std::max(1.0, std::abs(best.value));
    };

    // Differences to one side are enough for a first metric.
    Matrix first(n, n);
    for (std::size_t k = 0; k < n; ++k) {
        std::vector<double> point = best.x;
        std::vector<double> gradient(n);
        const double width = 1e-4 * std::max(1.0, std::abs(point[k]));
        point[k] += width;
        const double value = call(point, gradient);
        for (std::size_t i = 0; i < n; ++i) {
            first(i, k) = std::isfinite(value) ? (gradient[i] - best.gradient[i]) / width
                          : i == k             ? detail::length(best.gradient)
                                               : 0.0;
        }
    }
    Matrix inverse = detail::inverse_of_absolute(symmetric_eigen(detail::symmetric_part(first)), 1e-6);

    // One step along a direction; false where no step leads down.
    const auto step_along = [&](std::span<const double> direction) {
        constexpr double armijo = 1e-4;
        constexpr double curvature = 0.5;
        const double largest = largest_size(direction);
        const detail::LinePoint origin{0.0, best.value, dot(best.gradient, direction)};
        if (!(origin.slope < 0.0)) return false;
        const double limit = options.max_step / largest;
        std::vector<double> gradient(n);
        std::vector<double> kept_point;
        std::vector<double> kept_gradient;
        detail::LinePoint low = origin;  // the best point so far
        detail::LinePoint high{0.0, 0.0, 0.0};
        bool bracketed = false;
        double at = std::min(1.0, limit);
        for (unsigned tries = 0; tries < 40; ++tries) {
            const std::vector<double> point = add_scaled(best.x, at, direction);
            const double value = call(point, gradient);
            const detail::LinePoint here{
                at, value, std::isfinite(value) ? dot(gradient, direction) : std::numeric_limits<double>::quiet_NaN()};
            if (!(value <= best.value + armijo * at * origin.slope) || value >= low.value) {
                high = here;
                bracketed = true;
            } else {
                if (bracketed ? here.slope * (high.at - low.at) >= 0.0 : here.slope >= 0.0) {
                    high = low;
                    bracketed = true;
                }
                low = here;
                kept_point = point;
                kept_gradient = gradient;
                if (std::abs(here.slope) <= curvature * std::abs(origin.slope) || (!bracketed && at >= limit)) break;
            }
            if (bracketed && (std::abs(high.at - low.at) * largest <= 1e-14 * std::max(1.0, largest_size(best.x)) ||
                              (tries > 10 && low.at > 0.0))) {
                break;
            }
            at = bracketed ? detail::cubic_minimum(low, high) : std::min(limit, 3.0 * at);
        }
        if (low.at == 0.0) return false;
        const std::vector<double> step = add_scaled(kept_point, -1.0, best.x);
        const std::vector<double> change = add_scaled(kept_gradient, -1.0, best.gradient);
        const double along = dot(step, change);
        if (along > 1e-12 * detail::length(step) * detail::length(change)) {
            std::vector<double> product(n);
            for (std::size_t i = 0; i < n; ++i) product[i] = dot(inverse.row(i), change);
            const double twice = (along + dot(change, product)) / (along * along);
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t j = 0; j < n; ++j) {
                    inverse(i, j) += twice * step[i] * step[j] - (product[i] * step[j] + step[i] * product[j]) / along;
                }
            }
        }
        best.x = kept_point;
        best.value = low.value;
        best.gradient = kept_gradient;
        ++best.iterations;
        return true;
    };

    // A saddle or a stop short of the minimum sends the search on, along the metric of the second derivatives there.
    for (unsigned round = 0; round < 5; ++round) {
        bool moved = true;
        while (moved && !small() && best.iterations < options.max_iterations) {
            std::vector<double> direction(n);
            for (std::size_t i = 0; i < n; ++i) direction[i] = -dot(inverse.row(i), best.gradient);
            if (!(dot(direction, best.gradient) < 0.0)) {
                for (std::size_t i = 0; i < n; ++i) direction[i] = -best.gradient[i];
            }
            moved = step_along(direction);
        }
        best.hessian = hessian_from_gradient(call, best.x);
        if (!all_finite(best.hessian.values())) break;
        const SymmetricEigen curvatures = symmetric_eigen(best.hessian);
        const double least = n == 0 ? 1.0 : curvatures.values[0];
        const double largest = n == 0 ? 1.0 : largest_size(curvatures.values);
        if (least > 1e-12 * largest) {
            std::vector<double> newton;
            for (const double value : curvatures.values) newton.push_back(-1.0 / value);
            for (unsigned polish = 0; polish < 3; ++polish) {
                const std::vector<double> step = curvatures.apply(newton, best.gradient);
                if (!all_finite(step) || largest_size(step) > 0.1) break;
                const bool last = largest_size(step) <= 1e-6;  // the next one would be rounding
                std::vector<double> gradient(n);
                std::vector<double> point = add_scaled(best.x, 1.0, step);
                const double value = call(point, gradient);
                if (!(detail::length(gradient) < detail::length(best.gradient)) || !std::isfinite(value)) break;
                best.x = std::move(point);
                best.value = value;
                best.gradient = std::move(gradient);
                if (last) break;
            }
            if (small()) break;
        }
        if (best.iterations >= options.max_iterations) break;
        if (least < -1e-9 * largest && small()) {  // a saddle: down along the direction of negative curvature
            const std::span<const double> down = curvatures.vectors.row(0);
            std::vector<double> gradient(n);
            std::vector<double> point = add_scaled(best.x, dot(down, best.gradient) > 0.0 ? -0.1 : 0.1, down);
            const double value = call(point, gradient);
            if (!(value < best.value)) break;
            best.x = std::move(point);
            best.value = value;
            best.gradient = std::move(gradient);
        } else if (small()) {
            break;
        } else if (!moved && round > 0) {
            break;
        }
        inverse = detail::inverse_of_absolute(curvatures, 1e-9);
    }
    best.converged = small();
    best.message = best.converged ? "converged"
                   : best.iterations >= options.max_iterations
                       ? "stopped after " + std::to_string(best.iterations) + " steps without convergence"
                       : "stopped where no step leads down, short of the tolerance";
    return best;
}

}  // namespace custfolio::math
