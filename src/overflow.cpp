// Compiles the definitions of room `overflow` once.
#include "custfolio/overflow/displacement.ipp"
