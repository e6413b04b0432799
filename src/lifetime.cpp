// Compiles the definitions of room `lifetime` once.
#include "custfolio/lifetime.hpp"
#include "custfolio/lifetime/fit.ipp"
#include "custfolio/lifetime/history.ipp"
