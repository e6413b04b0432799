// Contracts that are renewed or not: how many were lost in each period, and how many are still there.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace custfolio {

/// Contracts, identical ones collapsed.
struct Contracts {
    std::vector<std::pair<double, double>> lost;   ///< Period 1, 2, ... of the loss, and customers lost in it.
    std::vector<std::pair<double, double>> alive;  ///< Renewals 0, 1, ... so far, and customers still there after them.
    double customers = 0.0;                        ///< Sum of weights.
    std::size_t rows = 0;                          ///< Rows read.
};

/**
 * @brief Checks and collapses contracts.
 * @param recency the period in which the customer was last there, 1, 2, ...: lost at its end where recency < age.
 * @param age periods observed T, 1, 2, ...; a customer with recency = age is still a customer and has renewed
 * T - 1 times.
 * @param weights customers a row stands for, at least 0; empty: one each.
 * @return the contracts.
 * @throws InputError if a row is out of range (the message names it), or there is no row.
 */
Contracts contracts_of(std::span<const double> recency, std::span<const double> age,
                       std::span<const double> weights = {});

/// What contracts did at each decision to renew.
struct ObservedRenewals {
    std::vector<double> customers;  ///< Customers who faced the decision after 0, 1, ... renewals.
    std::vector<double> retention;  ///< Share of them that renewed; NaN where nobody faced it.
    std::vector<double> survival;   ///< Product of the shares before: the Kaplan-Meier estimate of survival.
};

/**
 * @brief Counts the customers at each decision, and the share that renewed.
 * @param contracts the contracts.
 * @param decisions number of decisions, from the first one on.
 * @return one entry per decision.
 * @see E. L. Kaplan, P. Meier (1958), Nonparametric Estimation from Incomplete Observations, JASA 53, 457-481.
 */
ObservedRenewals observed_renewals(const Contracts& contracts, std::size_t decisions);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/contracts.ipp"
#endif
