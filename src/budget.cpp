// Compiles the definitions of room `budget` once.
#include "custfolio/budget/budget.ipp"
#include "custfolio/budget/controlled_rounding.ipp"
#include "custfolio/budget/fiscal_calendar.ipp"
#include "custfolio/budget/nested_rounding.ipp"
#include "custfolio/budget/variance.ipp"
