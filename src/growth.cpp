// Compiles the definitions of room `growth` once.
#include "custfolio/growth/action_plan.ipp"
#include "custfolio/growth/calibration.ipp"
#include "custfolio/growth/dependence.ipp"
#include "custfolio/growth/distribution.ipp"
#include "custfolio/growth/grow.ipp"
#include "custfolio/growth/plan_graph.ipp"
#include "custfolio/growth/sum_distribution.ipp"
#include "custfolio/growth/tilting.ipp"
