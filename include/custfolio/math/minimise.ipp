// Definitions of minima of smooth functions.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

/// A point of a search, with the value and the gradient there.
struct SearchPoint {
    std::vector<double> x;
    double value = 0.0;
    std::vector<double> gradient;
};

/// One search for a minimum: BFGS steps, then Newton's, and again from a saddle or a stop short of the minimum.
class MinimumSearch {
  public:
    MinimumSearch(const math::SmoothFunction& f, std::vector<double> start, const math::MinimiseOptions& options)
        : f_(f), options_(options), size_(start.size()) {
        best_.x = std::move(start);
        best_.gradient.assign(size_, 0.0);
        best_.hessian = Matrix(size_, size_, std::numeric_limits<double>::quiet_NaN());
        best_.value = call(best_.x, best_.gradient);
    }

    math::MinimiseResult run() {
        if (!std::isfinite(best_.value)) {
            best_.message = "the function is not finite at the start";
            return std::move(best_);
        }
        inverse_ = inverse_of_absolute(math::symmetric_eigen(symmetric_part(second_differences())), 1e-6);
        for (unsigned round = 0; round < 5; ++round) {
            const bool moved = descend();
            best_.hessian = math::hessian_from_gradient(
                [&](std::span<const double> x, std::span<double> gradient) { return call(x, gradient); }, best_.x);
            if (!math::all_finite(best_.hessian.values())) break;
            const math::SymmetricEigen curvatures = math::symmetric_eigen(best_.hessian);
            const double least = size_ == 0 ? 1.0 : curvatures.values[0];
            const double largest = size_ == 0 ? 1.0 : math::largest_size(curvatures.values);
            if (least > 1e-12 * largest) {
                polish(curvatures);
                if (converged()) break;
            }
            if (best_.iterations >= options_.max_iterations) break;
            if (least < -1e-9 * largest && converged()) {
                if (!leave_saddle(curvatures)) break;
            } else if (converged() || (!moved && round > 0)) {
                break;
            }
            // Stopped short of the minimum: the search goes on along the metric of the second derivatives here.
            inverse_ = inverse_of_absolute(curvatures, 1e-9);
        }
        best_.converged = converged();
        best_.message = best_.converged ? "converged"
                        : best_.iterations >= options_.max_iterations
                            ? "stopped after " + std::to_string(best_.iterations) + " steps without convergence"
                            : "stopped where no step leads down, short of the tolerance";
        return std::move(best_);
    }

  private:
    /// The function; infinity where the value or the gradient is not finite, so that line searches turn back.
    double call(std::span<const double> x, std::span<double> gradient) {
        ++best_.evaluations;
        const double value = f_(x, gradient);
        return std::isfinite(value) && math::all_finite(gradient) ? value : std::numeric_limits<double>::infinity();
    }
    [[nodiscard]] bool converged() const {
        const double scale = std::max(1.0, std::abs(best_.value));
        return math::largest_size(best_.gradient) <= options_.gradient_tolerance * scale;
    }
    void move_to(SearchPoint point) {
        best_.x = std::move(point.x);
        best_.value = point.value;
        best_.gradient = std::move(point.gradient);
    }

    /// Second derivatives at the start. Differences to one side are enough for a first metric.
    Matrix second_differences() {
        Matrix second(size_, size_);
        for (std::size_t k = 0; k < size_; ++k) {
            std::vector<double> point = best_.x;
            std::vector<double> gradient(size_);
            const double width = 1e-4 * std::max(1.0, std::abs(point[k]));
            point[k] += width;
            const double value = call(point, gradient);
            for (std::size_t i = 0; i < size_; ++i) {
                // Outside the domain the gradient's length stands in: the first step then has a length of about 1.
                second(i, k) = std::isfinite(value) ? (gradient[i] - best_.gradient[i]) / width
                               : i == k             ? length(best_.gradient)
                                                    : 0.0;
            }
        }
        return second;
    }

    /// Steps until the gradient vanishes; false where a step led nowhere.
    bool descend() {
        while (!converged() && best_.iterations < options_.max_iterations) {
            std::vector<double> direction(size_);
            for (std::size_t i = 0; i < size_; ++i) direction[i] = -math::dot(inverse_.row(i), best_.gradient);
            if (!(math::dot(direction, best_.gradient) < 0.0)) {
                for (std::size_t i = 0; i < size_; ++i) direction[i] = -best_.gradient[i];
            }
            std::optional<SearchPoint> reached = search_line(direction);
            if (!reached) return false;
            update_metric(*reached);
            move_to(std::move(*reached));
            ++best_.iterations;
        }
        return true;
    }

