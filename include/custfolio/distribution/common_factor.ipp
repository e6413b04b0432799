// Definitions of dependence by a common factor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/detail/thresholds.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE double factor_spacing(int level) {
    return std::ldexp(0.5, -level);
}

// The normal density without its constant, which the sum of the weights takes out again.
CUSTFOLIO_INLINE double factor_share(double z) {
    return std::exp(-0.5 * z * z);
}

CUSTFOLIO_INLINE std::vector<double> factor_values(int level) {
    const double spacing = factor_spacing(level);
    const int last = static_cast<int>(factor_reach / spacing);
    std::vector<double> values;
    // Level 0 has all multiples of its spacing; a finer level only the odd ones, which lie between those of the others.
    for (int k = -last; k <= last; ++k) {
        if (level == 0 || k % 2 != 0) values.push_back(k * spacing);
    }
    return values;
}

CUSTFOLIO_INLINE std::vector<double> factor_means(std::size_t count, double tolerance,
                                                  const std::function<void(double, std::vector<double>&)>& f,
                                                  int last) {
    std::vector<math::CompensatedSum> sum(count);
    std::vector<double> mean(count);
    std::vector<double> value(count);
    std::vector<double> greatest(count);
    // Sums over levels are added up: the trapezoidal rule at half the spacing reuses all earlier values.
    const auto add = [&](std::span<const double> factors, std::span<const double> densities) {
        for (std::size_t k = 0; k < factors.size(); ++k) {
            f(factors[k], value);
            for (std::size_t i = 0; i < count; ++i) {
                sum[i] += densities[k] * value[i];
                greatest[i] = std::max(greatest[i], std::abs(value[i]));
            }
        }
    };
    // Two levels that agree are converged: the rule's error falls by its square when the spacing is halved.
    const auto settled = [&](double spacing, std::size_t /*used*/) {
        bool enough = spacing < factor_spacing(0);
        for (std::size_t i = 0; i < count; ++i) {
            const double refined = spacing * sum[i].value();
            enough = enough && std::abs(refined - mean[i]) <= tolerance * greatest[i];
            mean[i] = refined;
        }
        return enough;
    };
    refine_over_factor(last, add, settled);
    return mean;
}

CUSTFOLIO_INLINE std::vector<double> pair_means(std::size_t count, double tolerance,
                                                const std::function<void(double, double, std::vector<double>&)>& f) {
    constexpr int last = 3;  // 273 values of each factor: 75,000 pairs
    return factor_means(
        count, tolerance,
        [&](double z, std::vector<double>& mean) {
            mean = factor_means(count, tolerance, [&](double u, std::vector<double>& value) { f(z, u, value); }, last);
        },
        last);
}

/// Masses on the points origin + k step, which grow to both sides.
struct MassLine {
    double origin = 0;
    double step = 0;  // 0: what is added first chooses the lattice
    std::int64_t first = 0;
    std::vector<double> mass;

    void add(const math::LatticeDistribution& x, double weight) {
        if (step == 0) {
            origin = x.origin();
            step = x.step();
        }
        // Lattices that differ by whole steps share their points: masses are added without splitting any.
        const double place = (x.origin() - origin) / step;
        if (std::abs(place - std::round(place)) > off_lattice || x.step() != step) {
            // Only where the factor is so extreme that a chance is 0 or 1 may a lattice lie elsewhere.
            return add(math::on_step(x, step, origin), weight);
        }
        add(static_cast<std::int64_t>(std::round(place)), x.mass(), weight);
    }
    void add(std::int64_t at, std::span<const double> values, double weight) {
        // The line grows to either side where the masses reach beyond it.
        const auto size = static_cast<std::int64_t>(values.size());
        if (mass.empty()) first = at;
        if (at < first) {
            mass.insert(mass.begin(), static_cast<std::size_t>(first - at), 0.0);
            first = at;
        }
        if (at + size > first + static_cast<std::int64_t>(mass.size())) {
            mass.resize(static_cast<std::size_t>(at + size - first));
        }
        double* const target = mass.data() + (at - first);
        for (std::size_t k = 0; k < values.size(); ++k) target[k] += weight * values[k];
    }
    /// Adds masses whose points differ by whole steps.
    void add(const MassLine& other, double weight) {
        add(other.first + std::llround((other.origin - origin) / step), other.mass, weight);
    }
};

