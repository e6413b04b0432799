// Room `growth` (floor 3): action plans, their success-weighted budget and its whole distribution.
#pragma once

#include "custfolio/growth/action_plan.hpp"
#include "custfolio/growth/amount_tables.hpp"
#include "custfolio/growth/calibration.hpp"
#include "custfolio/growth/calibration_groups.hpp"
#include "custfolio/growth/factor_correlation.hpp"
#include "custfolio/growth/factor_history.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/growth/next_actions.hpp"
#include "custfolio/growth/open_chances.hpp"
#include "custfolio/growth/opportunities.hpp"
#include "custfolio/growth/plan_amounts.hpp"
#include "custfolio/growth/plan_factors.hpp"
#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/growth/step_figures.hpp"
#include "custfolio/growth/white_space.hpp"
