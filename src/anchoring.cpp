// Compiles the definitions of room `anchoring` once.
#include "custfolio/anchoring/agenda.ipp"
#include "custfolio/anchoring/cadence.ipp"
