// Payoffs by name, for the rooms `distribution` and `growth`.
#pragma once

#include <string>

#include "bindings/convert.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"

namespace custfolio::bindings {

/// @return the payoff of a name. @throws InputError where there is none of that name.
inline Payoff payoff_of(const std::string& name) {
    return enum_of(name, {Payoff::contribution, Payoff::revenue, Payoff::costs}, "payoff");
}

}  // namespace custfolio::bindings
