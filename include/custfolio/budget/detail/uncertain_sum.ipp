// Definitions of the distribution of a sum of budget lines.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "custfolio/budget/detail/uncertain_sum.hpp"
#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// Points in a standard deviation of the sum: a quantile is right to half a point.
inline constexpr double points_in_spread = 512;
/// Points in a standard deviation of the normal amounts, where they are narrow beside the rest.
inline constexpr double points_in_normal = 32;

/// The step of a lattice for a sum with normal amounts.
/// @param spread standard deviation of the sum. @param deviation that of the normal amounts. @param range width of the
/// sum. @param points greatest number of points.
CUSTFOLIO_INLINE double step_with_normal(double spread, double deviation, double range, double points) {
    return round_step(std::max(std::min(spread / points_in_spread, deviation / points_in_normal), range / points));
}

CUSTFOLIO_INLINE std::vector<double> UncertainSum::quantiles(std::span<const double> probabilities,
                                                             unsigned threads) const {
    std::vector<double> found;
    if (is_normal()) {
        const double spread = std::hypot(deviation, drift);
        for (const double q : probabilities) {
            found.push_back(spread > 0 ? certain + spread * math::normal_quantile(q) : certain);
        }
        return found;
    }
    const Distribution sum = uncertain(threads);
    for (const double q : probabilities) found.push_back(certain + sum.quantile(q));
    return found;
}

CUSTFOLIO_INLINE Distribution UncertainSum::distribution(unsigned threads) const {
    if (is_normal()) return normal_distribution(certain, std::hypot(deviation, drift));
    return uncertain(threads).shifted(certain);
}

// Two sums of which one has normal amounts, on a lattice of its step; coarser where that takes too many points.
CUSTFOLIO_INLINE Distribution sum_on_lattice_of(const Distribution& continuous, const Distribution& other,
                                                unsigned threads) {
    const double range =
        continuous.step() * static_cast<double>(continuous.size()) + other.step() * static_cast<double>(other.size());
    const double step = std::max(continuous.step(), round_step(range / 0x1p18));
    const math::LatticeDistribution both[] = {math::on_step(continuous.lattice(), step),
                                              math::on_step(other.lattice(), step)};
    return {math::sum_independent(both, {.threads = threads}), continuous.mean() + other.mean(),
            continuous.variance() + other.variance()};
}

// The sum without its certain part.
CUSTFOLIO_INLINE Distribution UncertainSum::uncertain(unsigned threads) const {
    const SumOptions options{.threads = threads};
    const bool correlated = std::ranges::any_of(share, [](double one) { return one > 0; });
    const auto met = std::ranges::count_if(forecasts, &ForecastPart::in_market);
    // A part that shares the factor with no other has its own distribution, over all values of the factor.
    const bool together = met + (drift != 0 ? 1 : 0) + (correlated ? 1 : 0) > 1;
    std::vector<Distribution> apart;
    if (!together && !chance.empty()) {
        apart.push_back(correlated ? sum_distribution(chance, amount, share, options)
                                   : sum_distribution(chance, amount, options));
    }
    for (const ForecastPart& part : forecasts) {
        if (!together || !part.in_market) apart.push_back(part.amounts->sum(part.sum, options));
    }
    if (together && apart.empty()) return in_market(threads);
    Distribution sum = apart.front();
    for (std::size_t k = 1; k < apart.size(); ++k) sum = sum + apart[k];
    if (together) {
        const Distribution market = in_market(threads);
        return deviation > 0 ? sum_on_lattice_of(market, sum, threads) : market + sum;
    }
    const double normal = std::hypot(deviation, drift);
    if (!(normal > 0)) return sum;
    const double spread = std::sqrt(sum.variance() + normal * normal);
    const double range = sum.step() * static_cast<double>(sum.size()) + 2 * factor_reach * normal;
    const math::LatticeDistribution lattice =
        normal_lattice(0, normal, step_with_normal(spread, normal, range, 0x1p18));
    return sum_on_lattice_of({lattice, 0, normal * normal}, sum, threads);
}

