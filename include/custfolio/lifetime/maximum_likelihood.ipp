// Definitions of maximum_likelihood.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/gamma.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/quantile.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE void check_fit(std::span<const std::string> names, std::span<const Column> starts,
                                const FitOptions& options) {
    const std::size_t n = names.size();
    if (starts.empty()) throw InputError("a fit needs a start");
    for (const Column& start : starts) {
        if (start.size() != n || !math::all_finite(start)) {
            throw InputError("a start has " + std::to_string(start.size()) + " values; it must have " +
                             std::to_string(n) + " finite ones, one a parameter");
        }
    }
    if (!options.prior.empty() && options.prior.size() != n) {
        throw InputError("prior has " + std::to_string(options.prior.size()) + " entries; it must have " +
                         std::to_string(n) + ", one a parameter");
    }
    for (std::size_t k = 0; k < options.prior.size(); ++k) {
        if (!std::isfinite(options.prior[k].mean) || !(options.prior[k].sd > 0.0)) {
            throw InputError("prior of " + names[k] + ": mean " + number_text(options.prior[k].mean) + ", sd " +
                             number_text(options.prior[k].sd) + "; the mean must be finite and the sd above 0");
        }
    }
    if (!options.unrestricted.empty() && options.unrestricted.size() != n) {
        throw InputError("unrestricted has " + std::to_string(options.unrestricted.size()) + " entries; it must have " +
                         std::to_string(n) + ", one a parameter");
    }
}

CUSTFOLIO_INLINE void check_length(std::size_t count, std::size_t expected, const std::string& name) {
    if (count != expected) {
        throw InputError(name + " has " + std::to_string(count) + " values; it must have " + std::to_string(expected) +
                         ", one a row");
    }
}

CUSTFOLIO_INLINE double sum_of_weights(std::span<const double> weights, std::size_t rows) {
    if (weights.empty()) return static_cast<double>(rows);
    check_length(weights.size(), rows, "weights");
    math::CompensatedSum sum;
    for (std::size_t i = 0; i < rows; ++i) {
        if (!(weights[i] >= 0.0) || !std::isfinite(weights[i])) {
            throw InputError("row " + std::to_string(i + 1) + ": weights is " + number_text(weights[i]) +
                             "; it must be finite and at least 0");
        }
        sum += weights[i];
    }
    if (!(sum.value() > 0.0)) throw InputError("the weights sum to 0; a fit needs at least one customer");
    return sum.value();
}

CUSTFOLIO_INLINE void check_at_least(std::span<const double> values, double bound, bool strict,
                                     const std::string& name) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]) || values[i] < bound || (strict && values[i] == bound)) {
            throw InputError("row " + std::to_string(i + 1) + ": " + name + " is " + number_text(values[i]) +
                             "; it must be finite and " + (strict ? "above " : "at least ") + number_text(bound));
        }
    }
}

CUSTFOLIO_INLINE void check_at_most(std::span<const double> values, double bound, const std::string& name) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] <= bound) continue;
        throw InputError("row " + std::to_string(i + 1) + ": " + name + " is " + number_text(values[i]) +
                         "; it must be at most " + number_text(bound));
    }
}

CUSTFOLIO_INLINE double add_log_prior(const std::vector<LogPrior>& prior, std::span<const double> x,
                                      std::span<double> gradient) {
    double density = 0.0;
    for (std::size_t k = 0; k < prior.size(); ++k) {
        // An infinite deviation is no prior.
        if (!std::isfinite(prior[k].sd)) continue;
        const double z = (x[k] - prior[k].mean) / prior[k].sd;
        density += -0.5 * z * z - std::log(prior[k].sd) - 0.5 * std::log(2.0 * std::numbers::pi);
        gradient[k] -= z / prior[k].sd;
    }
    return density;
}

/// Sets covariance and standard errors from the second derivatives at an optimum; false where these are not those of
/// one. `deviation` becomes that of the logarithms.
CUSTFOLIO_INLINE bool set_covariance(const Matrix& hessian, double customers, Fit& fit, Column& deviation) {
    const std::size_t n = fit.names.size();
    // Scaled to a diagonal of ones: parameters of any size, and a condition that means something.
    Column root(n);
    for (std::size_t k = 0; k < n; ++k) root[k] = std::sqrt(std::max(customers, 1.0) * hessian(k, k));
    if (!math::all_finite(hessian.values()) || !detail::all_of(root, [](double size) { return size > 0.0; })) {
        return false;
    }
    Matrix scaled(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            scaled(i, j) = std::max(customers, 1.0) * hessian(i, j) / (root[i] * root[j]);
        }
    }
    const math::SymmetricEigen parts = math::symmetric_eigen(scaled);
    // Below this the smallest eigenvalue is rounding: the data do not determine the direction.
    if (!(parts.values[0] > 1e-11)) return false;
    // The inverse Hessian is the covariance of the estimates (Fisher's information, observed).
    Column inverse;
    for (const double value : parts.values) inverse.push_back(1.0 / value);
    fit.covariance = parts.matrix(inverse);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) fit.covariance(i, j) /= root[i] * root[j];
        deviation[i] = std::sqrt(fit.covariance(i, i));
        // The delta method: a parameter's deviation is its size times that of its logarithm.
        fit.standard_error[i] = deviation[i] * (fit.unrestricted[i] ? 1.0 : fit.estimate[i]);
    }
    // Weights that are nearly 0 leave no information: the inverse is then beyond the range of numbers.
    if (!math::all_finite(fit.covariance.values()) || !math::all_finite(fit.standard_error)) {
        const double none = std::numeric_limits<double>::quiet_NaN();
        fit.standard_error.assign(n, none);
        fit.covariance = Matrix(n, n, none);
        return false;
    }
    return true;
}

