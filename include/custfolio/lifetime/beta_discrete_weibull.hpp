// Beta-discrete-Weibull model: contracts whose chance of loss may rise or fall with a customer's own age.
#pragma once

#include "custfolio/lifetime/contracts.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"

namespace custfolio {

/**
 * @brief The beta-discrete-Weibull model of contracts; with c = 1 the shifted beta-geometric.
 * @see P. S. Fader, B. G. S. Hardie, Y. Liu, J. Davin, T. Steenburgh (2018), "How to Project Customer Retention"
 * Revisited, Journal of Interactive Marketing 43, equation (4).
 */
struct BetaDiscreteWeibull {
    double alpha = 1.0;  ///< First shape of the chance of loss in the first period, above 0.
    double beta = 1.0;   ///< Second shape, above 0.
    double c = 1.0;      ///< Above 1: a customer's chance of loss rises with its age; below 1: it falls. Above 0.

    /// @param t renewals, at least 0.
    /// @return chance that a new customer is still there after t renewals: B(alpha, beta + t^c) / B(alpha, beta).
    [[nodiscard]] double survival(double t) const;
    /// @param t renewals, at least 0.
    /// @return logarithm of survival(t), which does not vanish where that does.
    [[nodiscard]] double log_survival(double t) const;
    /// @param t period 1, 2, ...
    /// @return share of the customers of period t that renew at its end.
    [[nodiscard]] double retention_rate(double t) const;
    /// Expected payments of a new customer, one at the start of each period, the first undiscounted.
    /// @param discount_rate per period, above 0.
    /// @return periods.
    /// @throws InputError where the rate is below 1e-6.
    [[nodiscard]] double discounted_expected_lifetime(double discount_rate) const;
    /// Expected further payments of a customer just before the decision that ends its period, the next undiscounted.
    /// @param renewals behind the customer, 0, 1, ...
    /// @param discount_rate per period, above 0.
    /// @return periods, discounted to the date of that decision; summed until the rest is below 1e-13 of it.
    /// @throws InputError where the rate is below 1e-6.
    [[nodiscard]] double discounted_expected_residual_lifetime(double renewals, double discount_rate) const;
};

/// Fits the model by maximum likelihood.
/// @param contracts the data; c needs at least three periods with losses.
/// @param options priors, starts.
/// @return the fit; parameters alpha, beta, c.
/// @throws InputError where options do not match.
Fit fit_beta_discrete_weibull(const Contracts& contracts, const FitOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/beta_discrete_weibull.ipp"
#endif
