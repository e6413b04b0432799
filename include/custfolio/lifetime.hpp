// Room `lifetime` (floor 3): how fast the bucket evaporates, what a customer is worth, and the baseline without action.
#pragma once

#include "custfolio/lifetime/assessment.hpp"
#include "custfolio/lifetime/backtest.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/lifetime/beta_discrete_weibull.hpp"
#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/lifetime/contracts.hpp"
#include "custfolio/lifetime/fit.hpp"
#include "custfolio/lifetime/gamma_gamma.hpp"
#include "custfolio/lifetime/history.hpp"
#include "custfolio/lifetime/nbd.hpp"
#include "custfolio/lifetime/pareto_nbd.hpp"
#include "custfolio/lifetime/shrinkage.hpp"
#include "custfolio/lifetime/summary.hpp"
#include "custfolio/lifetime/normal_normal.hpp"
#include "custfolio/lifetime/shifted_beta_geometric.hpp"
