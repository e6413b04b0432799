// Definitions of dependence by a common factor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/dependence.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

namespace detail {

inline constexpr double factor_reach = 8.5;

CUSTFOLIO_INLINE double factor_spacing(int level) {
    return std::ldexp(0.5, -level);
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

}  // namespace detail

CUSTFOLIO_INLINE double chance_given_factor(double probability, double correlation, double factor) {
    if (correlation <= 0 || probability <= 0 || probability >= 1) return probability;
    return math::normal_cdf((math::normal_quantile(probability) - std::sqrt(correlation) * factor) /
                            std::sqrt(1 - correlation));
}

CUSTFOLIO_INLINE Distribution average_over_factor(const std::function<GivenFactor(double)>& given, double unit,
                                                  const FactorOptions& options) {
    if (!(options.tolerance > 0 && options.tolerance < 1) || options.values < 35) {
        throw InputError("tolerance is " + number_text(options.tolerance) + " with " + std::to_string(options.values) +
                         " values of the factor; it must lie in (0, 1), with 35 values at least");
    }
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
            detail::MassLine difference = total;
            difference.add(fresh.first, fresh.mass, -1);
            double below = 0;
            change = 0;
            for (const double m : difference.mass) change = std::max(change, 0.5 * std::abs(below += m));
        }
        for (double& m : total.mass) m *= share;
        total.add(fresh.first, fresh.mass, 1 - share);
        mean = share * mean + (1 - share) * fresh_mean.value();
        square = share * square + (1 - share) * fresh_square.value();
        errors.discretisation = share * errors.discretisation + (1 - share) * fresh_errors.discretisation;
        errors.truncation = share * errors.truncation + (1 - share) * fresh_errors.truncation;
        errors.aliasing = share * errors.aliasing + (1 - share) * fresh_errors.aliasing;
        errors.rounding = share * errors.rounding + (1 - share) * fresh_errors.rounding;
        errors.quadrature = change;
        if (change <= options.tolerance || 2 * used > options.values + 1) break;
    }
    errors.discretisation = std::sqrt(errors.discretisation);
    // A point that no value of the factor reaches with more than 1e-300 is none.
    const auto filled = [](double m) { return m > 0; };
    const auto begin = std::find_if(total.mass.begin(), total.mass.end(), filled);
    const auto end = std::find_if(total.mass.rbegin(), total.mass.rend(), filled).base();
    const double origin = total.origin + static_cast<double>(total.first + (begin - total.mass.begin())) * total.step;
    return {math::LatticeDistribution(origin, total.step, {begin, end}, errors), centre + mean,
            std::max(0.0, square - mean * mean), unit};
}

}  // namespace custfolio
