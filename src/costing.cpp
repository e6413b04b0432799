// Compiles the definitions of room `costing` once.
#include "custfolio/costing/charge.ipp"
#include "custfolio/costing/cost_change.ipp"
#include "custfolio/costing/cost_model.ipp"
#include "custfolio/costing/credit.ipp"
#include "custfolio/costing/time_equation.ipp"
