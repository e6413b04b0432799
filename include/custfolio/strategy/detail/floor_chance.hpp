// The chance that several sums of a plan's months reach their floors together.
#pragma once

#include <span>

#include "custfolio/math/matrix.hpp"

namespace custfolio::detail {

/// The chance that jointly normal variables all reach their floors: quasi-Monte-Carlo over conditional normals, with
/// fixed points, so that the bits are always the same. One variable is exact; several to about 1e-3.
/// @param mean per variable.
/// @param covariance variables x variables; may be singular.
/// @param floor per variable.
/// @return in [0, 1]; 1 without variables.
/// @see A. Genz (1992), Numerical computation of multivariate normal probabilities, Journal of Computational and
/// Graphical Statistics 1(2), 141-149.
double chance_of_all(std::span<const double> mean, const Matrix& covariance, std::span<const double> floor);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/floor_chance.ipp"
#endif
