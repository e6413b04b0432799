// NBD model: customers buy at random, each at an own rate, and never leave; the yardstick of models with dropout.
#pragma once

#include <cstdint>
#include <span>

#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/lifetime/purchase_history.hpp"

namespace custfolio {

/**
 * @brief NBD model of Ehrenberg (1959), Applied Statistics 8(1): Poisson purchases, rates gamma(r, alpha), no dropout.
 *
 * The likelihood is that of the times of purchase, as for the Pareto/NBD model (its limit s -> 0), so that they
 * compare; that of the counts alone has x ln T - ln x! more per customer, whatever the parameters.
 */
struct NBD {
    double r;      ///< Shape of purchase rates, above 0.
    double alpha;  ///< Inverse scale of purchase rates, above 0; a time.

    /// Checks the parameters. @throws InputError naming the one that is not positive and finite.
    void check() const;

    /**
     * @brief Log density of the times of a customer's purchases.
     * @param x repeat purchases.
     * @param age time observed T.
     * @return the logarithm.
     */
    [[nodiscard]] double log_likelihood(double x, double age) const;

    /**
     * @brief The model of a customer with a history, from T on: rates are gamma(r + x, alpha + T).
     * @param x repeat purchases.
     * @param age time observed T.
     * @return the model.
     */
    [[nodiscard]] NBD given_alive(double x, double age) const;

    /**
     * @brief Share of new customers still alive after a time: all of them.
     * @param t time, at least 0.
     * @return 1.
     */
    [[nodiscard]] double survival(double t) const;

    /**
     * @brief Probability that a customer is alive at T: nobody leaves.
     * @param x repeat purchases.
     * @param t_x time of the last one.
     * @param age time observed T.
     * @return 1.
     */
    [[nodiscard]] double probability_alive(double x, double t_x, double age) const;

    /**
     * @brief Expected purchases.
     * @param t time, at least 0.
     * @return r t / alpha.
     */
    [[nodiscard]] double expected_purchases(double t) const;

    /**
     * @brief Variance of the purchases.
     * @param t time, at least 0.
     * @return Var[X(t)].
     */
    [[nodiscard]] double variance_of_purchases(double t) const;

    /**
     * @brief Probability of n purchases.
     * @param n number of purchases.
     * @param t time, at least 0.
     * @return P(X(t) = n).
     */
    [[nodiscard]] double probability_mass(double n, double t) const;

    /**
     * @brief Smallest number of purchases that is not exceeded with a probability.
     * @param probability in [0, 1).
     * @param t time, at least 0.
     * @return the number.
     * @throws NumericalError where more than 1,000,000 terms would be needed.
     */
    [[nodiscard]] double quantile(double probability, double t) const;

    /**
     * @brief Expected purchases, each discounted continuously.
     * @param rate continuous discount rate per unit of time, at least 0.
     * @param horizon end of what counts; may be infinite.
     * @return r / alpha times the annuity.
     * @throws InputError if rate or horizon is out of range, or rate is 0 without a horizon.
     */
    [[nodiscard]] double discounted_purchases(double rate, double horizon) const;

    /**
     * @brief Draws customers; customer i draws from stream i of the seed.
     * @param age time observed of each.
     * @param seed the run.
     * @param threads upper bound on threads; 0 means all cores; the same bits for any number.
     * @param frequency repeat purchases of each, written.
     * @param recency time of the last purchase of each, written.
     * @param pulse called now and then from the calling thread; what it throws ends the call.
     * @throws InputError where a time is not finite and at least 0, NumericalError where one buys over 1e8 times.
     */
    void simulate(std::span<const double> age, std::uint64_t seed, unsigned threads, std::span<double> frequency,
                  std::span<double> recency, const math::Pulse& pulse = {}) const;
};

/**
 * @brief Log-likelihood of histories and its gradient, in log parameters.
 * @param parameters ln r, ln alpha.
 * @param gradient both derivatives, written.
 * @param histories what was observed; recency does not matter.
 * @param threads upper bound on threads; the same bits for any number.
 * @return the log-likelihood; not finite where parameters overflow.
 */
double nbd_log_likelihood(std::span<const double> parameters, std::span<double> gradient,
                          const PurchaseHistories& histories, unsigned threads = 0);

/**
 * @brief Maximum likelihood (or the largest posterior density, with a prior) of the NBD model.
 * @param histories the customers.
 * @param options priors, starts, threads.
 * @return estimates, standard errors and the outcome in words.
 * @throws InputError where there is no customer, no repeat purchase and no prior, or there are covariates.
 */
Fit fit_nbd(const PurchaseHistories& histories, const FitOptions& options = {});

/**
 * @brief Forecasts of many customers; rows that share frequency and T are computed once.
 * @param model the model.
 * @param x repeat purchases.
 * @param t_x times of the last; they do not matter.
 * @param T times observed.
 * @param horizon time to look ahead, finite.
 * @param rate continuous discount rate per unit of time, at least 0.
 * @param threads 0 means all cores; the same bits for any number.
 * @param pulse called now and then from the calling thread; what it throws ends the call.
 * @return one row a customer.
 * @throws InputError if a value is out of range; the message names row and column.
 */
PurchaseForecast forecast_purchases(const NBD& model, std::span<const double> x, std::span<const double> t_x,
                                    std::span<const double> T, double horizon, double rate, unsigned threads = 0,
                                    const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/nbd.ipp"
#endif
