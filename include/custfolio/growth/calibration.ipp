// Definitions of the scores and the learned percentages.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "custfolio/config.hpp"
#include "custfolio/growth/calibration.hpp"
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

CUSTFOLIO_INLINE void check_lengths(std::size_t found, std::size_t expected, const char* what) {
    if (found != expected) {
        throw InputError(std::string(what) + ": " + std::to_string(found) + " values; there must be " +
                         std::to_string(expected));
    }
}

/// Pools adjacent violators in place: `level` and `weight` have the blocks, `size` their numbers of values.
class IsotonicBlocks {
  public:
    /// Appends a value, and pools the blocks that it makes fall.
    void add(double value, double weight) {
        blocks_.push_back({value, weight, 1});
        while (blocks_.size() > 1 && blocks_[blocks_.size() - 2].level >= blocks_.back().level) {
            const Block last = blocks_.back();
            blocks_.pop_back();
            Block& before = blocks_.back();
            const double together = before.weight + last.weight;
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
    detail::check_lengths(happened.size(), stated.size(), "happened");
    if (stated.empty()) throw InputError("there is no outcome; at least one is needed");
    if (options.resamples != 0) detail::check_level(options.level);
    for (std::size_t k = 0; k < stated.size(); ++k) {
        if (!(stated[k] >= 0 && stated[k] <= 1)) {
            require_probability(stated[k], "probability at position " + std::to_string(k));
        }
        if (happened[k] > 1) {
            throw InputError("outcome at position " + std::to_string(k) + " is " + std::to_string(happened[k]) +
                             "; it must be 0 or 1");
        }
    }
    std::vector<std::size_t> order(stated.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return stated[i] < stated[j]; });

    Reliability found;
    found.count = stated.size();
    math::CompensatedSum mean, brier, loss;
    std::size_t hits = 0;
    std::vector<double> share, weight;
    for (std::size_t at = 0; at < order.size();) {
        ReliabilityPoint point;
        point.stated = stated[order[at]];
        std::size_t good = 0;
        for (; at < order.size() && stated[order[at]] == point.stated; ++at) {
            const bool yes = happened[order[at]] != 0;
            good += yes ? 1U : 0U;
            ++point.count;
        }
        const std::size_t bad = point.count - good;
        const auto yes = static_cast<double>(good);
        const auto no = static_cast<double>(bad);
        hits += good;
        mean += point.stated * static_cast<double>(point.count);
        brier += yes * (1 - point.stated) * (1 - point.stated) + no * point.stated * point.stated;
        if (good > 0 && point.stated > 0) loss += -yes * std::log(point.stated);
        if (bad > 0 && point.stated < 1) loss += -no * std::log1p(-point.stated);
        if (point.stated == 0) found.impossible += good;
        if (point.stated == 1) found.impossible += bad;
        point.share = yes / static_cast<double>(point.count);
        share.push_back(point.share);
        weight.push_back(static_cast<double>(point.count));
        found.points.push_back(point);
    }
    const auto n = static_cast<double>(found.count);
    found.stated = mean.value() / n;
    found.observed = static_cast<double>(hits) / n;
    found.brier = brier.value() / n;
    found.uncertainty = found.observed * (1 - found.observed);
    found.log_loss = found.impossible != 0 ? std::numeric_limits<double>::infinity() : loss.value() / n;

    const std::vector<double> fitted = isotonic_regression(share, weight);
    math::CompensatedSum recalibrated;
    for (std::size_t k = 0; k < fitted.size(); ++k) {
        ReliabilityPoint& point = found.points[k];
        point.recalibrated = fitted[k];
        recalibrated +=
            weight[k] * (share[k] * (1 - fitted[k]) * (1 - fitted[k]) + (1 - share[k]) * fitted[k] * fitted[k]);
    }
    found.miscalibration = found.brier - recalibrated.value() / n;
    found.discrimination = found.uncertainty - recalibrated.value() / n;

    if (options.resamples == 0) return found;
    found.band_level = options.level;
    const std::size_t points = found.points.size();
    std::vector<double> drawn(options.resamples * points);
    math::parallel_for(0, options.resamples, 8, options.threads, [&](std::size_t first, std::size_t last) {
        detail::IsotonicBlocks blocks;
        std::vector<double> uniform;
        for (std::size_t sample = first; sample < last; ++sample) {
            std::uint64_t index = 0;
            for (const ReliabilityPoint& point : found.points) {
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
    });
    std::vector<double> column(options.resamples);
    for (std::size_t k = 0; k < points; ++k) {
        for (std::size_t sample = 0; sample < options.resamples; ++sample) column[sample] = drawn[sample * points + k];
        std::sort(column.begin(), column.end());
        // the outermost order statistics that leave at most (1 - level) / 2 of the draws beyond each
        const auto beyond =
            static_cast<std::size_t>(std::floor(static_cast<double>(options.resamples) * (1 - options.level) / 2));
        found.points[k].lower = column[beyond];
        found.points[k].upper = column[options.resamples - 1 - beyond];
    }
    return found;
}

CUSTFOLIO_INLINE ShareInterval share_interval(double successes, double trials, double level) {
    detail::check_level(level);
    if (!(trials > 0 && std::isfinite(trials) && successes >= 0 && successes <= trials)) {
        throw InputError("successes are " + number_text(successes) + " of " + number_text(trials) +
                         "; there must be at least one trial, and from none to all of them successes");
    }
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

    SuccessRates found;
    const double pooled = good / all;
    // Log likelihood of the groups' counts under a beta(mean x precision, (1 - mean) x precision) distribution of
    // rates.
    const auto minus_log_likelihood = [&](std::span<const double> x, std::span<double> gradient) {
        const double mean = 1 / (1 + std::exp(-x[0]));
        const double precision = std::exp(x[1]);
        const double a = mean * precision;
        const double b = precision - a;
        gradient[0] = gradient[1] = 0;
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
        gradient[0] = -(by_a.value() - by_b.value()) * precision * mean * (1 - mean);
        gradient[1] = -(by_a.value() * a + by_b.value() * b);
        return -value.value();
    };
    bool spread = pooled > 0 && pooled < 1 && trials.size() > 1;
    bool pure = true;  // each group has only successes or only failures
    bool repeated = false;
    for (std::size_t k = 0; k < trials.size(); ++k) {
        pure = pure && (successes[k] == 0 || successes[k] == trials[k]);
        repeated = repeated || trials[k] > 1;
    }
    if (spread && pure && repeated) {
        // The likelihood rises as the precision falls to 0, where every rate would be exactly 0 or 1.
        found.mean = pooled;
        found.precision = 1;
        found.message = "each group has only successes or only failures: each is shrunk as by one case";
    } else if (spread) {
        const math::MinimiseResult best =
            math::minimise(minus_log_likelihood, {std::log(pooled / (1 - pooled)), std::log(10.0)});
        const double same = -(good * std::log(pooled) + (all - good) * std::log1p(-pooled));
        spread = std::isfinite(best.value) && best.value < same - 1e-9 * std::abs(same) && best.x[1] < std::log(1e6);
        if (spread) {
            found.mean = 1 / (1 + std::exp(-best.x[0]));
            found.precision = std::exp(best.x[1]);
            found.message = best.converged ? "converged" : "not converged: " + best.message;
        }
    }
    if (!spread) {
        found.pooled = true;
        found.mean = pooled;
        found.precision = std::numeric_limits<double>::infinity();
        found.message = trials.size() == 1 ? "one group only" : "the groups differ no more than by chance";
        const ShareInterval whole = share_interval(good, all, level);
        found.rate.assign(trials.size(), pooled);
        found.lower.assign(trials.size(), whole.lower);
        found.upper.assign(trials.size(), whole.upper);
        return found;
    }
    const double tail = (1 - level) / 2;
    for (std::size_t k = 0; k < trials.size(); ++k) {
        const double a = found.mean * found.precision + successes[k];
        const double b = (1 - found.mean) * found.precision + trials[k] - successes[k];
        found.rate.push_back(a / (a + b));
        found.lower.push_back(math::beta_quantile(tail, a, b));
        found.upper.push_back(math::beta_quantile(1 - tail, a, b));
    }
    return found;
}

CUSTFOLIO_INLINE std::vector<AgePeriod> win_rate_by_age(std::span<const std::uint32_t> age,
                                                        std::span<const CaseEnd> end, double level) {
    detail::check_level(level);
    detail::check_lengths(end.size(), age.size(), "end");
    if (age.empty()) throw InputError("there is no case; at least one is needed");
    std::uint32_t oldest = 0;
    for (std::size_t k = 0; k < age.size(); ++k) {
        if (age[k] > 100'000) {
            throw InputError("case at position " + std::to_string(k) + ": its age is " + std::to_string(age[k]) +
                             " periods; count them in longer ones");
        }
        oldest = std::max(oldest, age[k]);
    }
    std::vector<AgePeriod> periods(std::size_t{oldest} + 1);
    std::vector<std::size_t> left(periods.size() + 1);  // cases whose last period at risk is the one before
    for (std::size_t k = 0; k < age.size(); ++k) {
        const std::size_t at = age[k];
        if (end[k] == CaseEnd::won) ++periods[at].won;
        if (end[k] == CaseEnd::lost) ++periods[at].lost;
        ++left[end[k] == CaseEnd::open ? at : at + 1];
    }
    std::size_t at_risk = age.size();
    double open = 1;
    double won_by = 0;
    for (std::size_t t = 0; t < periods.size(); ++t) {
        at_risk -= left[t];
        AgePeriod& period = periods[t];
        period.at_risk = at_risk;
        if (at_risk > 0) {
            const auto n = static_cast<double>(at_risk);
            period.win_rate = share_interval(static_cast<double>(period.won), n, level);
            won_by += open * period.win_rate.share;
            open *= static_cast<double>(at_risk - period.won - period.lost) / n;
        }
        period.open = open;
        period.won_by = won_by;
    }
    double before_open = 1;
    double before_won = 0;
    for (AgePeriod& period : periods) {
        period.wins_from_here = before_open > 0 ? (won_by - before_won) / before_open : 0;
        before_open = period.open;
        before_won = period.won_by;
    }
    if (!periods.empty() && periods.back().at_risk == 0) periods.pop_back();
    return periods;
}

}  // namespace custfolio
