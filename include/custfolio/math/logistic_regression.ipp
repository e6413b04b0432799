// Definitions of the logistic regression.
#pragma once

#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/logistic_regression.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE void check_logistic(const Matrix& features, std::span<const double> outcome,
                                     std::span<const double> mean, std::span<const double> deviation) {
    if (outcome.size() != features.rows() || mean.size() != features.cols() || deviation.size() != features.cols()) {
        throw InputError("the regression has " + std::to_string(features.rows()) + " rows x " +
                         std::to_string(features.cols()) + " features, " + std::to_string(outcome.size()) +
                         " outcomes, " + std::to_string(mean.size()) + " prior means and " +
                         std::to_string(deviation.size()) + " deviations; each row and each feature needs one");
    }
    for (std::size_t k = 0; k < features.cols(); ++k) {
        if (!(std::isfinite(mean[k]) && std::isfinite(deviation[k]) && deviation[k] > 0)) {
            throw InputError("feature " + std::to_string(k) + ": the prior has mean " + number_text(mean[k]) +
                             " and deviation " + number_text(deviation[k]) +
                             "; both are finite, and the deviation is positive");
        }
    }
    for (std::size_t i = 0; i < features.rows(); ++i) {
        if (!(outcome[i] >= 0 && outcome[i] <= 1)) {
            throw InputError("row " + std::to_string(i) + ": the outcome is " + number_text(outcome[i]) +
                             "; it lies in [0, 1]");
        }
        if (!math::all_finite(features.row(i))) {
            throw InputError("row " + std::to_string(i) + ": a feature is not finite");
        }
    }
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE double LogisticRegression::probability(std::span<const double> features) const {
    return logistic(dot(coefficients, features));
}

CUSTFOLIO_INLINE LogisticRegression fit_logistic(const Matrix& features, std::span<const double> outcome,
                                                 std::span<const double> mean, std::span<const double> deviation) {
    detail::check_logistic(features, outcome, mean, deviation);
    const std::size_t size = features.cols();
    const auto likelihood = [&](std::span<const double> at) {
        double sum = 0;
        for (std::size_t i = 0; i < features.rows(); ++i) {
            const double score = dot(features.row(i), at);
            sum += outcome[i] * score - log1pexp(score);
        }
        return sum;
    };
    const auto objective = [&](std::span<const double> at) {
        double sum = likelihood(at);
        for (std::size_t k = 0; k < size; ++k) {
            const double z = (at[k] - mean[k]) / deviation[k];
            sum -= 0.5 * z * z;
        }
        return sum;
    };
    LogisticRegression fit{.coefficients = std::vector<double>(mean.begin(), mean.end())};
    std::vector<double> gradient(size);
    const auto derivatives = [&] {
        fit.covariance = Matrix(size, size);
        for (std::size_t k = 0; k < size; ++k) {
            const double precision = 1 / (deviation[k] * deviation[k]);
            gradient[k] = -precision * (fit.coefficients[k] - mean[k]);
            fit.covariance(k, k) = precision;
        }
        for (std::size_t i = 0; i < features.rows(); ++i) {
            const std::span<const double> row = features.row(i);
            const double chance = fit.probability(row);
            const double weight = chance * (1 - chance);
            for (std::size_t k = 0; k < size; ++k) {
                gradient[k] += (outcome[i] - chance) * row[k];
                for (std::size_t l = 0; l < size; ++l) fit.covariance(k, l) += weight * row[k] * row[l];
            }
        }
        if (!invert(fit.covariance)) throw InputError("the features of the regression are too large to be fitted");
    };
    double value = objective(fit.coefficients);
    // The objective is concave: halved Newton steps rise to its only top.
    for (int iteration = 0; iteration < 100; ++iteration) {
        derivatives();
        std::vector<double> step(size);
        for (std::size_t k = 0; k < size; ++k) step[k] = dot(fit.covariance.row(k), gradient);
        double length = 1;
        std::vector<double> next = add_scaled(fit.coefficients, length, step);
        double reached = objective(next);
        while (!(reached >= value) && length > 1e-10) {
            length *= 0.5;
            next = add_scaled(fit.coefficients, length, step);
            reached = objective(next);
        }
        if (length <= 1e-10) break;
        fit.coefficients = std::move(next);
        const bool done = largest_size(step) <= 1e-12 * (1 + largest_size(fit.coefficients));
        value = reached;
        if (done) break;
    }
    derivatives();
    fit.log_likelihood = likelihood(fit.coefficients);
    return fit;
}

}  // namespace custfolio::math
