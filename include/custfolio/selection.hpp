// Room `selection` (floor 3, step 1): the statement, the whale curve, classes, and who stays as it is.
#pragma once

#include "custfolio/selection/comparison.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/interest.hpp"
#include "custfolio/selection/kmeans.hpp"
#include "custfolio/selection/migration.hpp"
#include "custfolio/selection/natural_breaks.hpp"
#include "custfolio/selection/rfm.hpp"
#include "custfolio/selection/segment_rules.hpp"
#include "custfolio/selection/segmentation.hpp"
#include "custfolio/selection/select.hpp"
#include "custfolio/selection/statement.hpp"
#include "custfolio/selection/statement_bridge.hpp"
#include "custfolio/selection/trace.hpp"
#include "custfolio/selection/uncertainty.hpp"
#include "custfolio/selection/waterfall.hpp"
#include "custfolio/selection/whale.hpp"
