// Definition of the shrinkage of temperatures.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/shrinkage.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

CUSTFOLIO_INLINE ShrunkTemperature shrink_temperature(const Matrix& level, const Matrix& heat,
                                                      std::span<const std::int32_t> segment, std::int32_t segments) {
    const std::size_t n = level.rows();
    if (heat.rows() != n || heat.cols() != level.cols() || segment.size() != n) {
        throw InputError("temperatures: level, heat and segment must have one row a customer, and the same periods");
    }
    const auto groups = static_cast<std::size_t>(segments);
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    ShrunkTemperature result;
    for (Column* column : {&result.observed, &result.expected, &result.variance, &result.weight}) {
        column->assign(n, unknown);
    }
    result.segment_mean.assign(groups, unknown);
    result.segment_variance.assign(groups, 0.0);
    Column amount(n, 0.0);
    math::CompensatedSum squares;
    double freedom = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::int32_t s = segment[i];
        if (s < 0 || s >= segments) {
            throw InputError("temperatures: segment of row " + std::to_string(i) + " is " + std::to_string(s) +
                             "; it must lie in 0.." + std::to_string(segments - 1));
        }
        double warmth = 0;
        int periods = 0;
        for (std::size_t t = 0; t < level.cols(); ++t) {
            require_finite(level(i, t), "temperatures: level of row " + std::to_string(i));
            require_finite(heat(i, t), "temperatures: heat of row " + std::to_string(i));
            if (!(level(i, t) > 0)) continue;
            amount[i] += level(i, t);
            warmth += heat(i, t);
            ++periods;
        }
        if (periods == 0) continue;
        result.observed[i] = warmth / amount[i];
        freedom += periods - 1;
        for (std::size_t t = 0; t < level.cols(); ++t) {
            if (!(level(i, t) > 0)) continue;
            const double distance = heat(i, t) / level(i, t) - result.observed[i];
            squares += level(i, t) * distance * distance;
        }
    }
    result.within = freedom > 0 ? squares.value() / freedom : 0.0;

    struct Moments {
        math::CompensatedSum weight, weight2, first, precision, mean;
        math::CompensatedSum spread;
        double count = 0;
    };
    std::vector<Moments> of(groups);
    const auto each = [&](const auto& take) {
        for (std::size_t i = 0; i < n; ++i) {
            if (amount[i] > 0) take(i, of[static_cast<std::size_t>(segment[i])]);
        }
    };
    each([&](std::size_t i, Moments& m) {
        m.count += 1;
        m.weight += amount[i];
        m.weight2 += amount[i] * amount[i];
        m.first += amount[i] * result.observed[i];
    });
    each([&](std::size_t i, Moments& m) {
        const double distance = result.observed[i] - m.first.value() / m.weight.value();
        m.spread += amount[i] * distance * distance;
    });
    for (std::size_t s = 0; s < groups; ++s) {
        const Moments& m = of[s];
        if (m.count < 2) continue;
        const double unit = m.weight.value() - m.weight2.value() / m.weight.value();
        result.segment_variance[s] =
            unit > 0 ? std::max((m.spread.value() - (m.count - 1) * result.within) / unit, 0.0) : 0.0;
    }
    const auto between = [&](std::size_t i) { return result.segment_variance[static_cast<std::size_t>(segment[i])]; };
    each([&](std::size_t i, Moments& m) {
        // Where neither varies, every customer has the same temperature and any weights give it.
        const double variance = between(i) + result.within / amount[i];
        const double precision = variance > 0 ? 1 / variance : amount[i];
        m.precision += precision;
        m.mean += precision * result.observed[i];
    });
    for (std::size_t s = 0; s < groups; ++s) {
        const Moments& m = of[s];
        if (m.count > 0) result.segment_mean[s] = m.mean.value() / m.precision.value();
    }
    for (std::size_t i = 0; i < n; ++i) {
        const double mean = result.segment_mean[static_cast<std::size_t>(segment[i])];
        const double own = amount[i] > 0 ? result.within / amount[i] : 0.0;
        if (!(amount[i] > 0)) {
            result.weight[i] = 0;
            result.expected[i] = mean;
            result.variance[i] = between(i);
            continue;
        }
        result.weight[i] = between(i) + own > 0 ? between(i) / (between(i) + own) : 1.0;
        result.expected[i] = mean + result.weight[i] * (result.observed[i] - mean);
        result.variance[i] = result.weight[i] * own;
    }
    return result;
}

}  // namespace custfolio
