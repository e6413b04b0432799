// Definitions of sums of independent variables of few values each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/math/detail/lattice_node.hpp"
#include "custfolio/math/detail/lattice_points.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/detail/sparse_block.hpp"
#include "custfolio/math/detail/spectral_inversion.hpp"
#include "custfolio/math/detail/thresholds.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/sparse_sum.hpp"

namespace custfolio::detail {

/// Calls f(distance, p_a p_b) for pairs of values of a variable: the four likeliest with all others.
template <class F>
void for_pairs(const SparseVariable& x, F&& f) {
    // More pairs sharpen the bound on |phi| only little, and take time by the square of the values.
    constexpr std::size_t likeliest = 4;
    const std::size_t count = x.position.size();
    if (count <= likeliest) {
        for (std::size_t a = 0; a < count; ++a) {
            for (std::size_t b = a + 1; b < count; ++b) {
                f(x.position[a] - x.position[b], x.probability[a] * x.probability[b]);
            }
        }
        return;
    }
    std::array<std::size_t, likeliest> first{};  // the likeliest, of equals the one that comes first
    std::size_t chosen = 0;
    for (std::size_t a = 0; a < count; ++a) {
        std::size_t at = chosen;
        while (at > 0 && x.probability[a] > x.probability[first[at - 1]]) --at;
        if (at == likeliest) continue;
        chosen = std::min(chosen + 1, likeliest);
        std::copy_backward(first.begin() + static_cast<std::ptrdiff_t>(at),
                           first.begin() + static_cast<std::ptrdiff_t>(chosen - 1),
                           first.begin() + static_cast<std::ptrdiff_t>(chosen));
        first[at] = a;
    }
    for (std::size_t a = 0; a < likeliest; ++a) {
        const std::span<const std::size_t> before(first.data(), a);
        for (std::size_t b = 0; b < count; ++b) {
            if (b == first[a] || detail::contains(before, b)) continue;
            f(x.position[first[a]] - x.position[b], x.probability[first[a]] * x.probability[b]);
        }
    }
}

/// Refuses columns that are none, and puts each variable on the lattice.
inline std::vector<SparseVariable> sparse_variables(const math::SparseSummands& summands) {
    const std::size_t values = summands.position.size();
    if (summands.begin.empty() || summands.begin.front() != 0 || summands.begin.back() != values ||
        summands.probability.size() != values) {
        throw InputError("sum_sparse: " + std::to_string(values) + " positions and " +
                         std::to_string(summands.probability.size()) +
                         " probabilities, need as many, and begin from 0 to their number");
    }
    for (std::size_t i = 0; i + 1 < summands.begin.size(); ++i) {
        if (summands.begin[i] >= summands.begin[i + 1] || summands.begin[i + 1] > values) {
            throw InputError("sum_sparse: variable at index " + std::to_string(i) + " has no value");
        }
        double total = 0.0;
        for (std::size_t a = summands.begin[i]; a < summands.begin[i + 1]; ++a) {
            const double p = summands.probability[a];
            if (!(p >= 0.0) || !(std::abs(summands.position[a]) < 0x1p50)) {
                throw InputError("sum_sparse: probability is " + std::to_string(p) + " and position " +
                                 std::to_string(summands.position[a]) + " at index " + std::to_string(a) +
                                 ", need no negative one and a position below 2^50");
            }
            total += p;
        }
        if (!(std::abs(total - 1.0) <= 1e-9)) {
            throw InputError("sum_sparse: the probabilities of variable at index " + std::to_string(i) + " sum to " +
                             std::to_string(total) + ", must sum to 1");
        }
    }
    std::vector<SparseVariable> variables(summands.begin.size() - 1);
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::size_t count = summands.begin[i + 1] - summands.begin[i];
        variables[i] = sparse_variable(std::span(summands.position).subspan(summands.begin[i], count),
                                       std::span(summands.probability).subspan(summands.begin[i], count));
    }
    return variables;
}

/// A sum of variables by their characteristic functions.
class SparseInversion {
  public:
    SparseInversion(const std::vector<SparseVariable>& variables, const math::SumSettings& settings)
        : settings_(settings) {
        // The partition depends on the number of variables alone, so that the bits do not depend on threads.
        const std::size_t together = std::max<std::size_t>(16, std::bit_ceil((variables.size() + 1023) / 1024));
        for (std::size_t i = 0; i < variables.size(); i += together) {
            blocks_.emplace_back(std::span(&variables[i], std::min(together, variables.size() - i)));
        }
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        for (const SparseBlock& block : blocks_) {
            moments_.leaves += block.uncertain;
            moments_.reach = std::max(moments_.reach, block.reach);
            lowest_ += block.lowest;
            highest_ += block.highest;
            added_variance_ += block.added_variance;
            mean += block.mean;
            variance += block.variance;
            middle_ += block.middle;
        }
        moments_.mean = mean.value();
        moments_.variance = variance.value();
    }

    /// @return the variance that splitting values over neighbouring points adds, in steps squared.
    [[nodiscard]] double added_variance() const { return added_variance_; }

