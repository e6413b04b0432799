// Definitions of beta_discrete_weibull.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "custfolio/lifetime/beta_discrete_weibull.hpp"
#include "custfolio/lifetime/shifted_beta_geometric.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio::detail {

// With c = 1 it is the shifted beta-geometric model: time is stretched, and all else stays.
/// t^c, kept in the range of doubles.
inline double weibull_time(double t, double c) {
    return std::min(std::pow(t, c), 1e300);
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE double BetaDiscreteWeibull::survival(double t) const {
    return std::exp(log_survival(t));
}

CUSTFOLIO_INLINE double BetaDiscreteWeibull::log_survival(double t) const {
    return ShiftedBetaGeometric{alpha, beta}.log_survival(detail::weibull_time(t, c));
}

CUSTFOLIO_INLINE double BetaDiscreteWeibull::retention_rate(double t) const {
    return std::exp(math::log_beta(alpha, beta + detail::weibull_time(t, c)) -
                    math::log_beta(alpha, beta + detail::weibull_time(t - 1.0, c)));
}

CUSTFOLIO_INLINE double BetaDiscreteWeibull::discounted_expected_lifetime(double discount_rate) const {
    return 1.0 + discounted_expected_residual_lifetime(0.0, discount_rate) / (1.0 + discount_rate);
}

CUSTFOLIO_INLINE double BetaDiscreteWeibull::discounted_expected_residual_lifetime(double renewals,
                                                                                   double discount_rate) const {
    // The sum below takes some 40 / rate terms, so smaller rates would not end in useful time.
    if (!(discount_rate >= 1e-6) || !std::isfinite(discount_rate)) {
        throw InputError("discount_rate is " + number_text(discount_rate) +
                         "; it must be a finite rate per period of at least 0.000001, such as 0.1");
    }
    const double factor = 1.0 / (1.0 + discount_rate);
    const double start = math::log_beta(alpha, beta + detail::weibull_time(renewals, c));
    math::CompensatedSum sum;
    double discount = 1.0;
    for (double t = renewals + 1.0;; t += 1.0) {
        const double term = discount * std::exp(math::log_beta(alpha, beta + detail::weibull_time(t, c)) - start);
        sum += term;
        discount *= factor;
        if (term <= 1e-13 * discount_rate * sum.value()) break;  // survival falls: the rest is below term / d
    }
    return sum.value();
}

CUSTFOLIO_INLINE Fit fit_beta_discrete_weibull(const Contracts& contracts, const FitOptions& options) {
    const auto likelihood = [&](std::span<const double> x, std::span<double> gradient) {
        const double alpha = std::exp(x[0]);
        const double beta = std::exp(x[1]);
        const double c = std::exp(x[2]);
        // Far outside, beta functions lose their digits; minus infinity turns the search back.
        if (!(alpha > 1e-8 && alpha < 1e11 && beta > 1e-8 && beta < 1e11 && c > 1e-6 && c < 30.0)) {
            return -std::numeric_limits<double>::infinity();
        }
        const double log_beta = math::log_beta(alpha, beta);
        const double both = math::digamma(alpha + beta);
        const double of_beta = math::digamma(beta);
        struct Survival {
            double log;                   // of the chance
            std::array<double, 3> slope;  // of log, by log alpha, log beta, log c
        };
        const auto survive = [&](double t) {
            if (t == 0.0) return Survival{0.0, {}};
            // With u = t^c: the chain rule goes through u, and du / d ln c = u ln(t) c.
            const double u = std::pow(t, c);
            const double sum = math::digamma(alpha + beta + u);
            const double by_u = math::digamma(beta + u) - sum;
            return Survival{math::log_beta(alpha, beta + u) - log_beta,
                            {alpha * (both - sum), beta * (by_u - of_beta + both), by_u * u * std::log(t) * c}};
        };
        math::CompensatedSum value;
        std::array<math::CompensatedSum, 3> slopes;
        for (const auto& [period, weight] : contracts.lost) {
            const Survival before = survive(period - 1.0);
            const Survival after = survive(period);
            // Both chances round to the same number: the loss has no probability that doubles can show.
            if (!(after.log < before.log)) return -std::numeric_limits<double>::infinity();
            // The difference of the logarithms, since both chances may underflow.
            const double log_loss = math::log_diff_exp(before.log, after.log);
            const double up = std::exp(before.log - log_loss);
            const double down = std::exp(after.log - log_loss);
            value += weight * log_loss;
            for (std::size_t k = 0; k < 3; ++k) slopes[k] += weight * (up * before.slope[k] - down * after.slope[k]);
        }
        for (const auto& [renewals, weight] : contracts.alive) {
            const Survival now = survive(renewals);
            value += weight * now.log;
            for (std::size_t k = 0; k < 3; ++k) slopes[k] += weight * now.slope[k];
        }
        for (std::size_t k = 0; k < 3; ++k) gradient[k] = slopes[k].value();
        return value.value();
    };
    // The simpler model is the case c = 1, so its optimum is the natural start.
    const Fit simple = fit_shifted_beta_geometric(contracts);
    std::vector<Column> starts;
    for (const double c : {1.0, 1.3, 0.8}) {
        const Column at = simple.log_parameters();
        // A fit of the simpler model that ran away would start the search far outside.
        starts.push_back({std::clamp(at[0], -3.0, 3.0), std::clamp(at[1], -3.0, 3.0), std::log(c)});
    }
    Fit fit = fit_log_parameters({"alpha", "beta", "c"}, likelihood, starts, contracts.customers, options);
    fit.rows = contracts.rows;
    fit.cells = contracts.lost.size() + contracts.alive.size();
    return fit;
}

}  // namespace custfolio
