// Definitions of normal_normal.hpp.
#pragma once

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "custfolio/lifetime/normal_normal.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio {

namespace detail {

/// Averages in units in which their mean is 0 and their variance 1, so that the search does not depend on the currency.
struct StandardAverages {
    double centre = 0;              ///< Mean of the averages.
    double scale = 0;               ///< Their standard deviation.
    double unit = 0;                ///< Mean count.
    std::vector<double> y;          ///< Averages.
    std::vector<double> n;          ///< Counts, about 1.
    std::vector<double> s;          ///< Sums of squares; empty without.
    math::CompensatedSum jacobian;  ///< Log density of the data in their own units, less that of standardised ones.

    [[nodiscard]] double to_between() const { return -2.0 * std::log(scale); }
    [[nodiscard]] double to_within() const { return to_between() - std::log(unit); }
};

template <class Weight>
StandardAverages standard_averages(std::span<const double> mean, std::span<const double> count,
                                   std::span<const double> sum_of_squares, const Weight& weight, double customers) {
    const std::size_t rows = mean.size();
    StandardAverages standard;
    math::CompensatedSum sum;
    math::CompensatedSum size;
    for (std::size_t i = 0; i < rows; ++i) {
        sum += weight(i) * mean[i];
        size += weight(i) * count[i];
    }
    standard.centre = sum.value() / customers;
    standard.unit = size.value() / customers;
    math::CompensatedSum squares;
    for (std::size_t i = 0; i < rows; ++i) {
        squares += weight(i) * (mean[i] - standard.centre) * (mean[i] - standard.centre);
    }
    const double scale = std::sqrt(squares.value() / customers);
    // Customers who all have the same average give no estimate of how much customers differ.
    if (!(scale > 1e-14 * std::abs(standard.centre)) || !(scale > 0.0)) {
        throw InputError("all averages are " + number_text(standard.centre) +
                         "; a model of how customers differ needs some that do");
    }
    if (!std::isfinite(scale) || !std::isfinite(scale * scale * standard.unit)) {
        throw InputError("the averages and counts are too large: their squares are beyond the range of numbers");
    }
    standard.scale = scale;
    standard.y.resize(rows);
    standard.n.resize(rows);
    standard.s.resize(sum_of_squares.size());
    for (std::size_t i = 0; i < rows; ++i) {
        standard.y[i] = (mean[i] - standard.centre) / scale;
        standard.n[i] = count[i] / standard.unit;
        standard.jacobian += -weight(i) * std::log(scale);
        if (standard.s.empty()) continue;
        if (count[i] < 1.0) {
            throw InputError("row " + std::to_string(i + 1) + ": count is " + number_text(count[i]) +
                             "; it must be at least 1 where sums of squares are given");
        }
        standard.s[i] = sum_of_squares[i] / (scale * scale * standard.unit);
        // Density of count - 1 deviations: theirs in units of scale sqrt(unit), and the constant of the average.
        standard.jacobian +=
            -weight(i) * ((count[i] - 1.0) * std::log(scale * std::sqrt(standard.unit)) + 0.5 * std::log(count[i]));
    }
    return standard;
}

/// Priors and starts in standardised units.
CUSTFOLIO_INLINE FitOptions standardised(const FitOptions& options, const StandardAverages& standard) {
    FitOptions result = options;
    result.unrestricted = {true, false, false};
    if (result.prior.size() == 3) {
        result.prior[0] = {(options.prior[0].mean - standard.centre) / standard.scale,
                           options.prior[0].sd / standard.scale};
        result.prior[1].mean += standard.to_between();
        result.prior[2].mean += standard.to_within();
    }
    for (Column& start : result.starts) {
        if (start.size() != 3) continue;
        start[0] = (start[0] - standard.centre) / standard.scale;
        start[1] += standard.to_between();
        start[2] += standard.to_within();
    }
    return result;
}

/// Brings a fit back to the units of the data.
CUSTFOLIO_INLINE void restore_units(Fit& fit, const StandardAverages& standard, const std::vector<LogPrior>& prior) {
    const double scale = standard.scale;
    fit.log_likelihood += standard.jacobian.value();
    if (prior.size() == 3 && std::isfinite(prior[0].sd)) fit.log_prior -= std::log(scale);
    fit.estimate[0] = standard.centre + scale * fit.estimate[0];
    fit.estimate[1] *= scale * scale;
    fit.estimate[2] *= scale * scale * standard.unit;
    fit.standard_error[0] *= scale;
    fit.standard_error[1] *= scale * scale;
    fit.standard_error[2] *= scale * scale * standard.unit;
    // Variances are on the logarithmic scale, which units only shift.
    for (std::size_t k = 0; k < 3; ++k) {
        fit.covariance(0, k) *= scale;
        fit.covariance(k, 0) *= scale;
    }
}

}  // namespace detail

