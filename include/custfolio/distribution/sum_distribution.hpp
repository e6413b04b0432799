// The exact distribution of a sum of independent discrete amounts, on a lattice.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/distribution.hpp"
#include "custfolio/math/lattice_step.hpp"

namespace custfolio {

/// How a sum is put on a lattice.
struct SumOptions {
    /// Distance between points, currency; 0: chosen. The choice is the greatest step of which all amounts are whole
    /// multiples, at least `unit`. Where that needs more than 16 times `points`, it is the finest round multiple of it
    /// that needs no more than `points`. Round multiples are 1, 2, 4, 5, 8 times a power of ten: round amounts and
    /// targets lie on them.
    double step = 0;
    double unit = 0.01;             ///< The smallest amount that counts, currency, > 0: a cent.
    std::size_t points = 1U << 18;  ///< Number of points of a chosen lattice, 2 to 2^28.
    double trimmed = 1e-15;         ///< Tail probability that may be cut off at each side in all, in [0, 1e-3].
    unsigned threads = 0;           ///< 0 means all cores; the bits do not depend on it.
    /// Weight of the sum in a mixture, in (0, 1]. Its chances may be so much less accurate, which makes the sums of
    /// rare circumstances cheap. Its errors are those of the sum itself.
    double share = 1;
    /// Error of an amount that does no harm, currency; 0: none. A lattice then has no more than `points` where that is
    /// fine enough. A sum that is averaged over a common factor has a coarser one where the finer has more than 2^14.
    double resolution = 0;
};

namespace detail {

/// Refuses options that are out of range.
void check(const SumOptions& options);

/// The greatest step on which all `offsets` lie, where that is affordable; else as fine as fits.
double chosen_step(std::span<const double> offsets, double range, const SumOptions& options);

/// The step of a lattice at each value of a common factor: a chosen one, made coarser as the resolution allows.
double step_given_factor(double chosen, double range, const SumOptions& options);

/// The step of a lattice for a sum, by its width, variance and greatest distance of a summand from its mean. It is the
/// given one, else the greatest on which all amounts lie, else as fine as fits.
double lattice_step(const math::CommonDivisor& divisor, double width, double variance, double reach,
                    const SumOptions& options);

/// Half the width around the mean of what trimming leaves of a sum; infinite where nothing is trimmed.
double untrimmed_half_width(double variance, double reach, const SumOptions& options);

/// The sums of all-or-nothing amounts and a certain one, listed one by one; none where they are too many.
FewAmounts::Pointer few_sums(std::span<const double> chances, std::span<const double> amounts, double certain);

}  // namespace detail

/// The sum of independent all-or-nothing amounts: `amount[i]` with `probability[i]`, else 0.
/// @param probability in [0, 1].
/// @param amount currency, finite, may be negative; same length.
/// @param options the lattice.
/// @return the distribution of the sum; empty input gives 0 for certain. Mean and variance are those of the amounts.
/// @throws InputError where the lengths differ, a probability lies outside [0, 1] or an amount is not finite. The text
/// names the position. The same where an option is out of range.
/// @see math::sum_bernoulli for method and cost; Hong (2013), On computing the distribution function for the Poisson
/// binomial distribution, for the case of equal amounts.
Distribution sum_distribution(std::span<const double> probability, std::span<const double> amount,
                              const SumOptions& options = {});

/// The sum of all-or-nothing amounts that depend on a common factor. Given its value they are independent. So sums are
/// convolved for many values of it and averaged; see average_over_factor().
/// @param probability in [0, 1]: the chance over all values of the factor.
/// @param amount currency, finite, may be negative; same length.
/// @param correlation share of the factor in each, in [0, 1): one for all, or one an amount; see chance_given_factor().
/// @param options the lattice.
/// @return the distribution of the sum; its mean is that of independent amounts. errors().quadrature bounds the error
/// of the average over the factor.
/// @throws InputError as for independent amounts, and where a correlation lies outside [0, 1).
Distribution sum_distribution(std::span<const double> probability, std::span<const double> amount,
                              std::span<const double> correlation, const SumOptions& options = {});

/// The sum of independent discrete amounts.
///
/// An amount between two points of the lattice is split over both so that its mean stays; see errors().discretisation.
/// Then the distributions are summed, and tails are trimmed as `options` allows.
/// @param summands the amounts, independent.
/// @param options the lattice.
/// @return the distribution of the sum; empty input gives 0 for certain. Mean and variance are those of the amounts.
/// @throws InputError where a summand is empty, its lengths differ, its probabilities do not sum to 1 or an amount is
/// not finite. The text names the summand. The same where an option is out of range.
/// @see math::sum_sparse for method and cost.
Distribution sum_distribution(std::span<const DiscreteAmount> summands, const SumOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/sum_distribution.ipp"
#endif
