// Maximum likelihood as all customer-base models have it: log parameters, priors, standard errors, an outcome in words.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/minimise.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// What is believed of a parameter before the data: its logarithm is normal (for an unrestricted parameter, it is
/// itself).
struct LogPrior {
    double mean = 0.0;                                    ///< Mean of the logarithm.
    double sd = std::numeric_limits<double>::infinity();  ///< Standard deviation of the logarithm; infinity: no prior.
};

/// How a model is fitted.
struct FitOptions {
    std::vector<LogPrior> prior{};     ///< One a parameter, in the model's order; empty: none.
    std::vector<Column> starts{};      ///< Points to begin at, log parameters; empty: the model's own.
    std::vector<bool> unrestricted{};  ///< Which parameters are not on a log scale (coefficients); empty: none of them.
    bool every_start = false;  ///< Whether to go on from every start and count the optima; else from the best of them.
    unsigned threads = 0;      ///< For the likelihood; 0: as many as the machine has.
    math::MinimiseOptions minimise{};  ///< When to stop.
    std::function<void()>
        pulse{};  ///< Called before each evaluation, from the caller's thread; what it throws ends the fit.
};

/// A confidence interval of each parameter.
struct ConfidenceIntervals {
    Column lower;  ///< Lower ends; NaN where there is no standard error.
    Column upper;  ///< Upper ends.
};

/// A fitted model.
struct Fit {
    std::vector<std::string> names;  ///< Parameters, as published.
    std::vector<bool> unrestricted;  ///< Which of them are not on a log scale; as many as names.
    Column estimate;                 ///< The parameters themselves, not their logarithms.
    Column standard_error;        ///< Theirs (delta method); NaN where the data does not determine it; see `message`.
    Matrix covariance;            ///< Of the log parameters (unrestricted ones as they are).
    double log_likelihood = 0.0;  ///< At the estimates, without prior.
    double log_prior = 0.0;       ///< Log density of the prior there; 0 where there is none.
    double customers = 0.0;       ///< Sum of weights.
    std::size_t rows = 0;         ///< Rows that were given.
    std::size_t cells = 0;        ///< Distinct rows among them.
    unsigned iterations = 0;      ///< Steps from the start that led to the estimates.
    unsigned evaluations = 0;     ///< Evaluations of the likelihood, over all starts.
    std::size_t optima = 0;       ///< Distinct optima that were found.
    bool converged = false;       ///< Whether the estimates are an optimum with standard errors.
    std::string message;          ///< The outcome in words.

    /// @return log parameters (unrestricted ones as they are).
    [[nodiscard]] Column log_parameters() const;
    /// @return Akaike's criterion, 2 k - 2 log L; smaller is better.
    [[nodiscard]] double aic() const;
    /// @return the Bayesian criterion, k log(customers) - 2 log L; smaller is better.
    [[nodiscard]] double bic() const;
    /// Intervals that are symmetric on the log scale, so that they stay positive.
    /// @param level the chance that an interval contains the parameter, in (0, 1).
    /// @return both ends for each parameter, on the parameter's own scale.
    /// @throws InputError where level is no such chance.
    [[nodiscard]] ConfidenceIntervals interval(double level = 0.95) const;
};

}  // namespace custfolio

