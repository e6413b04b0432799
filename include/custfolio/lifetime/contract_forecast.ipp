// Definitions of contract_forecast.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <type_traits>

#include "custfolio/lifetime/contract_forecast.hpp"
#include "custfolio/lifetime/contracts.ipp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"

namespace custfolio::detail {

/// A row of a contract forecast.
struct ContractOutlook {
    double retention = 0.0;
    double retained = 0.0;
    double mean = 0.0;
    double sd = 0.0;
    double p10 = 0.0;
    double p50 = 0.0;
    double p90 = 0.0;
    double median = 0.0;
    double discounted = 0.0;
    double worth_p10 = 0.0;
    double worth_p90 = 0.0;
    double residual = 0.0;
};

/// Figures of a remaining customer after a number of renewals.
template <class Model>
ContractOutlook contract_outlook(const Model& model, double renewals, std::size_t horizon, double rate) {
    // All figures are given survival until now, so logarithms are subtracted once.
    const double now = model.log_survival(renewals);
    const auto reached = [&](double k) { return std::exp(model.log_survival(renewals + k) - now); };
    std::vector<double> at_least(horizon + 1, 1.0);  // chances of k renewals or more
    math::CompensatedSum mean;
    math::CompensatedSum square;
    math::CompensatedSum discounted;
    std::vector<double> annuity(horizon + 1, 0.0);  // worth of k renewals
    double worth = 1.0;
    for (std::size_t k = 1; k <= horizon; ++k) {
        at_least[k] = reached(static_cast<double>(k));
        mean += at_least[k];
        // E[K^2] is the sum of (2 k - 1) P(K >= k).
        square += static_cast<double>(2 * k - 1) * at_least[k];
        discounted += worth * at_least[k];
        annuity[k] = annuity[k - 1] + worth;
        worth /= 1.0 + rate;
    }
    const auto not_exceeded = [&](double probability) {
        // The chances fall with k, so a bisection finds the quantile.
        const auto first_beyond = std::partition_point(at_least.begin() + 1, at_least.end(),
                                                       [&](double chance) { return chance > 1.0 - probability; });
        return static_cast<double>(first_beyond - at_least.begin() - 1);
    };
    ContractOutlook outlook{.retention = reached(1.0),
                            .retained = at_least.back(),
                            .mean = mean.value(),
                            .p10 = not_exceeded(0.1),
                            .p50 = not_exceeded(0.5),
                            .p90 = not_exceeded(0.9),
                            .discounted = discounted.value(),
                            .residual = std::numeric_limits<double>::quiet_NaN()};
    outlook.worth_p10 = annuity[static_cast<std::size_t>(outlook.p10)];
    outlook.worth_p90 = annuity[static_cast<std::size_t>(outlook.p90)];
    outlook.sd = std::sqrt(std::max(0.0, square.value() - outlook.mean * outlook.mean));
    // The median may lie far beyond the horizon: doubling, then bisection over whole periods.
    double low = 0.0;  // reached by more than half
    double high = 1.0;
    while (high <= 1e9 && reached(high) > 0.5) {
        low = high;
        high *= 2.0;
    }
    while (high - low > 1.0) {
        const double middle = std::floor(0.5 * (low + high));
        (reached(middle) > 0.5 ? low : high) = middle;
    }
    outlook.median = low < 1e9 ? low : std::numeric_limits<double>::quiet_NaN();
    // The sum of all discounted renewals has an end only with discounting, or with a finite mean lifetime.
    bool finite = rate > 0.0 || model.alpha > 1.0;
    if constexpr (std::is_same_v<Model, BetaDiscreteWeibull>) finite = rate >= 1e-6;
    if (finite) outlook.residual = model.discounted_expected_residual_lifetime(renewals, rate);
    return outlook;
}

/// The forecast of every row, by its tenure.
template <class Model>
ContractForecast contract_forecast(const Model& model, std::span<const double> recency, std::span<const double> age,
                                   double horizon, double rate) {
    check_contracts(recency, age);
    if (!(horizon >= 0.0 && horizon <= 1e7) || horizon != std::floor(horizon)) {
        throw InputError("horizon is " + number_text(horizon) + "; it must be a whole number of periods, 0 ... 1e7");
    }
    if (!(rate >= 0.0) || !std::isfinite(rate)) {
        throw InputError("discount rate is " + number_text(rate) + " per period; it must be finite and at least 0");
    }
    ContractForecast forecast;
    for (std::vector<double>* column :
         {&forecast.renewals, &forecast.retention, &forecast.retained, &forecast.mean, &forecast.sd, &forecast.p10,
          &forecast.p50, &forecast.p90, &forecast.median, &forecast.discounted, &forecast.worth_p10,
          &forecast.worth_p90, &forecast.residual}) {
        column->resize(recency.size());
    }
    // A forecast depends on the tenure alone, so customers of equal tenure share it.
    std::map<double, ContractOutlook> by_tenure;
    for (std::size_t i = 0; i < recency.size(); ++i) {
        forecast.renewals[i] = recency[i] - 1.0;
        if (recency[i] < age[i]) continue;  // lost
        const auto [place, fresh] = by_tenure.try_emplace(forecast.renewals[i]);
        ContractOutlook& outlook = place->second;
        if (fresh) outlook = contract_outlook(model, forecast.renewals[i], static_cast<std::size_t>(horizon), rate);
        forecast.retention[i] = outlook.retention;
        forecast.retained[i] = outlook.retained;
        forecast.mean[i] = outlook.mean;
        forecast.sd[i] = outlook.sd;
        forecast.p10[i] = outlook.p10;
        forecast.p50[i] = outlook.p50;
        forecast.p90[i] = outlook.p90;
        forecast.median[i] = outlook.median;
        forecast.discounted[i] = outlook.discounted;
        forecast.worth_p10[i] = outlook.worth_p10;
        forecast.worth_p90[i] = outlook.worth_p90;
        forecast.residual[i] = outlook.residual;
    }
    return forecast;
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE ContractForecast forecast_contracts(const ShiftedBetaGeometric& model, std::span<const double> recency,
                                                     std::span<const double> age, double horizon,
                                                     double discount_rate) {
    return detail::contract_forecast(model, recency, age, horizon, discount_rate);
}

CUSTFOLIO_INLINE ContractForecast forecast_contracts(const BetaDiscreteWeibull& model, std::span<const double> recency,
                                                     std::span<const double> age, double horizon,
                                                     double discount_rate) {
    return detail::contract_forecast(model, recency, age, horizon, discount_rate);
}

namespace detail {

template <class Model>
std::vector<double> simulated_contracts(const Model& model, std::span<const double> age, std::uint64_t seed) {
    check_contracts(age, age);
    std::vector<double> recency(age.size());
    for (std::size_t i = 0; i < age.size(); ++i) {
        const double chance = math::uniform(seed, i, 0);
        // By inversion: the last period that begins with a survival above the number.
        double here = 1.0;
        double beyond = age[i] + 1.0;
        while (beyond - here > 1.0) {
            const double middle = std::floor((here + beyond) / 2);
            (model.survival(middle - 1.0) >= chance ? here : beyond) = middle;
        }
        recency[i] = here;
    }
    return recency;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<double> simulate_contracts(const ShiftedBetaGeometric& model, std::span<const double> age,
                                                        std::uint64_t seed) {
    return detail::simulated_contracts(model, age, seed);
}

CUSTFOLIO_INLINE std::vector<double> simulate_contracts(const BetaDiscreteWeibull& model, std::span<const double> age,
                                                        std::uint64_t seed) {
    return detail::simulated_contracts(model, age, seed);
}

}  // namespace custfolio
