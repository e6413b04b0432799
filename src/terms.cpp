// Compiles the definitions of room `terms` once.
#include "custfolio/terms/terms.ipp"
#include "custfolio/terms/replay.ipp"
#include "custfolio/terms/wording.ipp"