    /// @return nothing where a tree of convolutions is cheaper.
    [[nodiscard]] std::optional<LatticeNode> invert() const {
        if (moments_.leaves < fewest_inverted_variables || !narrow()) return std::nullopt;
        const SpectralWindow window = spectral_window(lowest_, highest_, moments_, settings_);
        if (window.points == 0) return std::nullopt;
        const Roots roots(window.size);
        DistanceWeights weights;
        for_variables([&](const SparseVariable& x) {
            for_pairs(x, [&](std::int64_t distance, double weight) { weights.add(distance, weight); });
        });
        // More frequencies than this would cost more than the tree.
        const double allowed = tree_cost(moments_.leaves, window.size) / products_of_frequency(window.size);
        const std::vector<std::size_t> frequency =
            FrequencyChoice(weights, roots, window.size, cut_of(settings_))
                .choose(std::max<std::size_t>(static_cast<std::size_t>(allowed), 8), SpectralLanes::count);
        if (frequency.empty()) return std::nullopt;
        // The factors are those about the middles, so that the window begins where it does from their sum on.
        const auto middle = static_cast<double>(middle_);
        SpectralWindow about = window;
        about.first -= middle;
        SpectralMoments moments = moments_;
        moments.mean -= middle;
        LatticeNode node =
            invert_spectrum(about, roots, frequency, spectrum(frequency, roots, window.size), moments, settings_);
        node.origin += middle;
        return node;
    }

  private:
    template <class F>
    void for_variables(const F& f) const {
        for (const SparseBlock& block : blocks_) {
            for (const SparseVariable& x : block.variables) f(x);
        }
    }
    /// Whether the distances between values can be counted.
    [[nodiscard]] bool narrow() const {
        return detail::all_of(blocks_, [](const SparseBlock& block) {
            return detail::all_of(block.variables, [](const SparseVariable& x) {
                return detail::all_of(x.position, [](std::int64_t p) { return std::abs(p) <= widest_counted; });
            });
        });
    }
    /// The cost of one more frequency, in products, as tree_cost() counts.
    [[nodiscard]] double products_of_frequency(std::size_t size) const {
        const double turn = 2.0 * std::numbers::pi / static_cast<double>(size);
        double products = 0.0;
        for_variables([&](const SparseVariable& x) {
            const auto values = static_cast<double>(x.position.size());
            if (x.position.size() < fewest_zone_values) {
                products += 4.0 * values;
                return;
            }
            const auto [low, high] = detail::minmax(x.position);
            const auto zone = static_cast<double>(zone_size(turn, static_cast<double>(std::max(-low, high))));
            products += std::min(4.0 * values, static_cast<double>(2 * zone_terms) * (values / zone + 1.0));
        });
        return products;
    }
    /// The product of all factors: block by block side by side, then all blocks at each frequency.
    [[nodiscard]] std::vector<SpectralValue> spectrum(std::span<const std::size_t> frequency, const Roots& roots,
                                                      std::size_t size) const {
        std::vector<std::size_t> group;
        // Frequencies come in groups of neighbours, which are computed side by side.
        for (std::size_t j = 0; j < frequency.size(); j += SpectralLanes::count) group.push_back(frequency[j]);
        std::vector<SpectralLanes> product(blocks_.size() * group.size());
        math::parallel_for(0, blocks_.size(), 8, settings_.threads, [&](std::size_t b, std::size_t e) {
            for (; b < e; ++b) {
                blocks_[b].spectrum(group, roots, size, std::span(product).subspan(b * group.size(), group.size()));
            }
        });
        std::vector<SpectralValue> phi(frequency.size());
        for (std::size_t g = 0; g < group.size(); ++g) {
            SpectralLanes all = SpectralLanes::one();
            for (std::size_t b = 0; b < blocks_.size(); ++b) all.times(product[b * group.size() + g]);
            for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                phi[g * SpectralLanes::count + l] = {{all.real[l], all.imaginary[l]}, all.error[l]};
            }
        }
        return phi;
    }

    math::SumSettings settings_;
    std::vector<SparseBlock> blocks_;
    SpectralMoments moments_;
    double lowest_ = 0.0;
    double highest_ = 0.0;
    double added_variance_ = 0.0;
    std::int64_t middle_ = 0;
};

/// The same by a tree of convolutions.
inline LatticeNode convolve_variables(const std::vector<SparseVariable>& variables, const math::SumSettings& settings) {
    std::vector<LatticeNode> nodes;
    std::vector<double> position;
    double certain = 0.0;
    for (const SparseVariable& x : variables) {
        // A variable of one value only moves the sum.
        if (x.position.size() == 1) {
            certain += static_cast<double>(x.middle);
            continue;
        }
        position.assign(x.position.begin(), x.position.end());
        // Values are on the lattice already: placing them only merges equal ones.
        PlacedAtoms placed = place(position, x.probability, 1.0);
        LatticeNode& node = nodes.emplace_back();
        node.origin = static_cast<double>(placed.first + x.middle);
        node.mass = std::move(placed.mass);
        double mean = 0.0;
        for (std::size_t k = 0; k < position.size(); ++k) mean += x.probability[k] * position[k];
        for (std::size_t k = 0; k < position.size(); ++k) {
            node.variance += x.probability[k] * (position[k] - mean) * (position[k] - mean);
            node.reach = std::max(node.reach, std::abs(position[k] - mean));
        }
        node.mean = mean + static_cast<double>(x.middle);
        node.errors.rounding = 4.0 * unit_roundoff;
    }
    const double budget = trim_budget(settings, nodes.size());
    LatticeNode node = sum_nodes(std::move(nodes), budget, settings.threads);
    node.origin += certain;
    return node;
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE LatticeDistribution sum_sparse(const SparseSummands& summands, double step,
                                                const SumSettings& settings) {
    detail::check_settings("sum_sparse", settings);
    detail::check_positive("sum_sparse", "step", step);
    const std::vector<detail::SparseVariable> variables = detail::sparse_variables(summands);
    const detail::SparseInversion inversion(variables, settings);
    std::optional<detail::LatticeNode> node = inversion.invert();
    if (!node) node = detail::convolve_variables(variables, settings);
    node->errors.discretisation = step * std::sqrt(inversion.added_variance());
    return {node->origin * step, step, std::move(node->mass), node->errors};
}

}  // namespace custfolio::math
