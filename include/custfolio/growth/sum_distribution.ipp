// Definitions of the distribution of a sum.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/growth/sum_distribution.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

namespace detail {

inline constexpr std::size_t most_points = std::size_t{1} << 28;

CUSTFOLIO_INLINE void check(const SumOptions& options) {
    if (!(std::isfinite(options.step) && options.step >= 0)) {
        throw InputError("step is " + number_text(options.step) + "; it must be positive, or 0 to be chosen");
    }
    if (!(std::isfinite(options.unit) && options.unit > 0)) {
        throw InputError("unit is " + number_text(options.unit) + "; it must be a positive amount, 0.01 for cents");
    }
    if (options.points < 2 || options.points > most_points) {
        throw InputError("points is " + std::to_string(options.points) + "; it must be 2 to " +
                         std::to_string(most_points));
    }
    if (!(options.trimmed >= 0 && options.trimmed <= 1e-3)) {
        throw InputError("trimmed is " + number_text(options.trimmed) + "; it must be in [0, 0.001]");
    }
}

CUSTFOLIO_INLINE void check_pairs(std::span<const double> probability, std::span<const double> amount) {
    if (probability.size() != amount.size()) {
        throw InputError("there are " + std::to_string(probability.size()) + " probabilities and " +
                         std::to_string(amount.size()) + " amounts; each amount has one probability");
    }
}

CUSTFOLIO_INLINE double untrimmed_half_width(double variance, double reach, const SumOptions& options) {
    return options.trimmed > 0 ? math::bernstein_half_width(variance, reach, options.trimmed)
                               : std::numeric_limits<double>::infinity();
}

CUSTFOLIO_INLINE math::CommonDivisor common_divisor(std::span<const double> offsets, double unit) {
    math::CommonDivisor divisor;
    for (const double offset : offsets) divisor.add(offset, unit);
    return divisor;
}

CUSTFOLIO_INLINE double chosen_step(const math::CommonDivisor& divisor, double range, const SumOptions& options) {
    const math::StepChoice exact = math::choose_step(divisor, options.unit, range, 16 * options.points);
    if (exact.exact) return exact.step;
    // In 16 steps an octave, so that a sum that changes a little keeps its lattice.
    int octave = 0;
    const double share = std::frexp(range, &octave);
    const double coarse = std::ldexp(std::ceil(32 * share) / 32, octave);
    return math::choose_step(divisor, options.unit, std::isfinite(coarse) ? coarse : range, options.points).step;
}

CUSTFOLIO_INLINE double chosen_step(std::span<const double> offsets, double range, const SumOptions& options) {
    return chosen_step(common_divisor(offsets, options.unit), range, options);
}

CUSTFOLIO_INLINE double lattice_step(const math::CommonDivisor& divisor, double width, double variance, double reach,
                                     const SumOptions& options) {
    // Tails beyond what the trimming allows need no points.
    const double range = std::min(width, 2 * untrimmed_half_width(variance, reach, options));
    if (!std::isfinite(range)) throw InputError("the amounts are too large: their sum is not a finite number");
    if (options.step == 0) return chosen_step(divisor, range, options);
    if (range / options.step > static_cast<double>(most_points)) {
        throw InputError("step is " + number_text(options.step) + ": the sum would take " +
                         number_text(std::ceil(range / options.step)) + " points, more than " +
                         std::to_string(most_points) + "; leave the step out, or make it larger");
    }
    return options.step;
}

CUSTFOLIO_INLINE double lattice_step(std::span<const double> offsets, double width, double variance, double reach,
                                     const SumOptions& options) {
    return lattice_step(common_divisor(offsets, options.unit), width, variance, reach, options);
}

}  // namespace detail

