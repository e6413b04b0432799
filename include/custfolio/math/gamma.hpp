// The gamma distribution's tail, and with it that of chi-square, for tests of models against each other.
#pragma once

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief Regularised upper incomplete gamma function: P(X > x) of a gamma variable with rate 1.
 * @param a shape, positive and finite.
 * @param x at least 0.
 * @return Q(a, x) in [0, 1]; relative error below 1e-14 times max(10, a, x) where it is not below 1e-300.
 * @throws InputError when an argument is outside of its range.
 * Series below x = a + 1, continued fraction by the modified Lentz method above; O(sqrt(a)) terms near x = a.
 * @see DLMF 8.7.1 and 8.9.2.
 */
double regularised_gamma_tail(double a, double x);

/**
 * @brief Chance that a chi-square variable exceeds a statistic.
 * @param statistic at least 0.
 * @param degrees degrees of freedom, above 0.
 * @return Q(degrees / 2, statistic / 2).
 * @throws InputError when an argument is outside of its range.
 */
double chi_square_tail(double statistic, double degrees);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/gamma.ipp"
#endif
