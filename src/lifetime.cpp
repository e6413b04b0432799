// Compiles the definitions of room `lifetime` once.
#include "custfolio/lifetime.hpp"

#include "custfolio/lifetime/assessment.ipp"
#include "custfolio/lifetime/backtest.ipp"
#include "custfolio/lifetime/baseline.ipp"
#include "custfolio/lifetime/exponential_smoothing.ipp"
#include "custfolio/lifetime/fit.ipp"
#include "custfolio/lifetime/history.ipp"
#include "custfolio/lifetime/nbd.ipp"
#include "custfolio/lifetime/pareto_nbd.ipp"
#include "custfolio/lifetime/shrinkage.ipp"
#include "custfolio/lifetime/summary.ipp"
