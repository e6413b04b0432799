// Definitions of the band of a random number of random amounts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/detail/thresholds.hpp"
#include "custfolio/lifetime/value_band.hpp"
#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/root.hpp"

namespace custfolio::detail {

/// Numbers of purchases, with near ones merged, and their probabilities.
struct NumberTaken {
    double number = 0;
    double probability = 0;
};

/// A number of purchases given that there is one, N - 1 of Panjer's class: p_k = (a + b / k) p_{k-1}.
CUSTFOLIO_INLINE void numbers_by_panjer(double mean, double variance, std::vector<NumberTaken>& numbers) {
    // Panjer's a and b that give N - 1 this mean and variance.
    const double a = 1 - mean / variance;
    const double b = mean / variance * mean - a;
    const double tail = a > 0 ? 1 / (1 - a) : 1.0;
    double mass = 1;  // relative to that of one purchase; the caller makes them sum to what they should
    double sum = 1;
    numbers.push_back({1.0, 1.0});
    NumberTaken group;
    double width = 0;
    for (double k = 1;; ++k) {
        const double factor = a + b / k;
        if (!(factor > 0)) break;
        mass *= factor;
        sum += mass;
        group.number += mass * (k + 1);
        group.probability += mass;
        // Groups grow with the number, 1/24 of it wide: the spread lost is below 0.02 % of its square.
        if (++width >= k / 24) {
            if (group.probability > 0) numbers.push_back({group.number / group.probability, group.probability});
            group = {};
            width = 0;
        }
        // Beyond this the tail, bounded by a geometric series, is below a millionth of the sum.
        if (k > mean && mass * tail < 1e-6 * sum) break;
    }
    if (group.probability > 0) numbers.push_back({group.number / group.probability, group.probability});
}

/// A large number of purchases as a gamma variable, by the medians of 128 equal parts (Wilson and Hilferty's cube
/// root).
CUSTFOLIO_INLINE void numbers_by_gamma(double mean, double variance, std::vector<NumberTaken>& numbers) {
    // The cube root of a gamma variable is nearly normal: equal parts of a normal distribution give equal parts.
    const double ninth = variance / (9 * mean * mean);
    for (double part = 0.5; part < 128; ++part) {
        const double root = 1 - ninth + math::normal_quantile(part / 128) * std::sqrt(ninth);
        numbers.push_back({std::max(1.0, mean * root * root * root), 1.0});
    }
}

/// Gives the numbers up to a percentile, and those beyond the one before it, the probabilities that it demands. `first`
/// is the first number beyond the percentile before, `before` the probability up to there; both are moved to this one.
CUSTFOLIO_INLINE void meet_percentile(std::vector<NumberTaken>& numbers, double percentile, double probability,
                                      std::size_t& first, double& before) {
    double under = before;
    std::size_t end = first;
    for (; end < numbers.size() && numbers[end].number < percentile - 0.5; ++end) under += numbers[end].probability;
    double up_to = under;
    std::size_t at = end;
    for (; at < numbers.size() && numbers[at].number <= percentile + 0.5; ++at) up_to += numbers[at].probability;
    if (under < probability && up_to >= probability) return;  // the percentile is met already
    if (up_to < probability) {
        end = at;
        under = up_to;
    }
    if (!(under > before) || !(probability > before) || end == numbers.size()) return;
    double rest = 0;
    for (std::size_t k = end; k < numbers.size(); ++k) rest += numbers[k].probability;
    // Below the percentile and above it, each part is scaled to what the percentiles leave for it.
    const double lower = (probability - before) / (under - before);
    const double upper = (rest + under - probability) / rest;
    for (std::size_t k = first; k < numbers.size(); ++k) numbers[k].probability *= k < end ? lower : upper;
    first = end;
    before = probability;
}

/// The numbers of purchases that there may be where there is one, with probabilities that sum to 1 - none.
CUSTFOLIO_INLINE void numbers_taken(double none, double mean, double sd, double p10, double p90,
                                    std::vector<NumberTaken>& numbers) {
    numbers.clear();
    const double some = 1 - none;
    const double each = std::max(1.0, mean / some);
    const double spread = (sd * sd + mean * mean) / some - each * each;
    const double beyond = each - 1;
    // The number beyond the first purchase decides: none, many or spread wide (as a gamma variable), or counted singly.
    if (beyond < 1e-9) {
        numbers.push_back({1.0, 1.0});
    } else if (beyond > many_further_purchases || spread > wide_spread * beyond) {
        numbers_by_gamma(each, std::max(spread, 1e-9 * each), numbers);
    } else {
        // A whole number varies at least as much as its fraction makes it.
        const double fraction = beyond - std::floor(beyond);
        numbers_by_panjer(beyond, std::max({spread, fraction * (1 - fraction), 0.05 * beyond}), numbers);
    }
    double sum = 0;
    for (const NumberTaken& taken : numbers) sum += taken.probability;
    for (NumberTaken& taken : numbers) taken.probability *= some / sum;
    std::size_t first = 0;
    double before = none;
    if (none < 0.1) meet_percentile(numbers, p10, 0.1, first, before);
    meet_percentile(numbers, p90, 0.9, first, before);
}

/// Where a mixture reaches a probability, 0 where its atom of `none` at 0 does; `below(s)` is that of the rest.
template <class Below>
double mixture_quantile(Below&& below, double none, double least, double most, double probability) {
    // The atom at 0 is a step: the quantile is 0 if the step passes the probability.
    const double at_zero = below(0.0);
    if (at_zero < probability && at_zero + none >= probability) return 0.0;
    const bool negative = at_zero >= probability;
    const double target = negative ? probability : probability - none;
    const double lower = negative ? least : 0.0;
    const double upper = negative ? 0.0 : most;
    const math::RootTolerance tolerance{1e-8 * (upper - lower), 1e-6, 200};
    return math::brent_root([&](double sum) { return below(sum) - target; }, lower, upper, tolerance).root;
}

/// Fails unless the moments are ones. @throws InputError naming the row.
CUSTFOLIO_INLINE void check_moments(const PurchaseMoments& count) {
    for (const std::span<const double>& column : {count.mean, count.sd, count.p10, count.p90}) {
        if (column.size() == count.none.size()) continue;
        throw InputError("value band: none, mean, sd, p10 and p90 must have the same length");
    }
    for (std::size_t i = 0; i < count.none.size(); ++i) {
        if (!(count.none[i] >= 0 && count.none[i] <= 1 && count.mean[i] >= 0 && std::isfinite(count.mean[i]) &&
              count.sd[i] >= 0 && std::isfinite(count.sd[i]) && count.p10[i] >= 0 && count.p90[i] >= count.p10[i])) {
            throw InputError("value band, row " + std::to_string(i + 1) +
                             ": none must be a probability, mean and sd finite and at least 0, 0 <= p10 <= p90");
        }
    }
}

/// The band of every row; `find(i, numbers, none)` is that of a row with purchases enough for one.
template <class Find>
ValueBand value_band_rows(const PurchaseMoments& count, unsigned threads, const math::Pulse& pulse, Find&& find) {
    ValueBand band;
    band.p10.resize(count.none.size());
    band.p90.resize(count.none.size());
    const auto some_rows = [&](std::size_t from, std::size_t to) {
        std::vector<NumberTaken> numbers;
        for (std::size_t i = from; i < to; ++i) {
            if (count.none[i] >= 0.9 || count.mean[i] == 0) continue;  // both ends are no purchase
            numbers_taken(count.none[i], count.mean[i], count.sd[i], count.p10[i], count.p90[i], numbers);
            find(i, numbers, band.p10[i], band.p90[i]);
            band.p90[i] = std::max(band.p10[i], band.p90[i]);
        }
    };
    math::parallel_for(0, count.none.size(), 512, threads, some_rows, pulse);
    return band;
}

/// A sum of `number` amounts of the Gamma-Gamma model in cube roots: F's law is nearly normal there.
struct PaulsonTerm {
    double probability = 0;
    double shape = 0;
    double factor = 0;  ///< Cube root of F over that of the sum.
    double ninth = 0;   ///< 1 / (9 shape).
};

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE ValueBand value_band_normal(const PurchaseMoments& count, std::span<const double> amount,
                                             std::span<const double> variance, double within, unsigned threads,
                                             const math::Pulse& pulse) {
    detail::check_moments(count);
    if (amount.size() != count.none.size() || variance.size() != count.none.size()) {
        throw InputError("value band: amount and variance must have one row a customer");
    }
    if (!(within >= 0 && std::isfinite(within))) {
        throw InputError("value band: the variance within must be finite and at least 0");
    }
    for (std::size_t i = 0; i < amount.size(); ++i) {
        if (!(std::isfinite(amount[i]) && variance[i] >= 0 && std::isfinite(variance[i]))) {
            throw InputError("value band, row " + std::to_string(i + 1) +
                             ": amount must be finite, variance finite and at least 0");
        }
    }
    return detail::value_band_rows(
        count, threads, pulse, [&](std::size_t i, std::vector<detail::NumberTaken>& numbers, double& p10, double& p90) {
            double least = 0;
            double most = 0;
            for (const auto& [n, probability] : numbers) {
                // Nine deviations: beyond them a normal distribution has less than 1e-18.
                const double reach = 9 * std::sqrt(n * within + n * n * variance[i]) + 1e-6 * n * std::abs(amount[i]);
                least = std::min(least, n * amount[i] - reach);
                most = std::max(most, n * amount[i] + reach);
            }
            const auto below = [&](double sum) {
                double total = 0;
                for (const auto& [n, probability] : numbers) {
                    const double sd = std::sqrt(n * within + n * n * variance[i]);
                    const double over = sum - n * amount[i];
                    total += probability * (sd > 0 ? math::normal_cdf(over / sd) : over >= 0 ? 1.0 : 0.0);
                }
                return total;
            };
            p10 = detail::mixture_quantile(below, count.none[i], least, most, 0.1);
            p90 = detail::mixture_quantile(below, count.none[i], least, most, 0.9);
        });
}

CUSTFOLIO_INLINE ValueBand value_band_gamma(const PurchaseMoments& count, double shape, std::span<const double> q,
                                            std::span<const double> scale, unsigned threads, const math::Pulse& pulse) {
    detail::check_moments(count);
    if (q.size() != count.none.size() || scale.size() != count.none.size()) {
        throw InputError("value band: q and scale must have one row a customer");
    }
    if (!(shape > 0 && std::isfinite(shape))) throw InputError("value band: shape must be finite and above 0");
    for (std::size_t i = 0; i < q.size(); ++i) {
        if (!(q[i] > 1 && std::isfinite(q[i]) && scale[i] > 0 && std::isfinite(scale[i]))) {
            throw InputError("value band, row " + std::to_string(i + 1) +
                             ": q must be finite and above 1, scale finite and above 0");
        }
    }
    return detail::value_band_rows(
        count, threads, pulse, [&](std::size_t i, std::vector<detail::NumberTaken>& numbers, double& p10, double& p90) {
            const double rate = q[i];
            const double ninth = 1 / (9 * rate);
            std::vector<detail::PaulsonTerm> terms;
            terms.reserve(numbers.size());
            for (const auto& [n, probability] : numbers) {
                const double a = shape * n;
                terms.push_back({probability, a, std::cbrt(rate / a), 1 / (9 * a)});
            }
            // The variable is the cube root of the sum over its scale.
            // The cube roots of sums are nearly normal, so the root is found in them in a few steps.
            const auto below = [&](double root) {
                if (root <= 0) return 0.0;
                double total = 0;
                for (const detail::PaulsonTerm& term : terms) {
                    double reached;
                    // For small shapes the cube root is not normal enough, and the beta distribution is computed
                    // itself.
                    if (term.shape < detail::least_normal_shape || rate < detail::least_normal_rate) {
                        const double ratio = root * root * root;
                        reached = math::regularised_beta(term.shape, rate, ratio / (1 + ratio));
                    } else {
                        const double f = root * term.factor;
                        reached = math::normal_cdf(((1 - ninth) * f - (1 - term.ninth)) /
                                                   std::sqrt(ninth * f * f + term.ninth));
                    }
                    total += term.probability * reached;
                }
                return total;
            };
            // Twice the mean in cube roots is mostly beyond the percentile; doubling finds an end that is.
            double most = 2 * std::cbrt(shape * count.mean[i] / (1 - count.none[i]) / (rate - 1));
            while (below(most) < 0.9 - count.none[i]) most *= 2;
            for (const auto& [probability, end] : {std::pair<double, double*>{0.1, &p10}, {0.9, &p90}}) {
                const double root = detail::mixture_quantile(below, count.none[i], 0.0, most, probability);
                *end = scale[i] * root * root * root;
            }
        });
}

}  // namespace custfolio
