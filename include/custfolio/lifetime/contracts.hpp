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
 * @param age periods observed T, 1, 2, ...; a customer with recency = age is still there, with T - 1 renewals behind
 * it.
 * @param weights customers a row stands for, at least 0; empty: one each.
 * @return the contracts.
 * @throws InputError naming the row of what cannot be, or where there is no row.
 */
Contracts contracts_of(std::span<const double> recency, std::span<const double> age,
                       std::span<const double> weights = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/contracts.ipp"
#endif
