// What the models of contracts forecast of each customer: renewals to come and their value; and simulated contracts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/lifetime/beta_discrete_weibull.hpp"
#include "custfolio/lifetime/shifted_beta_geometric.hpp"

namespace custfolio {

/// The columns of a forecast of contracts, one row per customer; all 0 for lost customers.
struct ContractForecast {
    std::vector<double> renewals;    ///< Renewals behind the customer.
    std::vector<double> retention;   ///< Chance to renew at the decision that ends the present period.
    std::vector<double> retained;    ///< Chance to be still there after all renewals of the horizon.
    std::vector<double> mean;        ///< Expected renewals within the horizon.
    std::vector<double> sd;          ///< Standard deviation of these renewals.
    std::vector<double> p10;         ///< Number not exceeded with probability 0.1, within the horizon.
    std::vector<double> p50;         ///< Number not exceeded with probability 0.5, within the horizon.
    std::vector<double> p90;         ///< Number not exceeded with probability 0.9, within the horizon.
    std::vector<double> median;      ///< Median of the renewals of all time to come; NaN above a billion.
    std::vector<double> discounted;  ///< Discounted expected renewals within the horizon, the next undiscounted.
    std::vector<double> worth_p10;   ///< Discounted renewals where there are p10 of them.
    std::vector<double> worth_p90;   ///< Discounted renewals where there are p90 of them.
    std::vector<double> residual;    ///< The same of all time: the residual lifetime; NaN where it is not finite.
};

/**
 * @brief Forecasts of many contracts just before the decision that ends their period; customers of the same tenure are
 * computed once, in O(horizon).
 * @param model the model.
 * @param recency the period in which the customer was last there, 1, 2, ...: lost where recency < age.
 * @param age periods observed.
 * @param horizon decisions to look ahead, a whole number, 0 ... 1e7.
 * @param discount_rate per period, at least 0.
 * @return one row a customer.
 * @throws InputError if a row (the message names it), the horizon or the rate is out of range.
 */
ContractForecast forecast_contracts(const ShiftedBetaGeometric& model, std::span<const double> recency,
                                    std::span<const double> age, double horizon, double discount_rate);

/// The same of the beta-discrete-Weibull model; its residual lifetime is NaN where the rate is below 1e-6.
/// @param model the model.
/// @param recency the period in which the customer was last there.
/// @param age periods observed.
/// @param horizon decisions to look ahead.
/// @param discount_rate per period.
/// @return one row a customer.
/// @throws InputError as above.
ContractForecast forecast_contracts(const BetaDiscreteWeibull& model, std::span<const double> recency,
                                    std::span<const double> age, double horizon, double discount_rate);

/// Simulates contracts: the number of the period in which each customer is last there.
/// @param model the parameters.
/// @param age periods observed T, 1, 2, ... up to 1e9.
/// @param seed the run; customer i draws one uniform number of stream i.
/// @return recency, at most T: lost where recency < T. O(n log T).
/// @throws InputError naming the row where an age is out of range.
std::vector<double> simulate_contracts(const ShiftedBetaGeometric& model, std::span<const double> age,
                                       std::uint64_t seed);

/// The same of the beta-discrete-Weibull model.
/// @param model the parameters.
/// @param age periods observed.
/// @param seed the run.
/// @return recency, at most T.
/// @throws InputError as above.
std::vector<double> simulate_contracts(const BetaDiscreteWeibull& model, std::span<const double> age,
                                       std::uint64_t seed);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/contract_forecast.ipp"
#endif
