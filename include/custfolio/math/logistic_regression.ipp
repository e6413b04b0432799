// Definitions of the logistic regression.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/logistic_regression.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE void check_logistic(const math::LogisticRows& rows, const math::LogisticPrior& prior) {
    const std::size_t size = rows.features.rows();
    const std::size_t features = rows.features.cols();
    if (rows.outcome.size() != size || prior.mean.size() != features || prior.deviation.size() != features) {
        throw InputError("the regression has " + std::to_string(size) + " rows x " + std::to_string(features) +
                         " features, " + std::to_string(rows.outcome.size()) + " outcomes, " +
                         std::to_string(prior.mean.size()) + " prior means and " +
                         std::to_string(prior.deviation.size()) + " deviations; each row and each feature needs one");
    }
    const auto one_each = [&](std::size_t number, const char* name) {
        if (number == 0 || number == size) return;
        throw InputError("the regression has " + std::to_string(size) + " rows and " + std::to_string(number) + " " +
                         name + "; each row needs one, or none has one");
    };
    one_each(rows.weight.size(), "weights");
    one_each(rows.group.size(), "groups");
    if (rows.groups > 0 && !(prior.between > 0 && std::isfinite(prior.between))) {
        throw InputError("the prior deviation between groups is " + number_text(prior.between) +
                         "; it is positive and finite");
    }
    for (std::size_t k = 0; k < features; ++k) {
        if (!(std::isfinite(prior.mean[k]) && prior.deviation[k] > 0)) {
            throw InputError("feature " + std::to_string(k) + ": the prior has mean " + number_text(prior.mean[k]) +
                             " and deviation " + number_text(prior.deviation[k]) +
                             "; the mean is finite, and the deviation is positive");
        }
    }
    for (std::size_t i = 0; i < size; ++i) {
        const auto refuse = [&](const std::string& reason) {
            throw InputError("row " + std::to_string(i) + ": " + reason);
        };
        if (!(rows.outcome[i] >= 0 && rows.outcome[i] <= 1)) {
            refuse("the outcome is " + number_text(rows.outcome[i]) + "; it lies in [0, 1]");
        }
        if (!math::all_finite(rows.features.row(i))) refuse("a feature is not finite");
        if (!rows.weight.empty() && !(rows.weight[i] >= 0 && std::isfinite(rows.weight[i]))) {
            refuse("the weight is " + number_text(rows.weight[i]) + "; it is finite and not negative");
        }
        if (!rows.group.empty() && rows.group[i] >= 0 && static_cast<std::size_t>(rows.group[i]) >= rows.groups) {
            refuse("the group is " + std::to_string(rows.group[i]) + "; there are " + std::to_string(rows.groups));
        }
    }
}

/// Newton's method on the posterior. Its Hessian is a square over the features, bordered by one diagonal entry per
/// group: the offsets are eliminated, in O(features^2) a group.
class LogisticNewton {
  public:
    LogisticNewton(const math::LogisticRows& rows, const math::LogisticPrior& prior)
        : rows_(rows), prior_(prior), gradient_(prior.mean.size()) {
        fit_.coefficients.assign(prior.mean.begin(), prior.mean.end());
        fit_.offset.resize(rows.groups);
    }

    [[nodiscard]] math::LogisticRegression fit() {
        move_to_mode();
        eliminate_groups();
        fit_.log_likelihood = log_likelihood(fit_.coefficients, fit_.offset);
        fit_.slope = std::move(border_);
        fit_.offset_variance = std::move(diagonal_);
        for (std::size_t g = 0; g < rows_.groups; ++g) {
            fit_.offset_variance[g] = 1 / fit_.offset_variance[g];
            for (double& one : fit_.slope.row(g)) one *= fit_.offset_variance[g];
        }
        return std::move(fit_);
    }

  private:
    static constexpr std::size_t no_group = static_cast<std::size_t>(-1);

    [[nodiscard]] std::size_t group(std::size_t i) const {
        return rows_.group.empty() || rows_.group[i] < 0 ? no_group : static_cast<std::size_t>(rows_.group[i]);
    }

    [[nodiscard]] double weight(std::size_t i) const { return rows_.weight.empty() ? 1 : rows_.weight[i]; }

    [[nodiscard]] double score(std::size_t i, std::span<const double> coefficients,
                               std::span<const double> offset) const {
        const std::size_t g = group(i);
        return math::dot(rows_.features.row(i), coefficients) + (g == no_group ? 0 : offset[g]);
    }

    [[nodiscard]] double log_likelihood(std::span<const double> coefficients, std::span<const double> offset) const {
        double sum = 0;
        for (std::size_t i = 0; i < rows_.outcome.size(); ++i) {
            const double at = score(i, coefficients, offset);
            sum += weight(i) * (rows_.outcome[i] * at - math::log1pexp(at));
        }
        return sum;
    }

    /// Logarithm of the posterior density, up to a constant.
    [[nodiscard]] double log_density(std::span<const double> coefficients, std::span<const double> offset) const {
        double sum = log_likelihood(coefficients, offset);
        for (std::size_t k = 0; k < coefficients.size(); ++k) {
            const double z = (coefficients[k] - prior_.mean[k]) / prior_.deviation[k];
            sum -= 0.5 * z * z;
        }
        for (const double one : offset) sum -= 0.5 * one * one / (prior_.between * prior_.between);
        return sum;
    }

