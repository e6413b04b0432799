// Definitions of the courses as a multiple-choice problem.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_problem.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE RowBounds bounds_of(const std::vector<CourseRow>& rows) {
    RowBounds bounds;
    for (const CourseRow& row : rows) {
        bounds.lower.push_back(row.lower);
        bounds.upper.push_back(row.upper);
    }
    return bounds;
}

// The table of courses x rows is the largest piece of memory of a plan.
inline void check_table(std::size_t courses, std::size_t rows, std::size_t counted, std::size_t all,
                        std::size_t months) {
    constexpr std::size_t largest = 1'000'000'000;  // amounts of 8 bytes
    if (courses <= largest / rows) return;
    throw InputError("the courses of the first " + std::to_string(counted) + " of " + std::to_string(all) +
                     " customers and prospects need more than 8 GB: " + std::to_string(courses) + " courses x " +
                     std::to_string(rows) + " rows; plan fewer than " + std::to_string(months) +
                     " months, set `interval` to more months, or make fewer offers");
}

CUSTFOLIO_INLINE CourseProblem::CourseProblem(const CourseModel& model, unsigned threads, const math::Pulse& pulse)
    : courses(model.size()), model_(&model) {
    const std::size_t who = model.size();
    const std::size_t rows = model.rows().size();
    // Courses are counted first, since their values lie in one piece of memory. A block is checked before the next.
    constexpr std::size_t block = 64;
    constexpr std::size_t grain = 2;  // a customer may have ten thousand courses
    begin.assign(1, 0);
    for (std::size_t first = 0; first < who; first += block) {
        const std::size_t last = std::min(first + block, who);
        const auto list = [&](std::size_t b, std::size_t e) {
            for (std::size_t i = b; i < e; ++i) courses[i] = model.courses(i);
        };
        math::parallel_for(first, last, grain, threads, list, pulse);
        for (std::size_t i = first; i < last; ++i) begin.push_back(begin.back() + courses[i].size());
        check_table(begin.back(), rows, last, who, model.months());
    }
    value.resize(begin.back());
    usage.reserve(begin.back() * rows);
    while (usage.size() < begin.back() * rows) {
        constexpr std::size_t step = std::size_t{1} << 24;  // a fraction of a second
        pulse();
        usage.resize(std::min(usage.size() + step, begin.back() * rows));
    }
    const auto fill = [&](std::size_t b, std::size_t e) {
        CourseEffect effect;
        for (std::size_t i = b; i < e; ++i) {
            for (std::size_t c = 0; c < courses[i].size(); ++c) {
                const std::size_t at = begin[i] + c;
                model.effect(i, courses[i][c], effect);
                value[at] = model.value(effect);
                model.usage(effect, std::span<double>(usage).subspan(at * rows, rows));
            }
        }
    };
    math::parallel_for(0, who, grain, threads, fill, pulse);
    // How large a row's sum can be decides how much of it is rounding.
    magnitude_.assign(rows, 0.0);
    std::vector<double> most(rows);
    for (std::size_t i = 0; i < who; ++i) {
        std::fill(most.begin(), most.end(), 0.0);
        for (std::size_t c = begin[i]; c < begin[i + 1]; ++c) {
            for (std::size_t r = 0; r < rows; ++r) most[r] = std::max(most[r], std::abs(usage[c * rows + r]));
        }
        for (std::size_t r = 0; r < rows; ++r) magnitude_[r] += most[r];
    }
    for (std::size_t r = 0; r < rows; ++r) {
        if (model.rows()[r].kind == CourseRow::Kind::replacement) replacement_.push_back(r);
    }
    set_bounds(bounds_of(model.rows()));
}