CUSTFOLIO_INLINE Distribution sum_distribution(std::span<const double> probability, std::span<const double> amount,
                                               const SumOptions& options) {
    detail::check(options);
    detail::check_pairs(probability, amount);
    math::CompensatedSum mean;
    math::CompensatedSum variance;
    math::CompensatedSum certain;
    std::vector<double> chances;
    std::vector<double> uncertain;
    double width = 0;
    double reach = 0;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        const double p = probability[i];
        const double a = amount[i];
        if (!(p >= 0 && p <= 1)) require_probability(p, "probability at position " + std::to_string(i));
        if (!std::isfinite(a)) require_finite(a, "amount at position " + std::to_string(i));
        mean += p * a;
        variance += p * (1 - p) * a * a;
        if (p == 1) {
            certain += a;
        } else if (p > 0 && a != 0) {
            chances.push_back(p);
            uncertain.push_back(a);
            width += std::abs(a);
            reach = std::max(reach, std::max(p, 1 - p) * std::abs(a));
        }
    }
    const double step = detail::lattice_step(uncertain, width, variance.value(), reach, options);
    const math::SumSettings settings{.trim = options.trimmed, .threads = options.threads};
    const math::LatticeDistribution sum = math::sum_bernoulli(chances, uncertain, step, settings);
    return {math::shifted(sum, certain.value()), mean.value(), variance.value(), options.unit,
            detail::tilting_of(std::move(chances), std::move(uncertain), certain.value(), step, settings)};
}

CUSTFOLIO_INLINE Distribution sum_distribution(std::span<const double> probability, std::span<const double> amount,
                                               std::span<const double> correlation, const SumOptions& options) {
    if (correlation.size() != 1 && correlation.size() != amount.size()) {
        throw InputError("there are " + std::to_string(correlation.size()) + " correlations and " +
                         std::to_string(amount.size()) + " amounts; there must be one for all, or as many");
    }
    bool dependent = false;
    for (std::size_t i = 0; i < correlation.size(); ++i) {
        if (!(correlation[i] >= 0 && correlation[i] < 1)) {
            throw InputError("correlation at position " + std::to_string(i) + " is " + number_text(correlation[i]) +
                             "; it must be 0 or more and below 1");
        }
        dependent = dependent || correlation[i] > 0;
    }
    if (!dependent) return sum_distribution(probability, amount, options);
    detail::check(options);
    detail::check_pairs(probability, amount);
    math::CompensatedSum certain;
    math::CompensatedSum expected;
    std::vector<double> threshold;  // Phi^-1(p) / sqrt(1 - correlation)
    std::vector<double> loading;    // sqrt(correlation / (1 - correlation))
    std::vector<double> uncertain;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        const double p = require_probability(probability[i], "probability at position " + std::to_string(i));
        const double a = require_finite(amount[i], "amount at position " + std::to_string(i));
        expected += p * a;
        if (p == 1) {
            certain += a;
        } else if (p > 0 && a != 0) {
            const double rho = correlation[correlation.size() == 1 ? 0 : i];
            threshold.push_back(math::normal_quantile(p) / std::sqrt(1 - rho));
            loading.push_back(std::sqrt(rho / (1 - rho)));
            uncertain.push_back(a);
        }
    }
    // The range that all values of the factor take together, with the tails that each is allowed.
    double lowest = 0;
    double highest = 0;
    double reach = 0;
    for (const double a : uncertain) reach = std::max(reach, std::abs(a));
    const auto moments = [&](double factor, std::vector<double>* chances) {
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        for (std::size_t i = 0; i < uncertain.size(); ++i) {
            const double p = math::normal_cdf(threshold[i] - loading[i] * factor);
            mean += p * uncertain[i];
            variance += p * (1 - p) * uncertain[i] * uncertain[i];
            if (chances != nullptr) (*chances)[i] = p;
        }
        return std::pair{mean.value(), variance.value()};
    };
    for (const double factor : detail::factor_values(0)) {
        const auto [mean, variance] = moments(factor, nullptr);
        const double half = detail::untrimmed_half_width(variance, reach, options);
        lowest = std::min(lowest, mean - half);
        highest = std::max(highest, mean + half);
    }
    double least = 0;
    double most = 0;
    for (const double a : uncertain) (a < 0 ? least : most) += a;
    const double width = std::min(highest, most) - std::max(lowest, least);
    SumOptions untrimmed = options;
    untrimmed.trimmed = 0;
    const double step = detail::lattice_step(uncertain, width, 0, 0, untrimmed);
    const math::SumSettings settings{.trim = options.trimmed, .threads = 1};
    const auto given = [&](double factor) {
        std::vector<double> chances(uncertain.size());
        const auto [mean, variance] = moments(factor, &chances);
        return GivenFactor{math::sum_bernoulli(chances, uncertain, step, settings), mean, variance};
    };
    const Distribution sum = average_over_factor(given, options.unit, {.threads = options.threads});
    return {math::shifted(sum.lattice(), certain.value()), expected.value(), sum.variance(), options.unit};
}

}  // namespace custfolio
