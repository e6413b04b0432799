// Compiles the definitions of room `acquisition` once.
#include "custfolio/acquisition/neighbourhood.ipp"
#include "custfolio/acquisition/prospects.ipp"
