// Definitions of the checks and timing of action plans.
#pragma once

#include <algorithm>
#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/growth/action_plan.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE std::string plan_text(const ActionPlan& plan) {
    return "customer " + plan.customer + (plan.name.empty() ? "" : ", plan '" + plan.name + "'");
}

CUSTFOLIO_INLINE std::string step_text(const ActionPlan& plan, std::size_t step) {
    return plan_text(plan) + ", step '" + plan.steps[step].name + "'";
}

}  // namespace detail

CUSTFOLIO_INLINE void check(const ActionPlan& plan) {
    if (plan.customer.empty()) {
        throw InputError("an action plan" + (plan.name.empty() ? "" : " ('" + plan.name + "')") +
                         " names no customer; each plan belongs to one");
    }
    if (plan.steps.empty()) throw InputError(detail::plan_text(plan) + " has no step; a plan has at least one");
    for (std::size_t k = 0; k < plan.steps.size(); ++k) {
        const ActionStep& step = plan.steps[k];
        if (step.name.empty()) {
            throw InputError(detail::plan_text(plan) + ": step " + std::to_string(k + 1) +
                             " has no name; each step needs one");
        }
        const std::string where = detail::step_text(plan, k);
        if (step.after != -1 && step.after != static_cast<int>(k) - 1) {
            throw InputError(where + ": comes after step " + std::to_string(step.after) +
                             " (0-based); in a chain it comes after " + std::to_string(static_cast<int>(k) - 1));
        }
        if (step.duration_months < 0 || step.duration_months > 1200) {
            throw InputError(where + ": duration is " + std::to_string(step.duration_months) +
                             " months; it must be a whole number from 0 to 1200");
        }
        require_probability(step.success_probability, where + ": success probability");
        require_finite(step.revenue_per_month, where + ": revenue per month");
        require_finite(step.contribution_per_month, where + ": contribution per month");
        if (!(std::isfinite(step.hours) && step.hours >= 0)) {
            throw InputError(where + ": hours are " + number_text(step.hours) + "; they must be 0 or more");
        }
    }
}

CUSTFOLIO_INLINE std::vector<StepTiming> timing(const ActionPlan& plan, Month start) {
    check(plan);
    std::vector<StepTiming> result;
    result.reserve(plan.steps.size());
    int month = 0;
    double reached = 1;
    for (const ActionStep& step : plan.steps) {
        const int begin = std::max(month, step.earliest - start);
        month = begin + step.duration_months;
        result.push_back({begin, month, reached});
        reached *= step.success_probability;
    }
    return result;
}

CUSTFOLIO_INLINE void check_customers(std::span<const ActionPlan> plans, const Portfolio& portfolio) {
    for (const ActionPlan& plan : plans) {
        if (!portfolio.contains(plan.customer)) {
            throw NotFoundError(detail::plan_text(plan) + ": the portfolio of " + std::to_string(portfolio.size()) +
                                " customers has no such customer");
        }
    }
}

}  // namespace custfolio
