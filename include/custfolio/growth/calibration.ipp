// Definitions of the scores and the learned percentages.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "custfolio/config.hpp"
#include "custfolio/growth/calibration.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/minimise.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_level(double level) {
    if (!(level > 0 && level < 1)) {
        throw InputError("level is " + number_text(level) + "; it must be between 0 and 1, such as 0.9");
    }
}

CUSTFOLIO_INLINE void check_lengths(std::size_t count, std::size_t expected, const char* what) {
    if (count != expected) {
        throw InputError(std::string(what) + ": " + std::to_string(count) + " values; there must be " +
                         std::to_string(expected));
    }
}

/// Pools adjacent violators in place: `level` and `weight` have the blocks, `size` their numbers of values.
class IsotonicBlocks {
  public:
    /// Appends a value, and pools the blocks that it makes fall.
    void add(double value, double weight) {
        blocks_.push_back({value, weight, 1});
        // A block that is not above the one before it breaks the order; both become their mean.
        while (blocks_.size() > 1 && blocks_[blocks_.size() - 2].level >= blocks_.back().level) {
            const Block last = blocks_.back();
            blocks_.pop_back();
            Block& before = blocks_.back();
            const double together = before.weight + last.weight;
            // The weighted mean, as a step from the one towards the other: equal levels stay exactly equal.
            before.level += (last.level - before.level) * (last.weight / together);
            before.weight = together;
            before.size += last.size;
        }
    }
    /// Writes the level of each value.
    void write(std::span<double> out) {
        std::size_t at = 0;
        for (const Block& block : blocks_) {
            for (std::size_t k = 0; k < block.size; ++k) out[at++] = block.level;
        }
        blocks_.clear();
    }

  private:
    struct Block {
        double level;
        double weight;
        std::size_t size;
    };
    std::vector<Block> blocks_;
};

CUSTFOLIO_INLINE void check_outcomes(std::span<const double> stated, std::span<const std::uint8_t> happened) {
    check_lengths(happened.size(), stated.size(), "happened");
    if (stated.empty()) throw InputError("there is no outcome; at least one is needed");
    for (std::size_t k = 0; k < stated.size(); ++k) {
        if (!(stated[k] >= 0 && stated[k] <= 1)) {
            require_probability(stated[k], "probability at position " + std::to_string(k));
        }
        if (happened[k] > 1) {
            throw InputError("outcome at position " + std::to_string(k) + " is " + std::to_string(happened[k]) +
                             "; it must be 0 or 1");
        }
    }
}

/// The points and the scores of what was stated, without recalibration.
CUSTFOLIO_INLINE Reliability scored_points(std::span<const double> stated, std::span<const std::uint8_t> happened) {
    std::vector<std::size_t> order(stated.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return stated[i] < stated[j]; });

    Reliability result;
    result.count = stated.size();
    math::CompensatedSum mean, brier, loss;
    std::size_t hits = 0;
    // Equal statements become one point of the diagram.
    for (std::size_t at = 0; at < order.size();) {
        ReliabilityPoint point;
        point.stated = stated[order[at]];
        std::size_t good = 0;
        for (; at < order.size() && stated[order[at]] == point.stated; ++at) {
            good += happened[order[at]] != 0 ? 1U : 0U;
            ++point.count;
        }
        const std::size_t bad = point.count - good;
        const auto yes = static_cast<double>(good);
        const auto no = static_cast<double>(bad);
        hits += good;
        mean += point.stated * static_cast<double>(point.count);
        brier += yes * (1 - point.stated) * (1 - point.stated) + no * point.stated * point.stated;
        // 0 log 0 counts as 0: an outcome that was excluded and did not happen costs nothing.
        if (good > 0 && point.stated > 0) loss += -yes * std::log(point.stated);
        if (bad > 0 && point.stated < 1) loss += -no * std::log1p(-point.stated);
        if (point.stated == 0) result.impossible += good;
        if (point.stated == 1) result.impossible += bad;
        point.share = yes / static_cast<double>(point.count);
        result.points.push_back(point);
    }
    const auto n = static_cast<double>(result.count);
    result.stated = mean.value() / n;
    result.observed = static_cast<double>(hits) / n;
    result.brier = brier.value() / n;
    // Murphy's decomposition: the score of always stating the overall share.
    result.uncertainty = result.observed * (1 - result.observed);
    result.log_loss = result.impossible != 0 ? std::numeric_limits<double>::infinity() : loss.value() / n;
    return result;
}

