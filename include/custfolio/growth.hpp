// Room `growth` (floor 3): action plans, their success-weighted budget and its whole distribution.
#pragma once

#include "custfolio/growth/action_plan.hpp"
#include "custfolio/growth/calibration.hpp"
#include "custfolio/growth/factor_history.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/growth/outcome_tree.hpp"
#include "custfolio/growth/plan_amounts.hpp"
#include "custfolio/growth/plan_factors.hpp"
#include "custfolio/growth/plan_graph.hpp"
