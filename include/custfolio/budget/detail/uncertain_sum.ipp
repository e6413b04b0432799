// Definitions of the distribution of a sum of budget lines.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>

#include "custfolio/budget/detail/thresholds.hpp"
#include "custfolio/budget/detail/uncertain_sum.hpp"
#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/detail/factor_amounts.hpp"
#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// The step of a lattice for a sum with normal amounts.
/// @param spread standard deviation of the sum. @param deviation that of the normal amounts. @param range width of the
/// sum. @param points greatest number of points.
CUSTFOLIO_INLINE double step_with_normal(double spread, double deviation, double range, double points) {
    return round_step(std::max(std::min(spread / points_in_spread, deviation / points_in_normal), range / points));
}

CUSTFOLIO_INLINE std::vector<double> UncertainSum::quantiles(std::span<const double> probabilities,
                                                             const SumOptions& options) const {
    std::vector<double> values;
    if (std::isnan(deviation)) return std::vector<double>(probabilities.size(), deviation);
    // A normal sum needs no lattice.
    if (is_normal()) {
        const double spread = std::hypot(deviation, drift);
        for (const double q : probabilities) {
            const double normal = never_negative ? nonnegative_quantile(mean, spread, q)
                                  : spread > 0   ? spread * math::normal_quantile(q)
                                                 : 0.0;
            values.push_back(certain + normal);
        }
        return values;
    }
    const Distribution sum = uncertain(options);
    for (const double q : probabilities) values.push_back(certain + sum.quantile(q));
    return values;
}

CUSTFOLIO_INLINE Distribution UncertainSum::distribution(unsigned threads) const {
    if (std::isnan(deviation)) {
        throw InputError(
            "the distribution is not known: lines of a baseline have too little history for their errors; give a "
            "ledger of more than a year before the start");
    }
    if (is_normal()) {
        return never_negative ? nonnegative_distribution(mean, deviation).shifted(certain)
                              : normal_distribution(certain, std::hypot(deviation, drift));
    }
    return uncertain({.threads = threads}).shifted(certain);
}

// Two sums of which one has normal amounts, on a lattice of its step; coarser where that takes too many points.
CUSTFOLIO_INLINE Distribution sum_on_lattice_of(const Distribution& continuous, const Distribution& other,
                                                unsigned threads) {
    const double range =
        continuous.step() * static_cast<double>(continuous.size()) + other.step() * static_cast<double>(other.size());
    const double step = std::max(continuous.step(), round_step(range / points_with_normal));
    const math::LatticeDistribution both[] = {math::on_step(continuous.lattice(), step),
                                              math::on_step(other.lattice(), step)};
    return {math::sum_independent(both, {.threads = threads}), continuous.mean() + other.mean(),
            continuous.variance() + other.variance()};
}

// The sum without its certain part.
CUSTFOLIO_INLINE Distribution UncertainSum::uncertain(const SumOptions& options) const {
    // Parts that meet the factor must be summed at each value of it; parts that do not are summed once.
    const bool correlated = detail::any_of(share, [](double one) { return one > 0; });
    const auto met = detail::count_if(forecasts, [](const ForecastPart& part) { return part.in_market; });
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
    if (together && apart.empty()) return in_market(options);
    // Independent parts are convolved one after the other.
    Distribution sum = apart.front();
    for (std::size_t k = 1; k < apart.size(); ++k) sum = sum + apart[k];
    if (together) {
        const Distribution market = in_market(options);
        return deviation > 0 ? sum_on_lattice_of(market, sum, options.threads) : market + sum;
    }
    // All normal amounts are one.
    const double normal = std::hypot(deviation, drift);
    if (!(normal > 0)) return sum;
    const double spread = std::sqrt(sum.variance() + normal * normal);
    const double range = sum.step() * static_cast<double>(sum.size()) + 2 * factor_reach * normal;
    const math::LatticeDistribution lattice =
        normal_part(normal, 0, step_with_normal(spread, normal, range, points_with_normal));
    return sum_on_lattice_of({lattice, mean, normal * normal}, sum, options.threads);
}