/// All-or-nothing amounts that share the factor: the chance of each is Phi(threshold - loading z).
struct SharedAmounts {
    explicit SharedAmounts(const UncertainSum& sum) : amount(sum.amount) {
        for (std::size_t k = 0; k < amount.size(); ++k) {
            threshold.push_back(math::normal_quantile(sum.chance[k]) / std::sqrt(1 - sum.share[k]));
            loading.push_back(std::sqrt(sum.share[k] / (1 - sum.share[k])));
        }
    }
    std::vector<double> threshold;
    std::vector<double> loading;
    std::span<const double> amount;
};

/// Mean and variance of all-or-nothing amounts given the factor.
struct GivenMoments {
    double mean = 0;
    double variance = 0;
};

CUSTFOLIO_INLINE GivenMoments moments_given(const SharedAmounts& sum, double factor, std::vector<double>& chances) {
    math::CompensatedSum mean;
    math::CompensatedSum variance;
    chances.resize(sum.amount.size());
    for (std::size_t k = 0; k < chances.size(); ++k) {
        const double p = math::normal_cdf(sum.threshold[k] - sum.loading[k] * factor);
        chances[k] = p;
        mean += p * sum.amount[k];
        variance += p * (1 - p) * sum.amount[k] * sum.amount[k];
    }
    return {mean.value(), variance.value()};
}

// The sum of the parts that have the factor in common, averaged over it.
CUSTFOLIO_INLINE Distribution UncertainSum::in_market(unsigned threads) const {
    std::vector<ForecastPart> met;
    std::ranges::copy_if(forecasts, std::back_inserter(met), &ForecastPart::in_market);
    const auto given_forecast = [](const ForecastPart& part, double factor, const SumOptions& options) {
        MonthlySum asked = part.sum;
        asked.factor = factor;
        return part.amounts->sum(asked, options);
    };
    const SharedAmounts shared(*this);
    // One lattice for all values of the factor, chosen at a few of them.
    double lowest = 0;
    double highest = 0;
    std::vector<double> places(amount);
    double reach = 0;
    for (const double one : amount) reach = std::max(reach, std::abs(one));
    std::vector<double> chances;
    GivenMoments middle;
    double slope = 0;  // of the mean by the factor
    for (const double factor : {-8.0, -4.0, -1.0, 0.0, 1.0, 4.0, 8.0}) {
        GivenMoments all = moments_given(shared, factor, chances);
        const double half = untrimmed_half_width(all.variance, reach, {}) + factor_reach * deviation;
        all.mean -= drift * factor;
        double low = all.mean - half;
        double high = all.mean + half;
        for (const ForecastPart& part : met) {
            const Distribution one = given_forecast(part, factor, {.threads = threads});
            if (one.size() > 1) places.push_back(one.step());
            low += one.lattice().origin();
            high += one.lattice().value(one.size() - 1);
            all.mean += one.mean();
            all.variance += one.variance();
        }
        lowest = std::min(lowest, low);
        highest = std::max(highest, high);
        if (factor == 0) middle = all;
        if (std::abs(factor) == 1) slope += factor * all.mean / 2;
    }
    const double spread = std::hypot(std::sqrt(middle.variance), deviation, slope);
    const double step = deviation > 0 ? step_with_normal(spread, deviation, highest - lowest, 0x1p16)
                                      : chosen_step(places, highest - lowest, {.points = std::size_t{1} << 14});
    const auto given = [&](double factor) {
        std::vector<double> own;
        const GivenMoments moments = moments_given(shared, factor, own);
        const math::SumSettings settings{.threads = 1, .share = factor_share(factor)};
        GivenFactor found{{}, moments.mean - drift * factor, moments.variance + deviation * deviation};
        std::vector<math::LatticeDistribution> parts;
        if (!own.empty()) parts.push_back(math::sum_bernoulli(own, amount, step, settings));
        if (deviation > 0) parts.push_back(normal_lattice(-drift * factor, deviation, step));
        for (const ForecastPart& part : met) {
            const SumOptions options{.step = step, .threads = 1, .share = settings.share};
            const Distribution one = given_forecast(part, factor, options);
            parts.push_back(one.lattice());
            found.mean += one.mean();
            found.variance += one.variance();
        }
        found.lattice = math::sum_independent(parts, settings);
        return found;
    };
    // Less than what the lattice does to a chance.
    constexpr double tolerance = 1e-7;
    return average_over_factor(given, deviation > 0 ? 0.0 : 0.01, {.tolerance = tolerance, .threads = threads});
}

}  // namespace custfolio::detail
