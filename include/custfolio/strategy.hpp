// Room `strategy` (floor 4): one course for every customer and prospect, chosen together: the plan.
#pragma once

#include "custfolio/strategy/baseline_budget.hpp"
#include "custfolio/strategy/chance_table.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/choice_problem.hpp"
#include "custfolio/strategy/contributions.hpp"
#include "custfolio/strategy/course_reasons.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/exits.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/plan_buckets.hpp"
#include "custfolio/strategy/plan_comparison.hpp"
#include "custfolio/strategy/plan_inputs.hpp"
#include "custfolio/strategy/previous_courses.hpp"
#include "custfolio/strategy/simulation.hpp"
#include "custfolio/strategy/strategy.hpp"
