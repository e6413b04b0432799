// The beta distribution: chances and quantiles, for intervals of rates.
#pragma once

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief Regularised incomplete beta function: P(X <= x) of a beta variable.
 * @param a positive and finite.
 * @param b positive and finite.
 * @param x in [0, 1].
 * @return I_x(a, b) in [0, 1]; absolute error below 1e-13 for parameters up to 1e6.
 * @throws InputError when an argument is outside of its range.
 * Continued fraction by the modified Lentz method, on the side where it converges fast; O(sqrt(max(a, b))) terms.
 * @see DLMF 8.17.22.
 */
double regularised_beta(double a, double b, double x);

/**
 * @brief Quantile of a beta variable.
 * @param p probability in [0, 1].
 * @param a positive and finite.
 * @param b positive and finite.
 * @return x with P(X <= x) = p, to within 1e-12 in x; 0 for p = 0 and 1 for p = 1.
 * @throws InputError when an argument is outside of its range.
 */
double beta_quantile(double p, double a, double b);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/beta.ipp"
#endif