/// Recalibrates the points, and divides the score into what recalibration would subtract and what it leaves.
CUSTFOLIO_INLINE void recalibrate(Reliability& result) {
    std::vector<double> share, weight;
    for (const ReliabilityPoint& point : result.points) {
        share.push_back(point.share);
        weight.push_back(static_cast<double>(point.count));
    }
    const std::vector<double> fitted = isotonic_regression(share, weight);
    // The score if each statement were replaced by what is recalibrated.
    math::CompensatedSum recalibrated;
    for (std::size_t k = 0; k < fitted.size(); ++k) {
        result.points[k].recalibrated = fitted[k];
        recalibrated +=
            weight[k] * (share[k] * (1 - fitted[k]) * (1 - fitted[k]) + (1 - share[k]) * fitted[k] * fitted[k]);
    }
    const auto n = static_cast<double>(result.count);
    result.miscalibration = result.brier - recalibrated.value() / n;
    result.discrimination = result.uncertainty - recalibrated.value() / n;
}

/// Sets the bands of the points: how far chance alone moves them in histories for which the statements are right.
CUSTFOLIO_INLINE void add_bands(Reliability& result, const ReliabilityOptions& options) {
    result.band_level = options.level;
    const std::size_t points = result.points.size();
    if (options.resamples > most_resamples || options.resamples * points > most_resampled_points) {
        throw InputError("resamples is " + std::to_string(options.resamples) + " for " + std::to_string(points) +
                         " different statements; it must be at most " +
                         std::to_string(std::min(most_resamples, most_resampled_points / points)));
    }
    std::vector<double> drawn(options.resamples * points);
    const auto resample = [&](std::size_t first, std::size_t last) {
        IsotonicBlocks blocks;
        std::vector<double> uniform;
        // Each resampled history is a stream of its own, so the draws do not depend on threads.
        for (std::size_t sample = first; sample < last; ++sample) {
            std::uint64_t index = 0;
            for (const ReliabilityPoint& point : result.points) {
                uniform.resize(point.count);
                math::uniforms(options.seed, sample, index, uniform);
                index += point.count;
                const auto good =
                    std::count_if(uniform.begin(), uniform.end(), [&](double u) { return u < point.stated; });
                const auto count = static_cast<double>(point.count);
                blocks.add(static_cast<double>(good) / count, count);
            }
            blocks.write(std::span<double>(drawn).subspan(sample * points, points));
        }
    };
    math::parallel_for(0, options.resamples, 8, options.threads, resample, options.pulse);
    std::vector<double> column(options.resamples);
    for (std::size_t k = 0; k < points; ++k) {
        for (std::size_t sample = 0; sample < options.resamples; ++sample) column[sample] = drawn[sample * points + k];
        std::sort(column.begin(), column.end());
        // the outermost order statistics that leave at most (1 - level) / 2 of the draws beyond each
        const auto beyond =
            static_cast<std::size_t>(std::floor(static_cast<double>(options.resamples) * (1 - options.level) / 2));
        result.points[k].lower = column[beyond];
        result.points[k].upper = column[options.resamples - 1 - beyond];
    }
}

/// Minus the log likelihood of groups' counts under a beta(mean x precision, (1 - mean) x precision) distribution of
/// rates. `x` has the logit of the mean and the logarithm of the precision.
CUSTFOLIO_INLINE double beta_binomial(std::span<const double> successes, std::span<const double> trials,
                                      std::span<const double> x, std::span<double> gradient) {
    const double mean = 1 / (1 + std::exp(-x[0]));
    const double precision = std::exp(x[1]);
    const double a = mean * precision;
    const double b = precision - a;
    gradient[0] = gradient[1] = 0;
    // Here the search has left the domain: infinity turns it back.
    if (!(a > 1e-100 && b > 1e-100 && precision < 1e15)) return std::numeric_limits<double>::infinity();
    math::CompensatedSum value, by_a, by_b;
    for (std::size_t k = 0; k < trials.size(); ++k) {
        const double s = successes[k];
        const double f = trials[k] - s;
        if (trials[k] == 0) continue;
        value += math::log_gamma_ratio(a, s) + math::log_gamma_ratio(b, f) - math::log_gamma_ratio(a + b, s + f);
        const double both = math::digamma(a + b + s + f) - math::digamma(a + b);
        by_a += math::digamma(a + s) - math::digamma(a) - both;
        by_b += math::digamma(b + f) - math::digamma(b) - both;
    }
    // The chain rule through mean and precision to their logit and logarithm.
    gradient[0] = -(by_a.value() - by_b.value()) * precision * mean * (1 - mean);
    gradient[1] = -(by_a.value() * a + by_b.value() * b);
    return -value.value();
}

