// Definitions of sums by a tree of convolutions.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/lattice_node.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE LatticeDistribution sum_independent(std::span<const LatticeDistribution> parts,
                                                     const SumSettings& settings) {
    detail::check_settings("sum_independent", settings);
    if (parts.empty()) return {};
    const double step = parts.front().step();
    std::vector<detail::LatticeNode> nodes(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].step() != step) {
            throw InputError("sum_independent: the step is " + std::to_string(step) + " at index 0 and " +
                             std::to_string(parts[i].step()) + " at index " + std::to_string(i) +
                             ", all must be equal");
        }
        detail::LatticeNode& node = nodes[i];
        // Origins need not be whole steps: they are added at the end.
        node.mass.assign(parts[i].mass().begin(), parts[i].mass().end());
        node.mean = (parts[i].mean() - parts[i].origin()) / step;
        node.variance = parts[i].variance() / (step * step);
        node.reach = std::max(node.mean, static_cast<double>(node.mass.size() - 1) - node.mean);
        node.errors = parts[i].errors();
    }
    CompensatedSum origin;
    // Origins add without any rounding in the masses.
    for (const LatticeDistribution& part : parts) origin += part.origin();
    detail::LatticeNode sum =
        detail::sum_nodes(std::move(nodes), detail::trim_budget(settings, parts.size()), settings.threads);
    origin += sum.origin * step;
    return {origin.value(), step, std::move(sum.mass), sum.errors};
}

CUSTFOLIO_INLINE double bernstein_half_width(double variance, double reach, double probability) {
    if (!(variance >= 0.0) || !(reach >= 0.0) || !(probability > 0.0 && probability <= 1.0)) {
        throw InputError("bernstein_half_width: variance " + std::to_string(variance) + ", reach " +
                         std::to_string(reach) + ", probability " + std::to_string(probability) +
                         "; need none negative and a probability in (0, 1]");
    }
    const double exponent = -std::log(probability);
    const double linear = reach * exponent / 3.0;
    return linear + std::sqrt(linear * linear + 2.0 * variance * exponent);
}

}  // namespace custfolio::math
