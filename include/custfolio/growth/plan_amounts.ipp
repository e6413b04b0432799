// Definitions of what action plans bring, for a budget.
#pragma once

#include <algorithm>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/growth/plan_amounts.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// The forecast of the same plans with the spend or hours of attempts as the only costs.
CUSTFOLIO_INLINE GrowthForecast forecast_of(const GrowthForecast& forecast, PlanFigure figure) {
    if (figure == PlanFigure::payoffs) return forecast;
    std::vector<ActionPlan> plans = forecast.plans();
    for (ActionPlan& plan : plans) {
        for (ActionStep& step : plan.steps) {
            // Hours take the place of the spend, and all payoffs go: what remains is the wanted cost.
            if (figure == PlanFigure::hours) step.spend = step.hours;
            step.revenue_per_month = step.contribution_per_month = step.one_off_revenue = step.one_off_contribution = 0;
        }
    }
    const GrowthForecast taken = grow(plans, forecast.start(), forecast.months(), forecast.options());
    // Outcomes carry over: the other figure is forecast under the same knowledge.
    std::vector<GrowthForecast::Known> known;
    for (std::size_t g = 0; g < forecast.graphs(); ++g) {
        for (const PlanGraph::Node& node : forecast.graph(g).nodes()) {
            if (node.known) known.push_back({node.plan, node.position, *node.known});
        }
    }
    return known.empty() ? taken : taken.given(known);
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(PlanFigure figure) {
    switch (figure) {
        case PlanFigure::payoffs:
            return "payoffs";
        case PlanFigure::spend:
            return "spend";
        case PlanFigure::hours:
            return "hours";
    }
    throw InputError("figure " + std::to_string(static_cast<int>(figure)) + " does not exist");
}

CUSTFOLIO_INLINE PlanAmounts::PlanAmounts(const GrowthForecast& forecast, PlanFigure figure)
    : forecast_(detail::forecast_of(forecast, figure)) {}

CUSTFOLIO_INLINE std::string PlanAmounts::customer(std::size_t item) const {
    return forecast_.plans().at(item).customer;
}

CUSTFOLIO_INLINE std::string PlanAmounts::name(std::size_t item) const {
    const ActionPlan& plan = forecast_.plans().at(item);
    return plan.customer + "/" + plan.name;
}

CUSTFOLIO_INLINE double PlanAmounts::probability(std::size_t item) const {
    return std::min(1.0, forecast_.success(item, forecast_.plans().at(item).steps.size() - 1));
}

CUSTFOLIO_INLINE double PlanAmounts::expected(std::size_t item, int month, Payoff payoff) const {
    const auto m = static_cast<std::size_t>(month);
    const double revenue = forecast_.expected_revenue()(item, m);
    const double contribution = forecast_.expected_contribution()(item, m);
    if (payoff == Payoff::revenue) return revenue;
    return payoff == Payoff::contribution ? contribution : revenue - contribution;
}

}  // namespace custfolio