/// Fits the distribution of the groups' rates; false where the groups differ no more than by chance.
CUSTFOLIO_INLINE bool fit_spread(std::span<const double> successes, std::span<const double> trials, double good,
                                 double all, SuccessRates& rates) {
    const double pooled = good / all;
    if (!(pooled > 0 && pooled < 1 && trials.size() > 1)) return false;
    bool pure = true;  // each group has only successes or only failures
    bool repeated = false;
    for (std::size_t k = 0; k < trials.size(); ++k) {
        pure = pure && (successes[k] == 0 || successes[k] == trials[k]);
        repeated = repeated || trials[k] > 1;
    }
    if (pure && repeated) {
        // The likelihood rises as the precision falls to 0, where every rate would be exactly 0 or 1.
        rates.mean = pooled;
        rates.precision = 1;
        rates.message = "each group has only successes or only failures: each is shrunk as by one case";
        return true;
    }
    const math::MinimiseResult best =
        math::minimise([&](std::span<const double> x,
                           std::span<double> gradient) { return beta_binomial(successes, trials, x, gradient); },
                       {std::log(pooled / (1 - pooled)), std::log(10.0)});
    // The likelihood of one rate for all. Where groups are not better, their rates differ by chance alone.
    const double same = -(good * std::log(pooled) + (all - good) * std::log1p(-pooled));
    const bool spread =
        std::isfinite(best.value) && best.value < same - 1e-9 * std::abs(same) && best.x[1] < std::log(1e6);
    if (!spread) return false;
    rates.mean = 1 / (1 + std::exp(-best.x[0]));
    rates.precision = std::exp(best.x[1]);
    rates.message = best.converged ? "converged" : "not converged: " + best.message;
    return true;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(CaseEnd end) {
    switch (end) {
        case CaseEnd::open:
            return "open";
        case CaseEnd::won:
            return "won";
        case CaseEnd::lost:
            return "lost";
    }
    throw InputError("end " + std::to_string(static_cast<int>(end)) + " does not exist");
}

CUSTFOLIO_INLINE std::vector<double> isotonic_regression(std::span<const double> values,
                                                         std::span<const double> weights) {
    if (!weights.empty()) detail::check_lengths(weights.size(), values.size(), "weights");
    detail::IsotonicBlocks blocks;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double weight = weights.empty() ? 1 : weights[k];
        require_finite(values[k], "value at position " + std::to_string(k));
        if (!(weight > 0 && std::isfinite(weight))) {
            throw InputError("weight at position " + std::to_string(k) + " is " + number_text(weight) +
                             "; it must be positive and finite");
        }
        blocks.add(values[k], weight);
    }
    std::vector<double> fitted(values.size());
    blocks.write(fitted);
    return fitted;
}

CUSTFOLIO_INLINE Reliability reliability(std::span<const double> stated, std::span<const std::uint8_t> happened,
                                         const ReliabilityOptions& options) {
    detail::check_outcomes(stated, happened);
    if (options.resamples != 0) detail::check_level(options.level);
    Reliability result = detail::scored_points(stated, happened);
    detail::recalibrate(result);
    if (options.resamples != 0) detail::add_bands(result, options);
    return result;
}

CUSTFOLIO_INLINE ShareInterval share_interval(double successes, double trials, double level) {
    detail::check_level(level);
    if (!(trials > 0 && std::isfinite(trials) && successes >= 0 && successes <= trials)) {
        throw InputError("successes are " + number_text(successes) + " of " + number_text(trials) +
                         "; there must be at least one trial, and from none to all of them successes");
    }
    // Jeffreys' interval: a beta(1/2, 1/2) prior, with the ends at 0 and 1 where no other outcome was seen.
    // Jeffreys' prior: half a success and half a failure.
    const double a = successes + 0.5;
    const double b = trials - successes + 0.5;
    const double tail = (1 - level) / 2;
    return {successes / trials, successes == 0 ? 0 : math::beta_quantile(tail, a, b),
            successes == trials ? 1 : math::beta_quantile(1 - tail, a, b)};
}

