// Definitions of the names and order of the steps of an action plan.
#pragma once

#include "custfolio/config.hpp"
#include "custfolio/growth/action_plan.hpp"
#include "custfolio/growth/detail/plan_steps.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::string plan_text(const ActionPlan& plan) {
    return "customer " + plan.customer + (plan.name.empty() ? "" : ", plan '" + plan.name + "'");
}

CUSTFOLIO_INLINE std::string step_text(const ActionPlan& plan, std::size_t step) {
    return plan_text(plan) + ", step '" + plan.steps[step].name + "'";
}

CUSTFOLIO_INLINE std::vector<int> steps_before(const ActionPlan& plan, std::size_t step) {
    const Prerequisites& after = plan.steps[step].after;
    if (after.join != Join::previous) return after.steps;
    return step == 0 ? std::vector<int>{} : std::vector<int>{static_cast<int>(step) - 1};
}

CUSTFOLIO_INLINE int shortest(const ActionStep& step) {
    const auto first = detail::find_if(step.duration_chances, [](double chance) { return chance > 0; });
    return step.duration_months +
           (first == step.duration_chances.end() ? 0 : static_cast<int>(first - step.duration_chances.begin()));
}

}  // namespace custfolio::detail
