// Room `budget` (floor 3): lines from any source whose totals add up, fiscal calendars, and variance with its causes.
#pragma once

#include "custfolio/budget/budget.hpp"
#include "custfolio/budget/controlled_rounding.hpp"
#include "custfolio/budget/fiscal_calendar.hpp"
#include "custfolio/budget/nested_rounding.hpp"
#include "custfolio/budget/variance.hpp"
