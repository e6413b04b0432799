// Definition of the courses of an earlier plan.
#pragma once

#include <cstddef>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/plan_inputs.hpp"
#include "custfolio/strategy/previous_courses.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::vector<PreviousCourse> previous_courses(const Plan& plan, const PlanInputs& inputs) {
    inputs.check(plan);
    const std::size_t customers = inputs.portfolio.size();
    std::vector<PreviousCourse> all;
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        const Course& course = plan.courses[i];
        PreviousCourse one;
        one.prospect = i >= customers;
        one.id = one.prospect ? inputs.prospects[i - customers].id : inputs.portfolio.columns().id[i];
        if (course.offer != Course::none) {
            one.lever = describe(inputs.offers.levers[inputs.offers.offers[course.offer].lever]);
        }
        if (course.month >= 0) one.month = plan.start + course.month;
        if (course.overflow >= 0) one.overflow = plan.start + course.overflow;
        for (const std::size_t g : course.plans) one.plans.push_back(inputs.growth.plans()[g].name);
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace custfolio
