// Definitions of floors that hold with a chance.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "custfolio/config.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/floor_at_chance.hpp"
#include "custfolio/strategy/detail/floor_level.hpp"
#include "custfolio/strategy/detail/plan_outcomes.hpp"
#include "custfolio/strategy/strategy.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::vector<Course> counted_courses(const CourseModel& model, const CourseRow& row,
                                                     std::span<const Course> chosen) {
    std::vector<Course> counted(chosen.begin(), chosen.end());
    for (std::size_t i = 0; i < counted.size(); ++i) {
        if (!model.counts(row, model.membership(i))) counted[i] = Course{};
    }
    return counted;
}

CUSTFOLIO_INLINE std::vector<double> floor_margins(const Strategy& strategy, const CourseModel& model,
                                                   const GrowthForecast& growth, std::span<const Course> chosen,
                                                   std::span<const std::size_t> rows) {
    std::vector<double> margins;
    std::optional<PlanOutcomes> outcomes;  // of the group of the last row
    std::size_t group = CourseRow::whole;
    for (const std::size_t r : rows) {
        const CourseRow& row = model.rows()[r];
        if (!outcomes || row.group != group) {
            outcomes.emplace(model, growth, strategy.start, counted_courses(model, row, chosen));
            group = row.group;
        }
        margins.push_back(FloorLevel(model, row, *outcomes).margin(strategy.chance));
    }
    return margins;
}

// Equal but for rounding: the same plan needs the same margins.
inline bool same_margins(const std::vector<double>& a, const std::vector<double>& b) {
    constexpr double rounding = 1e-9;
    for (std::size_t k = 0; k < a.size(); ++k) {
        if (std::abs(a[k] - b[k]) > rounding * std::max(std::abs(a[k]), std::abs(b[k]))) return false;
    }
    return true;
}

CUSTFOLIO_INLINE std::optional<std::vector<double>> MarginSequence::next(const std::vector<double>& needed,
                                                                         bool enough) {
    const auto known = [&](const std::vector<double>& margins) {
        return std::any_of(tried_.begin(), tried_.end(), [&](const auto& one) { return same_margins(one, margins); });
    };
    if (enough && tried_.size() == 1) return std::nullopt;  // without margins: no plan within the chance is better
    if (same_margins(needed, tried_.back())) return std::nullopt;
    std::vector<double> margins = needed;
    if (known(margins)) {
        alternates_ = true;
        if (enough) return std::nullopt;
        for (const std::vector<double>& one : tried_) {
            for (std::size_t k = 0; k < margins.size(); ++k) margins[k] = std::max(margins[k], one[k]);
        }
        if (known(margins)) return std::nullopt;
    }
    tried_.push_back(margins);
    return margins;
}

}  // namespace custfolio::detail
