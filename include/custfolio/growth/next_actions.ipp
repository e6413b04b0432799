// Definitions of next actions.
#pragma once

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/next_actions.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Whether a node is undecided, and all that it waits for has succeeded.
CUSTFOLIO_INLINE bool can_start(const PlanGraph& graph, std::size_t at) {
    const PlanGraph::Node& node = graph.nodes()[at];
    if (node.step == nullptr || node.known) return false;
    const auto done = [&](std::size_t parent) {
        const PlanGraph::Node& before = graph.nodes()[parent];
        return before.step == nullptr ? before.event_probability == 1 : before.known && before.known->succeeded;
    };
    if (node.parents.empty()) return true;
    return node.any ? detail::any_of(node.parents, done) : detail::all_of(node.parents, done);
}

/// Whether every step of a graph of one plan that still brings something needs a node: the plan's figures are its own.
CUSTFOLIO_INLINE bool all_need(const PlanGraph& graph, std::size_t first) {
    std::vector<bool> needs(graph.nodes().size());
    needs[first] = true;
    const std::size_t plan = graph.nodes()[first].plan;
    for (std::size_t at = 0; at < needs.size(); ++at) {
        const PlanGraph::Node& node = graph.nodes()[at];
        if (node.step == nullptr || at == first) continue;
        if (node.plan != plan) return false;
        if (node.known) {
            const bool pays = node.step->contribution_per_month != 0 || node.step->one_off_contribution != 0;
            if (node.known->succeeded && pays) return false;
            continue;
        }
        // A step needs the node if it cannot start without it: all of its alternatives, or any of its conditions.
        const auto needed = [&](std::size_t parent) { return static_cast<bool>(needs[parent]); };
        needs[at] = !node.parents.empty() &&
                    (node.any ? detail::all_of(node.parents, needed) : detail::any_of(node.parents, needed));
        if (!needs[at]) return false;
    }
    return true;
}

/// Expected contribution and hours over the horizon of the plans of a graph.
CUSTFOLIO_INLINE std::pair<double, double> expected_of(const GrowthForecast& growth, const PlanGraph& graph) {
    std::set<std::size_t> plans;
    for (const PlanGraph::Node& node : graph.nodes()) {
        if (node.step != nullptr) plans.insert(node.plan);
    }
    const Matrix& contribution = growth.expected_contribution();
    const Matrix& hours = growth.expected_hours();
    // A graph's plans stand or fall together, so their expectations are added.
    math::CompensatedSum heat;
    math::CompensatedSum worked;
    for (const std::size_t plan : plans) {
        for (const double amount : contribution.row(plan)) heat += amount;
        for (const double time : hours.row(plan)) worked += time;
    }
    return {heat.value(), worked.value()};
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<NextAction> next_actions(const GrowthForecast& growth, std::span<const ProductGap> gaps,
                                                      const ProductOffer& offer) {
    if (!gaps.empty() &&
        !(offer.probability >= 0 && offer.probability <= 1 && offer.hours > 0 && std::isfinite(offer.hours))) {
        throw InputError("an offer has the chance " + number_text(offer.probability) + " and takes " +
                         number_text(offer.hours) +
                         " hours; the chance must lie in [0, 1], the hours above 0 and be finite");
    }
    constexpr double rounding = 1e-9;  // hours: what differences of sums may leave of nothing
    std::vector<NextAction> actions;
    std::set<std::string> busy;
    for (std::size_t p = 0; p < growth.size(); ++p) {
        const ActionPlan& plan = growth.plans()[p];
        for (std::size_t k = 0; k < plan.steps.size(); ++k) {
            const ActionStep& step = plan.steps[k];
            const StepPlace place = growth.place(p, k);
            const PlanGraph& graph = growth.graph(place.graph);
            if (!detail::can_start(graph, place.node)) continue;
            auto [heat, hours] = detail::expected_of(growth, graph);
            if (!detail::all_need(graph, place.node)) {
                // What the action is worth: the forecast as it is, less the forecast in which it fails.
                const GrowthForecast::Known failed{p, k, {false, growth.start()}};
                const GrowthForecast without = growth.given({&failed, 1});
                const auto [other_heat, other_hours] = detail::expected_of(without, without.graph(place.graph));
                heat -= other_heat;
                hours -= other_hours;
            }
            busy.insert(plan.customer);
            actions.push_back({plan.customer, plan.name, step.name, step.condition,
                               std::max(growth.start(), step.earliest), step.success_probability, heat,
                               hours > rounding ? hours : 0.0});
        }
    }
    for (const ProductGap& gap : gaps) {
        // A customer with a plan is not offered anything beside it.
        if (std::isnan(gap.heat) || busy.contains(gap.customer)) continue;
        actions.push_back({gap.customer, "", "offer " + gap.product, "peers buy it", std::nullopt, offer.probability,
                           offer.probability * gap.heat, offer.hours});
    }
    for (const NextAction& one : actions) {
        if (one.hours > 0) require_finite(one.heat_per_hour(), one.customer + ", " + one.action + ": heat per hour");
    }
    detail::stable_sort(actions, [](const NextAction& a, const NextAction& b) {
        const auto key = [](const NextAction& one) {
            const bool last = !(one.hours > 0);
            return std::tuple(last, last ? 0 : -one.heat_per_hour(), -one.heat, std::string_view(one.customer),
                              std::string_view(one.action));
        };
        return key(a) < key(b);
    });
    return actions;
}

}  // namespace custfolio
