// Warmth through a network of referrals and relations: personalised PageRank, introductions, referral value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace custfolio {

/// Edges of a network as columns: referral, ownership, supplier or other relations.
struct NetworkEdges {
    std::span<const std::int64_t> source{};  ///< Node where an edge begins, 0-based.
    std::span<const std::int64_t> target{};  ///< Node where it ends; same length.
    std::span<const double> weight{};        ///< Its strength, >= 0; same length, or empty: 1 each.
};

/// Personalised PageRank: the share of time that a random walk spends at each node.
///
/// The walk starts at a node with chance proportional to max(seed, 0). With chance `damping` it follows an edge, by
/// weight; else it starts anew. A node without outgoing weight sends the walk back to the seed. Repeated edges add;
/// self-loops stay. With P the matrix of the edges' shares, the walk is proportional to the solution of
/// (I - damping P') x = seed. Gauss-Seidel sweeps solve it. After a sweep that changes x by D, the error in L1 is at
/// most 2 damping |D| / ((1 - damping) |x|); this bound is the stopping rule.
/// @param edges the network.
/// @param seed one per node: heat, currency; its length is the number of nodes.
/// @param damping in [0, 0.999].
/// @param tolerance largest sum of absolute errors, in [1e-12, 1].
/// @return share per node, >= 0; they sum to 1. All are 0 where no seed is positive.
/// @throws InputError where lengths differ, a node is out of range, a weight is negative or not finite, a seed is not
/// finite, there are more than 4e9 nodes or edges, or an option is out of range; the message names the edge or node.
/// O(edges) a sweep, at most log(tolerance) / log(damping) sweeps.
/// @see S. Brin, L. Page (1998); D. Gleich (2015), PageRank beyond the Web, SIAM Review 57(3), section 3.
std::vector<double> network_warmth(const NetworkEdges& edges, std::span<const double> seed, double damping = 0.85,
                                   double tolerance = 1e-9);

/// The best path from a warm node to every node.
struct Introductions {
    std::vector<double> strength;          ///< Product of damping x share of each edge on the path; 1 at a warm node, 0
                                           ///< without a path.
    std::vector<std::int64_t> introducer;  ///< The warm node where the path begins; -1 without a path.
    std::vector<std::int64_t> previous;    ///< The node before, on the path; -1 at its begin or without a path.

    /// @param node 0-based, not checked.
    /// @return the nodes of its path, from the introducer to the node; empty without a path.
    [[nodiscard]] std::vector<std::int64_t> path(std::size_t node) const;
};

/// Best paths of introduction, by Dijkstra's algorithm.
///
/// The strength of a path is the chance that the walk of network_warmth() follows it: the product over its edges of
/// damping x the edge's share of its source's weight. Repeated edges add. Of equal paths the one whose introducer has
/// more heat counts, then the earlier node.
/// @param edges the network; edges of weight 0 are no relations.
/// @param seed one per node; nodes above 0 can introduce.
/// @param damping in [0, 0.999].
/// @return the best path to each node. O((nodes + edges) log(edges)).
/// @throws InputError as network_warmth().
Introductions introductions(const NetworkEdges& edges, std::span<const double> seed, double damping = 0.85);

/// What the introductions of each node brought: sum over its targets j of (its share of the weight into j) x amount_j.
///
/// Self-loops do not count. The values sum to the amounts of all nodes that somebody introduced.
/// @param edges introductions: who introduced whom.
/// @param amount one per node, currency: heat or level.
/// @return currency per node; 0 for those that introduced nobody. Linear.
/// @throws InputError as network_warmth().
std::vector<double> referral_value(const NetworkEdges& edges, std::span<const double> amount);

/// How interesting its introductions make each customer, as select() takes it: of those whose introductions brought
/// more than 0, the share that brought no more; 0 for the others.
/// @param value one per customer: referral_value() of the heat, finite.
/// @return numbers in [0, 1]. O(n log(n)).
/// @throws InputError where a value is not finite.
std::vector<double> referral_interest(std::span<const double> value);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/network.ipp"
#endif
