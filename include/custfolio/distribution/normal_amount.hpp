// Normal amounts as distributions on a lattice.
#pragma once

#include "custfolio/distribution/distribution.hpp"

namespace custfolio {

/// A normal amount.
/// @param mean currency, finite.
/// @param deviation standard deviation, currency, finite, >= 0; 0: the mean for certain.
/// @return the distribution on points about a thousandth of the deviation apart, from 8.5 deviations below the mean to
/// 8.5 above it; errors().discretisation bounds what the points do.
/// @throws InputError where an argument is out of range.
Distribution normal_distribution(double mean, double deviation);

namespace detail {

/// The greatest of 1, 2, 4, 5 and 8 times a power of ten that is at most a size.
/// @param size > 0, finite. @return the round number.
double round_step(double size);

/// A normal amount on the points k step: each amount is split over both neighbours, so that the mean stays.
/// @param mean finite. @param deviation >= 0, finite. @param step > 0.
/// @return the distribution.
math::LatticeDistribution normal_lattice(double mean, double deviation, double step);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/normal_amount.ipp"
#endif
