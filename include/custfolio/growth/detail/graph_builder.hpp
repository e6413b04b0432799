// From action plans to graphs of steps: which plans depend on each other, and in which order their steps are computed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "custfolio/growth/detail/plan_steps.hpp"
#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

inline std::string node_text(const std::vector<ActionPlan>& plans, const PlanGraph::Node& node) {
    return step_text(plans[node.plan], node.position);
}

/// The steps of a circle, from one round to itself. Some node has not come up in an order: following what it waits for
/// comes round.
inline std::string circle_text(const std::vector<PlanGraph::Node>& nodes, const std::vector<ActionPlan>& plans,
                               const std::vector<bool>& done) {
    std::vector<std::size_t> path{static_cast<std::size_t>(detail::find(done, false) - done.begin())};
    for (;;) {
        const auto& parents = nodes[path.back()].parents;
        path.push_back(*detail::find_if(parents, [&](std::size_t parent) { return !done[parent]; }));
        const auto round = std::find(path.begin(), path.end() - 1, path.back());
        if (round == path.end() - 1) continue;
        std::string text;
        for (auto at = round; at != path.end(); ++at) {
            text += (at == round ? "" : " after ") + node_text(plans, nodes[*at]);
        }
        return text;
    }
}

/// Nodes in an order in which each comes after its parents, and as few as can be are waited for at a time.
/// @throws InputError where they wait for each other in a circle.
inline std::vector<std::size_t> graph_order(const std::vector<PlanGraph::Node>& nodes,
                                            const std::vector<ActionPlan>& plans) {
    const std::size_t count = nodes.size();
    std::vector<std::size_t> missing(count);
    std::vector<std::size_t> waiting(count);
    std::vector<std::vector<std::size_t>> children(count);
    for (std::size_t v = 0; v < count; ++v) {
        missing[v] = nodes[v].parents.size();
        for (const std::size_t parent : nodes[v].parents) {
            children[parent].push_back(v);
            ++waiting[parent];
        }
    }
    std::vector<std::size_t> ready;
    for (std::size_t v = 0; v < count; ++v) {
        if (missing[v] == 0) ready.push_back(v);
    }
    std::vector<std::size_t> order;
    std::vector<bool> done(count);
    while (!ready.empty()) {
        // The node after which the fewest are waited for; the latest made ready among equals, which goes deep first.
        std::size_t best = 0;
        int fewest = std::numeric_limits<int>::max();
        for (std::size_t i = ready.size(); i-- > 0;) {
            const std::size_t v = ready[i];
            int change = waiting[v] > 0 ? 1 : 0;
            for (const std::size_t parent : nodes[v].parents) change -= waiting[parent] == 1 ? 1 : 0;
            if (change < fewest ||
                (change == fewest && nodes[v].step != nullptr && nodes[ready[best]].step == nullptr)) {
                fewest = change;
                best = i;
            }
        }
        const std::size_t v = ready[best];
        ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(best));
        order.push_back(v);
        done[v] = true;
        for (const std::size_t parent : nodes[v].parents) --waiting[parent];
        for (const std::size_t child : children[v]) {
            if (--missing[child] == 0) ready.push_back(child);
        }
    }
    if (order.size() < count) {
        throw InputError("steps wait for each other: " + circle_text(nodes, plans, done) + "; plans have no circle");
    }
    return order;
}

/// Graphs of plans, and where their steps are.
struct BuiltGraphs {
    std::vector<std::shared_ptr<const PlanGraph>> graphs;
    std::vector<std::vector<StepPlace>> places;  ///< By plan and step.
    std::vector<std::uint64_t> draws{0};         ///< Number of each graph's first draw, and of all.
};

/// Joins plans that depend on each other to graphs.
class GraphBuilder {
  public:
    /// @param plans checked plans; they must outlive the graphs.
    /// @param events what steps may wait for outside of all plans.
    /// @param start the horizon's first month.
    /// @param months number of months.
    GraphBuilder(const std::vector<ActionPlan>& plans, const std::vector<ExternalEvent>& events, Month start,
                 int months)
        : plans_(plans), events_(events), start_(start), months_(months) {}

    /// @return the graphs, in the order of their first plans.
    /// @throws InputError where an event is not valid or not there, or steps wait for each other in a circle.
    BuiltGraphs build() {
        name_events();
        name_steps();
        BuiltGraphs built;
        built.places.resize(plans_.size());
        for (const std::vector<std::size_t>& group : groups()) {
            std::vector<PlanGraph::Node> nodes = nodes_of(group, built.graphs.size(), built.places);
            built.graphs.push_back(
                std::make_shared<PlanGraph>(in_order(std::move(nodes), built.places), start_, months_));
            built.draws.push_back(built.draws.back() + built.graphs.back()->draws());
        }
        return built;
    }

  private:
    using Places = std::vector<std::vector<StepPlace>>;

