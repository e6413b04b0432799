// Definitions of the exact placing of one manager's reviews.
#pragma once

#include <algorithm>
#include <limits>
#include <queue>
#include <utility>

#include "custfolio/anchoring/detail/review_flow.hpp"
#include "custfolio/config.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE ReviewFlow::ReviewFlow(std::vector<int> capacity, std::vector<std::int32_t> week,
                                        std::vector<int> week_capacity)
    : capacity_(std::move(capacity)), week_(std::move(week)), week_capacity_(std::move(week_capacity)) {
    on_.resize(capacity_.size());
    days_of_.resize(week_capacity_.size());
    used_.resize(week_capacity_.size());
    for (std::size_t day = 0; day < week_.size(); ++day) days_of_[static_cast<std::size_t>(week_[day])].push_back(day);
    potential_.resize(capacity_.size() + week_capacity_.size());
}

CUSTFOLIO_INLINE std::int64_t ReviewFlow::deviation(std::size_t job, std::int32_t day) const {
    for (const FlowDay& each : jobs_[job].days) {
        if (each.day == day) return each.deviation;
    }
    return 0;
}

CUSTFOLIO_INLINE void ReviewFlow::move(std::size_t job, std::int32_t to) {
    if (day_[job] != no_flow_day) {
        const auto from = static_cast<std::size_t>(day_[job]);
        on_[from].erase(std::find(on_[from].begin(), on_[from].end(), job));
        --used_[static_cast<std::size_t>(week_[from])];
    }
    day_[job] = to;
    if (to == no_flow_day) return;
    on_[static_cast<std::size_t>(to)].push_back(job);
    ++used_[static_cast<std::size_t>(week_[static_cast<std::size_t>(to)])];
    deviation_[job] = deviation(job, to);
}

// Moves the jobs along the path that ends at a node.
CUSTFOLIO_INLINE void ReviewFlow::augment(std::size_t node, std::span<const Step> steps) {
    for (;;) {
        const Step step = steps[node];
        // A week passes room on from one of its days to another; no job moves there.
        if (!is_week(node) && (step.from == no_flow_day || !is_week(static_cast<std::size_t>(step.from)))) {
            move(step.job, static_cast<std::int32_t>(node));
        }
        if (step.from == no_flow_day) return;
        node = static_cast<std::size_t>(step.from);
    }
}

CUSTFOLIO_INLINE void ReviewFlow::add(const FlowJob& job) {
    const std::size_t added = jobs_.size();
    jobs_.push_back(job);
    day_.push_back(no_flow_day);
    deviation_.push_back(0);

    constexpr FlowCost far{std::numeric_limits<std::int64_t>::max(), 0};
    std::vector<FlowCost> distance(potential_.size(), far);
    std::vector<Step> steps(potential_.size());
    using Entry = std::pair<FlowCost, std::size_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    const auto relax = [&](std::size_t node, FlowCost cost, std::int32_t from, std::size_t moved) {
        if (!(cost < distance[node])) return;
        distance[node] = cost;
        steps[node] = {from, moved, false};
        open.emplace(cost, node);
    };
    // The cheapest end of a path so far: a week with room, or a job that gives its place up.
    FlowCost best{job.rank, 0};
    std::size_t end = potential_.size();
    std::size_t dropped = added;
    for (const FlowDay& each : job.days) {
        const auto node = static_cast<std::size_t>(each.day);
        relax(node, FlowCost{0, each.deviation} + potential_[node], no_flow_day, added);
    }
    while (!open.empty()) {
        const auto [cost, node] = open.top();
        open.pop();
        if (!(cost < best)) break;
        if (steps[node].settled) continue;
        steps[node].settled = true;
        const auto from = static_cast<std::int32_t>(node);
        if (is_week(node)) {
            if (week_has_room(node)) {
                // Nodes with room have the potential of the end, 0.
                const FlowCost total = cost - potential_[node];
                if (total < best) {
                    best = total;
                    end = node;
                }
                continue;
            }
            for (const std::size_t day : days_of_[node - capacity_.size()]) {
                if (!on_[day].empty()) relax(day, cost + (potential_[day] - potential_[node]), from, added);
            }
            continue;
        }
        if (day_has_room(node)) {
            const std::size_t week = week_node(node);
            relax(week, cost + (potential_[week] - potential_[node]), from, added);
        }
        for (const std::size_t seated : on_[node]) {
            const FlowCost held = FlowCost{0, deviation_[seated]} + potential_[node];
            const FlowCost drop = cost + (FlowCost{jobs_[seated].rank, 0} - held);
            if (drop < best) {
                best = drop;
                end = node;
                dropped = seated;
            }
            for (const FlowDay& each : jobs_[seated].days) {
                const auto other = static_cast<std::size_t>(each.day);
                if (other == node) continue;
                relax(other, cost + (FlowCost{0, each.deviation} + potential_[other] - held), from, seated);
            }
        }
    }
    for (std::size_t node = 0; node < potential_.size(); ++node) {
        if (distance[node] < best) potential_[node] = potential_[node] + (best - distance[node]);
    }
    if (end == potential_.size()) return;
    if (!is_week(end)) move(dropped, no_flow_day);
    augment(end, steps);
}

}  // namespace custfolio::detail
