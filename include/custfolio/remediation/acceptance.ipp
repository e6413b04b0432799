// Definition of the acceptance prior.
#pragma once

#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/remediation/acceptance.hpp"

namespace custfolio {

CUSTFOLIO_INLINE double Acceptance::probability(double burden) const {
    require_probability(base, "acceptance: base");
    require_finite(sensitivity, "acceptance: sensitivity");
    if (sensitivity < 0) {
        throw InputError("acceptance: sensitivity is " + number_text(sensitivity) +
                         "; it must be >= 0 (a heavier burden is never accepted sooner)");
    }
    if (std::isnan(burden)) throw InputError("burden is nan; it is the extra cost as a share of spend");
    if (base == 0 || base == 1 || sensitivity == 0) return base;
    // base / (base + (1 - base) exp(sensitivity x burden)): the logistic without its logit, exact at burden 0.
    return base / (base + (1 - base) * std::exp(sensitivity * burden));
}

}  // namespace custfolio