    void name_events() {
        for (std::size_t e = 0; e < events_.size(); ++e) {
            const ExternalEvent& event = events_[e];
            if (event.name.empty())
                throw InputError("event " + std::to_string(e + 1) + " has no name; each event needs one");
            require_probability(event.probability, "event '" + event.name + "': probability");
            if (!event_.emplace(event.name, e).second) throw InputError("event '" + event.name + "' is given twice");
        }
    }
    /// Names are looked up only where a step waits for one.
    void name_steps() {
        const bool waits = detail::any_of(plans_, [](const ActionPlan& plan) {
            return detail::any_of(plan.steps, [](const ActionStep& step) { return !step.after.events.empty(); });
        });
        if (!waits) return;
        for (std::size_t p = 0; p < plans_.size(); ++p) {
            for (std::size_t k = 0; k < plans_[p].steps.size(); ++k) {
                step_.emplace(plans_[p].customer + "/" + plans_[p].name + "/" + plans_[p].steps[k].name,
                              std::pair{p, k});
            }
        }
    }
    [[nodiscard]] bool certain(std::size_t event) const {
        return events_[event].probability == 0 || events_[event].probability == 1;
    }
    /// Plans that depend on each other, or on the same uncertain event: a union of sets.
    [[nodiscard]] std::vector<std::vector<std::size_t>> groups() const {
        std::vector<std::size_t> leader(plans_.size() + events_.size());
        std::iota(leader.begin(), leader.end(), std::size_t{0});
        const auto find = [&](std::size_t i) {
            while (leader[i] != i) i = leader[i] = leader[leader[i]];
            return i;
        };
        const auto join = [&](std::size_t a, std::size_t b) {
            a = find(a);
            b = find(b);
            leader[std::max(a, b)] = std::min(a, b);
        };
        for (std::size_t p = 0; p < plans_.size(); ++p) {
            for (std::size_t k = 0; k < plans_[p].steps.size(); ++k) {
                for (const std::string& name : plans_[p].steps[k].after.events) {
                    if (const auto step = step_.find(name); step != step_.end()) {
                        join(p, step->second.first);
                    } else if (const auto event = event_.find(name); event != event_.end()) {
                        if (!certain(event->second)) join(p, plans_.size() + event->second);
                    } else {
                        throw InputError(step_text(plans_[p], k) + ": comes after '" + name +
                                         "', which is neither a step of its plan, nor a step of another plan "
                                         "(\"customer/plan/step\"), nor an event that was given");
                    }
                }
            }
        }
        std::vector<std::vector<std::size_t>> result;
        std::vector<std::size_t> group_of(leader.size(), leader.size());
        for (std::size_t p = 0; p < plans_.size(); ++p) {
            std::size_t& group = group_of[find(p)];
            if (group == leader.size()) {
                group = result.size();
                result.emplace_back();
            }
            result[group].push_back(p);
        }
        return result;
    }
    /// The steps and events of a group of plans, with what they wait for.
    [[nodiscard]] std::vector<PlanGraph::Node> nodes_of(const std::vector<std::size_t>& group, std::size_t graph,
                                                        Places& places) const {
        std::vector<PlanGraph::Node> nodes;
        for (const std::size_t p : group) {
            for (std::size_t k = 0; k < plans_[p].steps.size(); ++k) {
                const ActionStep& step = plans_[p].steps[k];
                places[p].push_back({graph, nodes.size()});
                PlanGraph::Node& node = nodes.emplace_back();
                node.step = &step;
                node.plan = p;
                node.position = k;
                node.any = step.after.join == Join::any;
                node.earliest = std::max(step.earliest - start_, 0);
                node.latest = step.latest ? *step.latest - start_ : PlanGraph::never;
            }
        }
        std::unordered_map<std::size_t, std::size_t> event_node;
        for (const std::size_t p : group) {
            for (std::size_t k = 0; k < plans_[p].steps.size(); ++k) {
                std::vector<std::size_t> parents;
                for (const int before : steps_before(plans_[p], k)) {
                    parents.push_back(places[p][static_cast<std::size_t>(before)].node);
                }
                for (const std::string& name : plans_[p].steps[k].after.events) {
                    if (const auto step = step_.find(name); step != step_.end()) {
                        parents.push_back(places[step->second.first][step->second.second].node);
                        continue;
                    }
                    const std::size_t e = event_.at(name);
                    const auto [at, fresh] = event_node.try_emplace(e, nodes.size());
                    if (fresh) {
                        PlanGraph::Node& event = nodes.emplace_back();
                        event.earliest = std::max(events_[e].month - start_, 0);
                        event.event_probability = events_[e].probability;
                    }
                    parents.push_back(at->second);
                }
                detail::sort(parents);
                parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
                nodes[places[p][k].node].parents = std::move(parents);
            }
        }
        return nodes;
    }
    /// The nodes in the order of computation, with the soonest months of their decisions.
    [[nodiscard]] std::vector<PlanGraph::Node> in_order(std::vector<PlanGraph::Node> nodes, Places& places) const {
        const std::vector<std::size_t> order = graph_order(nodes, plans_);
        std::vector<std::size_t> rank(nodes.size());
        for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
        std::vector<PlanGraph::Node> sorted;
        sorted.reserve(nodes.size());
        for (const std::size_t v : order) {
            PlanGraph::Node& node = sorted.emplace_back(std::move(nodes[v]));
            int begin = 0;
            for (std::size_t i = 0; i < node.parents.size(); ++i) {
                node.parents[i] = rank[node.parents[i]];
                const int decided = sorted[node.parents[i]].soonest;
                begin = i == 0 ? decided : node.any ? std::min(begin, decided) : std::max(begin, decided);
            }
            begin = std::max(begin, node.earliest);
            node.soonest = begin + (node.step == nullptr ? 0 : shortest(*node.step));
            if (node.step != nullptr) places[node.plan][node.position].node = rank[v];
        }
        return sorted;
    }

    const std::vector<ActionPlan>& plans_;
    const std::vector<ExternalEvent>& events_;
    Month start_;
    int months_;
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> step_;  // plan and step of each name
    std::unordered_map<std::string, std::size_t> event_;
};

}  // namespace custfolio::detail
