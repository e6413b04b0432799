// Definitions of the warmth through a network.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <string>
#include <utility>

#include "custfolio/acquisition/network.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_network(const NetworkEdges& edges, std::span<const double> amount, const char* what) {
    const std::size_t count = edges.source.size();
    if (edges.target.size() != count || (!edges.weight.empty() && edges.weight.size() != count)) {
        throw InputError("the network has " + std::to_string(count) + " sources, " +
                         std::to_string(edges.target.size()) + " targets and " + std::to_string(edges.weight.size()) +
                         " weights; each edge needs all three");
    }
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (count >= most || amount.size() >= most) {
        throw InputError("the network has " + std::to_string(amount.size()) + " nodes and " + std::to_string(count) +
                         " edges; at most 4294967294 of each are supported");
    }
    const auto nodes = static_cast<std::int64_t>(amount.size());
    for (std::size_t e = 0; e < count; ++e) {
        const bool inside = edges.source[e] >= 0 && edges.source[e] < nodes;
        if (!inside || edges.target[e] < 0 || edges.target[e] >= nodes) {
            throw InputError("edge at position " + std::to_string(e) + ": " + (inside ? "target" : "source") + " is " +
                             std::to_string(inside ? edges.target[e] : edges.source[e]) +
                             "; nodes are numbered from 0 to " + std::to_string(nodes - 1));
        }
        if (edges.weight.empty()) continue;
        if (!(std::isfinite(edges.weight[e]) && edges.weight[e] >= 0)) {
            throw InputError("edge at position " + std::to_string(e) + ": weight is " + number_text(edges.weight[e]) +
                             "; it must be a number of 0 or more");
        }
    }
    for (std::size_t i = 0; i < amount.size(); ++i) {
        if (!std::isfinite(amount[i])) {
            require_finite(amount[i], "node at position " + std::to_string(i) + ": " + what);
        }
    }
}

CUSTFOLIO_INLINE void check_damping(double damping) {
    if (!(damping >= 0 && damping <= 0.999)) {
        throw InputError("damping is " + number_text(damping) + "; it must lie in [0, 0.999]");
    }
}

CUSTFOLIO_INLINE double edge_weight(const NetworkEdges& edges, std::size_t edge) {
    return edges.weight.empty() ? 1.0 : edges.weight[edge];
}

/// Sums of the edges' weights by node.
CUSTFOLIO_INLINE std::vector<double> weight_of_nodes(const NetworkEdges& edges, std::span<const std::int64_t> node,
                                                     std::size_t nodes) {
    std::vector<double> total(nodes);
    for (std::size_t e = 0; e < node.size(); ++e) total[static_cast<std::size_t>(node[e])] += edge_weight(edges, e);
    return total;
}

/// The edges of each node one after another: weight, and the node at the other end.
struct EdgeRows {
    struct Edge {
        double weight;
        std::uint32_t other;
    };
    std::vector<std::uint32_t> begin;  ///< First edge of each node, and one past the last.
    std::vector<Edge> edges;
    std::vector<double> factor;  ///< Per node: damping / the weight of its edges out; 0 where it has none.
};

CUSTFOLIO_INLINE EdgeRows edge_rows(const NetworkEdges& edges, std::span<const std::int64_t> node,
                                    std::span<const std::int64_t> other, std::size_t nodes, double damping) {
    EdgeRows rows;
    rows.factor = weight_of_nodes(edges, edges.source, nodes);
    for (std::size_t i = 0; i < nodes; ++i) {
        if (!std::isfinite(rows.factor[i])) {
            require_finite(rows.factor[i], "node at position " + std::to_string(i) + ": the sum of its edges' weights");
        }
        rows.factor[i] = rows.factor[i] > 0 ? damping / rows.factor[i] : 0.0;
        // Weights below the normal numbers: their quotient overflows.
        if (!std::isfinite(rows.factor[i])) rows.factor[i] = 0.0;
    }
    rows.begin.assign(nodes + 1, 0);
    for (const std::int64_t i : node) ++rows.begin[static_cast<std::size_t>(i) + 1];
    for (std::size_t i = 0; i < nodes; ++i) rows.begin[i + 1] += rows.begin[i];
    rows.edges.resize(node.size());
    std::vector<std::uint32_t> next(rows.begin.begin(), rows.begin.end() - 1);
    for (std::size_t e = 0; e < node.size(); ++e) {
        rows.edges[next[static_cast<std::size_t>(node[e])]++] = {edge_weight(edges, e),
                                                                 static_cast<std::uint32_t>(other[e])};
    }
    return rows;
}

