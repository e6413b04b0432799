// Compiles the definitions of room `acquisition` once.
#include "custfolio/acquisition/detail/warmth_tree.ipp"
#include "custfolio/acquisition/likeness.ipp"
#include "custfolio/acquisition/neighbourhood.ipp"
#include "custfolio/acquisition/network.ipp"
#include "custfolio/acquisition/prospects.ipp"
#include "custfolio/acquisition/route_fit.ipp"
#include "custfolio/acquisition/white_spots.ipp"
#include "custfolio/acquisition/win_fit.ipp"
