// BG/NBD and MBG/NBD: customers buy at random and may drop out for good after each purchase.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/lifetime/purchase_history.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// After which purchases a customer may drop out.
enum class DropOut {
    after_repeat_purchases,  ///< BG/NBD: not after the first purchase, so a customer without a repeat purchase is
                             ///< alive.
    after_all_purchases      ///< MBG/NBD: after the first purchase, too.
};

/// @param drop_out any value.
/// @return its name: "after repeat purchases" or "after all purchases".
/// @throws InputError for a number that is none of them.
std::string to_string(DropOut drop_out);

/// What an alive customer may still buy, and how likely it is that the customer is alive: all that forecasts need.
/// The rate is gamma(shape r, rate alpha), the chance to drop out after each further purchase beta(a, b), independent.
struct BetaGeometricState {
    double alive = 1;  ///< Probability of being alive, in [0, 1].
    double r = 1;      ///< Shape of the rate.
    double alpha = 1;  ///< Inverse scale of the rate, in units of time.
    double a = 1;      ///< Of the chance to drop out.
    double b = 1;      ///< Of the chance to stay.
};

/// The number of purchases within a time, as a whole distribution.
struct PurchaseCount {
    double mean = 0;                 ///< Expected purchases.
    double variance = 0;             ///< Their variance.
    std::vector<double> at_least{};  ///< Of an alive customer: probability of n or more purchases, n = 0, 1, ...
    double alive = 1;                ///< Probability of being alive.

    /// @param probability in [0, 1).
    /// @return the smallest number of purchases that is not exceeded with at least this probability.
    [[nodiscard]] double quantile(double probability) const;
};

/// Histories drawn from a model, one row a customer.
struct SimulatedHistories {
    std::vector<double> frequency;  ///< Repeat purchases.
    std::vector<double> recency;    ///< Time of the last one, 0 where there is none.
    std::vector<double> age;        ///< Time observed.
};

/**
 * @brief The BG/NBD model (Fader, Hardie and Lee 2005) and its modification MBG/NBD (Batislam, Denizel, Filiztekin
 * 2007).
 *
 * Purchases after the first are Poisson with a rate of gamma(r, alpha); after each a customer drops out with a chance
 * of beta(a, b). Time is counted from the first purchase, which no expectation includes. Immutable; any thread may read
 * it.
 * @see P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2);
 * E. P. Batislam, M. Denizel, A. Filiztekin (2007), Empirical validation and comparison of models for customer base
 * analysis, International Journal of Research in Marketing 24(3).
 */
class BetaGeometricNBD {
  public:
    /// @param r shape of the purchase rate.
    /// @param alpha its inverse scale, in units of time.
    /// @param a of the chance to drop out.
    /// @param b of the chance to stay.
    /// @param drop_out which of the two models.
    /// @throws InputError naming a parameter that is not positive and finite.
    BetaGeometricNBD(double r, double alpha, double a, double b, DropOut drop_out);

    /// @return shape of the purchase rate.
    [[nodiscard]] double r() const { return r_; }
    /// @return inverse scale of the purchase rate.
    [[nodiscard]] double alpha() const { return alpha_; }
    /// @return parameter of the chance to drop out.
    [[nodiscard]] double a() const { return a_; }
    /// @return parameter of the chance to stay.
    [[nodiscard]] double b() const { return b_; }
    /// @return which of the two models.
    [[nodiscard]] DropOut drop_out() const { return drop_out_; }

    /**
     * @brief The model for customers with covariates z: alpha exp(-c' z), a exp(d' z), b exp(e' z).
     * @param coefficients c, d and e one after the other, each as long as z.
     * @param z covariates of a customer.
     * @return the model of that customer.
     * @see P. S. Fader, B. G. S. Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD
     * models.
     */
    [[nodiscard]] BetaGeometricNBD with(std::span<const double> coefficients, std::span<const double> z) const;

