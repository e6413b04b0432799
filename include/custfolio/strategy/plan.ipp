// Definitions of the plan's own members.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::string to_string(Step step) {
    switch (step) {
        case Step::selection:
            return "selection";
        case Step::remediation:
            return "remediation";
        case Step::anchoring:
            return "anchoring";
        case Step::growth:
            return "growth";
        case Step::acquisition:
            break;
    }
    return "acquisition";
}

CUSTFOLIO_INLINE InfeasiblePlan::InfeasiblePlan(const std::string& text, std::vector<Relaxation> relaxation)
    : InfeasibleError(text), relaxation_(std::move(relaxation)) {}

CUSTFOLIO_INLINE double PlanMonth::level_quantile(double probability) const {
    return level + math::normal_quantile(probability) * level_deviation;
}

CUSTFOLIO_INLINE double PlanMonth::heat_quantile(double probability) const {
    return heat + math::normal_quantile(probability) * heat_deviation;
}

CUSTFOLIO_INLINE double RelaxedRow::drop(double amount) const {
    return bound > 0 ? 1.0 - amount / bound : std::numeric_limits<double>::quiet_NaN();
}

CUSTFOLIO_INLINE double Plan::gain_gap() const {
    return (bound - value) / std::max(std::abs(gain()), 1e-12);
}

}  // namespace custfolio