    /// Gradient and Hessian at the present point. The Hessian's square over the features goes to `covariance`.
    void differentiate() {
        const std::size_t size = gradient_.size();
        Matrix& square = fit_.covariance = Matrix(size, size);
        for (std::size_t k = 0; k < size; ++k) {
            square(k, k) = 1 / (prior_.deviation[k] * prior_.deviation[k]);
            gradient_[k] = -square(k, k) * (fit_.coefficients[k] - prior_.mean[k]);
        }
        const double precision = 1 / (prior_.between * prior_.between);
        border_ = Matrix(rows_.groups, size);
        diagonal_.assign(rows_.groups, precision);
        offset_gradient_.resize(rows_.groups);
        for (std::size_t g = 0; g < rows_.groups; ++g) offset_gradient_[g] = -precision * fit_.offset[g];
        for (std::size_t i = 0; i < rows_.outcome.size(); ++i) {
            const std::span<const double> row = rows_.features.row(i);
            const double at = score(i, fit_.coefficients, fit_.offset);
            const double chance = math::logistic(at);
            const double residual = weight(i) * (rows_.outcome[i] - chance);
            const double curvature = weight(i) * chance * math::logistic(-at);
            for (std::size_t k = 0; k < size; ++k) {
                gradient_[k] += residual * row[k];
                const double factor = curvature * row[k];
                const std::span<double> of_square = square.row(k);
                for (std::size_t l = 0; l <= k; ++l) of_square[l] += factor * row[l];
            }
            const std::size_t g = group(i);
            if (g == no_group) continue;
            offset_gradient_[g] += residual;
            diagonal_[g] += curvature;
            const std::span<double> of_border = border_.row(g);
            for (std::size_t k = 0; k < size; ++k) of_border[k] += curvature * row[k];
        }
    }

    /// Eliminates the offsets: `covariance` is the coefficients' own, the result is the Newton step of the
    /// coefficients.
    std::vector<double> eliminate_groups() {
        differentiate();
        Matrix& square = fit_.covariance;
        std::vector<double> right = gradient_;
        for (std::size_t g = 0; g < rows_.groups; ++g) {
            const std::span<const double> border = border_.row(g);
            for (std::size_t k = 0; k < right.size(); ++k) {
                const double ratio = border[k] / diagonal_[g];
                right[k] -= ratio * offset_gradient_[g];
                for (std::size_t l = 0; l <= k; ++l) square(k, l) -= ratio * border[l];
            }
        }
        for (std::size_t k = 0; k < right.size(); ++k) {
            for (std::size_t l = 0; l < k; ++l) square(l, k) = square(k, l);
        }
        if (!math::invert(square)) throw InputError("the features of the regression are too large to be fitted");
        std::vector<double> step(right.size());
        for (std::size_t k = 0; k < right.size(); ++k) step[k] = math::dot(square.row(k), right);
        return step;
    }

    /// Newton's method with halved steps where a whole one goes too far. The density is concave: it has one top.
    void move_to_mode() {
        double value = log_density(fit_.coefficients, fit_.offset);
        for (int iteration = 0; iteration < 200 && !fit_.converged; ++iteration) {
            const std::vector<double> step = eliminate_groups();
            std::vector<double> offset_step(rows_.groups);
            for (std::size_t g = 0; g < rows_.groups; ++g) {
                offset_step[g] = (offset_gradient_[g] - math::dot(border_.row(g), step)) / diagonal_[g];
            }
            const double rise = math::dot(step, gradient_) + math::dot(offset_step, offset_gradient_);
            const bool flat = std::abs(rise) < 1e-10 * (1 + std::abs(value));
            if (!(flat || (rise > 0 && std::isfinite(rise)))) return;
            bool moved = false;
            for (double length = 1; !moved && length > 1e-12; length /= 2) {
                std::vector<double> coefficients = math::add_scaled(fit_.coefficients, length, step);
                std::vector<double> offset = math::add_scaled(fit_.offset, length, offset_step);
                const double next = log_density(coefficients, offset);
                // Near the mode the density is flat to the last bit: then the whole step counts.
                moved = next >= value || flat;
                if (!moved) continue;
                fit_.coefficients = std::move(coefficients);
                fit_.offset = std::move(offset);
                value = next;
            }
            if (!moved) return;
            const double largest = std::max(math::largest_size(step), math::largest_size(offset_step));
            const double reached = std::max(math::largest_size(fit_.coefficients), math::largest_size(fit_.offset));
            fit_.converged = std::abs(rise) <= 1e-18 * (1 + std::abs(value)) || largest <= 1e-12 * (1 + reached);
        }
    }

    const math::LogisticRows& rows_;
    const math::LogisticPrior& prior_;
    math::LogisticRegression fit_{};
    std::vector<double> gradient_;           // of the coefficients
    std::vector<double> offset_gradient_{};  // of the offsets
    Matrix border_{};                        // Hessian between offsets and coefficients
    std::vector<double> diagonal_{};         // Hessian of the offsets
};

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE double LogisticRegression::probability(std::span<const double> features) const {
    return logistic(dot(coefficients, features));
}

CUSTFOLIO_INLINE LogisticRegression fit_logistic(const LogisticRows& rows, const LogisticPrior& prior) {
    detail::check_logistic(rows, prior);
    return detail::LogisticNewton(rows, prior).fit();
}

}  // namespace custfolio::math
