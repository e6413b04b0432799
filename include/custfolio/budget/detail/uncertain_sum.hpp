// The distribution of a sum of budget lines: certain, normal and all-or-nothing amounts, and forecasts.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"

namespace custfolio::detail {

/// Items and months of one forecast within a sum.
struct ForecastPart {
    const MonthlyAmounts* amounts = nullptr;  ///< The forecast.
    MonthlySum sum;          ///< Its items and months; costs that reduce the total have negative shares.
    bool in_market = false;  ///< Whether its common factor is the one of the other lines.
};

/// What a sum of budget lines consists of. Given the common factor z, all parts are independent.
struct UncertainSum {
    double certain = 0;           ///< The amounts without variance, and the means of the normal ones where these can be
                                  ///< negative.
    bool never_negative = false;  ///< Whether the normal amounts cannot be below 0; drift is 0 then.
    double mean = 0;              ///< Mean of the normal amounts where they cannot be below 0; else 0.
    double deviation = 0;         ///< Standard deviation of the normal amounts given the factor; NaN where it
                                  ///< is not known.
    double drift = 0;             ///< By how much the normal amounts fall as z rises by 1.
    std::vector<double> chance;   ///< Chance of each all-or-nothing amount.
    std::vector<double> amount;   ///< The amount, currency.
    std::vector<double> share;    ///< Share of the common factor in it, in [0, 1).
    std::vector<ForecastPart> forecasts;  ///< Action plans.

    /// @param probabilities in (0, 1). @param options threads, and the resolution where amounts share a factor.
    /// @return the quantiles; exact where all uncertain amounts are normal, NaN where the deviation is not known.
    [[nodiscard]] std::vector<double> quantiles(std::span<const double> probabilities, const SumOptions& options) const;
    /// @param threads 0 means all cores; the bits do not depend on it. @return the distribution of the sum.
    /// @throws InputError where the deviation is not known.
    [[nodiscard]] Distribution distribution(unsigned threads) const;

  private:
    [[nodiscard]] math::LatticeDistribution normal_part(double spread, double factor, double step) const;
    [[nodiscard]] bool is_normal() const { return chance.empty() && forecasts.empty(); }
    [[nodiscard]] Distribution uncertain(const SumOptions& options) const;
    [[nodiscard]] Distribution in_market(const SumOptions& options) const;
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/detail/uncertain_sum.ipp"
#endif
