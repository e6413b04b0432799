// Exact sums of independent all-or-nothing amounts.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/lattice.hpp"

namespace custfolio::math {

/**
 * @brief Distribution of the sum of independent all-or-nothing amounts: amounts[i] with probabilities[i], else 0.
 *
 * Equal amounts are counted first (binomial, or Poisson-binomial where probabilities differ) and the count is placed on
 * the lattice once, so that a thousand equal amounts cost little more than one. Many amounts on the lattice are summed
 * by their characteristic function; see sum_sparse(). So are many amounts between its points of which hardly any are
 * equal. Where w is small against 1 / amount, the logarithm of the function is a power series in exp(i w amount) - 1.
 * Its coefficients are sums of powers of the probabilities.
 * @param probabilities in [0, 1].
 * @param amounts finite, may be negative; as many as probabilities.
 * @param step distance between points, positive; choose_step finds one.
 * @param settings trimming and threads.
 * @return the distribution of the sum with its errors; none gives 0 for certain.
 * @throws InputError when the lengths differ or an argument is out of range (with its index).
 * @see Y. Hong (2013), On computing the distribution function for the Poisson binomial distribution, CSDA 59, 41-51.
 */
LatticeDistribution sum_bernoulli(std::span<const double> probabilities, std::span<const double> amounts, double step,
                                  const SumSettings& settings = {});

/**
 * @brief Probabilities of 0 ... n successes in n independent trials with one probability.
 *
 * By ratios of neighbours outward from the mode, so without overflow, underflow or cancellation for any n; relative
 * error of a mass about 4e-16 times its distance to the mode. Masses below 1e-308 of the mode are 0.
 * @param n number of trials.
 * @param p probability of success, in [0, 1].
 * @return n + 1 masses.
 * @throws InputError when p is no probability.
 */
std::vector<double> binomial_mass(std::size_t n, double p);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/bernoulli_sum.ipp"
#endif
