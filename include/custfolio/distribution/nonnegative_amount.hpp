// Uncertain amounts that cannot be below 0: normal ones, censored at 0.
#pragma once

#include "custfolio/distribution/distribution.hpp"

namespace custfolio {

/// Quantile of an amount that cannot be below 0: max(0, X) with a normal X, such that the amount has a mean and a
/// deviation (a type 1 Tobit variable). It is that of a normal amount where the mean is at least 9 deviations.
/// @param mean currency, >= 0, finite. At 0 the amount is 0.
/// @param deviation standard deviation, currency, finite, >= 0.
/// @param probability in (0, 1).
/// @return the quantile, currency, >= 0; 0 where the deviation is above 240 means: the chance of an amount is then
/// below 1 in 30,000.
/// @throws InputError where an argument is out of range.
/// @see J. Tobin (1958), Estimation of relationships for limited dependent variables, Econometrica 26(1), 24-36; W. H.
/// Greene (2012), Econometric Analysis, 7th ed., theorem 19.3, for the moments.
double nonnegative_quantile(double mean, double deviation, double probability);

/// The distribution of the same amount.
/// @param mean as above. @param deviation as above.
/// @return the distribution on points about a thousandth of the deviation apart; the mean for certain where the
/// deviation is above 240 means.
/// @throws InputError where an argument is out of range.
Distribution nonnegative_distribution(double mean, double deviation);

namespace detail {

/// The same amount on the points k step, as normal_lattice().
/// @param mean as above. @param deviation as above. @param step > 0.
/// @return the distribution.
math::LatticeDistribution nonnegative_lattice(double mean, double deviation, double step);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/nonnegative_amount.ipp"
#endif
