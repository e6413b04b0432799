// Room `acquisition` (floor 3): warm water is added where the neighbourhood is warm.
#pragma once

#include "custfolio/acquisition/likeness.hpp"
#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/acquisition/network.hpp"
#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/acquisition/route_fit.hpp"
#include "custfolio/acquisition/white_spots.hpp"
#include "custfolio/acquisition/win_fit.hpp"