CUSTFOLIO_INLINE void check(const FactorOptions& options) {
    if (!(options.tolerance > 0 && options.tolerance < 1) || options.values < 35) {
        throw InputError("tolerance is " + number_text(options.tolerance) + " with " + std::to_string(options.values) +
                         " values of the factor; it must lie in (0, 1), with 35 values at least");
    }
}

/// Greatest difference of two cdfs.
CUSTFOLIO_INLINE double cdf_distance(const MassLine& a, const MassLine& b) {
    MassLine difference = a;
    difference.add(b, -1);
    // The difference of two distributions has the difference of their cdfs as its running sum.
    double below = 0;
    double greatest = 0;
    for (const double m : difference.mass) greatest = std::max(greatest, std::abs(below += m));
    return greatest;
}

/// A mean of sums with weights: masses, moments about a centre, and errors.
struct WeightedSum {
    MassLine line;
    std::optional<double> centre;
    double weight = 0;
    math::CompensatedSum mean;
    math::CompensatedSum square;
    DistributionErrors errors;  // discretisation: squared
    FewAverage few;

    void add(const GivenFactor& sum, double by) {
        // Moments about a centre near the mean: squares of large amounts would cancel.
        if (!centre) centre = sum.mean;
        const double away = sum.mean - *centre;
        weight += by;
        line.add(sum.lattice, by);
        few.add(sum.few, by);
        mean += by * away;
        square += by * (sum.variance + away * away);
        const DistributionErrors& of_sum = sum.lattice.errors();
        // Discretisation is a deviation: its square is averaged as a variance is; the others are bounds of chances.
        add_errors({.discretisation = of_sum.discretisation * of_sum.discretisation,
                    .truncation = of_sum.truncation,
                    .aliasing = of_sum.aliasing,
                    .rounding = of_sum.rounding},
                   by);
    }
    /// Adds all of another one that begun() made.
    void add(const WeightedSum& other) {
        if (!centre) return static_cast<void>(*this = other);
        weight += other.weight;
        line.add(other.line, 1);
        few.add(other.few);
        mean += other.mean.value();
        square += other.square.value();
        add_errors(other.errors, 1);
    }
    /// An empty one with the same lattice and centre.
    [[nodiscard]] WeightedSum begun() const {
        WeightedSum empty;
        empty.line.origin = line.origin;
        empty.line.step = line.step;
        empty.centre = centre;
        return empty;
    }
    [[nodiscard]] double mean_value() const { return *centre + mean.value() / weight; }
    // The law of total variance: the mean of the variances and the variance of the means.
    [[nodiscard]] double variance() const {
        const double away = mean.value() / weight;
        return std::max(0.0, square.value() / weight - away * away);
    }
    /// The mean's masses; a point that no value of the factor reaches with more than 1e-300 is none.
    [[nodiscard]] math::LatticeDistribution lattice(double quadrature = 0) const {
        const auto filled = [](double m) { return m > 0; };
        // Ends without mass would only make later convolutions longer.
        const auto begin = detail::find_if(line.mass, filled);
        const auto end = detail::find_last_if(line.mass, filled) + 1;
        std::vector<double> mass(begin, end);
        for (double& m : mass) m /= weight;
        const double origin = line.origin + static_cast<double>(line.first + (begin - line.mass.begin())) * line.step;
        return {origin,
                line.step,
                std::move(mass),
                {.discretisation = std::sqrt(errors.discretisation / weight),
                 .truncation = errors.truncation / weight,
                 .aliasing = errors.aliasing / weight,
                 .rounding = errors.rounding / weight,
                 .quadrature = quadrature}};
    }

  private:
    void add_errors(const DistributionErrors& other, double by) {
        errors.discretisation += by * other.discretisation;
        errors.truncation += by * other.truncation;
        errors.aliasing += by * other.aliasing;
        errors.rounding += by * other.rounding;
    }
};

/// The sum of groups whose factors X_g have a part in common, averaged over all factors.
class GroupedSum {
  public:
    using Given = std::function<GivenFactor(std::size_t, double)>;

    GroupedSum(std::size_t groups, const Given& given, double shared, double trimmed, const FactorOptions& options)
        : given_(given),
          loading_(std::sqrt(shared)),
          deviation_(std::sqrt(1 - shared)),
          trimmed_(trimmed),
          options_(options),
          stored_(deviation_ >= narrow_deviation) {
        sums_ = compute(std::vector<double>{0}, groups);
        if (!stored_) return;
        // The spacing of X_g stays below its standard deviation given Z.
        // Else a value of Z could fall between two values of X_g, with hardly any weight on either.
        while (factor_spacing(fine_) > 0.8 * deviation_) ++fine_;
        refine();
    }

