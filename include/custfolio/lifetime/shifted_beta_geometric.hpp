// Shifted beta-geometric model: contracts whose chance of loss is constant for each customer and beta among customers.
#pragma once

#include "custfolio/lifetime/contracts.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"

namespace custfolio {

/**
 * @brief The shifted beta-geometric model of contracts.
 * @see P. S. Fader, B. G. S. Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1).
 */
struct ShiftedBetaGeometric {
    double alpha = 1.0;  ///< First shape of the chance of loss a period, above 0.
    double beta = 1.0;   ///< Second shape, above 0.

    /// @param t renewals, at least 0; fractions are allowed.
    /// @return chance that a new customer is still there after t renewals: B(alpha, beta + t) / B(alpha, beta).
    [[nodiscard]] double survival(double t) const;
    /// @param t renewals, at least 0.
    /// @return logarithm of survival(t), which does not vanish where that does.
    [[nodiscard]] double log_survival(double t) const;
    /// @param t period 1, 2, ...
    /// @return share of the customers of period t that renew at its end: (beta + t - 1) / (alpha + beta + t - 1).
    [[nodiscard]] double retention_rate(double t) const;
    /**
     * @brief Expected payments of a new customer, one at the start of each period, the first undiscounted.
     * @param discount_rate per period, at least 0.
     * @return periods; 2F1(1, beta; alpha + beta; 1 / (1 + d)).
     * @throws InputError where the rate is negative, or 0 with alpha <= 1: there the sum is infinite.
     */
    [[nodiscard]] double discounted_expected_lifetime(double discount_rate) const;
    /**
     * @brief Expected further payments of a customer just before the decision that ends its period, the next
     * undiscounted.
     * @param renewals behind the customer, 0, 1, ...
     * @param discount_rate per period, at least 0.
     * @return periods, discounted to the date of that decision.
     * @throws InputError as discounted_expected_lifetime.
     * @see P. S. Fader, B. G. S. Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science
     * 29(1), equation (6).
     */
    [[nodiscard]] double discounted_expected_residual_lifetime(double renewals, double discount_rate) const;
};

/// Fits the model by maximum likelihood.
/// @param contracts the data.
/// @param options priors, starts.
/// @return the fit; parameters alpha, beta. Few evaluations of O(distinct periods).
/// @throws InputError where options do not match.
Fit fit_shifted_beta_geometric(const Contracts& contracts, const FitOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/shifted_beta_geometric.ipp"
#endif
