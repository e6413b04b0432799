// The room `strategy`, compiled once for custfolio::custfolio.
#include "custfolio/strategy.hpp"

#include "custfolio/strategy/choice.ipp"
#include "custfolio/strategy/courses.ipp"
#include "custfolio/strategy/dual.ipp"
#include "custfolio/strategy/master.ipp"
#include "custfolio/strategy/plan.ipp"
#include "custfolio/strategy/search.ipp"
#include "custfolio/strategy/strategy.ipp"
