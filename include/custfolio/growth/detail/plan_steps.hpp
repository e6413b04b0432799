// Names and order of the steps of an action plan.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "custfolio/growth/action_plan.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio::detail {

inline std::string plan_text(const ActionPlan& plan) {
    return "customer " + plan.customer + (plan.name.empty() ? "" : ", plan '" + plan.name + "'");
}

inline std::string step_text(const ActionPlan& plan, std::size_t step) {
    return plan_text(plan) + ", step '" + plan.steps[step].name + "'";
}

/// Positions of the steps of its own plan that a step comes after.
inline std::vector<int> steps_before(const ActionPlan& plan, std::size_t step) {
    const Prerequisites& after = plan.steps[step].after;
    if (after.join != Join::previous) return after.steps;
    return step == 0 ? std::vector<int>{} : std::vector<int>{static_cast<int>(step) - 1};
}

/// The least number of months from start to decision that has a chance.
inline int shortest(const ActionStep& step) {
    const auto first = detail::find_if(step.duration_chances, [](double chance) { return chance > 0; });
    return step.duration_months +
           (first == step.duration_chances.end() ? 0 : static_cast<int>(first - step.duration_chances.begin()));
}

}  // namespace custfolio::detail