// The normal amounts at a value of the factor.
CUSTFOLIO_INLINE math::LatticeDistribution UncertainSum::normal_part(double spread, double factor, double step) const {
    return never_negative ? nonnegative_lattice(mean, spread, step) : normal_lattice(-drift * factor, spread, step);
}

// The sum of the parts that have the factor in common, averaged over it.
CUSTFOLIO_INLINE Distribution UncertainSum::in_market(const SumOptions& options) const {
    std::vector<ForecastPart> met;
    for (const ForecastPart& part : forecasts) {
        if (part.in_market) met.push_back(part);
    }
    double simulation = 0;  // greatest standard error of a part's chances
    const auto given_forecast = [](const ForecastPart& part, double factor, const SumOptions& lattice,
                                   double* standard_error = nullptr) {
        MonthlySum asked = part.sum;
        asked.factor = factor;
        return part.amounts->sum(asked, lattice, standard_error);
    };
    FactorAmounts shared;
    for (std::size_t k = 0; k < amount.size(); ++k) shared.add(chance[k], share[k], amount[k]);
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
        GivenMoments all = shared.given(factor, chances);
        const double half = untrimmed_half_width(all.variance, reach, {}) + factor_reach * deviation;
        all.mean += mean - drift * factor;
        double low = all.mean - half;
        double high = all.mean + half;
        for (const ForecastPart& part : met) {
            double standard_error = 0;
            const Distribution one = given_forecast(part, factor, {.threads = options.threads}, &standard_error);
            simulation = std::max(simulation, standard_error);
            if (one.size() > 1) places.push_back(one.step());
            low += one.lattice().origin();
            high += one.lattice().value(one.size() - 1);
            all.mean += one.mean();
            all.variance += one.variance();
        }
        lowest = std::min(lowest, low);
        highest = std::max(highest, high);
        if (factor == 0) middle = all;
        // The slope of the mean by the factor adds to the spread, by a central difference.
        if (std::abs(factor) == 1) slope += factor * all.mean / 2;
    }
    const double spread = std::hypot(std::sqrt(middle.variance), deviation, slope);
    const double range = highest - lowest;
    const double chosen = deviation > 0 ? step_with_normal(spread, deviation, range, points_given_factor)
                                        : chosen_step(places, range, {.points = exact_points_given_factor});
    const double step = step_given_factor(chosen, range, options);
    bool listed = !(deviation > 0);  // whether amounts may be few
    const auto given = [&](double factor) {
        std::vector<double> chances_given;
        const GivenMoments moments = shared.given(factor, chances_given);
        // Values of the factor are computed in parallel, so a sum uses one thread.
        const math::SumSettings settings{.threads = 1, .share = factor_share(factor)};
        GivenFactor all{{}, moments.mean + mean - drift * factor, moments.variance + deviation * deviation};
        std::vector<math::LatticeDistribution> parts;
        if (!chances_given.empty()) parts.push_back(math::sum_bernoulli(chances_given, amount, step, settings));
        if (listed) all.few = few_sums(chances_given, amount, 0);
        if (deviation > 0) parts.push_back(normal_part(deviation, factor, step));
        for (const ForecastPart& part : met) {
            const SumOptions lattice{.step = step, .threads = 1, .share = settings.share};
            const Distribution one = given_forecast(part, factor, lattice);
            parts.push_back(one.lattice());
            if (listed) all.few = FewAmounts::sum(all.few, one.few());
            all.mean += one.mean();
            all.variance += one.variance();
        }
        all.lattice = math::sum_independent(parts, settings);
        return all;
    };
    if (listed) {
        // Few amounts are listed where they lie between the points of the lattice.
        const GivenFactor at_middle = given(0);
        listed = at_middle.few && at_middle.lattice.errors().discretisation > 0;
    }
    FactorOptions average{.tolerance = factor_tolerance, .threads = options.threads};
    // The noise of simulated parts would let no refinement settle.
    if (simulation > 0) average.values = simulated_values;
    return average_over_factor(given, deviation > 0 ? 0.0 : 0.01, average);
}

}  // namespace custfolio::detail
