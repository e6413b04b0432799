// Exact sums of independent variables on lattices by a tree of convolutions.
#pragma once

#include <span>

#include "custfolio/config.hpp"
#include "custfolio/math/lattice.hpp"

namespace custfolio::math {

/// How a sum of independent variables is computed.
struct SumSettings {
    double trim =
        1e-15;  ///< tail probability that may be cut off on each side in all convolutions together, in [0, 1e-3].
    unsigned threads = 0;  ///< upper bound on threads, 0 all cores; results have the same bits for any number.
    double share = 1.0;    ///< weight of the sum in a mixture that is wanted, in (0, 1]: chances may be so much less
                           ///< accurate, and as much more be trimmed; the errors are those of the sum itself.
};

/**
 * @brief Distribution of the sum of independent variables on lattices of one step.
 *
 * A tree of pairwise convolutions, shortest first. After each convolution the tails are cut as far as their mass stays
 * within the share of `trim` that falls to it, and beyond the distance that Bernstein's inequality allows for that
 * share (where only rounding noise is left). With c convolutions of at most N points: O(c N log N) at worst.
 * @param parts the variables; none gives 0 for certain.
 * @param settings trimming and threads.
 * @return the distribution of the sum with its errors; origin is the sum of the origins plus what was trimmed.
 * @throws InputError when the steps differ or trim is out of range.
 */
LatticeDistribution sum_independent(std::span<const LatticeDistribution> parts, const SumSettings& settings = {});

/**
 * @brief Distance from the mean that a sum of independent variables exceeds on one side with at most a given
 * probability.
 * @param variance of the sum, not negative.
 * @param reach greatest distance of a single summand from its own mean, not negative.
 * @param probability in (0, 1].
 * @return reach L / 3 + sqrt((reach L / 3)^2 + 2 variance L) with L = -log(probability).
 * @throws InputError when an argument is out of range.
 * @see S. Boucheron, G. Lugosi, P. Massart (2013), Concentration Inequalities, section 2.8 (Bernstein's inequality).
 */
double bernstein_half_width(double variance, double reach, double probability);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/convolution_tree.ipp"
#endif