    /// Log-likelihood of one customer.
    /// @param x repeat purchases.
    /// @param t_x time of the last.
    /// @param T time observed.
    /// @return the logarithm of the likelihood (eq. 6 of the paper).
    [[nodiscard]] double log_likelihood(double x, double t_x, double T) const;
    /// A new customer.
    /// @return the state right after the first purchase.
    [[nodiscard]] BetaGeometricState state() const;
    /// A customer with a history.
    /// @param x repeat purchases.
    /// @param t_x time of the last.
    /// @param T time observed.
    /// @return the state at T.
    [[nodiscard]] BetaGeometricState state(double x, double t_x, double T) const;
    /// Histories drawn from the model; customer k draws from stream k of the seed.
    /// @param age time to observe each customer, finite and not negative.
    /// @param seed the run.
    /// @param threads 0 means all cores; the result is the same for any number.
    /// @param pulse called now and then from the calling thread; what it throws ends the call.
    /// @return one row a customer.
    /// @throws InputError if an age is out of range, NumericalError if a customer would buy more than 1e8 times.
    [[nodiscard]] SimulatedHistories simulate(std::span<const double> age, std::uint64_t seed, unsigned threads = 0,
                                              const math::Pulse& pulse = {}) const;

  private:
    double r_, alpha_, a_, b_;
    DropOut drop_out_;
};

/// Log-likelihood of histories and its gradient.
/// @param log_parameters logarithms of r, alpha, a and b, then the covariates' coefficients (see
/// BetaGeometricNBD::with).
/// @param gradient set to the gradient with respect to `log_parameters`.
/// @param histories the customers.
/// @param drop_out which of the two models.
/// @param threads 0 means all cores; the same bits for any number.
/// @return sum over customers; not finite where the parameters overflow.
double beta_geometric_log_likelihood(std::span<const double> log_parameters, std::span<double> gradient,
                                     const PurchaseHistories& histories, DropOut drop_out, unsigned threads = 0);

/**
 * @brief Maximum likelihood (or the largest posterior density, with a prior) of BG/NBD or MBG/NBD.
 *
 * Linear in distinct histories. Where these are many, the search begins at the optimum of an evenly spread part.
 * @param histories the customers.
 * @param drop_out which of the two models.
 * @param covariate_names names of the covariates; their coefficients are called `purchase:name`, `a:name`, `b:name`.
 * @param options priors, starts, threads.
 * @return estimates, standard errors and the outcome in words.
 * @throws InputError where there is no customer, or no repeat purchase and no prior.
 */
Fit fit_beta_geometric(const PurchaseHistories& histories, DropOut drop_out,
                       const std::vector<std::string>& covariate_names = {}, const FitOptions& options = {});

/// Probability of being alive after a time.
/// @param state the customer now.
/// @param t time, at least 0.
/// @return in [0, 1]. @throws InputError if the time is out of range.
double survival(const BetaGeometricState& state, double t);
/// Expected purchases within a time, eq. 9 and 10 of the paper written so that a = 1 is no special case.
/// @param state the customer now.
/// @param t time, at least 0.
/// @return relative error below 1e-10. @throws InputError if the time is out of range.
double expected_purchases(const BetaGeometricState& state, double t);
/// Probability of exactly n purchases within a time (eq. 8).
/// @param state the customer now.
/// @param n purchases.
/// @param t time, at least 0.
/// @return in [0, 1]; closed form, linear in n.
double probability_mass(const BetaGeometricState& state, std::uint64_t n, double t);
/// Number of purchases within a time: mean, variance and the whole distribution, by one sum of positive terms.
/// @param state the customer now.
/// @param t time, at least 0.
/// @return exact up to rounding and a remainder below 1e-15.
/// @throws NumericalError where more than 1,000,000 terms would be needed.
PurchaseCount purchase_count(const BetaGeometricState& state, double t);
/**
 * @brief Discounted expected residual transactions: the expected purchases of the time to come, each times exp(-rate
 * t).
 * @param state the customer now.
 * @param rate continuous discount rate per unit of time, at least 0; above 0 where the horizon is infinite.
 * @param horizon time to look ahead; infinity for all time.
 * @return relative error below 1e-9 (Gauss-Legendre quadrature).
 * @throws InputError if rate or horizon is out of range.
 */
double discounted_purchases(const BetaGeometricState& state, double rate,
                            double horizon = std::numeric_limits<double>::infinity());

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
PurchaseForecast forecast_purchases(const BetaGeometricNBD& model, std::span<const double> x,
                                    std::span<const double> t_x, std::span<const double> T, double horizon, double rate,
                                    unsigned threads = 0, std::span<const double> coefficients = {},
                                    const Matrix& covariates = Matrix(0, 0), const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/bg_nbd.ipp"
#endif
