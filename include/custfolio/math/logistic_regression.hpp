// Logistic regression with a normal prior on each coefficient and offsets of groups: Newton's method, posterior by
// Laplace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio::math {

/// What a logistic regression is fitted to: rows, each of some observations with the same features. Views, valid as
/// long as their data.
struct LogisticRows {
    const Matrix& features;                 ///< Rows x features, finite; a column of ones is the intercept.
    std::span<const double> outcome;        ///< Per row: share of ones, in [0, 1].
    std::span<const double> weight{};       ///< Per row: number of observations, >= 0 and finite; empty: 1 each.
    std::span<const std::int32_t> group{};  ///< Per row: its group, below `groups`, or -1: none; empty: no groups.
    std::size_t groups = 0;                 ///< Number of groups; each has an offset of its own.
};

/// The prior of a logistic regression.
struct LogisticPrior {
    std::span<const double> mean;       ///< Per feature, finite; the search starts there.
    std::span<const double> deviation;  ///< Standard deviation per feature, > 0; infinite: no prior.
    double between = 0;                 ///< Standard deviation of the offsets of groups, > 0 where there are groups.
};

/// A fitted logistic regression: P(1) = logistic(sum of coefficient x feature + offset of the group).
struct LogisticRegression {
    std::vector<double> coefficients{};     ///< Posterior mode, one per feature.
    Matrix covariance{};                    ///< Of the coefficients, by Laplace: inverse of the Hessian at the mode.
    double log_likelihood = 0;              ///< At the mode, without the prior.
    std::vector<double> offset{};           ///< Posterior mode, one per group.
    std::vector<double> offset_variance{};  ///< Per group: variance of its offset where the coefficients are known.
    Matrix slope{};                         ///< Groups x features: fall of the offset per unit of the coefficient.
    bool converged = false;                 ///< Whether Newton's method reached the mode.

    /// @param features one per coefficient.
    /// @return chance of 1, without a group.
    [[nodiscard]] double probability(std::span<const double> features) const;
};

/// Fits a logistic regression. A finite deviation keeps every coefficient finite, where the features separate the
/// outcomes too.
/// @param rows what it is fitted to.
/// @param prior of the coefficients and offsets.
/// @return the posterior mode and its covariance. O(rows x features^2 + groups x features^2) an iteration, some ten
/// iterations.
/// @throws InputError where a length differs, a number is out of range or not finite (the message names row and
/// feature), or the Hessian cannot be inverted.
/// @see A. Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 16.3.
LogisticRegression fit_logistic(const LogisticRows& rows, const LogisticPrior& prior);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/logistic_regression.ipp"
#endif
