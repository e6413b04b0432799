// Definitions of gamma_gamma.hpp.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "custfolio/lifetime/gamma_gamma.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio {

namespace detail {

/// Averages of customers with purchases, as the likelihood of the Gamma-Gamma model needs them.
struct SpendRows {
    std::vector<double> x;  ///< Number of amounts.
    std::vector<double> log_x;
    std::vector<double> z;  ///< Their average.
    std::vector<double> log_z;
    std::vector<double> weight;
    double customers = 0;  ///< Sum of the weights.
    double left_out = 0;   ///< Weight of customers without purchases.
    double centre = 0;     ///< Logarithm of the geometric mean of the averages: the unit of the search.
};

CUSTFOLIO_INLINE SpendRows spend_rows(std::span<const double> frequency, std::span<const double> average,
                                      std::span<const double> weights) {
    SpendRows rows;
    math::CompensatedSum customers;
    math::CompensatedSum left_out;
    math::CompensatedSum sum_log;
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        // Without a repeat purchase there is no average to learn from.
        if (frequency[i] == 0.0) {
            left_out += weight;
            continue;
        }
        if (!(average[i] > 0.0) || !std::isfinite(average[i])) {
            throw InputError("row " + std::to_string(i + 1) + ": monetary_value is " + number_text(average[i]) +
                             "; the Gamma-Gamma model is of positive amounts, use NormalNormal where some are not");
        }
        rows.x.push_back(frequency[i]);
        rows.log_x.push_back(std::log(frequency[i]));
        rows.z.push_back(average[i]);
        rows.log_z.push_back(std::log(average[i]));
        rows.weight.push_back(weight);
        customers += weight;
        sum_log += weight * rows.log_z.back();
    }
    rows.customers = customers.value();
    rows.left_out = left_out.value();
    if (!(rows.customers > 0.0)) {
        throw InputError("no customer has a frequency above 0, so that no spend is known");
    }
    rows.centre = sum_log.value() / rows.customers;
    math::CompensatedSum spread;
    for (std::size_t i = 0; i < rows.x.size(); ++i) {
        spread += rows.weight[i] * (rows.log_z[i] - rows.centre) * (rows.log_z[i] - rows.centre);
    }
    // Equal averages drive p to infinity: the likelihood has no optimum.
    if (!(spread.value() > 1e-24 * rows.customers)) {
        throw InputError("all average amounts are " + number_text(rows.z[0]) +
                         "; a model of how spend differs needs some that do");
    }
    return rows;
}

/// Correlation of the number of amounts and their average. The model assumes that it is 0.
CUSTFOLIO_INLINE double correlation_of(const SpendRows& rows) {
    math::CompensatedSum mean_x;
    math::CompensatedSum mean_z;
    for (std::size_t i = 0; i < rows.x.size(); ++i) {
        mean_x += rows.weight[i] * rows.x[i];
        mean_z += rows.weight[i] * rows.z[i];
    }
    const double x_centre = mean_x.value() / rows.customers;
    const double z_centre = mean_z.value() / rows.customers;
    math::CompensatedSum xx;
    math::CompensatedSum xz;
    math::CompensatedSum zz;
    for (std::size_t i = 0; i < rows.x.size(); ++i) {
        xx += rows.weight[i] * (rows.x[i] - x_centre) * (rows.x[i] - x_centre);
        xz += rows.weight[i] * (rows.x[i] - x_centre) * (rows.z[i] - z_centre);
        zz += rows.weight[i] * (rows.z[i] - z_centre) * (rows.z[i] - z_centre);
    }
    return xx.value() > 0.0 && zz.value() > 0.0 ? xz.value() / std::sqrt(xx.value() * zz.value())
                                                : std::numeric_limits<double>::quiet_NaN();
}

