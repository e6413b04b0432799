// Nodes of a tree of convolutions: their sums, and what may be trimmed of them.
#pragma once

#include <cstddef>
#include <vector>

#include "custfolio/math/lattice.hpp"

namespace custfolio {

namespace math {
class FftPlan;
struct SumSettings;
}  // namespace math

namespace detail {

/// A summand inside the tree of convolutions; positions and moments are in steps, so that they stay whole.
struct LatticeNode {
    double origin = 0.0;
    std::vector<double> mass{1.0};
    double mean = 0.0;
    double variance = 0.0;  // in the sense of Bernstein's condition
    double reach = 0.0;     // in the sense of Bernstein's condition
    math::LatticeErrors errors;
};

/// Cuts the tails: up to `budget` of mass a side, and whatever lies further out than Bernstein's bound for that budget.
void trim(LatticeNode& node, double budget);

/// Sum of two independent nodes.
LatticeNode add(const LatticeNode& a, const LatticeNode& b, const math::FftPlan* plan);

/// Sum of nodes by a tree, shortest pairs first; `budget` is the mass that each node may lose a side.
LatticeNode sum_nodes(std::vector<LatticeNode> nodes, double budget, unsigned threads);

/// What may be trimmed of a sum of this share in a mixture.
double trim_of(const math::SumSettings& settings);

/// Mass that each of the fewer than 2 n nodes of a tree over n leaves may lose a side.
double trim_budget(const math::SumSettings& settings, std::size_t leaves);

/// Refuses a trimming that is no small probability.
void check_settings(const char* function, const math::SumSettings& settings);

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/detail/lattice_node.ipp"
#endif
