// Compiles the definitions of room `budget` once.
#include "custfolio/budget/budget.ipp"
#include "custfolio/budget/controlled_rounding.ipp"
