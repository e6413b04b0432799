// Pareto/NBD model: customers buy at random while they are alive, each at an own rate, and leave silently for good.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/lifetime/purchase_history.hpp"

namespace custfolio {

/**
 * @brief Pareto/NBD model of Schmittlein, Morrison & Colombo (1987), Management Science 33(1).
 *
 * While alive a customer buys in a Poisson process of rate lambda and leaves at a constant hazard mu; over customers
 * lambda is gamma(r, alpha) and mu gamma(s, beta), independent. Frequency counts repeat purchases: time runs from the
 * first purchase, which is excluded everywhere. All times are in the unit of time of the parameters.
 *
 * Nothing here subtracts hypergeometric functions (the published form does, and loses its digits where alpha and beta
 * are far apart or t_x is near T): integrals over the time of leaving have positive integrands, analytic in a strip of
 * half-width pi in the logarithm of time; composite Gauss-Legendre rules give them to a relative error below 1e-12.
 */
struct ParetoNBD {
    double r;      ///< Shape of purchase rates, above 0.
    double alpha;  ///< Inverse scale of purchase rates, above 0; a time.
    double s;      ///< Shape of hazards, above 0.
    double beta;   ///< Inverse scale of hazards, above 0; a time.

    /// Checks the parameters. @throws InputError naming the one that is not positive and finite.
    void check() const;

    /**
     * @brief Log density of the times of a customer's purchases, for which (x, t_x, T) is sufficient.
     * @param x repeat purchases.
     * @param t_x time of the last one, 0 where there is none.
     * @param age time observed T.
     * @return the logarithm.
     */
    [[nodiscard]] double log_likelihood(double x, double t_x, double age) const;

    /**
     * @brief Probability that a customer is alive at T.
     * @param x repeat purchases.
     * @param t_x time of the last one.
     * @param age time observed T.
     * @return in [0, 1].
     */
    [[nodiscard]] double probability_alive(double x, double t_x, double age) const;

    /**
     * @brief The model of a customer who is alive at T: rates are gamma(r + x, alpha + T) and gamma(s, beta + T).
     * @param x repeat purchases.
     * @param age time observed T.
     * @return the model from T on; multiplied by the probability to be alive it gives the expectation of a history.
     */
    [[nodiscard]] ParetoNBD given_alive(double x, double age) const;

    /**
     * @brief The model for customers with covariates z: alpha exp(-c' z), beta exp(-d' z).
     * @param coefficients c, then d, each as long as z.
     * @param z covariates of a customer.
     * @return the model of that customer.
     * @throws InputError where there are not two coefficients a covariate.
     */
    [[nodiscard]] ParetoNBD with(std::span<const double> coefficients, std::span<const double> z) const;

    /**
     * @brief Share of new customers still alive after a time.
     * @param t time, at least 0.
     * @return (beta / (beta + t))^s.
     */
    [[nodiscard]] double survival(double t) const;

    /**
     * @brief Expected purchases of a new customer.
     * @param t time from the first purchase, at least 0.
     * @return E[X(t)]; s = 1 is no special case.
     */
    [[nodiscard]] double expected_purchases(double t) const;

    /**
     * @brief Variance of the purchases of a new customer.
     * @param t time, at least 0.
     * @return Var[X(t)].
     */
    [[nodiscard]] double variance_of_purchases(double t) const;

    /**
     * @brief Probability that a new customer makes n purchases.
     * @param n number of purchases.
     * @param t time, at least 0.
     * @return P(X(t) = n).
     */
    [[nodiscard]] double probability_mass(double n, double t) const;

    /**
     * @brief Probability that a new customer makes n purchases or more: the density of the time of the n-th purchase of
     * one who never leaves, times the chance of being alive then, integrated.
     * @param n number of purchases.
     * @param t time, at least 0.
     * @return P(X(t) >= n).
     */
    [[nodiscard]] double probability_at_least(double n, double t) const;

    /**
     * @brief Smallest number of purchases that is not exceeded with a probability.
     * @param probability in [0, 1).
     * @param t time, at least 0.
     * @param alive probability of being alive at time 0, for a customer with a history.
     * @return the number; some 2 log2(number) quadratures.
     * @throws NumericalError where the number is above 1e12.
     */
    [[nodiscard]] double quantile(double probability, double t, double alive = 1.0) const;

    /**
     * @brief Expected purchases of a new customer, each discounted continuously to the first one.
     * @param rate continuous discount rate per unit of time, at least 0.
     * @param horizon end of what counts; may be infinite.
     * @return (r / alpha) times the integral of exp(-rate t) survival(t); over all time this is the published
     * (r / alpha) beta^s rate^(s-1) Psi(s, s; rate beta).
     * @throws InputError if rate or horizon is out of range, or the value is infinite (rate 0, no horizon, s <= 1).
     * @see P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), RFM and CLV, Journal of Marketing Research 42(4).
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
 *
 * With k covariates z customer i has alpha exp(-c' z_i) and beta exp(-d' z_i): a coefficient raises the purchase rate
 * or the hazard by about that share per unit.
 * @param parameters ln r, ln alpha, ln s, ln beta, then c and d.
 * @param gradient as many derivatives, written.
 * @param histories what was observed.
 * @param threads upper bound on threads; the same bits for any number.
 * @return the log-likelihood; not finite where parameters overflow.
 * @see P. S. Fader, B. G. S. Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
 * models.
 */
double pareto_nbd_log_likelihood(std::span<const double> parameters, std::span<double> gradient,
                                 const PurchaseHistories& histories, unsigned threads = 0);

/**
 * @brief Maximum likelihood (or the largest posterior density, with a prior) of the Pareto/NBD model.
 *
 * Linear in distinct histories; where these are many, the search begins at the optimum of an evenly spread part.
 * @param histories the customers.
 * @param covariate_names names of the covariates; their coefficients are called `purchase:name` and `dropout:name`.
 * @param options priors, starts, threads.
 * @return estimates, standard errors and the outcome in words.
 * @throws InputError where there is no customer, no repeat purchase and no prior, or names and covariates do not match.
 */
Fit fit_pareto_nbd(const PurchaseHistories& histories, const std::vector<std::string>& covariate_names = {},
                   const FitOptions& options = {});

/**
 * @brief Forecasts of many customers; what does not depend on recency is computed once for all that share it.
 * @param model the model.
 * @param x repeat purchases.
 * @param t_x times of the last.
 * @param T times observed.
 * @param horizon time to look ahead, finite.
 * @param rate continuous discount rate per unit of time, at least 0.
 * @param threads 0 means all cores; the same bits for any number.
 * @param coefficients of the covariates; empty where there are none.
 * @param covariates one row a customer.
 * @param pulse called now and then from the calling thread; what it throws ends the call.
 * @return one row a customer.
 * @throws InputError if a value is out of range; the message names row and column.
 */
PurchaseForecast forecast_purchases(const ParetoNBD& model, std::span<const double> x, std::span<const double> t_x,
                                    std::span<const double> T, double horizon, double rate, unsigned threads = 0,
                                    std::span<const double> coefficients = {}, const Matrix& covariates = Matrix(0, 0),
                                    const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/pareto_nbd.ipp"
#endif
