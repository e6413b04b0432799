// BG/BB model: customers may buy once at each opportunity, until they are lost; the loss is not observed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// Histories over discrete opportunities, identical ones collapsed.
struct Opportunities {
    std::vector<double> frequency;  ///< Opportunities with a purchase, x.
    std::vector<double> recency;    ///< The last one of them, t_x; 0 where x = 0.
    std::vector<double> periods;    ///< Opportunities there were, n.
    std::vector<double> weight;     ///< Customers of each cell.
    double customers = 0.0;         ///< Sum of weights.
    std::size_t rows = 0;           ///< Rows read.
};

/**
 * @brief Checks and collapses histories over discrete opportunities; those after the customer's first purchase.
 * @param frequency opportunities taken x: whole numbers, 0 <= x <= t_x.
 * @param recency the last one taken t_x, 0 <= t_x <= n; 0 exactly where x = 0.
 * @param periods opportunities there were, n >= 0.
 * @param weights customers a row stands for, at least 0; empty: one each.
 * @return the cells, sorted.
 * @throws InputError if a row is out of range (the message names it), or there is no row.
 */
Opportunities opportunities_of(std::span<const double> frequency, std::span<const double> recency,
                               std::span<const double> periods, std::span<const double> weights = {});

/**
 * @brief The BG/BB model: a beta chance p of buying at an opportunity, a beta chance theta of being lost before each.
 *
 * Conditional quantities take columns of histories, one entry a customer, checked as opportunities_of does; O(n - t_x)
 * a row, all in the log domain.
 * @see P. S. Fader, B. G. S. Hardie, J. Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
 * Marketing Science 29(6); equations by number below.
 */
struct BGBB {
    double alpha = 1.0;  ///< First shape of the chance to buy, above 0.
    double beta = 1.0;   ///< Second shape, above 0.
    double gamma = 1.0;  ///< First shape of the chance of loss, above 0.
    double delta = 1.0;  ///< Second shape, above 0.

    /// @param x opportunities with a purchase.
    /// @param t_x the last one of them.
    /// @param n opportunities there were.
    /// @return log-likelihood of a customer (equation 5).
    [[nodiscard]] double log_likelihood(double x, double t_x, double n) const;
    /// @param t opportunities, at least 0.
    /// @return chance that a new customer is still there at opportunity t: B(gamma, delta + t) / B(gamma, delta).
    [[nodiscard]] double survival(double t) const;
    /// @param t opportunities, a whole number.
    /// @return expected purchases of a new customer at its first t opportunities (equation 9). O(t).
    [[nodiscard]] double expected_purchases(double t) const;
    /// @param x purchases, 0 ... n.
    /// @param n opportunities.
    /// @return chance that a new customer buys at x of n opportunities (equation 7).
    [[nodiscard]] double probability_of_purchases(double x, double n) const;
    /// @param frequency x.
    /// @param recency t_x.
    /// @param periods n.
    /// @return chance that the customer is still there at the next opportunity, n + 1 (equation 11).
    [[nodiscard]] Column probability_alive(std::span<const double> frequency, std::span<const double> recency,
                                           std::span<const double> periods) const;
    /// @param ahead further opportunities, whole numbers, one a row.
    /// @param frequency x.
    /// @param recency t_x.
    /// @param periods n.
    /// @return expected purchases at the next `ahead` opportunities (equation 13).
    [[nodiscard]] Column conditional_expected_purchases(std::span<const double> ahead,
                                                        std::span<const double> frequency,
                                                        std::span<const double> recency,
                                                        std::span<const double> periods) const;
    /// @param purchases y, one a row.
    /// @param ahead further opportunities, one a row.
    /// @param frequency x.
    /// @param recency t_x.
    /// @param periods n.
    /// @return chance of y purchases at the next `ahead` opportunities (equation 12).
    [[nodiscard]] Column conditional_probability_of_purchases(std::span<const double> purchases,
                                                              std::span<const double> ahead,
                                                              std::span<const double> frequency,
                                                              std::span<const double> recency,
                                                              std::span<const double> periods) const;
    /// @param discount_rate per opportunity, above 0, or 0 where gamma > 1.
    /// @param frequency x.
    /// @param recency t_x.
    /// @param periods n.
    /// @return discounted expected residual transactions, the next opportunity discounted by one period (equation 14).
    /// @throws InputError where the rate is negative, or 0 with gamma <= 1: there the sum is infinite.
    [[nodiscard]] Column discounted_expected_residual_transactions(double discount_rate,
                                                                   std::span<const double> frequency,
                                                                   std::span<const double> recency,
                                                                   std::span<const double> periods) const;
};

/// Fits the model by maximum likelihood.
/// @param histories the data.
/// @param options priors, starts, threads.
/// @return the fit; parameters alpha, beta, gamma, delta. Each evaluation needs the sum of n - t_x over cells.
/// @throws InputError where options do not match.
Fit fit_bg_bb(const Opportunities& histories, const FitOptions& options = {});

/// Histories simulated from the model.
struct SimulatedOpportunities {
    Column frequency;  ///< Opportunities with a purchase.
    Column recency;    ///< The last one of them.
};

/// Simulates histories.
/// @param model the parameters.
/// @param periods opportunities of each customer.
/// @param seed the run.
/// @param threads upper bound on threads; 0 means all cores.
/// @param pulse called now and then from the calling thread; what it throws ends the call.
/// @return one entry a customer; the same bits for any number of threads.
SimulatedOpportunities simulate_bg_bb(const BGBB& model, std::span<const double> periods, std::uint64_t seed,
                                      unsigned threads = 0, const math::Pulse& pulse = {});

/**
 * @brief Forecasts of many customers over their next opportunities; rows that share frequency and periods are computed
 * once.
 *
 * A cell of x purchases at n opportunities takes O(n + horizon^2): the chances of each number of purchases of a
 * customer who is there follow from urn drawing, opportunity by opportunity, and its chances to be there for every
 * recency from one sum.
 * @param model the model.
 * @param x opportunities taken.
 * @param t_x the last ones taken.
 * @param periods opportunities there were.
 * @param horizon opportunities to look ahead, a whole number, 0 ... 100,000.
 * @param discount_rate per opportunity, at least 0; the next opportunity is one ahead.
 * @param threads 0 means all cores; the same bits for any number.
 * @param pulse called now and then from the calling thread; what it throws ends the call.
 * @return one row a customer: `alive` is the chance to be there at the next opportunity (equation 11), `residual` that
 * of equation 14; NaN where it is infinite, which is at rate 0 where gamma <= 1.
 * @throws InputError if a row (the message names it), the horizon or the rate is out of range.
 */
PurchaseForecast forecast_purchases(const BGBB& model, std::span<const double> x, std::span<const double> t_x,
                                    std::span<const double> periods, double horizon, double discount_rate,
                                    unsigned threads = 0, const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/bg_bb.ipp"
#endif
