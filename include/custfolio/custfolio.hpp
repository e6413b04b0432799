// Everything of custfolio: one include for all rooms.
#pragma once

#include "custfolio/acquisition.hpp"
#include "custfolio/anchoring.hpp"
#include "custfolio/budget.hpp"
#include "custfolio/config.hpp"
#include "custfolio/costing.hpp"
#include "custfolio/distribution.hpp"
#include "custfolio/growth.hpp"
#include "custfolio/ledger.hpp"
#include "custfolio/lifetime.hpp"
#include "custfolio/math.hpp"
#include "custfolio/overflow.hpp"
#include "custfolio/portfolio.hpp"
#include "custfolio/remediation.hpp"
#include "custfolio/selection.hpp"
#include "custfolio/strategy.hpp"
#include "custfolio/terms.hpp"
