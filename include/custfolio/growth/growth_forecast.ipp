// Definitions of the budget that action plans give.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/detail/graph_builder.hpp"
#include "custfolio/growth/detail/plan_steps.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"

namespace custfolio {

CUSTFOLIO_INLINE void GrowthForecast::note_timing(const PlanGraph& graph) {
    const Month last = start_ + (months_ - 1);
    // The soonest start, from the soonest decision.
    const auto begins = [&](const PlanGraph::Node& node) {
        return node.soonest - (node.step == nullptr ? 0 : detail::shortest(*node.step));
    };
    for (const PlanGraph::Node& node : graph.nodes()) {
        if (node.step == nullptr) continue;
        const int begin = begins(node);
        // Three cases of a step that cannot do what the user may expect of it.
        if (begin > node.latest) {
            notes_.push_back(detail::node_text(*plans_, node) + " cannot start before " + to_string(start_ + begin) +
                             ", after its latest month " + to_string(start_ + node.latest) + ": it is never attempted");
        } else if (begin >= months_) {
            // Only the first has a note: what comes after it cannot start either.
            const bool noted = detail::any_of(
                node.parents, [&](std::size_t parent) { return begins(graph.nodes()[parent]) >= months_; });
            if (!noted) {
                notes_.push_back(detail::node_text(*plans_, node) + " cannot start before " +
                                 to_string(start_ + begin) + ", after the horizon's last month " + to_string(last));
            }
        } else if (node.soonest >= months_) {
            notes_.push_back(detail::node_text(*plans_, node) + " is decided in " + to_string(start_ + node.soonest) +
                             ", after the horizon's last month " + to_string(last) + ": it pays nothing in it");
        }
    }
}

// The shares of some plays in which each step of a graph is first attempted in each month.
CUSTFOLIO_INLINE std::vector<double> GrowthForecast::played_starts(const PlanGraph& graph, const PlanQuestion& asked,
                                                                   std::size_t first, std::size_t last) const {
    const auto months = static_cast<std::size_t>(months_);
    std::vector<double> result(graph.nodes().size() * months);
    std::vector<int> begun;
    PlanQuestion question = asked;
    question.first = 0;
    question.last = months_ - 1;
    for (std::size_t path = first; path < last; ++path) {
        // Draws depend on seed and path alone, so that a forecast can be repeated.
        graph.play(question, options_.seed, path, 0, &begun);
        for (std::size_t v = 0; v < begun.size(); ++v) {
            if (begun[v] != PlanGraph::never) result[v * months + static_cast<std::size_t>(begun[v])] += 1;
        }
    }
    for (double& start : result) start /= static_cast<double>(last - first);
    return result;
}

// A plan of each combination of labels in a graph; the first plan alone where no factor has labels.
CUSTFOLIO_INLINE std::vector<std::size_t> GrowthForecast::kinds(const PlanFactors& factors, std::size_t graph) const {
    std::vector<std::size_t> plans;
    for (const PlanGraph::Node& node : graphs_[graph]->nodes()) {
        if (node.step == nullptr) continue;
        const auto alike = [&](std::size_t plan) { return factors.alike(plan, node.plan); };
        // Plans of the same labels have the same factors, so one of them stands for all.
        if (detail::none_of(plans, alike)) plans.push_back(node.plan);
        if (factors.groups().empty()) break;
    }
    return plans;
}

// Whether factors divide the plans of some graphs differently, or a graph joins plans of different labels.
CUSTFOLIO_INLINE bool GrowthForecast::crosses(const PlanFactors& factors, std::span<const std::size_t> graphs) const {
    if (factors.groups().empty()) return false;
    return factors.groups().size() > 1 ||
           detail::any_of(graphs, [&](std::size_t g) { return kinds(factors, g).size() > 1; });
}

// Means of what `f` writes over plays, each with draws of the factors of its own.
CUSTFOLIO_INLINE std::vector<double> GrowthForecast::over_plays(std::size_t graph, std::size_t count,
                                                                const WriteGiven& f) const {
    constexpr std::size_t grain = 1024;
    const std::size_t chunks = (options_.paths + grain - 1) / grain;
    std::vector<std::vector<double>> sums(chunks, std::vector<double>(count));
    const bool shared = kinds(*factors_, graph).size() <= 1;  // all plans have one factor
    math::parallel_for(
        0, chunks, 1, options_.threads,
        [&](std::size_t begin, std::size_t end) {
            std::vector<double> values(count);
            std::vector<double> factors;
            PlanQuestion asked;
            asked.correlation = factors_->total();
            for (std::size_t chunk = begin; chunk < end; ++chunk) {
                for (std::size_t path = chunk * grain; path < std::min((chunk + 1) * grain, options_.paths); ++path) {
                    if (shared) {
                        asked.factor = math::normal_quantile(math::uniform(options_.seed, path, draws_->back()));
                    } else {
                        asked.factors = factors = factors_->draw(options_.seed, path, draws_->back());
                    }
                    f(asked, played_starts(*graphs_[graph], asked, path, path + 1), values);
                    for (std::size_t i = 0; i < count; ++i) sums[chunk][i] += values[i];
                }
            }
        },
        options_.pulse);
    std::vector<double> mean(count);
    for (std::size_t i = 0; i < count; ++i) {
        // Chunk by chunk in order: the same bits for any number of threads.
        for (const std::vector<double>& one : sums) mean[i] += one[i];
        mean[i] /= static_cast<double>(options_.paths);
    }
    return mean;
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::over_graph(std::size_t graph, std::size_t count,
                                                                std::size_t& simulations, const WriteGiven& f) const {
    PlanQuestion asked;
    asked.correlation = factors_->total();
    std::vector<double> values(count);
    // At the factor 0 every outcome has a chance, so that no other value of the factor needs more amounts.
    std::optional<std::vector<double>> exact = graphs_[graph]->starts(asked, options_.limit);
    simulations = exact ? 0 : options_.paths;
    if (!(asked.correlation > 0)) {
        f(asked, exact ? *exact : played_starts(*graphs_[graph], asked, 0, options_.paths), values);
        return values;
    }
    // Plays at every value of a factor would cost too much, and their noise would never let the rule settle.
    if (!exact) return over_plays(graph, count, f);
    const auto given = [&](std::vector<double>& value) {
        f(asked, *graphs_[graph]->starts(asked, options_.limit), value);
    };
    const std::vector<std::size_t> plans = kinds(*factors_, graph);
    // One combination of labels has one factor: a one-dimensional mean.
    if (plans.size() <= 1) {
        return detail::factor_means(count, detail::mean_tolerance, [&](double z, std::vector<double>& value) {
            asked.factor = z;
            given(value);
        });
    }
    std::vector<double> factors(plans_->size());
    asked.factors = factors;
    if (plans.size() == 2) {
        // Two correlated normals by nodes for one and, given it, for the other.
        // Given z, u adds the part of the second factor that the first does not explain.
        const double lean = factors_->correlation(plans[0], plans[1]);
        const double rest = std::sqrt(1 - lean * lean);
        return detail::pair_means(count, detail::pair_tolerance, [&](double z, double u, std::vector<double>& value) {
            for (const PlanGraph::Node& node : graphs_[graph]->nodes()) {
                if (node.step == nullptr) continue;
                factors[node.plan] = factors_->alike(node.plan, plans[0]) ? z : lean * z + rest * u;
            }
            given(value);
        });
    }
    // With three or more factors a rule over all of them is out of reach: they are drawn.
    simulations = std::max<std::size_t>(options_.paths / detail::plays_per_draw, 100);
    std::vector<math::CompensatedSum> sum(count);
    for (std::size_t path = 0; path < simulations; ++path) {
        factors = factors_->draw(options_.seed, path, draws_->back());
        asked.factors = factors;
        given(values);
        for (std::size_t i = 0; i < count; ++i) sum[i] += values[i];
    }
    for (std::size_t i = 0; i < count; ++i) values[i] = sum[i].value() / static_cast<double>(simulations);
    return values;
}

// Means over one factor that all graphs share; without a factor, the values themselves.
CUSTFOLIO_INLINE std::vector<double> GrowthForecast::over_factor(
    std::size_t count, double tolerance, const std::function<void(double, std::vector<double>&)>& f) const {
    if (factors_->total() > 0) return detail::factor_means(count, tolerance, f);
    std::vector<double> values(count);
    f(0, values);
    return values;
}

// Sets the expectations of a graph's plans; the number of plays where they had to be simulated, else 0.
CUSTFOLIO_INLINE std::size_t GrowthForecast::expect(std::size_t at) {
    const PlanGraph& graph = *graphs_[at];
    const auto months = static_cast<std::size_t>(months_);
    std::vector<std::size_t> rows;  // the plans of the graph
    std::unordered_map<std::size_t, std::size_t> place;
    for (const PlanGraph::Node& node : graph.nodes()) {
        if (node.step != nullptr && place.try_emplace(node.plan, rows.size()).second) rows.push_back(node.plan);
    }
    const auto brought = [&](const PlanQuestion& asked, std::span<const double> begun, std::vector<double>& values) {
        detail::fill(values, 0.0);
        for (std::size_t v = 0; v < graph.nodes().size(); ++v) {
            const PlanGraph::Node& node = graph.nodes()[v];
            if (node.step == nullptr) continue;
            double* const revenue = values.data() + 3 * months * place.at(node.plan);
            for (std::size_t s = 0; s < months; ++s) {
                // A decided step's payoff does not depend on its start: one start stands for it.
                const double reached = node.known ? (s == 0 ? 1.0 : 0.0) : begun[v * months + s];
                if (!(reached > 0)) continue;
                // Given the start the step's payoff does not depend on the rest of the graph.
                const PlanGraph::Expectation brings = graph.expectation(v, static_cast<int>(s), asked);
                for (std::size_t m = 0; m < months; ++m) {
                    revenue[m] += reached * brings.revenue[m];
                    revenue[months + m] += reached * brings.contribution[m];
                    revenue[2 * months + m] += reached * brings.hours[m];
                }
            }
        }
    };
    std::size_t simulations = 0;
    const std::vector<double> mean = over_graph(at, 3 * months * rows.size(), simulations, brought);
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const auto finite = [](double value) { return std::isfinite(value); };
        if (!detail::all_of(std::span(mean).subspan(3 * months * k, 3 * months), finite)) {
            throw InputError(detail::plan_text((*plans_)[rows[k]]) +
                             ": its expected amounts are beyond the range of numbers; check amounts and sizes");
        }
        const std::span<const double> by_month = std::span(mean).subspan(3 * months * k, 3 * months);
        detail::copy(by_month.first(months), revenue_.row(rows[k]).begin());
        detail::copy(by_month.subspan(months, months), contribution_.row(rows[k]).begin());
        detail::copy(by_month.last(months), hours_.row(rows[k]).begin());
    }
    return simulations;
}

CUSTFOLIO_INLINE void GrowthForecast::note_factors() {
    std::vector<std::size_t> graphs(graphs_.size());
    std::iota(graphs.begin(), graphs.end(), std::size_t{0});
    // Crossed factors are simulated, and a simulation must be visible in the notes.
    crossed_ = crosses(*factors_, graphs);
    if (!crossed_) return;
    notes_.push_back("factors cross, or plans with different labels wait for each other: distributions come from " +
                     std::to_string(options_.paths) + " plays, and the standard error of a chance is at most " +
                     number_text(0.5 / std::sqrt(static_cast<double>(options_.paths))));
}

CUSTFOLIO_INLINE GrowthForecast::GrowthForecast(std::vector<ActionPlan> plans, Month start, int months,
                                                GrowOptions options)
    : plans_(std::make_shared<const std::vector<ActionPlan>>(std::move(plans))),
      start_(start),
      months_(months),
      options_(std::move(options)) {
    // A century: beyond it a month's column is a typing error.
    if (months < 1 || months > 1200) {
        throw InputError("the horizon has " + std::to_string(months) + " months; it must have 1 to 1200");
    }
    if (options_.paths < 100 || options_.paths > detail::most_plays) {
        throw InputError("paths are " + std::to_string(options_.paths) + "; a simulation has 100 to " +
                         std::to_string(detail::most_plays));
    }
    for (const ActionPlan& plan : *plans_) check(plan);
    factors_ = std::make_shared<const PlanFactors>(*plans_, options_.correlation, options_.factors);
    // Plans that wait for each other share a graph; graphs depend on each other by the factors alone.
    detail::BuiltGraphs built = detail::GraphBuilder(*plans_, options_.events, start_, months_).build();
    graphs_ = std::move(built.graphs);
    places_ = std::make_shared<const std::vector<std::vector<StepPlace>>>(std::move(built.places));
    draws_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(built.draws));
    revenue_ = contribution_ = hours_ = Matrix(plans_->size(), static_cast<std::size_t>(months));
    std::vector<std::size_t> plays(graphs_.size());
    const auto expect_some = [&](std::size_t begin, std::size_t end) {
        // Graphs write to the rows of their own plans: no two threads share a row.
        for (std::size_t g = begin; g < end; ++g) plays[g] = expect(g);
    };
    math::parallel_for(0, graphs_.size(), 16, options_.threads, expect_some, options_.pulse);
    note_factors();
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        note_timing(*graphs_[g]);
        if (plays[g] == 0) continue;
        notes_.push_back(
            "the expectation of the " + std::to_string(graphs_[g]->nodes().size()) +
            " steps that depend on each other around " +
            detail::node_text(
                *plans_, *detail::find_if(graphs_[g]->nodes(), [](const auto& node) { return node.step != nullptr; })) +
            " was simulated by " + std::to_string(plays[g]) + " plays: the standard error of a chance is at most " +
            number_text(0.5 / std::sqrt(static_cast<double>(plays[g]))));
    }
}

