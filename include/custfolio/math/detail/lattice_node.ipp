// Definitions of the nodes of a tree of convolutions.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/lattice_node.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/fft.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE void trim(LatticeNode& node, double budget) {
    std::vector<double>& mass = node.mass;
    std::size_t first = 0;
    std::size_t last = mass.size() - 1;
    double low = 0.0;
    double high = 0.0;
    double lowest = -std::numeric_limits<double>::infinity();
    double highest = std::numeric_limits<double>::infinity();
    if (budget > 0.0) {
        const double width = math::bernstein_half_width(node.variance, node.reach, budget) + 1.0;
        lowest = node.mean - width - node.origin;
        highest = node.mean + width - node.origin;
    }
    while (first < last && (low + mass[first] <= budget || static_cast<double>(first) < lowest)) low += mass[first++];
    while (last > first && (high + mass[last] <= budget || static_cast<double>(last) > highest)) high += mass[last--];
    if (first == 0 && last + 1 == mass.size()) return;
    mass[first] += low;
    mass[last] += high;
    mass.resize(last + 1);
    mass.erase(mass.begin(), mass.begin() + static_cast<std::ptrdiff_t>(first));
    node.origin += static_cast<double>(first);
    node.errors.truncation += low + high;
}

CUSTFOLIO_INLINE LatticeNode add(const LatticeNode& a, const LatticeNode& b, const math::FftPlan* plan) {
    LatticeNode sum;
    sum.origin = a.origin + b.origin;
    math::Convolution product = plan != nullptr && math::convolution_fft_size(a.mass.size(), b.mass.size()) != 0
                                    ? math::convolve(a.mass, b.mass, *plan)
                                    : math::convolve(a.mass, b.mass);
    sum.mass = std::move(product.values);
    sum.mean = a.mean + b.mean;
    sum.variance = a.variance + b.variance;
    sum.reach = std::max(a.reach, b.reach);
    sum.errors.discretisation = std::hypot(a.errors.discretisation, b.errors.discretisation);
    sum.errors.truncation = a.errors.truncation + b.errors.truncation;
    sum.errors.quadrature = a.errors.quadrature + b.errors.quadrature;
    sum.errors.rounding =
        a.errors.rounding + b.errors.rounding + a.errors.rounding * b.errors.rounding + product.total_error;
    return sum;
}

CUSTFOLIO_INLINE LatticeNode sum_nodes(std::vector<LatticeNode> nodes, double budget, unsigned threads) {
    if (nodes.empty()) return {};
    math::parallel_for(0, nodes.size(), 256, threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t i = b; i < e; ++i) trim(nodes[i], budget);
    });
    std::optional<math::FftPlan> plan;
    while (nodes.size() > 1) {
        std::stable_sort(nodes.begin(), nodes.end(),
                         [](const LatticeNode& a, const LatticeNode& b) { return a.mass.size() < b.mass.size(); });
        const std::size_t pairs = nodes.size() / 2;
        std::size_t largest = 0;
        for (std::size_t k = 0; k < pairs; ++k) {
            largest =
                std::max(largest, math::convolution_fft_size(nodes[2 * k].mass.size(), nodes[2 * k + 1].mass.size()));
        }
        if (largest != 0 && (!plan || plan->max_size() < largest)) plan.emplace(largest);
        math::parallel_for(0, pairs, pairs > 64 ? 16 : 1, threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t k = b; k < e; ++k) {
                LatticeNode sum = add(nodes[2 * k], nodes[2 * k + 1], plan ? &*plan : nullptr);
                trim(sum, budget);
                nodes[2 * k + 1] = LatticeNode{};  // frees the operand before the next level begins
                nodes[2 * k] = std::move(sum);
            }
        });
        for (std::size_t k = 1; k < pairs; ++k) nodes[k] = std::move(nodes[2 * k]);
        if (nodes.size() % 2 == 1) nodes[pairs] = std::move(nodes.back());
        nodes.resize(pairs + nodes.size() % 2);
    }
    return std::move(nodes.front());
}

CUSTFOLIO_INLINE double trim_of(const math::SumSettings& settings) {
    return std::min(settings.trim / settings.share, 1e-3);
}

CUSTFOLIO_INLINE double trim_budget(const math::SumSettings& settings, std::size_t leaves) {
    return trim_of(settings) / (2.0 * static_cast<double>(std::max<std::size_t>(leaves, 1)));
}

CUSTFOLIO_INLINE void check_settings(const char* function, const math::SumSettings& settings) {
    if (!(settings.trim >= 0.0 && settings.trim <= 1e-3)) {
        throw InputError(std::string(function) + ": trim is " + std::to_string(settings.trim) +
                         ", must be between 0 and 0.001");
    }
    if (!(settings.share > 0.0 && settings.share <= 1.0)) {
        throw InputError(std::string(function) + ": share is " + std::to_string(settings.share) +
                         ", must be above 0 and at most 1");
    }
}

}  // namespace custfolio::detail
