// Definitions of factors estimated from a history.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/factor_history.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/minimise.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Values of a standard normal factor for the trapezoidal rule, and the logarithms of their weights.
struct FactorNodes {
    std::vector<double> value;
    std::vector<double> log_weight;
};

/// The nodes for a likelihood of the factor with this information. Its product with the density is as narrow as 1 /
/// sqrt(1 + information). A spacing of 0.8 of that leaves an error of 1e-13.
inline FactorNodes factor_nodes(double information) {
    FactorNodes nodes;
    const double spacing = std::min(0.5, 0.8 / std::sqrt(1 + information));
    const auto last = static_cast<int>(8.5 / spacing);
    for (int k = -last; k <= last; ++k) {
        const double z = k * spacing;
        nodes.value.push_back(z);
        nodes.log_weight.push_back(std::log(spacing) - 0.5 * std::log(2 * std::numbers::pi) - 0.5 * z * z);
    }
    return nodes;
}

CUSTFOLIO_INLINE void check(const FactorHistory& history) {
    const std::size_t count = history.trials.size();
    if (count == 0 || history.successes.size() != count || history.period.size() != count) {
        throw InputError("there are " + std::to_string(history.successes.size()) + " successes, " +
                         std::to_string(count) + " trials and " + std::to_string(history.period.size()) +
                         " periods; there must be as many, and at least one");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE double factor_log_likelihood(const FactorHistory& history, const FactorParameters& at,
                                              double* gradient) {
    detail::check(history);
    const double square = 1 - at.common * at.common - at.own * at.own;
    if (!(square > 1e-6) || !std::isfinite(at.threshold)) return -std::numeric_limits<double>::infinity();
    const double rest = std::sqrt(square);
    const std::size_t cells = history.trials.size();
    // Information of one trial on its argument is at most 2 / pi; of a period on Z_t, what its cells' factors leave.
    constexpr double most = 2 / std::numbers::pi;
    double in_cell = 0;
    double in_period = 0;
    double sum = 0;
    for (std::size_t c = 0; c < cells; ++c) {
        in_cell = std::max(in_cell, history.trials[c]);
        if (c > 0 && history.period[c] != history.period[c - 1]) sum = 0;
        sum += at.common * at.common / (at.own * at.own + square / (most * history.trials[c]));
        in_period = std::max(in_period, sum);
    }
    const detail::FactorNodes outer = detail::factor_nodes(in_period);
    detail::FactorNodes inner{{0}, {0}};
    if (at.own != 0) inner = detail::factor_nodes(at.own * at.own * most * in_cell / square);
    const std::size_t nz = outer.value.size();
    const std::size_t nu = inner.value.size();
    struct Point {
        double won;                     // log Phi(x)
        double lost;                    // log Phi(-x)
        std::array<double, 3> if_won;   // derivatives of log Phi(x) by the parameters
        std::array<double, 3> if_lost;  // of log Phi(-x)
    };
    std::vector<Point> points(nz * nu);
    for (std::size_t i = 0; i < nz; ++i) {
        for (std::size_t j = 0; j < nu; ++j) {
            const double z = outer.value[i];
            const double u = inner.value[j];
            const double top = at.threshold - at.common * z - at.own * u;
            const double x = top / rest;
            Point& point = points[i * nu + j];
            point.won = math::log_normal_cdf(x);
            point.lost = math::log_normal_cdf(-x);
            const double log_density = -0.5 * x * x - 0.5 * std::log(2 * std::numbers::pi);
            const double up = std::exp(log_density - point.won);
            const double down = -std::exp(log_density - point.lost);
            const std::array<double, 3> slope{1 / rest, -z / rest + top * at.common / (rest * square),
                                              -u / rest + top * at.own / (rest * square)};
            for (std::size_t k = 0; k < 3; ++k) {
                point.if_won[k] = up * slope[k];
                point.if_lost[k] = down * slope[k];
            }
        }
    }
    // Of each kind of cell, for each value of Z_t: the logarithm of its mean over Z_c, and the derivatives of that.
    struct Kind {
        std::vector<double> value;
        std::vector<std::array<double, 3>> slope;
    };
    std::map<std::pair<double, double>, Kind> kinds;
    for (std::size_t c = 0; c < cells; ++c) {
        const auto [place, fresh] = kinds.try_emplace({history.successes[c], history.trials[c]});
        if (!fresh) continue;
        const double won = history.successes[c];
        const double lost = history.trials[c] - won;
        Kind& kind = place->second;
        kind.value.resize(nz);
        kind.slope.resize(nz);
        std::vector<double> term(nu);
        for (std::size_t i = 0; i < nz; ++i) {
            double top = -std::numeric_limits<double>::infinity();
            for (std::size_t j = 0; j < nu; ++j) {
                const Point& point = points[i * nu + j];
                term[j] = inner.log_weight[j] + won * point.won + lost * point.lost;
                top = std::max(top, term[j]);
            }
            double total = 0;
            std::array<double, 3> slope{};
            for (std::size_t j = 0; j < nu; ++j) {
                const Point& point = points[i * nu + j];
                const double weight = std::exp(term[j] - top);
                if (weight == 0) continue;
                total += weight;
                for (std::size_t k = 0; k < 3; ++k) {
                    slope[k] += weight * (won * point.if_won[k] + lost * point.if_lost[k]);
                }
            }
            kind.value[i] = top + std::log(total);
            for (std::size_t k = 0; k < 3; ++k) kind.slope[i][k] = slope[k] / total;
        }
    }
    math::CompensatedSum likelihood;
    std::array<math::CompensatedSum, 3> derivative;
    std::vector<double> term(nz);
    std::vector<std::array<double, 3>> slope(nz);
    for (std::size_t begin = 0, end = 0; begin < cells; begin = end) {
        term = outer.log_weight;
        std::ranges::fill(slope, std::array<double, 3>{});
        for (; end < cells && history.period[end] == history.period[begin]; ++end) {
            const Kind& kind = kinds.at({history.successes[end], history.trials[end]});
            for (std::size_t i = 0; i < nz; ++i) {
                term[i] += kind.value[i];
                for (std::size_t k = 0; k < 3; ++k) slope[i][k] += kind.slope[i][k];
            }
        }
        const double top = *std::ranges::max_element(term);
        double total = 0;
        std::array<double, 3> sums{};
        for (std::size_t i = 0; i < nz; ++i) {
            const double weight = std::exp(term[i] - top);
            if (weight == 0) continue;
            total += weight;
            for (std::size_t k = 0; k < 3; ++k) sums[k] += weight * slope[i][k];
        }
        likelihood += top + std::log(total);
        for (std::size_t k = 0; k < 3; ++k) derivative[k] += sums[k] / total;
    }
    for (std::size_t k = 0; k < 3 && gradient != nullptr; ++k) gradient[k] = derivative[k].value();
    return likelihood.value();
}

CUSTFOLIO_INLINE FactorFit fit_factors(const FactorHistory& history, bool grouped, double level) {
    detail::check(history);
    if (!(level > 0 && level < 1)) {
        throw InputError("level is " + number_text(level) + "; it must lie between 0 and 1");
    }
    double won = 0;
    double all = 0;
    for (std::size_t c = 0; c < history.trials.size(); ++c) {
        won += history.successes[c];
        all += history.trials[c];
    }
    if (!(won > 0 && won < all)) {
        throw InputError(number_text(won) + " of " + number_text(all) +
                         " trials succeeded; factors need both successes and failures");
    }
    // The greatest likelihood over the parameters that are free, from where it is begun.
    const auto maximise = [&](FactorParameters at, const std::array<bool, 3>& free) {
        std::array<double FactorParameters::*, 3> member{&FactorParameters::threshold, &FactorParameters::common,
                                                         &FactorParameters::own};
        std::vector<std::size_t> moved;
        for (std::size_t k = 0; k < 3; ++k) {
            if (free[k]) moved.push_back(k);
        }
        const auto with = [&](std::span<const double> x) {
            FactorParameters here = at;
            for (std::size_t k = 0; k < moved.size(); ++k) here.*member[moved[k]] = x[k];
            return here;
        };
        const auto f = [&](std::span<const double> x, std::span<double> slope) {
            std::array<double, 3> derivative{};
            const double value = factor_log_likelihood(history, with(x), derivative.data());
            for (std::size_t k = 0; k < moved.size(); ++k) slope[k] = -derivative[moved[k]];
            return -value;
        };
        std::vector<double> start(moved.size());
        for (std::size_t k = 0; k < moved.size(); ++k) start[k] = at.*member[moved[k]];
        const math::MinimiseResult found = math::minimise(f, start, {.max_step = 0.3});
        return std::pair{with(found.x), -found.value};
    };
    const double centre = math::normal_quantile(won / all);
    FactorParameters best;
    double top = -std::numeric_limits<double>::infinity();
    for (const auto& [common, own] : {std::pair{0.3, 0.3}, {0.6, 0.1}, {0.1, 0.6}}) {
        const auto [found, value] = maximise({centre, common, grouped ? own : 0.0}, {true, true, grouped});
        if (value > top) {
            best = found;
            top = value;
        }
    }
    best.common = std::abs(best.common);
    best.own = std::abs(best.own);
    const double quantile = math::normal_quantile(0.5 + 0.5 * level);
    const double drop = top - 0.5 * quantile * quantile;
    // Where the profile of a loading falls below that: by halving, to four digits of the loading.
    const auto share_of = [&](double FactorParameters::* loading, std::size_t which) {
        FactorParameters from = best;
        const auto above = [&](double value) {
            from.*loading = value;
            const double square = 1 - from.common * from.common - from.own * from.own;
            if (!(square > 0.01)) {
                double& other = which == 1 ? from.own : from.common;
                other = std::min(other, 0.9 * std::sqrt(std::max(0.0, 1 - value * value)));
            }
            std::array<bool, 3> free{true, true, grouped};
            free[which] = false;
            const auto [found, height] = maximise(from, free);
            from = found;
            return height >= drop;
        };
        const double middle = best.*loading;
        FactorShare share{middle * middle, 0, 0};
        const auto end = [&](double inside, double outside) {
            from = best;
            if (above(outside)) return outside;
            from = best;
            while (std::abs(inside - outside) > 2e-4) {
                const double half = 0.5 * (inside + outside);
                (above(half) ? inside : outside) = half;
            }
            return 0.5 * (inside + outside);
        };
        const double low = end(middle, 0);
        const double high = end(middle, 0.99);
        share.low = low * low;
        share.high = high * high;
        return share;
    };
    FactorFit fit;
    fit.threshold = best.threshold;
    fit.log_likelihood = top;
    fit.common = share_of(&FactorParameters::common, 1);
    if (grouped) fit.own = share_of(&FactorParameters::own, 2);
    return fit;
}

CUSTFOLIO_INLINE double correlation_of_pairs(double threshold, double both) {
    const auto chance = [&](double correlation) {
        return detail::factor_means(1, 1e-12, [&](double z, std::vector<double>& value) {
            const double p = math::normal_cdf((threshold - std::sqrt(correlation) * z) / std::sqrt(1 - correlation));
            value[0] = p * p;
        })[0];
    };
    double low = 0;
    double high = 0.999;
    if (chance(low) >= both) return low;
    if (chance(high) <= both) return high;
    while (high - low > 1e-9) {
        const double middle = 0.5 * (low + high);
        (chance(middle) < both ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace custfolio
