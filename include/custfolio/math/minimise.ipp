// Definitions of minima of smooth functions.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/minimise.hpp"

namespace custfolio::detail {

/// Inverse of |A|, the symmetric matrix with A's eigenvectors and the absolute values of its eigenvalues, those that
/// are next to nothing raised to a share `floor` of the largest.
CUSTFOLIO_INLINE Eigen::MatrixXd inverse_of_absolute(const Eigen::MatrixXd& a, double floor) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> found(a);
    const Eigen::VectorXd sizes = found.eigenvalues().cwiseAbs();
    const double least = std::max(floor * sizes.maxCoeff(), std::numeric_limits<double>::min());
    return found.eigenvectors() * sizes.cwiseMax(least).cwiseInverse().asDiagonal() * found.eigenvectors().transpose();
}

/// One point of a line search: step length, value, slope along the line.
struct LinePoint {
    double at, value, slope;
};

/// Where the cubic through two points of a line has its minimum, kept off the ends of the interval; the middle where
/// the points give none.
CUSTFOLIO_INLINE double cubic_minimum(const LinePoint& a, const LinePoint& b) {
    const double low = std::min(a.at, b.at);
    const double width = std::abs(b.at - a.at);
    double at = low + 0.5 * width;
    if (std::isfinite(b.value) && std::isfinite(b.slope)) {
        const double d = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.at - b.at);
        const double square = d * d - a.slope * b.slope;
        if (square >= 0.0) {
            const double root = std::copysign(std::sqrt(square), b.at - a.at);
            const double found = b.at - (b.at - a.at) * (b.slope + root - d) / (b.slope - a.slope + 2.0 * root);
            if (std::isfinite(found)) at = found;
        }
    } else {
        at = a.at + 0.2 * (b.at - a.at);  // beyond the domain: far back
    }
    return std::clamp(at, low + 0.05 * width, low + 0.95 * width);
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE Eigen::MatrixXd hessian_from_gradient(const SmoothFunction& f, const Eigen::VectorXd& x) {
    const Eigen::Index n = x.size();
    Eigen::MatrixXd hessian(n, n);
    Eigen::VectorXd above(n);
    Eigen::VectorXd below(n);
    for (Eigen::Index k = 0; k < n; ++k) {
        const double width = 5e-5 * std::max(1.0, std::abs(x[k]));
        Eigen::VectorXd point = x;
        point[k] = x[k] + width;
        const double upper = point[k];
        const double at_upper = f(std::as_const(point), above);
        point[k] = x[k] - width;
        const double at_lower = f(std::as_const(point), below);
        if (std::isfinite(at_upper) && std::isfinite(at_lower)) {
            hessian.col(k) = (above - below) / (upper - point[k]);
        } else {
            hessian.col(k).setConstant(std::numeric_limits<double>::quiet_NaN());
        }
    }
    return 0.5 * (hessian + hessian.transpose());
}

