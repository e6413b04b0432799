// Everything of custfolio that is defined: one include for all rooms.
#pragma once

#include "custfolio/config.hpp"
#include "custfolio/math.hpp"
#include "custfolio/portfolio.hpp"