    /// The best point along a direction, under the strong Wolfe conditions; nothing where no step leads down.
    std::optional<SearchPoint> search_line(std::span<const double> direction) {
        constexpr double armijo = 1e-4;
        constexpr double curvature = 0.5;
        const double largest = math::largest_size(direction);
        const LinePoint origin{0.0, best_.value, math::dot(best_.gradient, direction)};
        if (!(origin.slope < 0.0)) return std::nullopt;
        const double limit = options_.max_step / largest;
        std::vector<double> gradient(size_);
        SearchPoint best;
        LinePoint low = origin;  // of the best point so far
        LinePoint high{0.0, 0.0, 0.0};
        bool bracketed = false;
        double at = std::min(1.0, limit);
        for (unsigned tries = 0; tries < 40; ++tries) {
            const std::vector<double> point = math::add_scaled(best_.x, at, direction);
            const double value = call(point, gradient);
            const LinePoint here{
                at, value,
                std::isfinite(value) ? math::dot(gradient, direction) : std::numeric_limits<double>::quiet_NaN()};
            if (!(value <= best_.value + armijo * at * origin.slope) || value >= low.value) {
                high = here;
                bracketed = true;
            } else {
                // Lower, but rising away from the other end: the minimum lies between the two lower points.
                if (bracketed ? here.slope * (high.at - low.at) >= 0.0 : here.slope >= 0.0) {
                    high = low;
                    bracketed = true;
                }
                low = here;
                best = {point, value, gradient};
                if (std::abs(here.slope) <= curvature * std::abs(origin.slope) || (!bracketed && at >= limit)) break;
            }
            // After many tries any lower point is taken: rounding may hide the one that meets the conditions.
            if (bracketed &&
                (std::abs(high.at - low.at) * largest <= 1e-14 * std::max(1.0, math::largest_size(best_.x)) ||
                 (tries > 10 && low.at > 0.0))) {
                break;
            }
            at = bracketed ? cubic_minimum(low, high) : std::min(limit, 3.0 * at);
        }
        if (low.at == 0.0) return std::nullopt;
        return best;
    }

    /// The BFGS update of the inverse metric by the step to a point. A step along which the slope did not rise is left
    /// out: the metric would no longer be positive definite.
    void update_metric(const SearchPoint& reached) {
        const std::vector<double> step = math::add_scaled(reached.x, -1.0, best_.x);
        const std::vector<double> change = math::add_scaled(reached.gradient, -1.0, best_.gradient);
        const double along = math::dot(step, change);
        if (!(along > 1e-12 * length(step) * length(change))) return;
        std::vector<double> product(size_);
        for (std::size_t i = 0; i < size_; ++i) product[i] = math::dot(inverse_.row(i), change);
        const double twice = (along + math::dot(change, product)) / (along * along);
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t j = 0; j < size_; ++j) {
                inverse_(i, j) += twice * step[i] * step[j] - (product[i] * step[j] + step[i] * product[j]) / along;
            }
        }
    }

    /// Newton steps, as long as they shorten the gradient: they bring the point to full precision.
    void polish(const math::SymmetricEigen& curvatures) {
        std::vector<double> newton;
        for (const double value : curvatures.values) newton.push_back(-1.0 / value);
        for (unsigned steps = 0; steps < 3; ++steps) {
            const std::vector<double> step = curvatures.apply(newton, best_.gradient);
            // A long step is beyond what second derivatives at one point describe.
            if (!math::all_finite(step) || math::largest_size(step) > 0.1) return;
            const bool last = math::largest_size(step) <= 1e-6;  // the next one would be rounding
            SearchPoint next{math::add_scaled(best_.x, 1.0, step), 0.0, std::vector<double>(size_)};
            next.value = call(next.x, next.gradient);
            if (!(length(next.gradient) < length(best_.gradient)) || !std::isfinite(next.value)) return;
            move_to(std::move(next));
            if (last) return;
        }
    }

    /// A step down from a saddle along the direction of negative curvature; false where it does not lead down.
    bool leave_saddle(const math::SymmetricEigen& curvatures) {
        const std::span<const double> down = curvatures.vectors.row(0);
        const double width = math::dot(down, best_.gradient) > 0.0 ? -0.1 : 0.1;
        SearchPoint next{math::add_scaled(best_.x, width, down), 0.0, std::vector<double>(size_)};
        next.value = call(next.x, next.gradient);
        if (!(next.value < best_.value)) return false;
        move_to(std::move(next));
        return true;
    }

    const math::SmoothFunction& f_;
    const math::MinimiseOptions& options_;
    std::size_t size_;
    math::MinimiseResult best_;
    Matrix inverse_;  // of the metric
};

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
    return detail::MinimumSearch(f, std::move(start), options).run();
}

}  // namespace custfolio::math
