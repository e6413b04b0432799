// Normal-normal model: averages of amounts that may be negative, shrunk towards what customers have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// Customers' true averages are normal around a common mean; single amounts are normal around the customer's average.
struct NormalNormal {
    double mean = 0.0;              ///< Common mean, currency (or whatever is averaged).
    double between_variance = 1.0;  ///< Variance of the customers' true averages, above 0.
    double within_variance = 1.0;   ///< Variance of one amount (of one unit of precision), above 0.
};

/// Posterior of each customer's true average.
struct Shrunk {
    Column mean;      ///< Expected true average.
    Column variance;  ///< Its variance.
    Column weight;    ///< Share of the customer's own history in it, in [0, 1]; the rest is the common mean's.
};

/**
 * @brief Fits the model by maximum likelihood.
 * @param mean each customer's average.
 * @param count how many amounts it averages, or its precision in any unit (revenue behind a ratio); above 0. Counts
 * must differ between customers, or sums of squares be given, else the two variances are not identified.
 * @param sum_of_squares of the customer's amounts around its average, at least 0 (0 where count is 1); empty: unknown.
 * @param weights customers a row stands for, at least 0; empty: one each.
 * @param options priors (of mean itself and of the variances' logarithms), starts (in the data's own units), threads.
 * @return the fit; parameters `mean`, `between_variance`, `within_variance`. The likelihood is the density of the
 * averages, or of the single amounts where sums of squares are given.
 * @throws InputError if a row is out of range (the message names it), or all averages are equal.
 * @see A. Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 5.4.
 */
Fit fit_normal_normal(std::span<const double> mean, std::span<const double> count,
                      std::span<const double> sum_of_squares = {}, std::span<const double> weights = {},
                      const FitOptions& options = {});

/**
 * @brief Shrinks averages towards the common mean: weight = between / (between + within / count).
 * @param model the parameters; a between variance of 0 is allowed (the weight is then 0).
 * @param mean each customer's average.
 * @param count amounts behind it, at least 0; 0: the common mean stands for the customer.
 * @return one entry a customer.
 * @throws InputError if a row is out of range; the message names it.
 */
Shrunk shrink(const NormalNormal& model, std::span<const double> mean, std::span<const double> count);

/// Amounts simulated from the model and averaged.
struct SimulatedAverages {
    Column mean;            ///< Averages.
    Column sum_of_squares;  ///< Around them.
};

/// Simulates averages.
/// @param model the parameters.
/// @param count amounts of each customer, above 0.
/// @param seed the run.
/// @param threads upper bound on threads; 0 means all cores.
/// @return one entry a customer; the same bits for any number of threads.
SimulatedAverages simulate_averages(const NormalNormal& model, std::span<const double> count, std::uint64_t seed,
                                    unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/normal_normal.ipp"
#endif