CUSTFOLIO_INLINE void CourseProblem::set_bounds(const RowBounds& bounds) {
    const std::vector<CourseRow>& rows = model_->rows();
    lower_.resize(rows.size());
    upper_.resize(rows.size());
    unit_.resize(rows.size());
    allowance_.assign(rows.size(), 0.0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        // The problem is about changes, the bounds are about amounts.
        lower_[r] = bounds.lower[r] - rows[r].base;
        upper_[r] = bounds.upper[r] - rows[r].base;
        unit_[r] = std::abs(rows[r].base);
        for (const double bound : {bounds.lower[r], bounds.upper[r]}) {
            if (std::isfinite(bound)) unit_[r] = std::max(unit_[r], std::abs(bound));
        }
        // Sums are rounded: what is reached exactly must count as reached. This is the only place with an allowance.
        constexpr double roundings = 16;  // of each amount: its product, its sums over months and over customers
        allowance_[r] = roundings * std::numeric_limits<double>::epsilon() * (unit_[r] + magnitude_[r]);
        lower_[r] -= allowance_[r];
        upper_[r] += allowance_[r];
        // A violation is measured against the size of its row.
        if (!(unit_[r] > 0)) unit_[r] = magnitude_[r] > 0 ? magnitude_[r] : 1.0;
    }
}

CUSTFOLIO_INLINE void CourseProblem::harden() {
    penalty_.clear();
}

// To do nothing changes no row, so a row holds without action if its bounds allow a change of 0.
CUSTFOLIO_INLINE void CourseProblem::soften(double penalty, bool all) {
    penalty_.assign(lower_.size(), std::numeric_limits<double>::infinity());
    for (std::size_t r = 0; r < penalty_.size(); ++r) {
        const bool holds = lower_[r] <= 0 && upper_[r] >= 0;
        if (model_->rows()[r].soft() && (all || !holds)) penalty_[r] = penalty;
    }
}

CUSTFOLIO_INLINE void CourseProblem::soften_limits() {
    penalty_.assign(lower_.size(), std::numeric_limits<double>::infinity());
    for (std::size_t r = 0; r < penalty_.size(); ++r) {
        if (model_->rows()[r].kind != CourseRow::Kind::replacement) penalty_[r] = 1.0 / unit_[r];
    }
}

CUSTFOLIO_INLINE double CourseProblem::missed(std::span<const double> change) const {
    double sum = 0;
    for (std::size_t r = 0; r < change.size(); ++r) {
        if (model_->rows()[r].soft()) sum += std::max({lower_[r] - change[r], change[r] - upper_[r], 0.0});
    }
    return sum;
}

CUSTFOLIO_INLINE bool CourseProblem::no_worse_than_keeping(std::span<const double> change) const {
    for (std::size_t r = 0; r < change.size(); ++r) {
        if (!model_->rows()[r].soft()) continue;
        if (change[r] < std::min(lower_[r], -allowance_[r]) || change[r] > std::max(upper_[r], allowance_[r])) {
            return false;
        }
    }
    return true;
}

// A measure for penalties: how much heat the courses move with a unit of the soft rows.
CUSTFOLIO_INLINE double CourseProblem::heat_per_level() const {
    double heat = 0;
    // Sums of sizes, not of changes: those may cancel.
    double level = 0;
    for (const double amount : value) heat += std::abs(amount);
    for (std::size_t r = 0; r < magnitude_.size(); ++r) {
        if (model_->rows()[r].soft()) level += magnitude_[r];
    }
    return heat > 0 && level > 0 ? heat / level : 1.0;
}

CUSTFOLIO_INLINE std::vector<Course> CourseProblem::chosen(std::span<const std::size_t> choice) const {
    std::vector<Course> all;
    for (std::size_t i = 0; i < courses.size(); ++i) all.push_back(courses[i][choice[i]]);
    return all;
}

// A course without overflow comes first, then the same with overflow, the latest month first.
CUSTFOLIO_INLINE std::size_t CourseProblem::staying(std::size_t who, std::size_t position) const {
    while (courses[who][position].overflow >= 0) --position;
    return position;
}

CUSTFOLIO_INLINE std::uint32_t CourseProblem::leaving(std::size_t who, std::size_t position, std::size_t month) const {
    for (std::size_t c = position + 1; c < courses[who].size() && courses[who][c].overflow >= 0; ++c) {
        if (courses[who][c].overflow == static_cast<int>(month)) return static_cast<std::uint32_t>(c);
    }
    return none;
}

}  // namespace custfolio::detail
