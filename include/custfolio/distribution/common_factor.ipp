// Definitions of dependence by a common factor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

inline constexpr double factor_reach = 8.5;

CUSTFOLIO_INLINE double factor_spacing(int level) {
    return std::ldexp(0.5, -level);
}

CUSTFOLIO_INLINE double factor_share(double z) {
    return std::exp(-0.5 * z * z);
}

CUSTFOLIO_INLINE std::vector<double> factor_values(int level) {
    const double spacing = factor_spacing(level);
    const int last = static_cast<int>(factor_reach / spacing);
    std::vector<double> values;
    for (int k = -last; k <= last; ++k) {
        if (level == 0 || k % 2 != 0) values.push_back(k * spacing);
    }
    return values;
}

CUSTFOLIO_INLINE std::vector<double> factor_means(std::size_t count, double tolerance,
                                                  const std::function<void(double, std::vector<double>&)>& f) {
    std::vector<math::CompensatedSum> sum(count);
    std::vector<double> mean(count);
    std::vector<double> value(count);
    std::vector<double> greatest(count);
    for (int level = 0; level <= 10; ++level) {
        for (const double z : factor_values(level)) {
            f(z, value);
            const double density = math::normal_pdf(z);
            for (std::size_t i = 0; i < count; ++i) {
                sum[i] += density * value[i];
                greatest[i] = std::max(greatest[i], std::abs(value[i]));
            }
        }
        bool settled = level > 0;
        for (std::size_t i = 0; i < count; ++i) {
            const double now = factor_spacing(level) * sum[i].value();
            settled = settled && std::abs(now - mean[i]) <= tolerance * greatest[i];
            mean[i] = now;
        }
        if (settled) break;
    }
    return mean;
}

CUSTFOLIO_INLINE std::vector<double> pair_means(std::size_t count, double tolerance,
                                                const std::function<void(double, double, std::vector<double>&)>& f) {
    std::vector<double> mean(count);
    std::vector<double> value(count);
    std::vector<double> greatest(count);
    for (int level = 0; level <= 3; ++level) {
        const double spacing = factor_spacing(level);
        const auto last = static_cast<int>(factor_reach / spacing);
        std::vector<math::CompensatedSum> sum(count);
        for (int i = -last; i <= last; ++i) {
            for (int k = -last; k <= last; ++k) {
                const double density =
                    spacing * spacing * math::normal_pdf(i * spacing) * math::normal_pdf(k * spacing);
                if (density < 1e-18) continue;
                f(i * spacing, k * spacing, value);
                for (std::size_t j = 0; j < count; ++j) {
                    sum[j] += density * value[j];
                    greatest[j] = std::max(greatest[j], std::abs(value[j]));
                }
            }
        }
        bool settled = level > 0;
        for (std::size_t j = 0; j < count; ++j) {
            settled = settled && std::abs(sum[j].value() - mean[j]) <= tolerance * greatest[j];
            mean[j] = sum[j].value();
        }
        if (settled) break;
    }
    return mean;
}

/// Mass on the points origin + k step, growing to both sides.
struct MassLine {
    double origin = 0;
    double step = 1;
    std::int64_t first = 0;
    std::vector<double> mass;

