// Room `costing` (floor 2): what serving a customer costs, reconciled; and the part of it that a decision may count.
#pragma once

#include "custfolio/costing/charge.hpp"
#include "custfolio/costing/cost_change.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/costing/credit.hpp"
#include "custfolio/costing/time_equation.hpp"
