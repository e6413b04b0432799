// Definition of the shrinkage of temperatures.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/shrinkage.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void carry_returns(std::span<double> level, std::span<double> heat) {
    const auto move = [&](std::size_t from, std::size_t to) {
        level[to] += std::exchange(level[from], 0.0);
        heat[to] += std::exchange(heat[from], 0.0);
    };
    for (std::size_t t = level.size(); t-- > 1;) {
        if (level[t] <= 0.0) move(t, t - 1);
    }
    for (std::size_t t = 0; t + 1 < level.size() && level[t] <= 0.0; ++t) move(t, t + 1);
}

/// Customers with sales, and sums over them per segment.
class ObservedTemperatures {
  public:
    ObservedTemperatures(const Matrix& level, const Matrix& heat, std::span<const std::int32_t> segment,
                         std::size_t segments, ShrunkTemperature& result)
        : segment_(segment), segments_(segments), amount_(level.rows(), 0.0), result_(result) {
        math::CompensatedSum squares;
        double freedom = 0;
        for (std::size_t i = 0; i < level.rows(); ++i) {
            double warmth = 0;
            int periods = 0;
            for (std::size_t t = 0; t < level.cols(); ++t) {
                // The text of an error is made for an error alone: millions of cells are checked.
                if (!std::isfinite(level(i, t)) || !std::isfinite(heat(i, t))) {
                    require_finite(level(i, t), "temperatures: level of row " + std::to_string(i));
                    require_finite(heat(i, t), "temperatures: heat of row " + std::to_string(i));
                }
                // A month without sales has no temperature.
                if (!(level(i, t) > 0)) continue;
                amount_[i] += level(i, t);
                warmth += heat(i, t);
                ++periods;
            }
            if (periods == 0) continue;
            // Weighted by amount: a small month's temperature is noise.
            result.observed[i] = warmth / amount_[i];
            freedom += periods - 1;
            for (std::size_t t = 0; t < level.cols(); ++t) {
                if (!(level(i, t) > 0)) continue;
                // Variance within a customer, for an amount of 1: a mean over more sales varies less.
                const double distance = heat(i, t) / level(i, t) - result.observed[i];
                squares += level(i, t) * distance * distance;
            }
        }
        result.within = freedom > 0 ? squares.value() / freedom : 0.0;
    }

    /// Variances of true temperatures between the customers of each segment (DerSimonian and Laird's estimate).
    void set_segment_variances() {
        struct Moments {
            math::CompensatedSum weight, weight2, first, spread;
            double count = 0;
        };
        std::vector<Moments> of(segments_);
        each([&](std::size_t i, std::size_t s) {
            of[s].count += 1;
            of[s].weight += amount_[i];
            of[s].weight2 += amount_[i] * amount_[i];
            of[s].first += amount_[i] * result_.observed[i];
        });
        each([&](std::size_t i, std::size_t s) {
            const double distance = result_.observed[i] - of[s].first.value() / of[s].weight.value();
            of[s].spread += amount_[i] * distance * distance;
        });
        for (std::size_t s = 0; s < segments_; ++s) {
            const Moments& m = of[s];
            if (m.count < 2) continue;
            // Unbiased for unequal weights: the spread between customers, less what the variance within explains.
            const double unit = m.weight.value() - m.weight2.value() / m.weight.value();
            result_.segment_variance[s] =
                unit > 0 ? std::max((m.spread.value() - (m.count - 1) * result_.within) / unit, 0.0) : 0.0;
        }
    }

    /// Mean temperatures of the segments, each customer weighted by its precision.
    void set_segment_means() {
        std::vector<math::CompensatedSum> total(segments_);
        std::vector<math::CompensatedSum> mean(segments_);
        each([&](std::size_t i, std::size_t s) {
            // Where neither varies, every customer has the same temperature and any weights give it.
            const double variance = result_.segment_variance[s] + result_.within / amount_[i];
            const double precision = variance > 0 ? 1 / variance : amount_[i];
            total[s] += precision;
            mean[s] += precision * result_.observed[i];
        });
        for (std::size_t s = 0; s < segments_; ++s) {
            if (total[s].value() > 0) result_.segment_mean[s] = mean[s].value() / total[s].value();
        }
    }

    /// Shrinks each customer towards its segment; customers without sales get its mean.
    void shrink() {
        for (std::size_t i = 0; i < amount_.size(); ++i) {
            const auto s = static_cast<std::size_t>(segment_[i]);
            const double mean = result_.segment_mean[s];
            const double between = result_.segment_variance[s];
            if (!(amount_[i] > 0)) {
                result_.weight[i] = 0;
                result_.expected[i] = mean;
                result_.variance[i] = between;
                continue;
            }
            // Credibility: the share of the variance that is between customers, not within.
            const double noise = result_.within / amount_[i];
            result_.weight[i] = between + noise > 0 ? between / (between + noise) : 1.0;
            result_.expected[i] = mean + result_.weight[i] * (result_.observed[i] - mean);
            result_.variance[i] = result_.weight[i] * noise;
        }
    }

  private:
    template <class F>
    void each(const F& f) const {
        for (std::size_t i = 0; i < amount_.size(); ++i) {
            if (amount_[i] > 0) f(i, static_cast<std::size_t>(segment_[i]));
        }
    }

    std::span<const std::int32_t> segment_;
    std::size_t segments_;
    std::vector<double> amount_;  // of all periods with sales
    ShrunkTemperature& result_;
};

}  // namespace detail

CUSTFOLIO_INLINE ShrunkTemperature shrink_temperature(const Matrix& level, const Matrix& heat,
                                                      std::span<const std::int32_t> segment, std::int32_t segments) {
    const std::size_t n = level.rows();
    if (heat.rows() != n || heat.cols() != level.cols() || segment.size() != n) {
        throw InputError("temperatures: level, heat and segment must have one row a customer, and the same periods");
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (segment[i] >= 0 && segment[i] < segments) continue;
        throw InputError("temperatures: segment of row " + std::to_string(i) + " is " + std::to_string(segment[i]) +
                         "; it must lie in 0.." + std::to_string(segments - 1));
    }
    const auto groups = static_cast<std::size_t>(segments);
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    ShrunkTemperature result;
    for (std::vector<double>* column : {&result.observed, &result.expected, &result.variance, &result.weight}) {
        column->assign(n, unknown);
    }
    result.segment_mean.assign(groups, unknown);
    result.segment_variance.assign(groups, 0.0);
    detail::ObservedTemperatures observed(level, heat, segment, groups, result);
    observed.set_segment_variances();
    observed.set_segment_means();
    observed.shrink();
    return result;
}

}  // namespace custfolio
