// Room `budget` (floor 3): lines from any source whose totals add up, their distributions, versions and variances.
#pragma once

#include "custfolio/budget/budget.hpp"
#include "custfolio/budget/budget_groups.hpp"
#include "custfolio/budget/controlled_rounding.hpp"
#include "custfolio/budget/fiscal_calendar.hpp"
#include "custfolio/budget/line_item_budget.hpp"
#include "custfolio/budget/line_items.hpp"
#include "custfolio/budget/nested_rounding.hpp"
#include "custfolio/budget/variance.hpp"
#include "custfolio/budget/versions.hpp"
