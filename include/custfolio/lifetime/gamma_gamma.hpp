// Gamma-Gamma model: how much customers spend a purchase, where amounts are positive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// A customer's amounts are gamma with shape p; their scale is gamma among customers with shape q and scale gamma.
struct GammaGamma {
    double p = 1.0;      ///< Shape of one customer's amounts, above 0.
    double q = 1.0;      ///< Shape among customers, above 0; averages have a mean where q > 1.
    double gamma = 1.0;  ///< Scale, currency, above 0.
};

/// A fit of spend, with what it rests on.
struct SpendFit {
    Fit fit;                   ///< Parameters p, q, gamma.
    double left_out = 0.0;     ///< Customers with frequency 0, whose spend is not known: left out.
    double correlation = 0.0;  ///< Of frequency and average amount, which the model assumes independent; NaN where
                               ///< one of them does not vary.
};

/**
 * @brief Fits the model by maximum likelihood on (frequency, average amount).
 * @param frequency amounts averaged, at least 0; rows with 0 are left out and counted.
 * @param average average amount of the customer's purchases, currency, above 0 where frequency is.
 * @param weights customers a row stands for, at least 0; empty: one each.
 * @param options priors, starts, threads.
 * @return the fit; its likelihood is the density of the averages.
 * @throws InputError naming the row of an amount that is not positive (NormalNormal is for those), or where all
 * averages are equal, or no row has a frequency above 0.
 * @see P. S. Fader, B. G. S. Hardie (2013), The Gamma-Gamma Model of Monetary Value, equation (1a).
 */
SpendFit fit_gamma_gamma(std::span<const double> frequency, std::span<const double> average,
                         std::span<const double> weights = {}, const FitOptions& options = {});

/**
 * @brief Expected amount of a customer's next purchases: (gamma + x average) p / (p x + q - 1).
 * @param model the parameters.
 * @param frequency x, at least 0; 0: the mean of all customers.
 * @param average average amount, above 0 where frequency is.
 * @return one entry a customer, currency.
 * @throws InputError naming the row of what cannot be, or where p x + q <= 1: there the mean is infinite.
 * @see P. S. Fader, B. G. S. Hardie (2013), The Gamma-Gamma Model of Monetary Value, equation (5).
 */
Column conditional_mean_spend(const GammaGamma& model, std::span<const double> frequency,
                              std::span<const double> average);

/// Simulates average amounts.
/// @param model the parameters.
/// @param frequency amounts averaged, above 0.
/// @param seed the run.
/// @param threads upper bound on threads; 0 means all cores.
/// @return one average a customer; the same bits for any number of threads.
Column simulate_spend(const GammaGamma& model, std::span<const double> frequency, std::uint64_t seed,
                      unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/gamma_gamma.ipp"
#endif