CUSTFOLIO_INLINE Column GrowthForecast::expected(Payoff payoff) const {
    if (payoff == Payoff::costs) {
        // Costs are what of the revenue is not contribution.
        return math::add_scaled(expected(Payoff::revenue), -1.0, expected(Payoff::contribution));
    }
    const Matrix& by_plan = payoff == Payoff::revenue ? revenue_ : contribution_;
    Column result(static_cast<std::size_t>(months_));
    for (std::size_t m = 0; m < result.size(); ++m) {
        math::CompensatedSum sum;
        for (std::size_t row = 0; row < by_plan.rows(); ++row) sum += by_plan(row, m);
        result[m] = require_finite(sum.value(), "the expected amount of " + to_string(start_ + static_cast<int>(m)));
    }
    return result;
}

CUSTFOLIO_INLINE StepPlace GrowthForecast::place(std::size_t plan, std::size_t step) const {
    if (plan >= plans_->size()) {
        throw NotFoundError("there is no plan " + std::to_string(plan) + " (0-based); there are " +
                            std::to_string(plans_->size()));
    }
    if (step >= (*plans_)[plan].steps.size()) {
        throw NotFoundError(detail::plan_text((*plans_)[plan]) + ": there is no step " + std::to_string(step) +
                            " (0-based); it has " + std::to_string((*plans_)[plan].steps.size()));
    }
    return (*places_)[plan][step];
}

