// All-or-nothing amounts with a common factor, given its value.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// Mean and variance of a sum given the factor, currency.
struct GivenMoments {
    double mean = 0;
    double variance = 0;
};

/// Amounts that come about where a normal variable lies below a threshold; the factor shifts all of these variables.
struct FactorAmounts {
    std::vector<double> threshold;  ///< Phi^-1(p) / sqrt(1 - share).
    std::vector<double> loading;    ///< sqrt(share / (1 - share)).
    std::vector<double> amount;     ///< Currency.

    /// @param probability chance, in (0, 1). @param share share of the factor, in [0, 1). @param value the amount.
    void add(double probability, double share, double value) {
        threshold.push_back(math::normal_quantile(probability) / std::sqrt(1 - share));
        loading.push_back(std::sqrt(share / (1 - share)));
        amount.push_back(value);
    }
    /// @param factor its value. @param chances becomes the chance of each amount. @return moments of the sum.
    GivenMoments given(double factor, std::vector<double>& chances) const {
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        chances.resize(amount.size());
        for (std::size_t k = 0; k < amount.size(); ++k) {
            const double p = math::normal_cdf(threshold[k] - loading[k] * factor);
            chances[k] = p;
            mean += p * amount[k];
            variance += p * (1 - p) * amount[k] * amount[k];
        }
        return {mean.value(), variance.value()};
    }
};

}  // namespace custfolio::detail