CUSTFOLIO_INLINE MinimiseResult minimise(const SmoothFunction& f, Eigen::VectorXd start,
                                         const MinimiseOptions& options) {
    const Eigen::Index n = start.size();
    MinimiseResult best;
    best.x = std::move(start);
    best.gradient = Eigen::VectorXd::Zero(n);
    best.hessian = Eigen::MatrixXd::Constant(n, n, std::numeric_limits<double>::quiet_NaN());
    const auto call = [&](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
        ++best.evaluations;
        const double value = f(x, gradient);
        return std::isfinite(value) && gradient.allFinite() ? value : std::numeric_limits<double>::infinity();
    };
    best.value = call(best.x, best.gradient);
    if (!std::isfinite(best.value)) {
        best.message = "the function is not finite at the start";
        return best;
    }
    const auto small = [&] {
        return best.gradient.size() == 0 ||
               best.gradient.cwiseAbs().maxCoeff() <= options.gradient_tolerance * std::max(1.0, std::abs(best.value));
    };

    // Differences to one side are enough for a first metric.
    Eigen::MatrixXd first(n, n);
    for (Eigen::Index k = 0; k < n; ++k) {
        Eigen::VectorXd point = best.x;
        Eigen::VectorXd gradient(n);
        const double width = 1e-4 * std::max(1.0, std::abs(point[k]));
        point[k] += width;
        const double value = call(point, gradient);
        first.col(k) = std::isfinite(value) ? Eigen::VectorXd((gradient - best.gradient) / width)
                                            : Eigen::VectorXd::Unit(n, k) * best.gradient.norm();
    }
    Eigen::MatrixXd inverse = detail::inverse_of_absolute(0.5 * (first + first.transpose()), 1e-6);

    // One step along a direction; false where no step leads down.
    const auto step_along = [&](const Eigen::VectorXd& direction) {
        constexpr double armijo = 1e-4;
        constexpr double curvature = 0.5;
        const double largest = direction.cwiseAbs().maxCoeff();
        const detail::LinePoint origin{0.0, best.value, best.gradient.dot(direction)};
        if (!(origin.slope < 0.0)) return false;
        const double limit = options.max_step / largest;
        Eigen::VectorXd point(n);
        Eigen::VectorXd gradient(n);
        Eigen::VectorXd kept_point;
        Eigen::VectorXd kept_gradient;
        detail::LinePoint low = origin;  // the best point so far
        detail::LinePoint high{0.0, 0.0, 0.0};
        bool bracketed = false;
        double at = std::min(1.0, limit);
        for (unsigned tries = 0; tries < 40; ++tries) {
            point = best.x + at * direction;
            const double value = call(point, gradient);
            const detail::LinePoint here{
                at, value, std::isfinite(value) ? gradient.dot(direction) : std::numeric_limits<double>::quiet_NaN()};
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
            if (bracketed &&
                (std::abs(high.at - low.at) * largest <= 1e-14 * std::max(1.0, best.x.cwiseAbs().maxCoeff()) ||
                 (tries > 10 && low.at > 0.0))) {
                break;
            }
            at = bracketed ? detail::cubic_minimum(low, high) : std::min(limit, 3.0 * at);
        }
        if (low.at == 0.0) return false;
        const Eigen::VectorXd step = kept_point - best.x;
        const Eigen::VectorXd change = kept_gradient - best.gradient;
        const double along = step.dot(change);
        if (along > 1e-12 * step.norm() * change.norm()) {
            const Eigen::VectorXd product = inverse * change;
            inverse += ((along + change.dot(product)) / (along * along)) * step * step.transpose() -
                       (product * step.transpose() + step * product.transpose()) / along;
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
            Eigen::VectorXd direction = -inverse * best.gradient;
            if (!(direction.dot(best.gradient) < 0.0)) direction = -best.gradient;
            moved = step_along(direction);
        }
        best.hessian = hessian_from_gradient(call, best.x);
        if (!best.hessian.allFinite()) break;
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> curvatures(best.hessian);
        const double least = n == 0 ? 1.0 : curvatures.eigenvalues()[0];
        const double largest = n == 0 ? 1.0 : curvatures.eigenvalues().cwiseAbs().maxCoeff();
        if (least > 1e-12 * largest) {
            for (unsigned polish = 0; polish < 3; ++polish) {
                const Eigen::VectorXd step = -best.hessian.ldlt().solve(best.gradient);
                if (!step.allFinite() || step.cwiseAbs().maxCoeff() > 0.1) break;
                const bool last = step.cwiseAbs().maxCoeff() <= 1e-6;  // the next one would be rounding
                Eigen::VectorXd gradient(n);
                const Eigen::VectorXd point = best.x + step;
                const double value = call(point, gradient);
                if (!(gradient.norm() < best.gradient.norm()) || !std::isfinite(value)) break;
                best.x = point;
                best.value = value;
                best.gradient = gradient;
                if (last) break;
            }
            if (small()) break;
        }
        if (best.iterations >= options.max_iterations) break;
        if (least < -1e-9 * largest && small()) {  // a saddle: down along the direction of negative curvature
            Eigen::VectorXd down = curvatures.eigenvectors().col(0);
            if (down.dot(best.gradient) > 0.0) down = -down;
            Eigen::VectorXd gradient(n);
            const Eigen::VectorXd point = best.x + 0.1 * down;
            const double value = call(point, gradient);
            if (!(value < best.value)) break;
            best.x = point;
            best.value = value;
            best.gradient = gradient;
        } else if (small()) {
            break;
        } else if (!moved && round > 0) {
            break;
        }
        inverse = detail::inverse_of_absolute(best.hessian, 1e-9);
    }
    best.converged = small();
    best.message = best.converged ? "converged"
                   : best.iterations >= options.max_iterations
                       ? "stopped after " + std::to_string(best.iterations) + " steps without convergence"
                       : "stopped where no step leads down, short of the tolerance";
    return best;
}

}  // namespace custfolio::math
