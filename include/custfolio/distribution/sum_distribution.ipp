// Definitions of the distribution of a sum.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/distribution/detail/factor_amounts.hpp"
#include "custfolio/distribution/detail/thresholds.hpp"
#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

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
    if (!(options.share > 0 && options.share <= 1)) {
        throw InputError("share is " + number_text(options.share) + "; it must be above 0 and at most 1");
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
    const math::StepChoice rounded = math::choose_step(divisor, options.unit, range, options.points);
    // Half of the resolution: a quantile lies on a point, and splitting amounts over two points moves it too.
    if (rounded.exact || rounded.step <= options.resolution / 2) return rounded.step;
    // An exact lattice has no discretisation error, and is worth more points than a rounded one.
    const math::StepChoice exact =
        math::choose_step(divisor, options.unit, range, exact_points_factor * options.points);
    return exact.exact ? exact.step : rounded.step;
}

CUSTFOLIO_INLINE double step_given_factor(double chosen, double range, const SumOptions& options) {
    if (!(options.resolution > chosen) || range <= coarse_points * chosen) return chosen;
    // Half of it: a quantile lies on a point, and splitting amounts over two points moves it too.
    return std::max(chosen, round_step(std::min(options.resolution, range / fewest_points) / 2));
}

CUSTFOLIO_INLINE double chosen_step(std::span<const double> offsets, double range, const SumOptions& options) {
    return chosen_step(common_divisor(offsets, options.unit), range, options);
}

