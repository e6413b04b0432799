// Room `overflow` (floor 3): who flows over in which month, coldest first and never before being replaced.
#pragma once

#include "custfolio/overflow/displacement.hpp"
