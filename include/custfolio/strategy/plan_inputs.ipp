// Definitions of the inputs of a plan.
#pragma once

#include <cstddef>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/holdings.hpp"
#include "custfolio/strategy/plan_inputs.hpp"

namespace custfolio {

CUSTFOLIO_INLINE CourseModel PlanInputs::model() const {
    return {strategy, portfolio, offers, growth, prospects, baseline};
}

CUSTFOLIO_INLINE std::vector<double> PlanInputs::acceptance() const {
    const CourseModel courses = model();
    std::vector<double> chances;
    for (std::size_t o = 0; o < offers.offers.size(); ++o) chances.push_back(courses.acceptance(o));
    return chances;
}

// A plan may come from a file: its positions must be those of the inputs before anything reads them.
CUSTFOLIO_INLINE void PlanInputs::check(const Plan& plan) const {
    const std::size_t customers = portfolio.size();
    if (plan.start != strategy.start || plan.months != strategy.months) {
        throw InputError("the plan has the months " + detail::span_text(plan.start, plan.months) +
                         "; its strategy has " + detail::span_text(strategy.start, strategy.months));
    }
    if (plan.courses.size() != customers + prospects.size()) {
        throw InputError("the plan has " + std::to_string(plan.courses.size()) + " courses; there are " +
                         std::to_string(customers) + " customers and " + std::to_string(prospects.size()) +
                         " prospects");
    }
    if (plan.trajectory.size() != static_cast<std::size_t>(plan.months)) {
        throw InputError("the plan has a trajectory of " + std::to_string(plan.trajectory.size()) + " months; it has " +
                         std::to_string(plan.months) + " months");
    }
    const std::vector<std::size_t>& begin = offers.begin;
    bool grouped = begin.empty()
                       ? offers.offers.empty()
                       : begin.size() == customers + 1 && begin.front() == 0 && begin.back() == offers.offers.size();
    for (std::size_t i = 0; grouped && i + 1 < begin.size(); ++i) {
        grouped = begin[i] <= begin[i + 1] && begin[i + 1] <= offers.offers.size();
        for (std::size_t o = begin[i]; grouped && o < begin[i + 1]; ++o) {
            grouped = offers.offers[o].customer == i && offers.offers[o].lever < offers.levers.size();
        }
    }
    if (!grouped) throw InputError("the offers of the plan are not grouped by its customers; make the plan again");
    const detail::Holdings holdings(strategy.linked, portfolio);
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        const Course& course = plan.courses[i];
        const bool offered = course.offer != Course::none;
        bool fits = course.month < plan.months && course.overflow < plan.months && (course.month >= 0 || !offered);
        if (i >= customers) {
            fits = fits && !offered && course.overflow < 0 && course.plans.empty();
        } else {
            fits = fits && (!offered || (course.offer < offers.offers.size() &&
                                         holdings.first(offers.offers[course.offer].customer) == holdings.first(i)));
            for (const std::size_t g : course.plans) {
                fits = fits && g < growth.size() && growth.plans()[g].customer == portfolio.columns().id[i];
            }
        }
        if (!fits) {
            throw InputError("the plan's course of " +
                             (i < customers ? "customer " + portfolio.columns().id[i]
                                            : "prospect " + prospects.ranked[i - customers].id) +
                             " is not one of these inputs; use those that the plan was made with");
        }
    }
}

}  // namespace custfolio
