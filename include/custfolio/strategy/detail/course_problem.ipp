// Definitions of the courses as a multiple-choice problem.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
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

CUSTFOLIO_INLINE CourseProblem::CourseProblem(const CourseModel& model, std::size_t most, unsigned threads,
                                              const math::Pulse& pulse)
    : model_(&model), threads_(threads), fixed_usage_(model.rows().size(), 0.0) {
    const std::size_t rows = model.rows().size();
    fix_leavers({});
    for (std::size_t r = 0; r < rows; ++r) {
        if (model.rows()[r].kind == CourseRow::Kind::replacement) replacement_.push_back(r);
    }
    if (list_all(most, pulse)) {
        fill(pulse);
        for (const double amount : value) heat_magnitude_ += std::abs(amount);
        // How large a row's sum can be decides how much of it is rounding.
        magnitude_.assign(rows, 0.0);
        std::vector<double> greatest(rows);
        for (std::size_t i = 0; i < courses.size(); ++i) {
            std::fill(greatest.begin(), greatest.end(), 0.0);
            for (std::size_t c = begin[i]; c < begin[i + 1]; ++c) {
                for (std::size_t r = 0; r < rows; ++r) {
                    greatest[r] = std::max(greatest[r], std::abs(usage[c * rows + r]));
                }
            }
            for (std::size_t r = 0; r < rows; ++r) magnitude_[r] += greatest[r];
        }
    } else {
        oracle_.emplace(model, threads);
        heat_magnitude_ = oracle_->heat_magnitude();
        magnitude_.assign(oracle_->magnitude().begin(), oracle_->magnitude().end());
    }
    set_bounds(bounds_of(model.rows()));
}

// Lists all courses, block by block; false, with an empty list, where they are too many.
CUSTFOLIO_INLINE bool CourseProblem::list_all(std::size_t most, const math::Pulse& pulse) {
    constexpr std::size_t block = 64;
    constexpr std::size_t grain = 2;  // a customer may have ten thousand courses
    const std::size_t who = model_->size();
    courses.resize(who);
    begin.assign(1, 0);
    for (std::size_t first = 0; first < who; first += block) {
        const std::size_t last = std::min(first + block, who);
        const auto list = [&](std::size_t b, std::size_t e) {
            for (std::size_t i = b; i < e; ++i) courses[i] = model_->courses(i);
        };
        math::parallel_for(first, last, grain, threads_, list, pulse);
        for (std::size_t i = first; i < last; ++i) begin.push_back(begin.back() + courses[i].size());
        if (begin.back() > most / model_->rows().size()) {
            courses.clear();
            begin.assign(1, 0);
            return false;
        }
    }
    return true;
}

// Values and usages of the listed courses.
CUSTFOLIO_INLINE void CourseProblem::fill(const math::Pulse& pulse) {
    const std::size_t rows = model_->rows().size();
    constexpr std::size_t grain = 2;
    value.resize(begin.back());
    usage.resize(begin.back() * rows);
    const auto compute = [&](std::size_t b, std::size_t e) {
        CourseEffect effect;
        for (std::size_t i = b; i < e; ++i) {
            for (std::size_t c = 0; c < courses[i].size(); ++c) {
                const std::size_t at = begin[i] + c;
                model_->effect(who(i), courses[i][c], effect);
                value[at] = model_->value(effect);
                model_->usage(effect, std::span<double>(usage).subspan(at * rows, rows));
            }
        }
    };
    math::parallel_for(0, courses.size(), grain, threads_, compute, pulse);
}

CUSTFOLIO_INLINE void CourseProblem::narrow(std::span<const double> prices, bool heat, std::size_t most,
                                            std::size_t leavers, const math::Pulse& pulse) {
    NearCourses near = oracle_->near(prices, heat, most);
    open_leavers(near, leavers);
    member_ = std::move(near.member);
    courses = std::move(near.courses);
    fixed_ = std::move(near.best);
    begin.assign(1, 0);
    for (const std::vector<Course>& one : courses) begin.push_back(begin.back() + one.size());
    constexpr std::size_t largest = 1'000'000'000;  // amounts of 8 bytes
    if (begin.back() > largest / model_->rows().size()) {
        throw InputError("the courses near to the best ones need more than 8 GB: " + std::to_string(begin.back()) +
                         " courses x " + std::to_string(model_->rows().size()) + " rows; plan fewer than " +
                         std::to_string(model_->months()) + " months, or set `interval` to more months");
    }
    fill(pulse);
    fix(pulse);
    shift_bounds();
}

// What a customer that leaves would have bought in a month, by its chance.
CUSTFOLIO_INLINE double CourseProblem::out_of(std::size_t who, const Course& course, std::size_t month) const {
    return model_->refusal(who, course) * model_->to_replace(who, month);
}

// Where what comes in is short, the order lets the warmest ones wait in place of those that wait at the prices: several
// times as much as these may wait. The months of the others stay as they are.
CUSTFOLIO_INLINE void CourseProblem::open_leavers(NearCourses& near, std::size_t least) {
    constexpr double times = 4;
    double waiting = 0;
    for (const std::size_t who : near.member) {
        const Course& best = near.best[who];
        if (best.overflow < 0) continue;
        const std::size_t known = model_->refusal_known(who, best);
        if (static_cast<std::size_t>(best.overflow) > known) waiting += out_of(who, best, known);
    }
    std::vector<std::size_t> order = near.leavers;
    detail::sort(order, [&](std::size_t a, std::size_t b) { return model_->rank(a) > model_->rank(b); });
    double opened = 0;
    std::size_t count = 0;
    for (; count < order.size() && (count < least || opened < times * waiting); ++count) {
        const std::size_t who = order[count];
        opened += out_of(who, near.best[who], model_->refusal_known(who, near.best[who]));
        near.member.push_back(who);
        near.courses.push_back(oracle_->months_of(who, near.best[who]));
    }
    order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
    near.leavers = std::move(order);
    // Members are in the order of the customers, whatever opened them.
    std::vector<std::size_t> place(near.member.size());
    std::iota(place.begin(), place.end(), std::size_t{0});
    detail::sort(place, [&](std::size_t a, std::size_t b) { return near.member[a] < near.member[b]; });
    NearCourses sorted;
    for (const std::size_t k : place) {
        sorted.member.push_back(near.member[k]);
        sorted.courses.push_back(std::move(near.courses[k]));
    }
    near.member = std::move(sorted.member);
    near.courses = std::move(sorted.courses);
    fix_leavers(near);
}