/// Names the parameters that are on their way to the edge of the model: far out, with a logarithm that the data does
/// not determine. Empty where there is none.
CUSTFOLIO_INLINE std::string edge_text(const Fit& fit, std::span<const double> x, const Column& deviation) {
    constexpr double far = 4.0;
    constexpr double loose = 2.0;
    std::vector<std::string> vanishing;
    std::vector<std::string> growing;
    for (std::size_t k = 0; k < x.size(); ++k) {
        if (fit.unrestricted[k] || !(deviation[k] > loose)) continue;
        if (x[k] < -far) vanishing.push_back(fit.names[k]);
        if (x[k] > far) growing.push_back(fit.names[k]);
    }
    if (growing.empty() && vanishing.empty()) return {};
    const auto joined = [](const std::vector<std::string>& names) {
        std::string text;
        for (std::size_t k = 0; k < names.size(); ++k) {
            text += (k == 0 ? "" : k + 1 == names.size() ? " and " : ", ") + names[k];
        }
        return text + (names.size() == 1 ? " runs" : " run");
    };
    std::string text = "at the edge of the model:";
    if (!growing.empty()) text += " " + joined(growing) + " to infinity";
    if (!vanishing.empty()) text += std::string(growing.empty() ? "" : ",") + " " + joined(vanishing) + " to 0";
    return text + "; use a prior, or a model with fewer parameters";
}

CUSTFOLIO_INLINE Fit fit_from(std::vector<std::string> names, const math::MinimiseResult& optimum, double customers,
                              const FitOptions& options) {
    const std::size_t n = names.size();
    if (optimum.x.size() != n) {
        throw InputError("the likelihood is finite at no start; give starts that suit the data, or check the data");
    }
    Fit fit;
    fit.names = std::move(names);
    fit.unrestricted = options.unrestricted;
    fit.unrestricted.resize(fit.names.size(), false);
    fit.customers = customers;
    fit.iterations = optimum.iterations;
    fit.estimate = optimum.x;
    for (std::size_t k = 0; k < n; ++k) {
        if (!fit.unrestricted[k]) fit.estimate[k] = std::exp(optimum.x[k]);
    }
    const double none = std::numeric_limits<double>::quiet_NaN();
    fit.standard_error.assign(n, none);
    fit.covariance = Matrix(n, n, none);
    Column deviation(n, std::numeric_limits<double>::infinity());
    const bool determined = set_covariance(optimum.hessian, customers, fit, deviation);
    const std::string edge = edge_text(fit, optimum.x, deviation);
    if (!edge.empty()) {
        fit.message = edge;
    } else if (!determined) {
        fit.message = (optimum.converged ? "the optimum is flat" : optimum.message) +
                      std::string(
                          "; second derivatives are not those of an optimum, so that there are no standard "
                          "errors; fewer parameters or a prior would help");
    } else {
        fit.message = optimum.message;
    }
    fit.converged = optimum.converged && determined && edge.empty();
    return fit;
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE Fit fit_log_parameters(std::vector<std::string> names, const math::SmoothFunction& log_likelihood,
                                        std::vector<Column> starts, double customers, const FitOptions& options) {
    if (!options.starts.empty()) starts = options.starts;
    detail::check_fit(names, starts, options);
    unsigned evaluations = 0;
    // The likelihood per customer, so that tolerances mean the same for ten customers and ten million.
    const double scale = 1.0 / std::max(customers, 1.0);
    const auto objective = [&](std::span<const double> x, std::span<double> gradient) {
        if (options.pulse) options.pulse();
        ++evaluations;
        detail::fill(gradient, 0.0);
        double value = log_likelihood(x, gradient);
        value += detail::add_log_prior(options.prior, x, gradient);
        for (double& slope : gradient) slope *= -scale;
        return -scale * value;
    };
    // The best start first, and mostly the only one: later starts run only if the search fails there.
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t k = 0; k < starts.size(); ++k) {
        Column gradient(starts[k].size());
        const double value = starts.size() == 1 ? 0.0 : objective(starts[k], gradient);
        order.emplace_back(std::isfinite(value) ? value : std::numeric_limits<double>::infinity(), k);
    }
    std::sort(order.begin(), order.end());
    math::MinimiseResult best;
    best.value = std::numeric_limits<double>::infinity();
    std::vector<Column> optima;
    for (const auto& [value, k] : order) {
        if (!std::isfinite(value)) continue;
        math::MinimiseResult optimum = math::minimise(objective, starts[k], options.minimise);
        if (optimum.converged) {
            // Searches from several starts that end within 1e-3 have found the same optimum.
            const bool known = std::any_of(optima.begin(), optima.end(), [&](const Column& other) {
                return math::largest_size(math::add_scaled(other, -1.0, optimum.x)) < 1e-3;
            });
            if (!known) optima.push_back(optimum.x);
        }
        // A result without any step is a start with an infinite value, not an optimum.
        const bool better = optimum.iterations + optimum.evaluations > 1 && optimum.value < best.value;
        if (better) best = std::move(optimum);
        // Later starts cost as much as the first, and rarely end elsewhere.
        if (best.converged && !options.every_start) break;
    }
    Fit fit = detail::fit_from(std::move(names), best, customers, options);
    fit.evaluations = evaluations;
    fit.optima = optima.size();
    // More than one optimum means that the answer depends on the starts: the user must see it.
    if (optima.size() > 1) fit.message += "; " + std::to_string(optima.size()) + " optima were found; this is the best";
    Column unused(best.x.size(), 0.0);
    fit.log_prior = detail::add_log_prior(options.prior, best.x, unused);
    fit.log_likelihood = -best.value / scale - fit.log_prior;
    return fit;
}

