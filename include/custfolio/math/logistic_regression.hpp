// Logistic regression with a normal prior on each coefficient, by Newton's method; its posterior by Laplace.
#pragma once

#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio::math {

/// A fitted logistic regression: P(1) = logistic(sum of coefficient x feature).
struct LogisticRegression {
    std::vector<double> coefficients{};  ///< Posterior mode, one per feature.
    Matrix covariance{};                 ///< Of the coefficients, by Laplace: inverse of the Hessian at the mode.
    double log_likelihood = 0;           ///< At the mode, without the prior.

    /// @param features one per coefficient.
    /// @return chance of 1.
    [[nodiscard]] double probability(std::span<const double> features) const;
};

/// Fits a logistic regression. A finite deviation keeps every coefficient finite, where the features separate the
/// outcomes too.
/// @param features rows x features, finite; give a column of ones for the intercept.
/// @param outcome one per row, in [0, 1].
/// @param mean prior mean per feature.
/// @param deviation prior standard deviation per feature, > 0 and finite.
/// @return the posterior mode and its covariance. O(rows x features^2) an iteration, some ten iterations.
/// @throws InputError where a length differs, a number is out of range or not finite (the message names row and
/// feature), or the Hessian cannot be inverted.
/// @see A. Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 16.3.
LogisticRegression fit_logistic(const Matrix& features, std::span<const double> outcome, std::span<const double> mean,
                                std::span<const double> deviation);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/logistic_regression.ipp"
#endif
