// Room `anchoring` (floor 3): review dates by cadence, placed in the managers' agendas where they stay.
#pragma once

#include "custfolio/anchoring/agenda.hpp"
#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/manager_result.hpp"
