// Definitions of the plan's own members.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE std::string span_text(Month first, int months) {
    return months <= 1 ? to_string(first) : to_string(first) + " to " + to_string(first + (months - 1));
}

}  // namespace detail

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
    if (never_negative && level >= 0 && std::isfinite(level_deviation)) {
        return nonnegative_quantile(level, level_deviation, probability);
    }
    return level + math::normal_quantile(probability) * level_deviation;
}

CUSTFOLIO_INLINE double PlanMonth::heat_quantile(double probability) const {
    return heat + math::normal_quantile(probability) * heat_deviation;
}

CUSTFOLIO_INLINE double RelaxedRow::drop(double amount) const {
    return bound > 0 ? 1.0 - amount / bound : std::numeric_limits<double>::quiet_NaN();
}

CUSTFOLIO_INLINE std::string Plan::span(const FloorRow& row) const {
    if (!row.group.empty()) return detail::span_text(row.month, row.months);
    std::string text;
    Month first = row.month;
    int left = row.months;
    for (Month m = row.month; left > 0; m = m + 1) {
        const auto place = static_cast<std::size_t>(std::max(m - start, 0));
        const bool counts = m < start || place >= trajectory.size() || std::isfinite(trajectory[place].floor);
        if (counts) --left;
        if (counts && left > 0) continue;
        // A run ends before a month that does not count, or with the last that does.
        const int length = m - first + (counts ? 1 : 0);
        if (length > 0) text += (text.empty() ? "" : ", ") + detail::span_text(first, length);
        first = m + 1;
    }
    return text;
}

CUSTFOLIO_INLINE std::string Plan::span(const RelaxedRow& row) const {
    if (row.row != "level floor" && row.row != "floor chance") return detail::span_text(row.month, row.months);
    FloorRow floor;
    floor.month = row.month;
    floor.months = row.months;
    return span(floor);
}

CUSTFOLIO_INLINE double Plan::gain_gap() const {
    return (bound - value) / std::max(std::abs(gain()), 1e-12);
}

}  // namespace custfolio
