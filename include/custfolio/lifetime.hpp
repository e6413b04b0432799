// Room `lifetime` (floor 3): how fast the bucket evaporates, what a customer is worth, and the baseline without action.
#pragma once

#include "custfolio/lifetime/fit.hpp"
#include "custfolio/lifetime/history.hpp"
