// What the binding files of room `growth` share.
#pragma once

#include <string>

#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::bindings {

/// @return the payoff of a name. @throws InputError where there is none of that name.
inline Payoff payoff_of(const std::string& name) {
    if (name == "contribution") return Payoff::contribution;
    if (name == "revenue") return Payoff::revenue;
    if (name == "costs") return Payoff::costs;
    throw InputError("payoff is '" + name + "'; it can be 'contribution', 'revenue' or 'costs'");
}

}  // namespace custfolio::bindings