    void add(const math::LatticeDistribution& x, double weight) {
        const double place = (x.origin() - origin) / step;
        if (std::abs(place - std::round(place)) > 1e-6 || x.step() != step) {
            // Only where the factor is so extreme that a chance is 0 or 1 may a lattice lie elsewhere.
            add(math::on_step(x, step, origin), weight);
            return;
        }
        add(static_cast<std::int64_t>(std::round(place)), x.mass(), weight);
    }
    void add(std::int64_t at, std::span<const double> values, double weight) {
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
};

CUSTFOLIO_INLINE void check(const FactorOptions& options) {
    if (!(options.tolerance > 0 && options.tolerance < 1) || options.values < 35) {
        throw InputError("tolerance is " + number_text(options.tolerance) + " with " + std::to_string(options.values) +
                         " values of the factor; it must lie in (0, 1), with 35 values at least");
    }
}

/// Greatest difference of two cdfs on one lattice.
CUSTFOLIO_INLINE double cdf_distance(const MassLine& a, const MassLine& b) {
    MassLine difference = a;
    difference.add(b.first, b.mass, -1);
    double below = 0;
    double greatest = 0;
    for (const double m : difference.mass) greatest = std::max(greatest, std::abs(below += m));
    return greatest;
}

/// The masses as a distribution; a point that no value of the factor reaches with more than 1e-300 is none.
CUSTFOLIO_INLINE math::LatticeDistribution lattice_of(const MassLine& line, const DistributionErrors& errors) {
    const auto filled = [](double m) { return m > 0; };
    const auto begin = std::find_if(line.mass.begin(), line.mass.end(), filled);
    const auto end = std::find_if(line.mass.rbegin(), line.mass.rend(), filled).base();
    const double origin = line.origin + static_cast<double>(line.first + (begin - line.mass.begin())) * line.step;
    return {origin, line.step, {begin, end}, errors};
}

/// A mean of sums with weights: masses, moments about a centre, and errors.
struct WeightedSum {
    MassLine line;
    double centre = 0;
    double weight = 0;
    math::CompensatedSum mean;
    math::CompensatedSum square;
    DistributionErrors errors;  // discretisation: squared

    void add(const MassLine& masses, double own_mean, double own_variance, const DistributionErrors& own, double by) {
        if (weight == 0) {
            line.origin = masses.origin;
            line.step = masses.step;
            centre = own_mean;
        }
        weight += by;
        line.add(masses.first, masses.mass, by);
        mean += by * (own_mean - centre);
        square += by * (own_variance + (own_mean - centre) * (own_mean - centre));
        errors.discretisation += by * own.discretisation * own.discretisation;
        errors.truncation += by * own.truncation;
        errors.aliasing += by * own.aliasing;
        errors.rounding += by * own.rounding;
    }
    /// Divides by the sum of the weights.
    void finish() {
        for (double& m : line.mass) m /= weight;
        errors.discretisation = std::sqrt(errors.discretisation / weight);
        errors.truncation /= weight;
        errors.aliasing /= weight;
        errors.rounding /= weight;
    }
    [[nodiscard]] double total_mean() const { return centre + mean.value() / weight; }
    [[nodiscard]] double variance() const {
        const double above = mean.value() / weight;
        return std::max(0.0, square.value() / weight - above * above);
    }
};

/// A group's sum at one value of its factor, on a lattice that is the same for all values.
struct GroupSum {
    MassLine line;
    double mean = 0;
    double variance = 0;
    DistributionErrors errors;
};

}  // namespace detail

CUSTFOLIO_INLINE double chance_given_factor(double probability, double correlation, double factor) {
    if (correlation <= 0 || probability <= 0 || probability >= 1) return probability;
    return math::normal_cdf((math::normal_quantile(probability) - std::sqrt(correlation) * factor) /
                            std::sqrt(1 - correlation));
}

