// Minima of smooth functions of several variables from value and gradient: BFGS, then Newton steps to full precision.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio::math {

/// When a minimisation may stop.
struct MinimiseOptions {
    double gradient_tolerance =
        1e-8;                       ///< largest entry of the gradient that is good enough, as a share of max(1, |f|).
    unsigned max_iterations = 500;  ///< upper bound on steps.
    double max_step = 5.0;          ///< largest change of any variable in one step, in its own units.
};

/// What a minimisation found.
struct MinimiseResult {
    std::vector<double> x;         ///< best point.
    double value = 0.0;            ///< f(x).
    std::vector<double> gradient;  ///< gradient at x.
    Matrix hessian;            ///< second derivatives at x, by differences of the gradient; NaN where f has none there.
    unsigned iterations = 0;   ///< steps taken.
    unsigned evaluations = 0;  ///< calls of f, those for second derivatives included.
    bool converged = false;    ///< whether the gradient is within tolerance and no direction leads down.
    std::string message;       ///< why it stopped, in words.
};

/// A smooth function with its gradient: `f(x, gradient)` returns the value and writes the gradient, which has the size
/// of x. What the gradient contains before the call is undefined.
using SmoothFunction = std::function<double(std::span<const double> x, std::span<double> gradient)>;

/**
 * @brief Second derivatives from central differences of an analytic gradient, made symmetric.
 * @param f the function.
 * @param x where; needs 2 n calls of f.
 * @return n x n, accurate to about nine digits of its largest entries; NaN in rows whose gradients are not finite.
 */
Matrix hessian_from_gradient(const SmoothFunction& f, std::span<const double> x);

/**
 * @brief Local minimum of a smooth function by BFGS with a line search (strong Wolfe conditions), then Newton steps.
 *
 * The first metric is that of second derivatives at the start, so that badly scaled functions are no harder than
 * others; at the end Newton steps on second derivatives bring the point to full precision and separate a minimum from a
 * saddle. Made for few variables and a costly f: some 20 to 30 calls of f for four variables.
 * @param f the function; +infinity or NaN outside its domain, where the gradient is not read; called from this thread,
 * one call after the other.
 * @param start where to begin; f must be finite there, else the result is marked as failed.
 * @param options when to stop.
 * @return the best point and how it was reached; never throws by itself.
 * @see J. Nocedal, S. J. Wright (2006), Numerical Optimization, 2nd ed., algorithms 3.5, 3.6 and 6.1.
 */
MinimiseResult minimise(const SmoothFunction& f, std::vector<double> start, const MinimiseOptions& options = {});

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/minimise.ipp"
#endif
