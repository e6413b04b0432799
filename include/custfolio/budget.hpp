// Room `budget` (floor 3): lines per month and source, rounded so that every total adds up.
#pragma once

#include "custfolio/budget/budget.hpp"
#include "custfolio/budget/controlled_rounding.hpp"
