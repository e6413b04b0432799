// What the binding files of room `strategy` share: the settings of a strategy from Python.
#pragma once

#include <pybind11/pybind11.h>

#include "custfolio/strategy/strategy.hpp"

/// The strategy of a dict of settings; raises what its cells do not allow.
custfolio::Strategy strategy_of(const pybind11::dict& settings);
