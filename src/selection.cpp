// Compiles the definitions of room `selection` once.
#include "custfolio/selection.hpp"
#include "custfolio/selection/comparison.ipp"
#include "custfolio/selection/group_by.ipp"
#include "custfolio/selection/segmentation.ipp"
#include "custfolio/selection/select.ipp"
#include "custfolio/selection/statement.ipp"
#include "custfolio/selection/trace.ipp"
#include "custfolio/selection/whale.ipp"
