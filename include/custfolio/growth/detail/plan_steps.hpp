// Names and order of the steps of an action plan.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace custfolio {

struct ActionPlan;
struct ActionStep;

namespace detail {

/// Customer and name of a plan, for messages.
std::string plan_text(const ActionPlan& plan);

/// The same with the name of one of its steps.
std::string step_text(const ActionPlan& plan, std::size_t step);

/// Positions of the steps of its own plan that a step comes after.
std::vector<int> steps_before(const ActionPlan& plan, std::size_t step);

/// The least number of months from start to decision that has a chance.
int shortest(const ActionStep& step);

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/detail/plan_steps.ipp"
#endif