    /// Halves the spacings of X_g and Z in turn until neither changes a chance by more than the tolerance.
    [[nodiscard]] Distribution average(double unit) {
        int coarse = 0;
        WeightedSum mean = average_over_common(coarse);
        // Without a part in common Z has no effect, and its spacing needs no refinement.
        double change[2] = {1, loading_ > 0 ? 1.0 : 0.0};
        // Halving the spacing squares the error, so the square of the last change bounds it.
        const auto open = [&](double last, int level) {
            return last * last > options_.tolerance &&
                   std::ldexp(34.0, level + 1) <= static_cast<double>(options_.values);
        };
        // The change of the cdf is the error before the refinement; its square bounds the one after.
        const auto replace = [&](double& last) {
            WeightedSum refined = average_over_common(coarse);
            last = cdf_distance(scaled(mean), scaled(refined));
            mean = std::move(refined);
        };
        for (bool more = true; more;) {
            more = false;
            if (open(change[0], fine_)) {
                ++fine_;
                if (stored_) refine();
                replace(change[0]);
                more = true;
            }
            if (open(change[1], coarse)) {
                ++coarse;
                replace(change[1]);
                more = true;
            }
        }
        return {mean.lattice(change[0] * change[0] + change[1] * change[1]),
                mean.mean_value(),
                mean.variance(),
                unit,
                nullptr,
                mean.few.over(mean.weight)};
    }

  private:
    using Sums = std::vector<std::vector<GivenFactor>>;  // by value and group

    [[nodiscard]] Sums compute(const std::vector<double>& values, std::size_t groups) const {
        Sums sums(values.size(), std::vector<GivenFactor>(groups));
        const auto some = [&](std::size_t b, std::size_t e) {
            for (std::size_t i = b; i < e; ++i) sums[i / groups][i % groups] = given_(i % groups, values[i / groups]);
        };
        math::parallel_for(0, values.size() * groups, 1, options_.threads, some, options_.pulse);
        return sums;
    }
    /// Computes the groups' sums at the values that are new at the level; sums of earlier values stay.
    void refine() {
        const double spacing = factor_spacing(fine_);
        const auto last = static_cast<int>(factor_reach / spacing);
        std::vector<double> all;
        std::vector<double> fresh;
        // All multiples again, as new ones lie between those of before.
        for (int k = -last; k <= last; ++k) all.push_back(k * spacing);
        // Values of finer levels contain those of coarser ones, bit by bit: spacings are powers of two.
        std::set_difference(all.begin(), all.end(), values_.begin(), values_.end(), std::back_inserter(fresh));
        Sums computed = compute(fresh, sums_.front().size());
        Sums merged;
        std::size_t old = 0;
        std::size_t young = 0;
        for (const double x : all) {
            const bool known = old < values_.size() && values_[old] == x;
            merged.push_back(std::move(known ? sums_[old++] : computed[young++]));
        }
        values_ = std::move(all);
        sums_ = std::move(merged);
    }
    /// A group's sum given Z: the mean over the normal law of X_g given Z.
    [[nodiscard]] WeightedSum group_given(std::size_t group, double z) const {
        const std::size_t middle = values_.size() / 2;
        WeightedSum mean;  // on the lattice of the value 0, where no chance is 0 or 1
        mean.line.origin = sums_[middle][group].lattice.origin();
        mean.line.step = sums_[middle][group].lattice.step();
        if (stored_) {
            for (std::size_t i = 0; i < values_.size(); ++i) {
                const double away = (values_[i] - loading_ * z) / deviation_;
                // Weights by the density of X_g given Z, of which the common values are a trapezoidal rule.
                if (std::abs(away) <= factor_reach) mean.add(sums_[i][group], math::normal_pdf(away));
            }
            return mean;
        }
        const auto add = [&](std::span<const double> values, std::span<const double> densities) {
            for (std::size_t k = 0; k < values.size(); ++k) {
                mean.add(given_(group, loading_ * z + deviation_ * values[k]), densities[k]);
            }
        };
        refine_over_factor(fine_, add, [](double, std::size_t) { return false; });
        return mean;
    }
    /// The sum of all groups given Z.
    [[nodiscard]] GivenFactor sum_given(double z) const {
        // Given Z the groups are independent.
        std::vector<math::LatticeDistribution> parts;
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        FewAmounts::Pointer few;
        for (std::size_t group = 0; group < sums_.front().size(); ++group) {
            const WeightedSum part = group_given(group, z);
            const FewAmounts::Pointer listed = part.few.over(part.weight);
            few = group == 0 ? listed : FewAmounts::sum(few, listed);
            parts.push_back(part.lattice());
            mean += part.mean_value();
            variance += part.variance();
        }
        return {math::sum_independent(parts, {.trim = trimmed_, .threads = 1}), mean.value(), variance.value(),
                std::move(few)};
    }
    /// The mean over Z down to a level; without a common part there is one value.
    [[nodiscard]] WeightedSum average_over_common(int level) const {
        WeightedSum mean;
        if (!(loading_ > 0)) {
            mean.add(sum_given(0), 1);
            return mean;
        }
        const auto add = [&](std::span<const double> values, std::span<const double> densities) {
            std::vector<GivenFactor> sums(values.size());
            const auto some = [&](std::size_t b, std::size_t e) {
                // The values are computed in parallel, and added in order: the same bits for any number of threads.
                for (std::size_t k = b; k < e; ++k) sums[k] = sum_given(values[k]);
            };
            math::parallel_for(0, sums.size(), 1, options_.threads, some, options_.pulse);
            for (std::size_t k = 0; k < sums.size(); ++k) mean.add(sums[k], densities[k]);
        };
        refine_over_factor(level, add, [](double, std::size_t) { return false; });
        return mean;
    }
    [[nodiscard]] static MassLine scaled(const WeightedSum& sum) {
        MassLine line = sum.line;
        for (double& m : line.mass) m /= sum.weight;
        return line;
    }

