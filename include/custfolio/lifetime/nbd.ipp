// Definitions of the NBD model.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/lifetime/bg_nbd.ipp"
#include "custfolio/lifetime/nbd.hpp"
#include "custfolio/lifetime/pareto_nbd.ipp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio {

CUSTFOLIO_INLINE void NBD::check() const {
    detail::require_parameter(r, "r");
    detail::require_parameter(alpha, "alpha");
}

CUSTFOLIO_INLINE double NBD::log_likelihood(double x, double age) const {
    return math::log_gamma_ratio(r, x) - x * std::log(alpha) - (r + x) * std::log1p(age / alpha);
}

CUSTFOLIO_INLINE NBD NBD::given_alive(double x, double age) const {
    return {r + x, alpha + age};
}

CUSTFOLIO_INLINE double NBD::survival(double t) const {
    detail::check_time(t);
    return 1.0;
}

CUSTFOLIO_INLINE double NBD::probability_alive(double x, double t_x, double age) const {
    check_purchase_histories({&x, 1}, {&t_x, 1}, {&age, 1});
    return 1.0;
}

CUSTFOLIO_INLINE double NBD::expected_purchases(double t) const {
    detail::check_time(t);
    return r / alpha * t;
}

CUSTFOLIO_INLINE double NBD::variance_of_purchases(double t) const {
    detail::check_time(t);
    // Poisson given the rate, plus the spread of the gamma distributed rates.
    return r / alpha * t * (1.0 + t / alpha);
}

CUSTFOLIO_INLINE double NBD::probability_mass(double n, double t) const {
    detail::check_time(t);
    detail::require_count(n);
    if (n == 0.0) return std::exp(-r * std::log1p(t / alpha));
    if (t == 0.0) return 0.0;
    // A negative binomial probability by log1p, exact for short and for long times.
    return std::exp(math::log_gamma_ratio(r, n) - math::log_gamma(n + 1.0) - r * std::log1p(t / alpha) -
                    n * std::log1p(alpha / t));
}

CUSTFOLIO_INLINE double NBD::quantile(double probability, double t) const {
    detail::check_time(t);
    // A beta-geometric customer whose chance to drop out is 0.
    return purchase_count({1.0, r, alpha, 0.0, 1.0}, t).quantile(probability);
}

CUSTFOLIO_INLINE double NBD::discounted_purchases(double rate, double horizon) const {
    detail::check_discounting(rate, horizon);
    if (rate == 0.0 && std::isinf(horizon)) {
        throw InputError(
            "purchases of all time are infinite at discount rate 0, since nobody leaves; give a discount rate or a "
            "horizon");
    }
    // A constant rate forever: a perpetuity.
    const double purchases = std::isinf(horizon) ? r / alpha / rate : r / alpha * detail::decay_integral(rate, horizon);
    if (!std::isfinite(purchases)) {
        throw NumericalError("discounted purchases at the rate " + number_text(rate) +
                             " are beyond the range of numbers; give a higher discount rate");
    }
    return purchases;
}

CUSTFOLIO_INLINE void NBD::simulate(std::span<const double> age, std::uint64_t seed, unsigned threads,
                                    std::span<double> frequency, std::span<double> recency,
                                    const math::Pulse& pulse) const {
    check();
    detail::simulate_purchases(age, seed, threads, frequency, recency, pulse, [&](math::VariateStream& stream) {
        return std::pair(stream.log_gamma_variate(r) - std::log(alpha), std::numeric_limits<double>::infinity());
    });
}

CUSTFOLIO_INLINE double nbd_log_likelihood(std::span<const double> parameters, std::span<double> gradient,
                                           const PurchaseHistories& histories, unsigned threads) {
    if (parameters.size() != 2) {
        throw InputError("there are " + std::to_string(parameters.size()) + " parameters; it must be 2");
    }
    const NBD model{std::exp(parameters[0]), std::exp(parameters[1])};
    // A search that gets out of this range has left the domain.
    for (const double value : {model.r, model.alpha}) {
        if (!(value > 1e-150 && value < 1e150)) return -std::numeric_limits<double>::infinity();
    }
    // The digamma of r is shared by all cells.
    const double at_r = math::digamma(model.r);
    using Sums = std::vector<math::CompensatedSum>;
    const auto part = [&](std::size_t begin, std::size_t end) {
        Sums sums(3);
        for (std::size_t c = begin; c < end; ++c) {
            const double weight = histories.weight()[c];
            if (weight == 0.0) continue;
            const double x = histories.frequency().value[histories.frequency().index[c]];
            const double age = histories.age().value[histories.age().index[c]];
            sums[0] += weight * model.log_likelihood(x, age);
            sums[1] += weight * model.r * (math::digamma(model.r + x) - at_r - std::log1p(age / model.alpha));
            sums[2] += weight * ((model.r + x) * age / (model.alpha + age) - x);
        }
        return sums;
    };
    // Compensated sums, added in the order of the chunks: the same bits for any number of threads.
    const Sums sums = math::parallel_reduce(0, histories.cells(), 2048, threads, Sums(3), part, [](Sums a, Sums b) {
        for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
        return a;
    });
    gradient[0] = sums[1].value();
    gradient[1] = sums[2].value();
    return sums[0].value();
}

CUSTFOLIO_INLINE Fit fit_nbd(const PurchaseHistories& histories, const FitOptions& options) {
    const double rate = detail::purchase_rate(histories, options);
    if (histories.covariates().cols() > 0) {
        throw InputError("the NBD model takes no covariates; BG/NBD and Pareto/NBD do");
    }
    std::vector<Column> starts;
    // Two starts, for customers who differ much and little in their rates.
    for (const double r : {0.5, 5.0}) starts.push_back({std::log(r), std::log(r / rate)});
    Fit fit = fit_log_parameters(
        {"r", "alpha"},
        [&](std::span<const double> at, std::span<double> gradient) {
            return nbd_log_likelihood(at, gradient, histories, options.threads);
        },
        std::move(starts), histories.customers(), options);
    fit.rows = histories.rows();
    fit.cells = histories.cells();
    return fit;
}

CUSTFOLIO_INLINE PurchaseForecast forecast_purchases(const NBD& model, std::span<const double> x,
                                                     std::span<const double> t_x, std::span<const double> T,
                                                     double horizon, double rate, unsigned threads,
                                                     const math::Pulse& pulse) {
    model.check();
    detail::check_forecast(horizon, rate);
    const detail::ForecastCells cells(x, t_x, T, Matrix(0, 0));
    // Nobody leaves and rates are constant: discounted purchases are the rate times one integral for all.
    const double within = NBD{1.0, 1.0}.discounted_purchases(rate, horizon);
    const double ever = rate > 0.0 ? 1.0 / rate : std::numeric_limits<double>::quiet_NaN();
    const auto of_alive = [&](std::size_t c, std::vector<double>& at_least) {
        const NBD later = model.given_alive(cells.frequency(c), cells.age(c));
        const double each = later.r / later.alpha;
        const double mean = later.expected_purchases(horizon);
        // A beta-geometric customer with a = 0 never drops out.
        detail::count_alive({1.0, later.r, later.alpha, 0.0, 1.0}, horizon, at_least);
        return detail::ForecastOfAlive{mean, later.variance_of_purchases(horizon) + mean * mean, each * within,
                                       each * ever};
    };
    const auto never = [](auto...) { return 0.0; };  // every cell has its probabilities
    return detail::forecast_rows(cells, 512, threads, pulse, of_alive, [](auto...) { return 1.0; }, never, never);
}

}  // namespace custfolio
