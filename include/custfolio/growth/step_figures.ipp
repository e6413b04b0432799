// Definitions of the figures of single steps.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>

#include "custfolio/config.hpp"
#include "custfolio/growth/step_figures.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// Calls `f(plan, step, node)` for every step; `node` counts the nodes of all graphs, in the order of the graphs.
template <class F>
void for_each_step(const GrowthForecast& growth, F&& f) {
    std::vector<std::size_t> begin{0};
    for (std::size_t g = 0; g < growth.graphs(); ++g) begin.push_back(begin.back() + growth.graph(g).nodes().size());
    for (std::size_t p = 0; p < growth.size(); ++p) {
        for (std::size_t k = 0; k < growth.plans()[p].steps.size(); ++k) {
            const StepPlace at = growth.place(p, k);
            f(p, k, begin[at.graph] + at.node);
        }
    }
}

CUSTFOLIO_INLINE Month last_month(const GrowthForecast& growth) {
    return growth.start() + (growth.months() - 1);
}

/// For each step the chance that it succeeds and the target is reached, or the derivative of the chance to reach it.
template <class Step>
std::vector<double> chances_of_steps(const GrowthForecast& growth, const std::vector<Step>& steps, double target,
                                     Payoff payoff, bool derivative) {
    // Steps of one graph share the sums of all other graphs, so they are answered together.
    std::map<std::size_t, std::vector<std::size_t>> by_graph;  // positions in `steps`
    for (std::size_t k = 0; k < steps.size(); ++k) {
        by_graph[growth.place(steps[k].plan, steps[k].step).graph].push_back(k);
    }
    std::vector<double> result(steps.size());
    for (const auto& [graph, positions] : by_graph) {
        std::vector<PlanQuestion> questions;
        for (const std::size_t k : positions) {
            PlanQuestion& question = questions.emplace_back();
            question.last = growth.months() - 1;
            question.payoff = payoff;
            const std::size_t node = growth.place(steps[k].plan, steps[k].step).node;
            (derivative ? question.derivative : question.succeeds) = node;
        }
        const std::vector<double> reached = growth.chances_to_reach(graph, questions, target);
        for (std::size_t k = 0; k < positions.size(); ++k) result[positions[k]] = reached[k];
    }
    return result;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<StepWorth> step_sensitivity(const GrowthForecast& growth, std::optional<double> target,
                                                         Payoff payoff, std::size_t top) {
    // One percentage point.
    constexpr double point = 0.01;
    const std::vector<double> derivative = growth.mean_derivatives(growth.start(), detail::last_month(growth), payoff);
    std::vector<StepWorth> steps;
    detail::for_each_step(growth, [&](std::size_t plan, std::size_t step, std::size_t node) {
        steps.push_back({plan, step, point * derivative[node], std::nullopt});
    });
    // By size, whatever the sign: a cost can matter as much as a gain.
    detail::stable_sort(steps,
                        [](const StepWorth& a, const StepWorth& b) { return std::abs(a.worth) > std::abs(b.worth); });
    steps.resize(std::min(top, steps.size()));
    if (target) {
        const std::vector<double> chance = detail::chances_of_steps(growth, steps, *target, payoff, true);
        for (std::size_t k = 0; k < steps.size(); ++k) steps[k].chance = point * chance[k];
    }
    return steps;
}

CUSTFOLIO_INLINE std::vector<StepShare> step_uncertainty(const GrowthForecast& growth, std::size_t top, Payoff payoff) {
    const double variance = growth.total(payoff).variance();
    const std::vector<GrowthForecast::SuccessCovariance> covariances =
        growth.success_covariances(growth.start(), detail::last_month(growth), payoff);
    std::vector<StepShare> steps;
    detail::for_each_step(growth, [&](std::size_t plan, std::size_t step, std::size_t node) {
        const auto& [success, covariance] = covariances[node];
        // The squared correlation of success and total: the share of the variance that the step explains alone.
        // A step that is certain either way explains nothing.
        const double spread = success * (1 - success);
        const double share = spread > 1e-15 && variance > 0 ? covariance * covariance / (spread * variance) : 0;
        steps.push_back({plan, step, success, share});
    });
    detail::stable_sort(steps, [](const StepShare& a, const StepShare& b) { return a.share > b.share; });
    steps.resize(std::min(top, steps.size()));
    return steps;
}

CUSTFOLIO_INLINE TargetNeed target_need(const GrowthForecast& growth, double target, double probability, Payoff payoff,
                                        std::size_t top) {
    require_probability(probability, "probability");
    const Distribution total = growth.total(payoff);
    TargetNeed need;
    need.chance = total.probability_at_least(target);
    need.to_be_added = std::max(0.0, target - total.quantile(1 - probability));
    const std::vector<StepShare> steps = step_uncertainty(growth, top, payoff);
    const std::vector<double> both = detail::chances_of_steps(growth, steps, target, payoff, false);
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const auto& [plan, step, success, share] = steps[k];
        // P(target | success) = P(target and success) / P(success).
        need.steps.push_back({plan, step, success, success > 0 ? both[k] / success : 0});
    }
    return need;
}

CUSTFOLIO_INLINE std::optional<Month> TimeToTarget::quantile(double probability) const {
    const auto month = detail::find_if(reached, [&](double chance) { return chance >= probability; });
    if (month == reached.end()) return std::nullopt;
    return start + static_cast<int>(month - reached.begin());
}

CUSTFOLIO_INLINE TimeToTarget time_to_target(const GrowthForecast& growth, double amount, Payoff payoff) {
    if (growth.months() < 1) throw InputError("the forecast has no months; a time to a target needs at least one");
    std::vector<GrowthForecast::Span> spans;
    // Sums from the start to each month: the target is reached where the sum stands above it.
    for (int m = 0; m < growth.months(); ++m) spans.push_back({growth.start(), growth.start() + m});
    TimeToTarget result{growth.start(), {}};
    for (const Distribution& sum : growth.ranges(spans, payoff)) {
        result.reached.push_back(sum.probability_at_least(amount));
    }
    return result;
}

}  // namespace custfolio