CUSTFOLIO_INLINE Column Fit::log_parameters() const {
    Column values = estimate;
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (!unrestricted[k]) values[k] = std::log(values[k]);
    }
    return values;
}

CUSTFOLIO_INLINE double Fit::aic() const {
    return 2.0 * static_cast<double>(names.size()) - 2.0 * log_likelihood;
}

CUSTFOLIO_INLINE double Fit::bic() const {
    return static_cast<double>(names.size()) * std::log(customers) - 2.0 * log_likelihood;
}

namespace detail {

CUSTFOLIO_INLINE void check_confidence(double level) {
    if (!(level > 0.0 && level < 1.0)) {
        throw InputError("level is " + number_text(level) + "; it must be between 0 and 1, such as 0.95");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE ConfidenceIntervals Fit::interval(double level) const {
    detail::check_confidence(level);
    const double z = math::normal_quantile(0.5 + 0.5 * level);
    ConfidenceIntervals interval{Column(estimate.size()), Column(estimate.size())};
    // Intervals are symmetric on the scale of the search, which keeps positive parameters positive.
    for (std::size_t k = 0; k < estimate.size(); ++k) {
        const double width = z * std::sqrt(covariance(k, k));
        const bool plain = unrestricted[k];
        interval.lower[k] = plain ? estimate[k] - width : estimate[k] * std::exp(-width);
        interval.upper[k] = plain ? estimate[k] + width : estimate[k] * std::exp(width);
    }
    return interval;
}

CUSTFOLIO_INLINE ConfidenceIntervals percentile_intervals(const Matrix& estimates, double level) {
    detail::check_confidence(level);
    if (estimates.rows() == 0) throw InputError("there is no sample; intervals need at least one");
    ConfidenceIntervals intervals;
    for (std::size_t k = 0; k < estimates.cols(); ++k) {
        std::vector<double> column(estimates.rows());
        for (std::size_t i = 0; i < column.size(); ++i) column[i] = estimates(i, k);
        detail::sort(column);
        intervals.lower.push_back(math::quantile_of_sorted(column, 0.5 - level / 2));
        intervals.upper.push_back(math::quantile_of_sorted(column, 0.5 + level / 2));
    }
    return intervals;
}

CUSTFOLIO_INLINE LikelihoodRatio likelihood_ratio(std::span<const double> apart, double together,
                                                  std::size_t parameters) {
    if (apart.empty() || parameters == 0) throw InputError("likelihood ratio: there must be a group and a parameter");
    LikelihoodRatio ratio;
    double sum = 0;
    for (const double one : apart) sum += one;
    ratio.statistic = 2 * (sum - together);
    ratio.degrees = static_cast<double>(parameters * (apart.size() - 1));
    ratio.p_value = ratio.degrees > 0 ? math::chi_square_tail(std::max(0.0, ratio.statistic), ratio.degrees) : 1.0;
    ratio.aic_difference = 2 * ratio.degrees - ratio.statistic;
    return ratio;
}

}  // namespace custfolio
