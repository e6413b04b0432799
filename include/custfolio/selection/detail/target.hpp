// The check of a target temperature, and the side of it, which the verdict and its uncertainty share.
#pragma once

#include <cmath>
#include <string>

#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

/// @throws InputError where a target temperature is not a fraction in (-1, 1).
inline void require_target(double target, const std::string& what) {
    if (-1 < target && target < 1) return;
    throw InputError(what + ": target is " + number_text(target) +
                     "; it must be a fraction between -1 and 1, 0.05 for 5 %");
}

/// Whether a customer is below the target; without a temperature, whether it costs money.
inline bool below_target(double temperature, double heat, double target) {
    return std::isnan(temperature) ? heat < 0 : temperature < target;
}

}  // namespace custfolio::detail
