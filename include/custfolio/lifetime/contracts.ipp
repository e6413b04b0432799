// Definitions of contracts.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "custfolio/lifetime/contracts.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// Checks contracts. @throws InputError naming the row.
CUSTFOLIO_INLINE void check_contracts(std::span<const double> recency, std::span<const double> age) {
    check_length(age.size(), recency.size(), "T");
    for (std::size_t i = 0; i < recency.size(); ++i) {
        const double t = recency[i];
        if (!(t >= 1.0 && t <= age[i] && age[i] <= 1e9) || t != std::floor(t) || age[i] != std::floor(age[i])) {
            throw InputError("row " + std::to_string(i + 1) + ": recency is " + number_text(t) + " and T " +
                             number_text(age[i]) + "; they must be whole numbers of periods with 1 <= recency <= T");
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE Contracts contracts_of(std::span<const double> recency, std::span<const double> age,
                                        std::span<const double> weights) {
    Contracts contracts;
    contracts.rows = recency.size();
    if (contracts.rows == 0) throw InputError("no row to fit; a model needs at least one customer");
    detail::check_contracts(recency, age);
    contracts.customers = detail::sum_of_weights(weights, contracts.rows);
    // A likelihood depends on the tenure and on the end alone: equal ones are counted together.
    std::map<double, double> lost;
    std::map<double, double> alive;
    for (std::size_t i = 0; i < contracts.rows; ++i) {
        const double t = recency[i];
        const double weight = weights.empty() ? 1.0 : weights[i];
        if (weight == 0.0) continue;
        (t < age[i] ? lost[t] : alive[t - 1.0]) += weight;
    }
    contracts.lost.assign(lost.begin(), lost.end());
    contracts.alive.assign(alive.begin(), alive.end());
    return contracts;
}

CUSTFOLIO_INLINE ObservedRenewals observed_renewals(const Contracts& contracts, std::size_t decisions) {
    std::vector<double> lost(decisions);
    std::vector<double> faced(decisions);
    // A customer last seen at decision `last` faced that one and all before it.
    const auto add = [&](std::vector<double>& column, double last, double customers) {
        if (last >= 0 && decisions > 0) {
            column[static_cast<std::size_t>(std::min(last, static_cast<double>(decisions - 1)))] += customers;
        }
    };
    for (const auto& [period, customers] : contracts.lost) {
        add(faced, period - 1, customers);
        if (period <= static_cast<double>(decisions)) add(lost, period - 1, customers);
    }
    for (const auto& [renewals, customers] : contracts.alive) add(faced, renewals - 1, customers);
    for (std::size_t r = decisions; r-- > 1;) faced[r - 1] += faced[r];
    ObservedRenewals renewals{faced, std::vector<double>(decisions), std::vector<double>(decisions)};
    double survival = 1;
    for (std::size_t r = 0; r < decisions; ++r) {
        renewals.survival[r] = survival;
        renewals.retention[r] =
            faced[r] > 0 ? (faced[r] - lost[r]) / faced[r] : std::numeric_limits<double>::quiet_NaN();
        survival *= renewals.retention[r];
    }
    return renewals;
}

}  // namespace custfolio
