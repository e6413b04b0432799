// The normal distribution and the logistic function, accurate in the tails.
#pragma once

#include <cstddef>
#include <vector>

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief Density of the standard normal distribution.
 * @param x any number.
 * @return exp(-x^2 / 2) / sqrt(2 pi); 0 at infinity, NaN for NaN.
 */
double normal_pdf(double x);

/**
 * @brief Distribution function of the standard normal distribution, P(Z <= x).
 * @param x any number; for the upper tail P(Z > x) pass -x, which keeps its relative accuracy.
 * @return the probability; 0 and 1 at minus and plus infinity, NaN for NaN. Relative error in the lower tail about x^2
 * * 1e-16.
 */
double normal_cdf(double x);

/**
 * @brief Logarithm of normal_cdf, also where that underflows.
 * @param x any finite number.
 * @return log P(Z <= x); relative error below 4e-13.
 */
double log_normal_cdf(double x);

/**
 * @brief Quantile of the standard normal distribution, the inverse of normal_cdf.
 * @param p probability in [0, 1].
 * @return z with P(Z <= z) = p, to about 16 digits; minus infinity for 0 and plus infinity for 1.
 * @throws InputError when p is outside [0, 1] or NaN.
 * @see M. J. Wichura (1988), Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics
 * 37(3), 477-484, rational approximations PPND16.
 */
double normal_quantile(double p);

/**
 * @brief Logistic function.
 * @param x any number.
 * @return 1 / (1 + exp(-x)), without overflow; 0 and 1 at minus and plus infinity, NaN for NaN.
 */
double logistic(double x);

/**
 * @brief Log odds, the inverse of logistic.
 * @param p probability in [0, 1].
 * @return log(p / (1 - p)), accurate near 0 and near 1/2; minus infinity for 0 and plus infinity for 1.
 * @throws InputError when p is outside [0, 1] or NaN.
 */
double logit(double p);

/**
 * @brief log(1 + exp(x)) without overflow or cancellation.
 * @param x any number.
 * @return log(1 + exp(x)); the logarithm of logistic(x) is -log1pexp(-x).
 * @see M. Maechler (2012), Accurately computing log(1 - exp(-|a|)), R package Rmpfr, equation 10.
 */
double log1pexp(double x);

/// Points and weights of a quadrature rule.
struct QuadratureRule {
    std::vector<double> node;    ///< where the function is evaluated, ascending.
    std::vector<double> weight;  ///< positive, summing to 1.
};

/**
 * @brief Gauss-Hermite rule for the standard normal distribution: E[f(Z)] is about sum_i weight[i] f(node[i]).
 *
 * Exact for polynomials of degree up to 2 n - 1. O(n^2).
 * @param n number of nodes, 1 to 256.
 * @return the rule; symmetric about 0.
 * @throws InputError when n is out of range.
 * @see G. H. Golub, J. H. Welsch (1969), Calculation of Gauss quadrature rules, Math. Comp. 23, 221-230 (nodes as
 * eigenvalues of the Jacobi matrix); weights by Christoffel's formula 1 / sum_{k < n} h_k(node)^2 with h_k the
 * orthonormal Hermite polynomials.
 */
QuadratureRule gauss_hermite(std::size_t n);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/normal.ipp"
#endif
