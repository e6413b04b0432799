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

CUSTFOLIO_INLINE SpendFit fit_gamma_gamma(std::span<const double> frequency, std::span<const double> average,
                                          std::span<const double> weights, const FitOptions& options) {
    const std::size_t rows = frequency.size();
    if (rows == 0) throw InputError("no row to fit; a model needs at least one customer");
    detail::check_length(average.size(), rows, "monetary_value");
    detail::check_at_least(frequency, 0.0, false, "frequency");
    detail::check_at_most(frequency, 1e9, "frequency");
    detail::sum_of_weights(weights, rows);
    SpendFit found;
    std::vector<double> x;
    std::vector<double> log_x;
    std::vector<double> z;
    std::vector<double> log_z;
    std::vector<double> w;
    math::CompensatedSum customers;
    math::CompensatedSum left_out;
    math::CompensatedSum sum_log;
    for (std::size_t i = 0; i < rows; ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        if (frequency[i] == 0.0) {
            left_out += weight;
            continue;
        }
        if (!(average[i] > 0.0) || !std::isfinite(average[i])) {
            throw InputError("row " + std::to_string(i + 1) + ": monetary_value is " + number_text(average[i]) +
                             "; the Gamma-Gamma model is of positive amounts, use NormalNormal where some are not");
        }
        x.push_back(frequency[i]);
        log_x.push_back(std::log(frequency[i]));
        z.push_back(average[i]);
        log_z.push_back(std::log(average[i]));
        w.push_back(weight);
        customers += weight;
        sum_log += weight * log_z.back();
    }
    found.left_out = left_out.value();
    const double total = customers.value();
    if (!(total > 0.0)) throw InputError("no customer has a frequency above 0, so that no spend is known");
    const double centre = sum_log.value() / total;  // geometric mean: the unit of the search
    math::CompensatedSum mean_x;
    math::CompensatedSum mean_z;
    math::CompensatedSum spread;
    for (std::size_t i = 0; i < x.size(); ++i) {
        mean_x += w[i] * x[i];
        mean_z += w[i] * z[i];
        spread += w[i] * (log_z[i] - centre) * (log_z[i] - centre);
    }
    if (!(spread.value() > 1e-24 * total)) {
        throw InputError("all average amounts are " + number_text(z[0]) +
                         "; a model of how spend differs needs some that do");
    }
    const double x_centre = mean_x.value() / total;
    const double z_centre = mean_z.value() / total;
    math::CompensatedSum xx;
    math::CompensatedSum xz;
    math::CompensatedSum zz;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += w[i] * (x[i] - x_centre) * (x[i] - x_centre);
        xz += w[i] * (x[i] - x_centre) * (z[i] - z_centre);
        zz += w[i] * (z[i] - z_centre) * (z[i] - z_centre);
    }
    found.correlation = xx.value() > 0.0 && zz.value() > 0.0 ? xz.value() / std::sqrt(xx.value() * zz.value())
                                                             : std::numeric_limits<double>::quiet_NaN();
    const auto likelihood = [&](std::span<const double> at, std::span<double> gradient) {
        const double p = std::exp(at[0]);
        const double q = std::exp(at[1]);
        const double gamma = std::exp(at[2]);
        if (!(p > 1e-8 && p < 1e10 && q > 1e-8 && q < 1e10 && std::isfinite(gamma) && gamma > 0.0)) {
            return -std::numeric_limits<double>::infinity();
        }
        const double log_gamma_q = math::log_gamma(q);
        const double digamma_q = math::digamma(q);
        return detail::sum_of_terms<3>(
            x.size(), options.threads, gradient, [&](std::size_t i, std::array<double, 3>& slope) {
                const double shape = p * x[i];
                const double share = std::log(gamma + x[i] * z[i]);
                const double both = math::digamma(shape + q);
                const double own = at[2] - share;                  // ln gamma / (gamma + x z)
                const double other = log_x[i] + log_z[i] - share;  // ln x z / (gamma + x z)
                slope[0] = w[i] * shape * (both - math::digamma(shape) + other);
                slope[1] = w[i] * q * (both - digamma_q + own);
                slope[2] = w[i] * (q - (shape + q) * std::exp(own));
                return w[i] * (math::log_gamma_ratio(shape, q) - log_gamma_q + q * own + shape * other - log_z[i]);
            });
    };
    // Starts: amounts about as even as averages, few and many, around the geometric mean.
    std::vector<Column> starts;
    for (const auto& [p, q] : {std::pair(2.0, 3.0), std::pair(6.0, 4.0), std::pair(20.0, 10.0)}) {
        starts.push_back(Column{std::log(p), std::log(q), centre + std::log(q / p)});
    }
    found.fit = fit_log_parameters({"p", "q", "gamma"}, likelihood, starts, total, options);
    found.fit.rows = rows;
    found.fit.cells = x.size();
    return found;
}

CUSTFOLIO_INLINE Column conditional_mean_spend(const GammaGamma& model, std::span<const double> frequency,
                                               std::span<const double> average) {
    detail::check_length(average.size(), frequency.size(), "monetary_value");
    detail::check_at_least(frequency, 0.0, false, "frequency");
    Column found(frequency.size());
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        const double x = frequency[i];
        if (x > 0.0 && !(average[i] > 0.0 && std::isfinite(average[i]))) {
            throw InputError("row " + std::to_string(i + 1) + ": monetary_value is " + number_text(average[i]) +
                             "; the Gamma-Gamma model is of positive amounts, use NormalNormal where some are not");
        }
        const double freedom = model.p * x + model.q - 1.0;
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
        found[i] = mean;
    }
    return found;
}

CUSTFOLIO_INLINE Column simulate_spend(const GammaGamma& model, std::span<const double> frequency, std::uint64_t seed,
                                       unsigned threads) {
    Column found(frequency.size());
    math::parallel_for(0, frequency.size(), 1024, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            math::VariateStream draw(seed, i);
            // Average of x amounts: gamma of shape p x and rate nu x, where nu is gamma of shape q and rate gamma.
            const double log_rate = draw.log_gamma_variate(model.q) - std::log(model.gamma);
            found[i] = std::exp(draw.log_gamma_variate(model.p * frequency[i]) - log_rate) / frequency[i];
        }
    });
    return found;
}

}  // namespace custfolio