/// max(seed, 0) as shares of its sum; empty where none is positive.
CUSTFOLIO_INLINE std::vector<double> seed_shares(std::span<const double> seed) {
    double largest = 0;
    for (const double value : seed) largest = std::max(largest, value);
    if (largest == 0) return {};
    std::vector<double> share;
    share.reserve(seed.size());
    math::CompensatedSum sum;
    // Divided by the largest first: the sum of large amounts may be beyond double precision.
    for (const double value : seed) {
        share.push_back(std::max(value, 0.0) / largest);
        sum += share.back();
    }
    for (double& value : share) value /= sum.value();
    return share;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<double> network_warmth(const NetworkEdges& edges, std::span<const double> seed,
                                                    double damping, double tolerance) {
    detail::check_damping(damping);
    if (!(tolerance >= 1e-12 && tolerance <= 1)) {
        throw InputError("tolerance is " + number_text(tolerance) + "; it must lie in [1e-12, 1]");
    }
    detail::check_network(edges, seed, "seed");
    const std::size_t nodes = seed.size();
    const std::vector<double> start = detail::seed_shares(seed);
    if (start.empty()) return std::vector<double>(nodes);
    const detail::EdgeRows into = detail::edge_rows(edges, edges.target, edges.source, nodes, damping);
    std::vector<double> x = start;
    // What a node passes on per unit of weight.
    std::vector<double> passed(nodes);
    for (std::size_t i = 0; i < nodes; ++i) passed[i] = into.factor[i] * x[i];
    double change = 0;
    double size = 0;
    int sweep = 0;
    do {
        change = 0;
        size = 0;
        double kept = 0;  // by nodes with edges out
        for (std::size_t i = 0; i < nodes; ++i) {
            double sum = start[i];
            double loop = 0;
            for (std::size_t e = into.begin[i]; e < into.begin[i + 1]; ++e) {
                const detail::EdgeRows::Edge& edge = into.edges[e];
                sum += edge.weight * passed[edge.other];
                if (edge.other == i) loop += edge.weight;
            }
            // A self-loop belongs to the diagonal.
            const double value = (sum - loop * passed[i]) / (1 - loop * into.factor[i]);
            change += std::abs(value - x[i]);
            size += value;
            x[i] = value;
            if (into.factor[i] > 0) kept += value;
            passed[i] = into.factor[i] * value;
        }
        // The equations sum to size - damping kept = 1. Scaling x to that sum removes the part of the error that falls
        // slowest. Sweeps alone converge in any case, so the scaling ends after some.
        if (++sweep > 100) continue;
        const double scale = 1 / (size - damping * kept);
        for (std::size_t i = 0; i < nodes; ++i) {
            x[i] *= scale;
            passed[i] *= scale;
        }
        change *= scale;
        size *= scale;
    } while (2 * damping * change > tolerance * (1 - damping) * size);
    for (double& value : x) value /= size;
    return x;
}

CUSTFOLIO_INLINE std::vector<std::int64_t> Introductions::path(std::size_t node) const {
    std::vector<std::int64_t> nodes;
    if (introducer[node] < 0) return nodes;
    for (auto at = static_cast<std::int64_t>(node); at >= 0; at = previous[static_cast<std::size_t>(at)]) {
        nodes.push_back(at);
    }
    std::reverse(nodes.begin(), nodes.end());
    return nodes;
}

CUSTFOLIO_INLINE Introductions introductions(const NetworkEdges& edges, std::span<const double> seed, double damping) {
    detail::check_damping(damping);
    detail::check_network(edges, seed, "seed");
    const std::size_t nodes = seed.size();
    const detail::EdgeRows out = detail::edge_rows(edges, edges.source, edges.target, nodes, damping);
    Introductions best{std::vector<double>(nodes), std::vector<std::int64_t>(nodes, -1),
                       std::vector<std::int64_t>(nodes, -1)};
    struct Hop {
        double strength;
        double heat;  ///< Of the introducer.
        std::size_t node;
        std::int64_t introducer;
        std::int64_t previous;
        bool operator<(const Hop& other) const {
            if (strength != other.strength) return strength < other.strength;
            if (heat != other.heat) return heat < other.heat;
            return std::pair(introducer, node) > std::pair(other.introducer, other.node);
        }
    };
    std::vector<double> weight(nodes);  // of the edges from one node to each other
    std::priority_queue<Hop> queue;
    for (std::size_t i = 0; i < nodes; ++i) {
        if (seed[i] > 0) queue.push({1.0, seed[i], i, static_cast<std::int64_t>(i), -1});
    }
    while (!queue.empty()) {
        const Hop hop = queue.top();
        queue.pop();
        // The first visit is the best one.
        if (best.introducer[hop.node] >= 0) continue;
        best.strength[hop.node] = hop.strength;
        best.introducer[hop.node] = hop.introducer;
        best.previous[hop.node] = hop.previous;
        // Repeated edges add: the first one of them pushes their sum.
        const auto begin = out.edges.begin() + out.begin[hop.node];
        const auto end = out.edges.begin() + out.begin[hop.node + 1];
        std::for_each(begin, end, [&](const detail::EdgeRows::Edge& edge) { weight[edge.other] += edge.weight; });
        std::for_each(begin, end, [&](const detail::EdgeRows::Edge& edge) {
            const double together = std::exchange(weight[edge.other], 0.0);
            const double strength = hop.strength * (out.factor[hop.node] * together);
            if (strength > 0 && best.introducer[edge.other] < 0) {
                queue.push({strength, hop.heat, edge.other, hop.introducer, static_cast<std::int64_t>(hop.node)});
            }
        });
    }
    return best;
}

CUSTFOLIO_INLINE std::vector<double> referral_value(const NetworkEdges& edges, std::span<const double> amount) {
    detail::check_network(edges, amount, "amount");
    std::vector<double> total(amount.size());
    for (std::size_t e = 0; e < edges.source.size(); ++e) {
        if (edges.source[e] == edges.target[e]) continue;
        total[static_cast<std::size_t>(edges.target[e])] += detail::edge_weight(edges, e);
    }
    std::vector<double> value(amount.size());
    for (std::size_t e = 0; e < edges.source.size(); ++e) {
        const auto target = static_cast<std::size_t>(edges.target[e]);
        if (edges.source[e] == edges.target[e] || !(total[target] > 0)) continue;
        value[static_cast<std::size_t>(edges.source[e])] +=
            detail::edge_weight(edges, e) / total[target] * amount[target];
    }
    return value;
}

CUSTFOLIO_INLINE std::vector<double> referral_interest(std::span<const double> value) {
    std::vector<double> positive;
    for (std::size_t i = 0; i < value.size(); ++i) {
        require_finite(value[i], "node at position " + std::to_string(i) + ": value");
        if (value[i] > 0) positive.push_back(value[i]);
    }
    std::sort(positive.begin(), positive.end());
    std::vector<double> interest(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!(value[i] > 0)) continue;
        const auto above = std::upper_bound(positive.begin(), positive.end(), value[i]);
        interest[i] = static_cast<double>(above - positive.begin()) / static_cast<double>(positive.size());
    }
    return interest;
}

}  // namespace custfolio