CUSTFOLIO_INLINE void CourseProblem::fix_leavers(const NearCourses& near) {
    leavers_.out.assign(model_->months(), 0.0);
    leavers_.greatest.assign(model_->months(), 0.0);
    leavers_.ranks.assign(model_->months(), 0);
    CourseEffect effect;
    std::vector<math::CompensatedSum> sums(model_->months());
    for (const std::size_t who : near.leavers) {
        model_->effect(who, near.best[who], effect);
        const auto month = static_cast<std::size_t>(near.best[who].overflow);
        leavers_.ranks[month] = std::max(leavers_.ranks[month], model_->rank(who) + 1);
        for (std::size_t m = month; m < model_->months(); ++m) {
            sums[m] += effect.out[m];
            leavers_.greatest[m] = std::max(leavers_.greatest[m], effect.out[m] + effect.in[m]);
        }
    }
    for (std::size_t m = 0; m < sums.size(); ++m) leavers_.out[m] = sums[m].value();
}

// The sums of the customers that are fixed. Blocks of a fixed size give the same bits for any number of threads.
CUSTFOLIO_INLINE void CourseProblem::fix(const math::Pulse& pulse) {
    constexpr std::size_t block = 16'384;
    const std::size_t rows = model_->rows().size();
    std::vector<bool> open(model_->size(), false);
    for (const std::size_t i : member_) open[i] = true;
    std::vector<std::vector<math::CompensatedSum>> sums((model_->size() + block - 1) / block);
    const auto add = [&](std::size_t b, std::size_t e) {
        std::vector<math::CompensatedSum>& sum = sums[b / block];
        sum.resize(rows + 1);
        CourseEffect effect;
        std::vector<double> used(rows);
        for (std::size_t i = b; i < e; ++i) {
            if (open[i] || fixed_[i] == Course{}) continue;
            model_->effect(i, fixed_[i], effect);
            model_->usage(effect, used);
            for (std::size_t r = 0; r < rows; ++r) sum[r] += used[r];
            sum[rows] += model_->value(effect);
        }
    };
    math::parallel_for(0, model_->size(), block, threads_, add, pulse);
    std::vector<math::CompensatedSum> total(rows + 1);
    for (const std::vector<math::CompensatedSum>& sum : sums) {
        for (std::size_t r = 0; r <= rows; ++r) total[r] += sum[r].value();
    }
    for (std::size_t r = 0; r < rows; ++r) fixed_usage_[r] = total[r].value();
    fixed_value_ = total[rows].value();
}

CUSTFOLIO_INLINE void CourseProblem::shift_bounds() {
    member_lower_.resize(lower_.size());
    member_upper_.resize(upper_.size());
    for (std::size_t r = 0; r < lower_.size(); ++r) {
        member_lower_[r] = lower_[r] - fixed_usage_[r];
        member_upper_[r] = upper_[r] - fixed_usage_[r];
    }
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
    shift_bounds();
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

CUSTFOLIO_INLINE bool CourseProblem::keeps(std::span<const double> change) const {
    for (std::size_t r = 0; r < change.size(); ++r) {
        const bool soft = !penalty_.empty() && std::isfinite(penalty_[r]);
        if (!soft && !(change[r] >= lower_[r] && change[r] <= upper_[r])) return false;
    }
    return true;
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
    // Sums of sizes, not of changes: those may cancel.
    double level = 0;
    for (std::size_t r = 0; r < magnitude_.size(); ++r) {
        if (model_->rows()[r].soft()) level += magnitude_[r];
    }
    return heat_magnitude_ > 0 && level > 0 ? heat_magnitude_ / level : 1.0;
}

CUSTFOLIO_INLINE std::vector<Course> CourseProblem::chosen(std::span<const std::size_t> choice) const {
    std::vector<Course> all = fixed_;
    all.resize(model_->size());
    for (std::size_t i = 0; i < courses.size(); ++i) all[who(i)] = courses[i][choice[i]];
    return all;
}

CUSTFOLIO_INLINE std::vector<std::size_t> CourseProblem::positions(std::span<const Course> all) const {
    std::vector<std::size_t> choice;
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const auto at = std::find(courses[i].begin(), courses[i].end(), all[who(i)]);
        choice.push_back(at == courses[i].end() ? 0 : static_cast<std::size_t>(at - courses[i].begin()));
    }
    return choice;
}

// A course without overflow comes first, then the same with overflow, the latest month first.
CUSTFOLIO_INLINE std::size_t CourseProblem::staying(std::size_t member, std::size_t position) const {
    while (courses[member][position].overflow >= 0) --position;
    return position;
}

CUSTFOLIO_INLINE std::uint32_t CourseProblem::leaving(std::size_t member, std::size_t position,
                                                      std::size_t month) const {
    for (std::size_t c = position + 1; c < courses[member].size() && courses[member][c].overflow >= 0; ++c) {
        if (courses[member][c].overflow == static_cast<int>(month)) return static_cast<std::uint32_t>(c);
    }
    return none;
}

}  // namespace custfolio::detail
