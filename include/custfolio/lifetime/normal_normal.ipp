// Definitions of normal_normal.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "custfolio/lifetime/normal_normal.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio {

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

    // Moments standardise the data, so that the search does not depend on the currency.
    math::CompensatedSum sum;
    math::CompensatedSum size;
    for (std::size_t i = 0; i < rows; ++i) {
        sum += weight(i) * mean[i];
        size += weight(i) * count[i];
    }
    const double centre = sum.value() / customers;
    const double unit = size.value() / customers;  // counts of about 1
    math::CompensatedSum squares;
    for (std::size_t i = 0; i < rows; ++i) squares += weight(i) * (mean[i] - centre) * (mean[i] - centre);
    const double scale = std::sqrt(squares.value() / customers);
    if (!(scale > 1e-14 * std::abs(centre)) || !(scale > 0.0)) {
        throw InputError("all averages are " + number_text(centre) +
                         "; a model of how customers differ needs some that do");
    }
    std::vector<double> y(rows);
    std::vector<double> n(rows);
    std::vector<double> s(sum_of_squares.size());
    math::CompensatedSum jacobian;  // log density of the data in their own units, less that of standardised ones
    for (std::size_t i = 0; i < rows; ++i) {
        y[i] = (mean[i] - centre) / scale;
        n[i] = count[i] / unit;
        jacobian += -weight(i) * std::log(scale);
        if (!s.empty()) {
            if (count[i] < 1.0) {
                throw InputError("row " + std::to_string(i + 1) + ": count is " + number_text(count[i]) +
                                 "; it must be at least 1 where sums of squares are given");
            }
            s[i] = sum_of_squares[i] / (scale * scale * unit);
            // Density of count - 1 deviations: theirs in units of scale sqrt(unit), and the constant of the average.
            jacobian += -weight(i) * ((count[i] - 1.0) * std::log(scale * std::sqrt(unit)) + 0.5 * std::log(count[i]));
        }
    }
    const auto likelihood = [&](std::span<const double> x, std::span<double> gradient) {
        const double between = std::exp(x[1]);
        const double within = std::exp(x[2]);
        return detail::sum_of_terms<3>(
            rows, options.threads, gradient, [&](std::size_t i, std::array<double, 3>& slope) {
                const double w = weight(i);
                const double variance = between + within / n[i];
                const double e = y[i] - x[0];
                const double outer = 0.5 * (e * e / variance - 1.0) / variance;  // of the variance
                slope = {w * e / variance, w * outer * between, w * outer * within / n[i]};
                double value = -0.5 * (std::log(2.0 * std::numbers::pi * variance) + e * e / variance);
                if (!s.empty()) {
                    const double free = count[i] - 1.0;
                    value += -0.5 * (free * std::log(2.0 * std::numbers::pi * within) + s[i] / within);
                    slope[2] += 0.5 * w * (s[i] / within - free);
                }
                return w * value;
            });
    };
    FitOptions own = options;
    own.unrestricted = {true, false, false};
    const double to_between = -2.0 * std::log(scale);
    const double to_within = to_between - std::log(unit);
    if (own.prior.size() == 3) {
        own.prior[0] = {(options.prior[0].mean - centre) / scale, options.prior[0].sd / scale};
        own.prior[1].mean += to_between;
        own.prior[2].mean += to_within;
    }
    for (Column& start : own.starts) {
        if (start.size() != 3) continue;
        start[0] = (start[0] - centre) / scale;
        start[1] += to_between;
        start[2] += to_within;
    }
    const std::vector<Column> starts = {{0.0, std::log(0.5), std::log(0.5)}};
    Fit fit = fit_log_parameters({"mean", "between_variance", "within_variance"}, likelihood, starts, customers, own);
    fit.rows = fit.cells = rows;
    fit.log_likelihood += jacobian.value();
    if (own.prior.size() == 3 && std::isfinite(own.prior[0].sd)) fit.log_prior -= std::log(scale);
    fit.estimate[0] = centre + scale * fit.estimate[0];
    fit.estimate[1] *= scale * scale;
    fit.estimate[2] *= scale * scale * unit;
    fit.standard_error[0] *= scale;
    fit.standard_error[1] *= scale * scale;
    fit.standard_error[2] *= scale * scale * unit;
    for (std::size_t k = 0; k < 3; ++k) {
        fit.covariance(0, k) *= scale;
        fit.covariance(k, 0) *= scale;
    }
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
    Shrunk found{Column(rows), Column(rows), Column(rows)};
    for (std::size_t row = 0; row < rows; ++row) {
        const double precision = count[row] * model.between_variance;
        const double weight = precision / (precision + model.within_variance);
        const double own = count[row] == 0.0 ? model.mean  // an average of nothing may be anything
                                             : require_finite(mean[row], "row " + std::to_string(row + 1) + ": mean");
        found.weight[row] = weight;
        found.mean[row] = model.mean + weight * (own - model.mean);
        found.variance[row] = model.between_variance * (1.0 - weight);
    }
    return found;
}

CUSTFOLIO_INLINE SimulatedAverages simulate_averages(const NormalNormal& model, std::span<const double> count,
                                                     std::uint64_t seed, unsigned threads) {
    SimulatedAverages found{Column(count.size()), Column(count.size())};
    math::parallel_for(0, count.size(), 1024, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            math::VariateStream draw(seed, i);
            const double own = model.mean + std::sqrt(model.between_variance) * draw.normal();
            found.mean[i] = own + std::sqrt(model.within_variance / count[i]) * draw.normal();
            // Within variance times chi-square of count - 1 degrees, a gamma variate of half of them.
            if (count[i] > 1.0) {
                found.sum_of_squares[i] =
                    2.0 * model.within_variance * std::exp(draw.log_gamma_variate(0.5 * (count[i] - 1.0)));
            }
        }
    });
    return found;
}

}  // namespace custfolio
