// Room `terms` (floor 2): what is agreed with a customer, and what a change of it does to revenue and drivers.
#pragma once

#include "custfolio/terms/replay.hpp"
#include "custfolio/terms/terms.hpp"
#include "custfolio/terms/wording.hpp"
