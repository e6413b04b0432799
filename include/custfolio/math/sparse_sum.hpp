// Exact sums of independent variables of few values each.
#pragma once

#include <cstddef>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/lattice.hpp"

namespace custfolio::math {

/// Independent variables of few values each, as columns: variable i has the values begin[i] ... begin[i + 1] - 1.
struct SparseSummands {
    std::vector<std::size_t> begin{0};  ///< where each variable begins; one entry more than variables.
    std::vector<double> position;       ///< values, in steps of the lattice; below 2^50 in size.
    std::vector<double> probability;    ///< of each value, not negative, summing to 1 within 1e-9 in each variable.
};

/**
 * @brief Distribution of the sum of independent variables of few values each.
 *
 * A value between two points is split over both so that its mean stays. A value within a billionth of a step of a
 * point, or within its own rounding, counts as on it.
 *
 * Many variables are summed by inverting the characteristic function phi.
 * - N points, a power of two, cover what Bernstein's inequality leaves.
 * - |phi(w)| <= exp(-sum_{a < b} p_a p_b (1 - cos(w (a - b)))), summed over pairs of values of one variable. One cosine
 *   transform of these weights bounds phi at all N frequencies.
 * - phi is computed where the bound is not below 1e-18: at about 40 frequencies for many like variables.
 * - There the factor of a variable is a power series of at most 26 terms where it is narrow against the wave length.
 *   Else it is the sum over its values.
 * - Where few low frequencies are left, a block of points is a polynomial of 13 terms.
 *
 * Fewer than 24 variables are summed by the tree of sum_independent().
 * @param summands the variables; none gives 0 for certain.
 * @param step distance between points, positive.
 * @param settings trimming and threads; the bits do not depend on threads.
 * @return the distribution of the sum with its errors.
 * @throws InputError when a length does not fit, a probability is negative, those of a variable do not sum to 1 (with
 * its index), or an argument is out of range.
 * @see J. Abate, W. Whitt (1992), Numerical inversion of probability generating functions, Operations Research Letters
 * 12(4), 245-251, for the inversion and its aliasing error.
 */
LatticeDistribution sum_sparse(const SparseSummands& summands, double step, const SumSettings& settings = {});

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/sparse_sum.ipp"
#endif