CUSTFOLIO_INLINE double lattice_step(const math::CommonDivisor& divisor, double width, double variance, double reach,
                                     const SumOptions& options) {
    // Tails beyond what the trimming allows need no points.
    const double range = std::min(width, 2 * untrimmed_half_width(variance, reach, options));
    // An infinite range would ask for infinitely many points.
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

CUSTFOLIO_INLINE void check_summand(const DiscreteAmount& summand, std::size_t position) {
    const auto where = [&] { return "summand at position " + std::to_string(position); };
    if (summand.amount.empty() || summand.amount.size() != summand.probability.size()) {
        throw InputError(where() + " has " + std::to_string(summand.probability.size()) + " probabilities and " +
                         std::to_string(summand.amount.size()) + " amounts; it must have as many, and at least one");
    }
    math::CompensatedSum total;
    for (std::size_t k = 0; k < summand.amount.size(); ++k) {
        const double p = summand.probability[k];
        const double a = summand.amount[k];
        if (!(p >= 0 && p <= 1)) require_probability(p, where() + ": probability " + std::to_string(k + 1));
        if (!std::isfinite(a)) require_finite(a, where() + ": amount " + std::to_string(k + 1));
        total += p;
    }
    if (!(std::abs(total.value() - 1) <= 1e-9)) {
        throw InputError(where() + ": its probabilities sum to " + number_text(total.value()) + "; they must sum to 1");
    }
}

/// Independent summands without what is certain: amounts above the lowest of each, and what a lattice must fit.
struct UncertainAmounts {
    std::vector<DiscreteAmount> above;
    math::CompensatedSum least;
    math::CompensatedSum mean;
    math::CompensatedSum variance;
    math::CommonDivisor divisor;
    double width = 0;
    double reach = 0;

    // Amounts count from the lowest of each summand: the certain part then needs no points.
    void add(const DiscreteAmount& summand, double unit) {
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        math::CompensatedSum centre;
        for (std::size_t k = 0; k < summand.amount.size(); ++k) {
            // An amount without chance must neither widen the lattice nor decide its step.
            if (!(summand.probability[k] > 0)) continue;
            centre += summand.probability[k] * summand.amount[k];
            low = std::min(low, summand.amount[k]);
            high = std::max(high, summand.amount[k]);
        }
        least += low;
        mean += centre.value();
        if (high == low) return;
        DiscreteAmount& uncertain = above.emplace_back();
        uncertain.amount.reserve(summand.amount.size());
        uncertain.probability.reserve(summand.amount.size());
        for (std::size_t k = 0; k < summand.amount.size(); ++k) {
            if (!(summand.probability[k] > 0)) continue;
            const double away = summand.amount[k] - centre.value();
            variance += summand.probability[k] * away * away;
            uncertain.probability.push_back(summand.probability[k]);
            uncertain.amount.push_back(summand.amount[k] - low);
            divisor.add(uncertain.amount.back(), unit);
        }
        width += high - low;
        // Bernstein's bound of the tails needs the greatest distance from the mean.
        reach = std::max({reach, high - centre.value(), centre.value() - low});
    }
};

/// All-or-nothing amounts with a common factor: E[exp(t X)] = E_Z[E[exp(t X) | Z]]. So the tilted variable is a mixture
/// of tilted sums over the factor, with weights exp(K_z(t)) phi(z). The weights peak at the factor that brings X near
/// K'(t). The mean is a trapezoidal rule around that peak; its spacing follows from the information that the sums have
/// of z.
class TiltedFactor final : public Tilting {
  public:
    TiltedFactor(FactorAmounts amounts, double certain, double step, const math::SumSettings& settings,
                 unsigned threads)
        : amounts_(std::move(amounts)), certain_(certain), step_(step), settings_(settings), threads_(threads) {
        math::CompensatedSum low;
        math::CompensatedSum high;
        for (const double a : amounts_.amount) (a < 0 ? low : high) += a;
        lowest_ = certain + low.value();
        highest_ = certain + high.value();
    }
    [[nodiscard]] Cumulants cumulants(double tilt) const override {
        const std::vector<Given> given = over_factor(tilt);
        Cumulants cumulants;
        // Weights are relative to the greatest: exp(K) itself may be beyond a double.
        double top = -std::numeric_limits<double>::infinity();
        for (const Given& one : given) top = std::max(top, one.log_weight);
        math::CompensatedSum total;
        math::CompensatedSum mean;
        for (const Given& one : given) {
            const double weight = std::exp(one.log_weight - top);
            total += weight;
            mean += weight * one.cumulants.mean;
            // Rounding of the sums that hardly weigh does not count.
            cumulants.terms = std::max(cumulants.terms, weight > 1e-3 ? one.cumulants.terms : 0);
        }
        cumulants.value = top + std::log(total.value()) + tilt * certain_;
        cumulants.terms += std::abs(top) + std::abs(tilt * certain_);
        const double centre = mean.value() / total.value();
        math::CompensatedSum square;
        // The law of total variance over the factor.
        for (const Given& one : given) {
            const double away = one.cumulants.mean - centre;
            square += std::exp(one.log_weight - top) * (one.cumulants.variance + away * away);
        }
        cumulants.mean = centre + certain_;
        cumulants.variance = square.value() / total.value();
        return cumulants;
    }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override {
        const std::vector<Given> given = over_factor(tilt);
        double top = -std::numeric_limits<double>::infinity();
        for (const Given& one : given) top = std::max(top, one.log_weight);
        std::vector<GivenFactor> sums(given.size());
        math::parallel_for(0, given.size(), 1, threads_, [&](std::size_t begin, std::size_t end) {
            std::vector<double> chance(amounts_.amount.size());
            for (std::size_t k = begin; k < end; ++k) {
                if (given[k].log_weight < top - negligible_log_weight) continue;
                static_cast<void>(sums_at(given[k].factor, tilt, &chance));
                // A sum of small weight needs fewer digits, and so fewer frequencies.
                math::SumSettings settings = settings_;
                settings.share = std::exp(given[k].log_weight - top);
                sums[k].lattice = math::sum_bernoulli(chance, amounts_.amount, step_, settings);
            }
        });
        WeightedSum all;
        double even = 0;
        double odd = 0;
        // Values of even and odd index are two rules of twice the spacing; their difference, squared, bounds the error.
        for (std::size_t k = 0; k < sums.size(); ++k) {
            const double weight = std::exp(given[k].log_weight - top);
            (k % 2 == 0 ? even : odd) += weight;
            if (!(given[k].log_weight < top - negligible_log_weight)) all.add(sums[k], weight);
        }
        const double change = (even - odd) / (even + odd);
        return math::shifted(all.lattice(change * change), certain_);
    }
    [[nodiscard]] double step() const override { return step_; }
    [[nodiscard]] double lowest() const override { return lowest_; }
    [[nodiscard]] double highest() const override { return highest_; }

  private:
    struct Given {
        double factor = 0;
        double log_weight = 0;
        double information = 0;
        Cumulants cumulants;
    };
    /// The tilted sum given the factor; its chances go to `tilted` where that is wanted.
    [[nodiscard]] Given sums_at(double factor, double tilt, std::vector<double>* tilted) const {
        Given given;
        given.factor = factor;
        math::CompensatedSum value;
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        double terms = static_cast<double>(amounts_.amount.size());
        for (std::size_t i = 0; i < amounts_.amount.size(); ++i) {
            const double x = amounts_.threshold[i] - amounts_.loading[i] * factor;
            // Both tails directly: 1 - p would lose the digits of a chance near 1.
            const double p = math::normal_cdf(x);
            const double q = math::normal_cdf(-x);
            const double lift = tilt * amounts_.amount[i];
            // The form with a negative exponent, whichever way the tilt lifts.
            const double term = lift > 0 ? lift + std::log(p + q * std::exp(-lift)) : std::log1p(p * std::expm1(lift));
            const double up = p > 0 ? 1 / (1 + q / p * std::exp(-lift)) : 0;
            value += p > 0 ? term : 0;
            terms += p > 0 ? std::abs(term) + std::abs(lift) * up : 0;
            mean += up * amounts_.amount[i];
            variance += up * (1 - up) * amounts_.amount[i] * amounts_.amount[i];
            // What the outcome shows of the factor (Fisher's information); it bounds how sharp the peak is.
            const double slope = p > 0 && q > 0 ? amounts_.loading[i] * math::normal_pdf(x) / (p * q) : 0;
            given.information += up * (1 - up) * slope * slope;
            if (tilted != nullptr) (*tilted)[i] = up;
        }
        given.cumulants = {value.value(), mean.value(), variance.value(), terms};
        given.log_weight = value.value() - 0.5 * factor * factor - 0.5 * std::log(2 * std::numbers::pi);
        return given;
    }
    /// Equally spaced values of the factor around the peak of the weights.
    [[nodiscard]] std::vector<Given> over_factor(double tilt) const {
        // Beyond 38 the normal density underflows.
        constexpr double reach = 38;
        constexpr double coarse = 0.5;
        const auto at = [&](double first, double spacing, std::size_t count) {
            std::vector<Given> sums(count);
            math::parallel_for(0, count, 4, threads_, [&](std::size_t begin, std::size_t end) {
                for (std::size_t k = begin; k < end; ++k) {
                    sums[k] = sums_at(first + static_cast<double>(k) * spacing, tilt, nullptr);
                    sums[k].log_weight += std::log(spacing);
                }
            });
            return sums;
        };
        // A coarse pass finds the peak and its width, then a fine one integrates over it.
        const std::vector<Given> rough = at(-reach, coarse, static_cast<std::size_t>(2 * reach / coarse) + 1);
        const double top = std::max_element(rough.begin(), rough.end(), [](const Given& a, const Given& b) {
                               return a.log_weight < b.log_weight;
                           })->log_weight;
        const auto counts = [&](const Given& one) { return one.log_weight > top - negligible_log_weight; };
        const double first = detail::find_if(rough, counts)->factor - coarse;
        const double last = detail::find_last_if(rough, counts)->factor + coarse;
        double information = 0;
        for (const Given& one : rough) {
            if (one.factor >= first && one.factor <= last) information = std::max(information, one.information);
        }
        // A spacing below the width of the sharpest peak.
        const double spacing = std::min(0.25, 0.8 / std::sqrt(1 + information));
        return at(first, spacing, static_cast<std::size_t>((last - first) / spacing) + 1);
    }

    FactorAmounts amounts_;
    double certain_;
    double step_;
    math::SumSettings settings_;
    unsigned threads_;
    double lowest_ = 0;
    double highest_ = 0;
};

/// Whether any correlation is above 0; refuses what is none, and another number of them than one or as many as amounts.
CUSTFOLIO_INLINE bool is_dependent(std::span<const double> correlation, std::size_t amounts) {
    if (correlation.size() != 1 && correlation.size() != amounts) {
        throw InputError("there are " + std::to_string(correlation.size()) + " correlations and " +
                         std::to_string(amounts) + " amounts; there must be one for all, or as many");
    }
    for (std::size_t i = 0; i < correlation.size(); ++i) {
        if (!(correlation[i] >= 0 && correlation[i] < 1)) {
            throw InputError("correlation at position " + std::to_string(i) + " is " + number_text(correlation[i]) +
                             "; it must be 0 or more and below 1");
        }
    }
    return detail::any_of(correlation, [](double rho) { return rho > 0; });
}

/// The step of one lattice for all values of the factor, so that their masses can be averaged point by point. Its range
/// has the tails that each value is allowed.
CUSTFOLIO_INLINE double factor_lattice_step(const FactorAmounts& uncertain, const SumOptions& options) {
    double lowest = 0;
    double highest = 0;
    double reach = 0;
    for (const double a : uncertain.amount) reach = std::max(reach, std::abs(a));
    std::vector<double> chances;
    // A coarse set of values is enough for a range.
    for (const double factor : factor_values(0)) {
        const auto [mean, variance] = uncertain.given(factor, chances);
        const double half = untrimmed_half_width(variance, reach, options);
        lowest = std::min(lowest, mean - half);
        highest = std::max(highest, mean + half);
    }
    // No sum lies beyond all losses or all gains together.
    double least = 0;
    double most = 0;
    for (const double a : uncertain.amount) (a < 0 ? least : most) += a;
    const double width = std::min(highest, most) - std::max(lowest, least);
    // The range has its tails already: trimming must not shorten it twice.
    SumOptions untrimmed = options;
    untrimmed.trimmed = 0;
    return step_given_factor(lattice_step(uncertain.amount, width, 0, 0, untrimmed), width, options);
}

/// The sums of all-or-nothing amounts, one by one; none where they are too many.
CUSTFOLIO_INLINE FewAmounts::Pointer few_sums(std::span<const double> chances, std::span<const double> amounts,
                                              double certain) {
    std::vector<DiscreteAmount> summands{{{1}, {certain}}};
    for (std::size_t i = 0; i < chances.size(); ++i) {
        summands.push_back({{1 - chances[i], chances[i]}, {0, amounts[i]}});
    }
    return FewAmounts::sum(summands);
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
    const math::SumSettings settings{.trim = options.trimmed, .threads = options.threads, .share = options.share};
    const math::LatticeDistribution sum = math::sum_bernoulli(chances, uncertain, step, settings);
    detail::FewAmounts::Pointer few;
    // A lattice that splits amounts blurs them; few sums are listed instead, and chances are exact.
    if (chances.size() <= detail::FewAmounts::most_uncertain && detail::between_points(uncertain, step, options.unit)) {
        few = detail::few_sums(chances, uncertain, certain.value());
    }
    return {math::shifted(sum, certain.value()),
            mean.value(),
            variance.value(),
            options.unit,
            detail::tilting_of(std::move(chances), std::move(uncertain), certain.value(), step, settings),
            std::move(few)};
}

CUSTFOLIO_INLINE Distribution sum_distribution(std::span<const DiscreteAmount> summands, const SumOptions& options) {
    detail::check(options);
    detail::UncertainAmounts uncertain;
    for (std::size_t s = 0; s < summands.size(); ++s) {
        detail::check_summand(summands[s], s);
        uncertain.add(summands[s], options.unit);
    }
    const double step =
        detail::lattice_step(uncertain.divisor, uncertain.width, uncertain.variance.value(), uncertain.reach, options);
    const math::SumSettings settings{.trim = options.trimmed, .threads = options.threads, .share = options.share};
    const double least = uncertain.least.value();
    const math::LatticeDistribution sum = detail::sum_on_lattice(uncertain.above, step, settings);
    detail::FewAmounts::Pointer few;
    const auto off = [&](const DiscreteAmount& one) { return detail::between_points(one.amount, step, options.unit); };
    if (uncertain.above.size() <= detail::FewAmounts::most_uncertain && detail::any_of(uncertain.above, off)) {
        // The certain part joins as a summand of one amount.
        std::vector<DiscreteAmount> all{{{1}, {least}}};
        all.insert(all.end(), uncertain.above.begin(), uncertain.above.end());
        few = detail::FewAmounts::sum(all);
    }
    return {math::shifted(sum, least),
            uncertain.mean.value(),
            uncertain.variance.value(),
            options.unit,
            detail::tilting_of(std::move(uncertain.above), least, step, settings),
            std::move(few)};
}

CUSTFOLIO_INLINE Distribution sum_distribution(std::span<const double> probability, std::span<const double> amount,
                                               std::span<const double> correlation, const SumOptions& options) {
    if (!detail::is_dependent(correlation, amount.size())) return sum_distribution(probability, amount, options);
    detail::check(options);
    detail::check_pairs(probability, amount);
    math::CompensatedSum certain;
    math::CompensatedSum expected;
    detail::FactorAmounts uncertain;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        const double p = require_probability(probability[i], "probability at position " + std::to_string(i));
        const double a = require_finite(amount[i], "amount at position " + std::to_string(i));
        expected += p * a;
        if (p == 1) {
            certain += a;
        } else if (p > 0 && a != 0) {
            uncertain.add(p, correlation[correlation.size() == 1 ? 0 : i], a);
        }
    }
    const double step = detail::factor_lattice_step(uncertain, options);
    // Each value of the factor has its own thread; sums given a value use one.
    const math::SumSettings settings{.trim = options.trimmed, .threads = 1};
    const bool listed = uncertain.amount.size() <= detail::FewAmounts::most_uncertain &&
                        detail::between_points(uncertain.amount, step, options.unit);
    const auto given = [&](double factor) {
        std::vector<double> chances;
        const auto [mean, variance] = uncertain.given(factor, chances);
        math::SumSettings weighted = settings;
        weighted.share = detail::factor_share(factor);
        return GivenFactor{math::sum_bernoulli(chances, uncertain.amount, step, weighted), mean, variance,
                           listed ? detail::few_sums(chances, uncertain.amount, 0) : nullptr};
    };
    const Distribution sum = average_over_factor(given, options.unit, {.threads = options.threads});
    return {
        math::shifted(sum.lattice(), certain.value()),
        expected.value(),
        sum.variance(),
        options.unit,
        std::make_shared<detail::TiltedFactor>(std::move(uncertain), certain.value(), step, settings, options.threads),
        sum.off_lattice() ? sum.few()->affine(1, certain.value()) : nullptr};
}

}  // namespace custfolio
