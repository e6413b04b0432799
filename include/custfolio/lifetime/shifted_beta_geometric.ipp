// Definitions of shifted_beta_geometric.hpp.
#pragma once

#include <cmath>
#include <limits>

#include "custfolio/lifetime/shifted_beta_geometric.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio {

CUSTFOLIO_INLINE double ShiftedBetaGeometric::survival(double t) const {
    return std::exp(log_survival(t));
}

CUSTFOLIO_INLINE double ShiftedBetaGeometric::log_survival(double t) const {
    return math::log_beta(alpha, beta + t) - math::log_beta(alpha, beta);
}

CUSTFOLIO_INLINE double ShiftedBetaGeometric::retention_rate(double t) const {
    return (beta + t - 1.0) / (alpha + beta + t - 1.0);
}

CUSTFOLIO_INLINE double ShiftedBetaGeometric::discounted_expected_lifetime(double discount_rate) const {
    if (!(discount_rate >= 0.0) || !std::isfinite(discount_rate)) {
        throw InputError("discount_rate is " + number_text(discount_rate) +
                         "; it must be a finite rate per period, at least 0, such as 0.1");
    }
    // Without discounting the hypergeometric series has this closed form.
    if (discount_rate == 0.0) {
        if (!(alpha > 1.0)) {
            throw InputError("discount_rate is 0 and alpha " + number_text(alpha) +
                             ", so that the expected lifetime is infinite; give a rate above 0");
        }
        return (alpha + beta - 1.0) / (alpha - 1.0);
    }
    return math::hyp2f1(1.0, beta, alpha + beta, 1.0 / (1.0 + discount_rate));
}

CUSTFOLIO_INLINE double ShiftedBetaGeometric::discounted_expected_residual_lifetime(double renewals,
                                                                                    double discount_rate) const {
    // The chance of loss of a remaining customer is beta with renewals added to beta; the first decision is now.
    const double later = ShiftedBetaGeometric{alpha, beta + renewals + 1.0}.discounted_expected_lifetime(discount_rate);
    return retention_rate(renewals + 1.0) * later;
}

CUSTFOLIO_INLINE Fit fit_shifted_beta_geometric(const Contracts& contracts, const FitOptions& options) {
    const auto likelihood = [&](std::span<const double> x, std::span<double> gradient) {
        const double alpha = std::exp(x[0]);
        const double beta = std::exp(x[1]);
        // Far outside, beta functions lose their digits; minus infinity turns the search back.
        if (!(alpha > 1e-8 && alpha < 1e11 && beta > 1e-8 && beta < 1e11)) {
            return -std::numeric_limits<double>::infinity();
        }
        const double log_beta = math::log_beta(alpha, beta);
        const double alpha_slope = math::digamma(alpha) - math::digamma(alpha + beta);
        const double beta_slope = math::digamma(beta) - math::digamma(alpha + beta);
        math::CompensatedSum value;
        math::CompensatedSum of_alpha;
        math::CompensatedSum of_beta;
        const auto add = [&](double a, double b, double weight) {
            const double both = math::digamma(a + b);
            value += weight * (math::log_beta(a, b) - log_beta);
            of_alpha += weight * alpha * (math::digamma(a) - both - alpha_slope);
            of_beta += weight * beta * (math::digamma(b) - both - beta_slope);
        };
        // A loss in a period follows period - 1 renewals; those still there have renewed each time.
        for (const auto& [period, weight] : contracts.lost) add(alpha + 1.0, beta + period - 1.0, weight);
        for (const auto& [renewals, weight] : contracts.alive) add(alpha, beta + renewals, weight);
        gradient[0] = of_alpha.value();
        gradient[1] = of_beta.value();
        return value.value();
    };
    // Starts with the mean chance of loss that the data show, more and less alike among customers.
    double losses = 0.5;
    double chances = 1.0;
    for (const auto& [period, weight] : contracts.lost) {
        losses += weight;
        chances += weight * period;
    }
    for (const auto& [renewals, weight] : contracts.alive) chances += weight * renewals;
    const double mean = losses / chances;
    std::vector<Column> starts;
    // The smaller the sum of the parameters, the more customers differ.
    for (const double size : {1.0, 5.0, 50.0}) {
        starts.push_back({std::log(size * mean), std::log(size * (1.0 - mean))});
    }
    Fit fit = fit_log_parameters({"alpha", "beta"}, likelihood, starts, contracts.customers, options);
    fit.rows = contracts.rows;
    fit.cells = contracts.lost.size() + contracts.alive.size();
    return fit;
}

}  // namespace custfolio