CUSTFOLIO_INLINE SuccessRates success_rates(std::span<const double> successes, std::span<const double> trials,
                                            double level) {
    detail::check_level(level);
    detail::check_lengths(trials.size(), successes.size(), "trials");
    double good = 0;
    double all = 0;
    for (std::size_t k = 0; k < trials.size(); ++k) {
        const double s = successes[k];
        const double n = trials[k];
        if (!(n >= 0 && n < 0x1p53 && s >= 0 && s <= n && s == std::floor(s) && n == std::floor(n))) {
            throw InputError("group at position " + std::to_string(k) + ": " + number_text(s) + " successes of " +
                             number_text(n) + " trials; both must be whole, and from none to all of them successes");
        }
        good += s;
        all += n;
    }
    if (all == 0) throw InputError("there is no trial in any group; at least one is needed");

    SuccessRates rates;
    if (!detail::fit_spread(successes, trials, good, all, rates)) {
        rates.pooled = true;
        rates.mean = good / all;
        rates.precision = std::numeric_limits<double>::infinity();
        rates.message = trials.size() == 1 ? "one group only" : "the groups differ no more than by chance";
        const ShareInterval whole = share_interval(good, all, level);
        rates.rate.assign(trials.size(), rates.mean);
        rates.lower.assign(trials.size(), whole.lower);
        rates.upper.assign(trials.size(), whole.upper);
        return rates;
    }
    // The posterior of each group's rate is beta: the prior's counts and its own are added.
    const double tail = (1 - level) / 2;
    for (std::size_t k = 0; k < trials.size(); ++k) {
        const double a = rates.mean * rates.precision + successes[k];
        const double b = (1 - rates.mean) * rates.precision + trials[k] - successes[k];
        rates.rate.push_back(a / (a + b));
        rates.lower.push_back(math::beta_quantile(tail, a, b));
        rates.upper.push_back(math::beta_quantile(1 - tail, a, b));
    }
    return rates;
}

CUSTFOLIO_INLINE std::vector<AgePeriod> win_rate_by_age(std::span<const std::uint32_t> age,
                                                        std::span<const CaseEnd> end, double level) {
    detail::check_level(level);
    detail::check_lengths(end.size(), age.size(), "end");
    if (age.empty()) throw InputError("there is no case; at least one is needed");
    std::uint32_t oldest = 0;
    for (std::size_t k = 0; k < age.size(); ++k) {
        // One period of age is one row of the result, so ages must be counted in sensible periods.
        if (age[k] > 100'000) {
            throw InputError("case at position " + std::to_string(k) + ": its age is " + std::to_string(age[k]) +
                             " periods; count them in longer ones");
        }
        oldest = std::max(oldest, age[k]);
    }
    std::vector<AgePeriod> periods(std::size_t{oldest} + 1);
    std::vector<std::size_t> left(periods.size() + 1);  // cases whose last period at risk is the one before
    for (std::size_t k = 0; k < age.size(); ++k) {
        // A case is at risk in each period up to its end; an open one not in the period that has not passed.
        const std::size_t at = age[k];
        if (end[k] == CaseEnd::won) ++periods[at].won;
        if (end[k] == CaseEnd::lost) ++periods[at].lost;
        ++left[end[k] == CaseEnd::open ? at : at + 1];
    }
    // Kaplan and Meier's product: of those still open at an age, the share that stays open.
    std::size_t at_risk = age.size();
    double open = 1;
    double won_by = 0;
    for (std::size_t t = 0; t < periods.size(); ++t) {
        at_risk -= left[t];
        AgePeriod& period = periods[t];
        period.at_risk = at_risk;
        if (at_risk > 0) {
            const auto n = static_cast<double>(at_risk);
            // The hazard of winning: of those at risk at this age.
            period.win_rate = share_interval(static_cast<double>(period.won), n, level);
            // Won at this age: still open until now, and won now (the cumulative incidence).
            won_by += open * period.win_rate.share;
            open *= static_cast<double>(at_risk - period.won - period.lost) / n;
        }
        period.open = open;
        period.won_by = won_by;
    }
    // Of the cases open at an age, those that will be won are the rest of the incidence.
    double before_open = 1;
    double before_won = 0;
    for (AgePeriod& period : periods) {
        period.wins_from_here = before_open > 0 ? (won_by - before_won) / before_open : 0;
        before_open = period.open;
        before_won = period.won_by;
    }
    // The last period has no case at risk if all cases in it were still open.
    if (!periods.empty() && periods.back().at_risk == 0) periods.pop_back();
    return periods;
}

}  // namespace custfolio
