// The room `strategy`, compiled once for custfolio::custfolio.
#include "custfolio/strategy.hpp"

#include "custfolio/strategy/choice.ipp"
#include "custfolio/strategy/courses.ipp"
#include "custfolio/strategy/cutting_plane_master.ipp"
#include "custfolio/strategy/integer_search.ipp"
#include "custfolio/strategy/lagrangian_dual.ipp"
#include "custfolio/strategy/plan.ipp"
#include "custfolio/strategy/plan_buckets.ipp"
#include "custfolio/strategy/strategy.ipp"