CUSTFOLIO_INLINE Fit fit_normal_normal(std::span<const double> mean, std::span<const double> count,
                                       std::span<const double> sum_of_squares, std::span<const double> weights,
                                       const FitOptions& options) {
    const std::size_t rows = mean.size();
    if (rows == 0) throw InputError("no row to fit; a model needs at least one customer");
    detail::check_length(count.size(), rows, "count");
    if (!sum_of_squares.empty()) detail::check_length(sum_of_squares.size(), rows, "sum_of_squares");
    for (std::size_t i = 0; i < rows; ++i) require_finite(mean[i], "row " + std::to_string(i + 1) + ": mean");
    detail::check_at_least(count, 0.0, true, "count");
    detail::check_at_least(sum_of_squares, 0.0, false, "sum_of_squares");
    const double customers = detail::sum_of_weights(weights, rows);
    const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
    const detail::StandardAverages standard = detail::standard_averages(mean, count, sum_of_squares, weight, customers);
    const auto likelihood = [&](std::span<const double> x, std::span<double> gradient) {
        const double between = std::exp(x[1]);
        const double within = std::exp(x[2]);
        return detail::sum_of_terms<3>(
            rows, options.threads, gradient, [&](std::size_t i, std::array<double, 3>& slope) {
                const double w = weight(i);
                // An average of n amounts has the variance between customers and a share of that within.
                const double variance = between + within / standard.n[i];
                const double e = standard.y[i] - x[0];
                const double outer = 0.5 * (e * e / variance - 1.0) / variance;  // of the variance
                slope = {w * e / variance, w * outer * between, w * outer * within / standard.n[i]};
                double value = -0.5 * (std::log(2.0 * std::numbers::pi * variance) + e * e / variance);
                if (!standard.s.empty()) {
                    // Sums of squares add a chi-square density, of the variance within alone.
                    const double free = count[i] - 1.0;
                    value += -0.5 * (free * std::log(2.0 * std::numbers::pi * within) + standard.s[i] / within);
                    slope[2] += 0.5 * w * (standard.s[i] / within - free);
                }
                return w * value;
            });
    };
    const FitOptions in_units = detail::standardised(options, standard);
    // In standardised units the variances sum to about 1, so half of each is a start for any data.
    const std::vector<Column> starts = {{0.0, std::log(0.5), std::log(0.5)}};
    Fit fit =
        fit_log_parameters({"mean", "between_variance", "within_variance"}, likelihood, starts, customers, in_units);
    fit.rows = fit.cells = rows;
    detail::restore_units(fit, standard, in_units.prior);
    return fit;
}

CUSTFOLIO_INLINE Shrunk shrink(const NormalNormal& model, std::span<const double> mean, std::span<const double> count) {
    require_finite(model.mean, "mean");
    if (!(model.between_variance >= 0.0) || !(model.within_variance > 0.0) || !std::isfinite(model.between_variance) ||
        !std::isfinite(model.within_variance)) {
        throw InputError("between_variance is " + number_text(model.between_variance) + " and within_variance " +
                         number_text(model.within_variance) + "; they must be finite, at least 0 and above 0");
    }
    detail::check_length(count.size(), mean.size(), "count");
    detail::check_at_least(count, 0.0, false, "count");
    const std::size_t rows = mean.size();
    Shrunk shrunk{Column(rows), Column(rows), Column(rows)};
    for (std::size_t row = 0; row < rows; ++row) {
        const double precision = count[row] * model.between_variance;
        // Credibility: the share of the average's variance that is between customers.
        const double weight = precision / (precision + model.within_variance);
        const double average = count[row] == 0.0
                                   ? model.mean  // an average of nothing may be anything
                                   : require_finite(mean[row], "row " + std::to_string(row + 1) + ": mean");
        shrunk.weight[row] = weight;
        shrunk.mean[row] = model.mean + weight * (average - model.mean);
        shrunk.variance[row] = model.between_variance * (1.0 - weight);
    }
    return shrunk;
}

CUSTFOLIO_INLINE SimulatedAverages simulate_averages(const NormalNormal& model, std::span<const double> count,
                                                     std::uint64_t seed, unsigned threads) {
    SimulatedAverages averages{Column(count.size()), Column(count.size())};
    math::parallel_for(0, count.size(), 1024, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            math::VariateStream draw(seed, i);
            const double customer_mean = model.mean + std::sqrt(model.between_variance) * draw.normal();
            averages.mean[i] = customer_mean + std::sqrt(model.within_variance / count[i]) * draw.normal();
            // Within variance times chi-square of count - 1 degrees, a gamma variate of half of them.
            if (count[i] > 1.0) {
                averages.sum_of_squares[i] =
                    2.0 * model.within_variance * std::exp(draw.log_gamma_variate(0.5 * (count[i] - 1.0)));
            }
        }
    });
    return averages;
}

}  // namespace custfolio