CUSTFOLIO_INLINE double GrowthForecast::success(std::size_t plan, std::size_t step) const {
    const StepPlace at = place(plan, step);
    const PlanGraph& graph = *graphs_[at.graph];
    const PlanGraph::Node& node = graph.nodes()[at.node];
    if (node.known) return node.known->succeeded ? 1 : 0;
    const auto months = static_cast<std::size_t>(months_);
    std::size_t simulations = 0;
    const auto succeeds = [&](const PlanQuestion& asked, std::span<const double> begun, std::vector<double>& chance) {
        chance[0] = 0;
        for (std::size_t s = 0; s < months; ++s) {
            const double reached = begun[at.node * months + s];
            if (!(reached > 0)) continue;
            chance[0] += reached * graph.expectation(at.node, static_cast<int>(s), asked).succeeds;
        }
    };
    return std::clamp(over_graph(at.graph, 1, simulations, succeeds)[0], 0.0, 1.0);
}

CUSTFOLIO_INLINE GrowthForecast GrowthForecast::given(std::span<const Known> known) const {
    // A copy shares all graphs; only the changed ones are replaced.
    GrowthForecast result = *this;
    std::vector<std::size_t> changed;
    for (const Known& one : known) {
        const StepPlace at = place(one.plan, one.step);
        if (one.outcome.succeeded && one.outcome.month - start_ >= months_) {
            throw InputError(detail::step_text((*plans_)[one.plan], one.step) + ": has succeeded in " +
                             to_string(one.outcome.month) + ", after the horizon's last month " +
                             to_string(start_ + (months_ - 1)));
        }
        result.graphs_[at.graph] =
            std::make_shared<const PlanGraph>(result.graphs_[at.graph]->given(at.node, one.outcome));
        changed.push_back(at.graph);
    }
    // Only the graphs of the steps with an outcome change; all others stay shared with this forecast.
    detail::sort(changed);
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    for (const std::size_t g : changed) result.expect(g);
    return result;
}

CUSTFOLIO_INLINE GrowthForecast grow(std::span<const ActionPlan> plans, Month start, int months,
                                     const GrowOptions& options) {
    return {std::vector<ActionPlan>(plans.begin(), plans.end()), start, months, options};
}

}  // namespace custfolio