CUSTFOLIO_INLINE double gamma_gamma_log_likelihood(const SpendRows& rows, std::span<const double> at,
                                                   std::span<double> gradient, unsigned threads) {
    const double p = std::exp(at[0]);
    const double q = std::exp(at[1]);
    const double gamma = std::exp(at[2]);
    // Far outside, gamma functions lose their digits; minus infinity turns the search back.
    if (!(p > 1e-8 && p < 1e10 && q > 1e-8 && q < 1e10 && std::isfinite(gamma) && gamma > 0.0)) {
        return -std::numeric_limits<double>::infinity();
    }
    const double log_gamma_q = math::log_gamma(q);
    const double digamma_q = math::digamma(q);
    return sum_of_terms<3>(rows.x.size(), threads, gradient, [&](std::size_t i, std::array<double, 3>& slope) {
        // The sum of x amounts is gamma of shape p x; its rate is gamma of shape q, which is integrated out.
        const double shape = p * rows.x[i];
        const double share = std::log(gamma + rows.x[i] * rows.z[i]);
        const double both = math::digamma(shape + q);
        const double scale = at[2] - share;                          // ln gamma / (gamma + x z)
        const double other = rows.log_x[i] + rows.log_z[i] - share;  // ln x z / (gamma + x z)
        const double w = rows.weight[i];
        slope[0] = w * shape * (both - math::digamma(shape) + other);
        slope[1] = w * q * (both - digamma_q + scale);
        slope[2] = w * (q - (shape + q) * std::exp(scale));
        return w * (math::log_gamma_ratio(shape, q) - log_gamma_q + q * scale + shape * other - rows.log_z[i]);
    });
}

}  // namespace detail

CUSTFOLIO_INLINE SpendFit fit_gamma_gamma(std::span<const double> frequency, std::span<const double> average,
                                          std::span<const double> weights, const FitOptions& options) {
    const std::size_t count = frequency.size();
    if (count == 0) throw InputError("no row to fit; a model needs at least one customer");
    detail::check_length(average.size(), count, "monetary_value");
    detail::check_at_least(frequency, 0.0, false, "frequency");
    detail::check_at_most(frequency, 1e9, "frequency");
    detail::sum_of_weights(weights, count);
    const detail::SpendRows rows = detail::spend_rows(frequency, average, weights);
    SpendFit result;
    result.left_out = rows.left_out;
    result.correlation = detail::correlation_of(rows);
    // Starts: amounts about as even as averages, few and many, around the geometric mean.
    std::vector<Column> starts;
    for (const auto& [p, q] : {std::pair(2.0, 3.0), std::pair(6.0, 4.0), std::pair(20.0, 10.0)}) {
        starts.push_back(Column{std::log(p), std::log(q), rows.centre + std::log(q / p)});
    }
    const auto likelihood = [&](std::span<const double> at, std::span<double> gradient) {
        return detail::gamma_gamma_log_likelihood(rows, at, gradient, options.threads);
    };
    result.fit = fit_log_parameters({"p", "q", "gamma"}, likelihood, starts, rows.customers, options);
    result.fit.rows = count;
    result.fit.cells = rows.x.size();
    return result;
}

CUSTFOLIO_INLINE Column conditional_mean_spend(const GammaGamma& model, std::span<const double> frequency,
                                               std::span<const double> average) {
    detail::check_length(average.size(), frequency.size(), "monetary_value");
    detail::check_at_least(frequency, 0.0, false, "frequency");
    Column spend(frequency.size());
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        const double x = frequency[i];
        if (x > 0.0 && !(average[i] > 0.0 && std::isfinite(average[i]))) {
            throw InputError("row " + std::to_string(i + 1) + ": monetary_value is " + number_text(average[i]) +
                             "; the Gamma-Gamma model is of positive amounts, use NormalNormal where some are not");
        }
        // The expected spend is a weighted mean of the average so far and the mean of all, with weights p x and q - 1.
        const double freedom = model.p * x + model.q - 1.0;
        // The posterior mean of an inverse gamma variable exists above this only.
        if (!(freedom > 0.0)) {
            throw InputError("row " + std::to_string(i + 1) + ": frequency is " + number_text(x) + " and q " +
                             number_text(model.q) +
                             ", so that the expected spend is infinite; it is finite where p x + q is above 1");
        }
        const double mean = model.p * (model.gamma + (x > 0.0 ? x * average[i] : 0.0)) / freedom;
        if (!std::isfinite(mean)) {
            throw NumericalError("row " + std::to_string(i + 1) +
                                 ": the expected spend is beyond the range of numbers");
        }
        spend[i] = mean;
    }
    return spend;
}

CUSTFOLIO_INLINE Column simulate_spend(const GammaGamma& model, std::span<const double> frequency, std::uint64_t seed,
                                       unsigned threads) {
    Column spend(frequency.size());
    math::parallel_for(0, frequency.size(), 1024, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            math::VariateStream draw(seed, i);
            // Average of x amounts: gamma of shape p x and rate nu x, where nu is gamma of shape q and rate gamma.
            const double log_rate = draw.log_gamma_variate(model.q) - std::log(model.gamma);
            spend[i] = std::exp(draw.log_gamma_variate(model.p * frequency[i]) - log_rate) / frequency[i];
        }
    });
    return spend;
}

}  // namespace custfolio
