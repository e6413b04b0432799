// Room `acquisition` (floor 3): warm water is added where the neighbourhood is warm.
#pragma once

#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/acquisition/prospects.hpp"