CUSTFOLIO_INLINE Distribution average_over_factor(const std::function<GivenFactor(double)>& given, double unit,
                                                  const FactorOptions& options) {
    detail::check(options);
    detail::MassLine total;
    DistributionErrors errors;
    double centre = 0;
    double mean = 0;
    double square = 0;  // about the centre
    std::size_t used = 0;
    for (int level = 0;; ++level) {
        const std::vector<double> values = detail::factor_values(level);
        // The points between those of the level before: a rule of that spacing by itself.
        const double spacing = detail::factor_spacing(level == 0 ? 0 : level - 1);
        detail::MassLine fresh;
        DistributionErrors fresh_errors;
        math::CompensatedSum fresh_mean;
        math::CompensatedSum fresh_square;
        constexpr std::size_t block = 64;
        for (std::size_t begin = 0; begin < values.size(); begin += block) {
            std::vector<GivenFactor> found(std::min(block, values.size() - begin));
            math::parallel_for(0, found.size(), 1, options.threads, [&](std::size_t b, std::size_t e) {
                for (std::size_t i = b; i < e; ++i) found[i] = given(values[begin + i]);
            });
            for (std::size_t i = 0; i < found.size(); ++i) {
                const GivenFactor& one = found[i];
                const double weight = spacing * math::normal_pdf(values[begin + i]);
                if (used + begin + i == 0) {
                    total.origin = one.lattice.origin();
                    total.step = one.lattice.step();
                    centre = one.mean;
                }
                if (fresh.mass.empty()) {
                    fresh.origin = total.origin;
                    fresh.step = total.step;
                }
                fresh.add(one.lattice, weight);
                fresh_mean += weight * (one.mean - centre);
                fresh_square += weight * (one.variance + (one.mean - centre) * (one.mean - centre));
                const DistributionErrors& own = one.lattice.errors();
                fresh_errors.discretisation += weight * own.discretisation * own.discretisation;
                fresh_errors.truncation += weight * own.truncation;
                fresh_errors.aliasing += weight * own.aliasing;
                fresh_errors.rounding += weight * own.rounding;
            }
        }
        used += values.size();
        const double share = level == 0 ? 0.0 : 0.5;
        double change = 1;
        if (level > 0) {
            change = 0.5 * detail::cdf_distance(total, fresh);
        }
        for (double& m : total.mass) m *= share;
        total.add(fresh.first, fresh.mass, 1 - share);
        mean = share * mean + (1 - share) * fresh_mean.value();
        square = share * square + (1 - share) * fresh_square.value();
        errors.discretisation = share * errors.discretisation + (1 - share) * fresh_errors.discretisation;
        errors.truncation = share * errors.truncation + (1 - share) * fresh_errors.truncation;
        errors.aliasing = share * errors.aliasing + (1 - share) * fresh_errors.aliasing;
        errors.rounding = share * errors.rounding + (1 - share) * fresh_errors.rounding;
        errors.quadrature = change * change;
        if (errors.quadrature <= options.tolerance || 2 * used > options.values + 1) break;
    }
    errors.discretisation = std::sqrt(errors.discretisation);
    return {detail::lattice_of(total, errors), centre + mean, std::max(0.0, square - mean * mean), unit};
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
    const double own = std::sqrt(1 - shared);
    const double lean = std::sqrt(shared);
    std::vector<double> origin(groups);
    const auto at = [&](std::size_t group, double x, bool first) {
        const GivenFactor found = given(group, x);
        if (first) origin[group] = found.lattice.origin();
        detail::GroupSum one{
            {origin[group], found.lattice.step(), 0, {}}, found.mean, found.variance, found.lattice.errors()};
        one.line.add(found.lattice, 1);
        return one;
    };
    // The values of X_g, the spacing below the standard deviation of X_g given Z; what all values of Z use is held.
    // Where that spacing is so fine that few values of Z would use the same, each uses its own.
    constexpr double narrow = 0.01;
    const bool held = own >= narrow;
    int fine = 0;
    while (held && detail::factor_spacing(fine) > 0.8 * own) ++fine;
    std::vector<double> values{0};
    std::vector<std::vector<detail::GroupSum>> sums;  // by value and group
    const auto compute = [&](const std::vector<double>& fresh, bool first) {
        std::vector<std::vector<detail::GroupSum>> found(fresh.size(), std::vector<detail::GroupSum>(groups));
        math::parallel_for(0, fresh.size() * groups, 1, options.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t i = b; i < e; ++i) {
                found[i / groups][i % groups] = at(i % groups, fresh[i / groups], first);
            }
        });
        return found;
    };
    sums = compute(values, true);
    const auto refine = [&](int level) {
        // Also from the single value 0: all of the first level are fresh but it.
        std::vector<double> all;
        std::vector<double> fresh;
        const double spacing = detail::factor_spacing(level);
        const auto last = static_cast<int>(detail::factor_reach / spacing);
        for (int k = -last; k <= last; ++k) all.push_back(k * spacing);
        for (const double x : all) {
            if (!std::ranges::binary_search(values, x)) fresh.push_back(x);
        }
        std::vector<std::vector<detail::GroupSum>> found = compute(fresh, false);
        std::vector<std::vector<detail::GroupSum>> merged;
        std::size_t old = 0;
        std::size_t young = 0;
        for (const double x : all) {
            const bool known = old < values.size() && values[old] == x;
            merged.push_back(std::move(known ? sums[old++] : found[young++]));
        }
        values = std::move(all);
        sums = std::move(merged);
    };
    // The sum of all groups given Z.
    const auto together = [&](double z) {
        std::vector<math::LatticeDistribution> parts;
        detail::GroupSum all;
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        for (std::size_t group = 0; group < groups; ++group) {
            detail::WeightedSum part;
            const auto add = [&](double x, const detail::GroupSum& one) {
                const double away = (x - lean * z) / own;
                if (std::abs(away) > detail::factor_reach) return;
                part.add(one.line, one.mean, one.variance, one.errors, math::normal_pdf(away));
            };
            if (held) {
                for (std::size_t i = 0; i < values.size(); ++i) add(values[i], sums[i][group]);
            } else {
                const double spacing = detail::factor_spacing(fine);
                const auto last = static_cast<int>(detail::factor_reach / spacing);
                for (int k = -last; k <= last; ++k) {
                    const double x = lean * z + own * k * spacing;
                    add(x, at(group, x, false));
                }
            }
            part.finish();
            parts.push_back(detail::lattice_of(part.line, part.errors));
            mean += part.total_mean();
            variance += part.variance();
        }
        const math::LatticeDistribution sum = math::sum_independent(parts, {.trim = trimmed, .threads = 1});
        all.mean = mean.value();
        all.variance = variance.value();
        all.errors = sum.errors();
        all.line.origin = sum.origin();
        all.line.step = sum.step();
        all.line.mass.assign(sum.mass().begin(), sum.mass().end());
        return all;
    };
    // The average over Z at a spacing; without a common factor there is one value.
    const auto average = [&](int level) {
        const double spacing = detail::factor_spacing(level);
        const auto last = shared > 0 ? static_cast<int>(detail::factor_reach / spacing) : 0;
        detail::WeightedSum result;
        constexpr int block = 64;
        for (int begin = -last; begin <= last; begin += block) {
            std::vector<detail::GroupSum> found(static_cast<std::size_t>(std::min(block, last - begin + 1)));
            math::parallel_for(0, found.size(), 1, options.threads, [&](std::size_t b, std::size_t e) {
                for (std::size_t i = b; i < e; ++i) found[i] = together((begin + static_cast<int>(i)) * spacing);
            });
            for (std::size_t i = 0; i < found.size(); ++i) {
                detail::MassLine& line = found[i].line;
                if (result.weight > 0) {
                    line.first = std::llround((line.origin - result.line.origin) / line.step);
                    line.origin = result.line.origin;
                }
                result.add(line, found[i].mean, found[i].variance, found[i].errors,
                           math::normal_pdf((begin + static_cast<int>(i)) * spacing));
            }
        }
        result.finish();
        return result;
    };
    // The change where the values begin elsewhere by whole steps.
    const auto distance = [](const detail::WeightedSum& a, const detail::WeightedSum& b) {
        detail::MassLine other = b.line;
        other.first += std::llround((other.origin - a.line.origin) / other.step);
        return detail::cdf_distance(a.line, other);
    };
    int coarse = 0;
    if (held) refine(fine);
    detail::WeightedSum now = average(coarse);
    double left[2] = {1, shared > 0 ? 1.0 : 0.0};
    const auto settled = [&](double change) { return change * change <= options.tolerance; };
    for (bool more = true; more;) {
        more = false;
        if (!settled(left[0]) && std::ldexp(34.0, fine + 1) <= static_cast<double>(options.values)) {
            ++fine;
            if (held) refine(fine);
            detail::WeightedSum next = average(coarse);
            left[0] = distance(now, next);
            now = std::move(next);
            more = true;
        }
        if (!settled(left[1]) && std::ldexp(34.0, coarse + 1) <= static_cast<double>(options.values)) {
            ++coarse;
            detail::WeightedSum next = average(coarse);
            left[1] = distance(now, next);
            now = std::move(next);
            more = true;
        }
    }
    now.errors.quadrature = left[0] * left[0] + left[1] * left[1];
    return {detail::lattice_of(now.line, now.errors), now.total_mean(), now.variance(), unit};
}

}  // namespace custfolio