    const Given& given_;
    double loading_;
    double deviation_;
    double trimmed_;
    FactorOptions options_;
    bool stored_;  // whether values of Z share the sums at common values of X_g
    int fine_ = 0;
    std::vector<double> values_{0};
    Sums sums_;
};

}  // namespace detail

CUSTFOLIO_INLINE double chance_given_factor(double probability, double correlation, double factor) {
    if (correlation <= 0 || probability <= 0 || probability >= 1) return probability;
    // The one-factor Gaussian model: a success is a normal variable below its threshold, and the factor shifts it.
    return math::normal_cdf((math::normal_quantile(probability) - std::sqrt(correlation) * factor) /
                            std::sqrt(1 - correlation));
}

CUSTFOLIO_INLINE Distribution average_over_factor(const std::function<GivenFactor(double)>& given, double unit,
                                                  const FactorOptions& options) {
    detail::check(options);
    detail::WeightedSum total;  // of the levels before
    detail::WeightedSum fresh;  // of the values that are new at a level
    double quadrature = 1;
    const auto add = [&](std::span<const double> values, std::span<const double> densities) {
        std::vector<GivenFactor> sums(values.size());
        const auto some = [&](std::size_t b, std::size_t e) {
            for (std::size_t k = b; k < e; ++k) sums[k] = given(values[k]);
        };
        math::parallel_for(0, sums.size(), 1, options.threads, some, options.pulse);
        for (std::size_t k = 0; k < sums.size(); ++k) fresh.add(sums[k], densities[k]);
    };
    const auto settled = [&](double spacing, std::size_t used) {
        if (total.weight > 0) {
            // The values between those of the levels before are a rule by themselves; the mean moves half way to it.
            const double change = spacing * detail::cdf_distance(total.line, fresh.line);
            quadrature = change * change;
        }
        total.add(fresh);
        fresh = total.begun();
        return quadrature <= options.tolerance || 2 * used > options.values + 1;
    };
    detail::refine_over_factor(std::numeric_limits<int>::max(), add, settled);
    return {total.lattice(quadrature),   total.mean_value(), total.variance(), unit, nullptr,
            total.few.over(total.weight)};
}

CUSTFOLIO_INLINE Distribution average_over_groups(std::size_t groups,
                                                  const std::function<GivenFactor(std::size_t, double)>& given,
                                                  double shared, double unit, double trimmed,
                                                  const FactorOptions& options) {
    detail::check(options);
    if (groups == 0 || !(shared >= 0 && shared < 1)) {
        throw InputError("there are " + std::to_string(groups) + " groups with the share " + number_text(shared) +
                         " in common; at least one group and a share of 0 or more and below 1 are needed");
    }
    return detail::GroupedSum(groups, given, shared, trimmed, options).average(unit);
}

}  // namespace custfolio
