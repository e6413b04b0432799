// Definitions of the level of a row of the floor as a random amount.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/floor_level.hpp"
#include "custfolio/strategy/detail/plan_outcomes.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE FloorLevel::FloorLevel(const CourseModel& model, const CourseRow& row, const PlanOutcomes& outcomes) {
    const Matrix& covariance = model.level_covariance(row);
    std::vector<double> counts(model.months(), 0.0);  // 1 for the row's months
    for (const std::size_t m : row.months) {
        counts[m] = 1;
        for (const std::size_t k : row.months) baseline_ += covariance(m, k);
    }
    change_ = outcomes.level(counts);
}

CUSTFOLIO_INLINE double FloorLevel::chance(double mean, double floor) const {
    const double needed = floor - mean + change_.mean();
    if (!(baseline_ > 0)) return change_.probability_at_least(needed);
    double chance = 0;
    for (std::size_t k = 0; k < change_.size(); ++k) {
        const double above = (change_.value(k) - needed) / std::sqrt(baseline_);
        chance += change_.mass()[k] * math::normal_cdf(above);
    }
    return std::min(chance, 1.0);
}

CUSTFOLIO_INLINE double FloorLevel::margin(double chance) const {
    // Cantelli's inequality: no distribution of this variance needs more.
    double high = std::sqrt(variance() * chance / (1 - chance));
    double low = 0;
    if (this->chance(low, 0) >= chance) return low;
    constexpr int halvings = 60;
    for (int k = 0; k < halvings; ++k) {
        const double middle = low + (high - low) / 2;
        (this->chance(middle, 0) >= chance ? high : low) = middle;
    }
    return high;
}

}  // namespace custfolio::detail