namespace custfolio::detail {

/// Checks options against the parameters. @throws InputError.
void check_fit(std::span<const std::string> names, std::span<const Column> starts, const FitOptions& options);

/// Checks that a column goes with another. @throws InputError.
void check_length(std::size_t count, std::size_t expected, const std::string& name);

/// Checks the level of an interval. @throws InputError.
void check_confidence(double level);

/// Checks weights (empty: one each) and sums them. @throws InputError naming the row.
double sum_of_weights(std::span<const double> weights, std::size_t rows);

/// Checks that a column is at least a bound, or above it where strict. @throws InputError naming the row.
void check_at_least(std::span<const double> values, double bound, bool strict, const std::string& name);

/// Checks that a column is at most a bound. @throws InputError naming the row.
void check_at_most(std::span<const double> values, double bound, const std::string& name);

/// Log density of the prior at a point, and its gradient added to `gradient`.
double add_log_prior(const std::vector<LogPrior>& prior, std::span<const double> x, std::span<double> gradient);

/**
 * @brief Log-likelihood and gradient as sums over rows, the same bits for any number of threads.
 * @tparam K number of parameters.
 * @tparam Term callable as `double(std::size_t row, std::array<double, K>& gradient)`: the row's share of both.
 * @param rows number of rows.
 * @param threads upper bound on threads; 0 means all cores.
 * @param gradient filled, K entries.
 * @param term the rows' shares; safe to call from several threads.
 * @return the log-likelihood.
 */
template <std::size_t K, class Term>
double sum_of_terms(std::size_t rows, unsigned threads, std::span<double> gradient, Term&& term) {
    using Sums = std::array<math::CompensatedSum, K + 1>;
    const Sums total = math::parallel_reduce(
        std::size_t{0}, rows, std::size_t{4096}, threads, Sums(),
        [&](std::size_t begin, std::size_t end) {
            Sums sums;
            for (std::size_t row = begin; row < end; ++row) {
                std::array<double, K> slope{};
                sums[K] += term(row, slope);
                for (std::size_t k = 0; k < K; ++k) sums[k] += slope[k];
            }
            return sums;
        },
        [](Sums left, const Sums& right) {
            for (std::size_t k = 0; k <= K; ++k) left[k] += right[k];
            return left;
        });
    for (std::size_t k = 0; k < K; ++k) gradient[k] = total[k].value();
    return total[K].value();
}

/// A sum of log-likelihoods with their gradient.
struct LikelihoodSum {
    /// Nothing yet, for a number of parameters.
    explicit LikelihoodSum(std::size_t parameters) : gradient(parameters, 0.0) {}
    /// Two sums in one.
    static LikelihoodSum together(LikelihoodSum left, const LikelihoodSum& right) {
        left.value += right.value;
        for (std::size_t k = 0; k < left.gradient.size(); ++k) left.gradient[k] += right.gradient[k];
        return left;
    }
    math::CompensatedSum value{};
    std::vector<double> gradient;
};

/// Estimates, standard errors and words from the point that the search found.
Fit fit_from(std::vector<std::string> names, const math::MinimiseResult& optimum, double customers,
             const FitOptions& options);

}  // namespace custfolio::detail

namespace custfolio {

/**
 * @brief Fits a model by maximum likelihood (or maximum posterior density, with priors) in log parameters.
 *
 * All starts are evaluated; the search goes on from the best of them, and from the next best where it does not converge
 * (or from every start, where the options ask for it). Some 25 evaluations of the likelihood for four parameters.
 * @param names names of the parameters.
 * @param log_likelihood log-likelihood of log parameters and its gradient; -infinity or NaN outside the domain.
 * @param starts where to begin, unless the options have their own.
 * @param customers sum of weights.
 * @param options priors, starts, and when to stop.
 * @return the fit; `rows` and `cells` are for the caller to fill.
 * @throws InputError where starts or priors do not match the parameters, or the likelihood is finite at no start.
 */
Fit fit_log_parameters(std::vector<std::string> names, const math::SmoothFunction& log_likelihood,
                       std::vector<Column> starts, double customers, const FitOptions& options);

/// Percentile intervals from the estimates of a bootstrap.
/// @param estimates one row a sample, one column a parameter.
/// @param level the chance that an interval contains the parameter, in (0, 1).
/// @return both ends for each parameter: quantiles at (1 - level) / 2 on both sides, linear between neighbouring
/// samples.
/// @throws InputError where level is no such chance, or there is no sample.
/// @see B. Efron, R. J. Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
ConfidenceIntervals percentile_intervals(const Matrix& estimates, double level = 0.95);

/// Whether models of groups apart fit better than one model of all, by their likelihoods.
struct LikelihoodRatio {
    double statistic = 0;       ///< Twice the gain in log-likelihood of the models apart.
    double degrees = 0;         ///< Parameters of a model times (groups - 1).
    double p_value = 1;         ///< Chance of a statistic as large or larger if all groups had the same parameters.
    double aic_difference = 0;  ///< Akaike's criterion apart less that together; below 0 speaks for apart.
};

/// Compares models that were fitted to groups with the same model fitted to all. The statistic is chi-square for large
/// groups.
/// @param apart log-likelihood of each group's own model, at its maximum.
/// @param together log-likelihood of the model of all.
/// @param parameters parameters of a model.
/// @return statistic, degrees of freedom and chance.
/// @throws InputError where there is no group or no parameter.
LikelihoodRatio likelihood_ratio(std::span<const double> apart, double together, std::size_t parameters);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/maximum_likelihood.ipp"
#endif
