// Definitions of distributions on lattices.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/math/detail/lattice_points.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/lattice.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE LatticeDistribution::LatticeDistribution() : LatticeDistribution(0.0, 1.0, {1.0}) {}

CUSTFOLIO_INLINE LatticeDistribution::LatticeDistribution(double origin, double step, std::vector<double> mass,
                                                          const LatticeErrors& errors)
    : origin_(origin), step_(step), errors_(errors) {
    detail::check_positive("LatticeDistribution", "step", step);
    if (!std::isfinite(origin)) {
        throw InputError("LatticeDistribution: origin is " + std::to_string(origin) + ", must be finite");
    }
    const auto points = std::make_shared<Points>();
    points->mass = std::move(mass);
    const std::span<double> m = points->mass;
    // Points are summed in blocks: any chance then needs the sum before a block, and the points of one block.
    const std::size_t blocks = (m.size() + detail::lattice_block - 1) / detail::lattice_block;
    const auto block = [&](std::size_t b) {
        const std::size_t first = b * detail::lattice_block;
        return m.subspan(first, std::min(detail::lattice_block, m.size() - first));
    };
    std::vector<double> share(blocks);
    CompensatedSum total;
    CompensatedSum index;
    bool right = true;
    for (std::size_t b = 0; b < blocks; ++b) {
        // The mean is summed by block first, so that indices up to 2^28 lose no digits beside the masses.
        const auto [sum, first, proper] = detail::block_moments(block(b));
        right = right && proper && std::isfinite(sum);
        share[b] = sum;
        total += sum;
        index += sum * static_cast<double>(b * detail::lattice_block) + first;
    }
    // A sum that is wrong names the first mass that is; the usual case needs no such pass.
    for (std::size_t i = 0; !right && i < m.size(); ++i) {
        if (m[i] >= 0.0 && std::isfinite(m[i])) continue;
        throw InputError("LatticeDistribution: mass at index " + std::to_string(i) + " is " + std::to_string(m[i]) +
                         ", must not be negative");
    }
    if (!(std::abs(total.value() - 1.0) <= 1e-6)) {
        throw InputError("LatticeDistribution: the masses sum to " + std::to_string(total.value()) + ", must sum to 1");
    }
    // Masses that sum to 1 exactly are left as they are, so that copies have the same bits.
    const double scale = 1.0 / total.value();
    if (scale != 1.0) errors_.rounding += std::abs(total.value() - 1.0) + 2.0 * detail::unit_roundoff;
    points->centre = index.value() * scale;
    CompensatedSum square;
    CompensatedSum passed;
    points->below.resize(blocks);
    for (std::size_t b = 0; b < blocks; ++b) {
        // Squares about the mean, since squares about 0 would cancel.
        const double offset = static_cast<double>(b * detail::lattice_block) - points->centre;
        square += detail::block_scale(block(b), scale, offset);
        points->below[b] = std::min(passed.value(), 1.0);
        passed += share[b] *= scale;
    }
    points->spread = square.value();
    // From the other end too: a small chance of much keeps its digits, where 1 - cdf would lose them.
    points->above.resize(blocks);
    passed = CompensatedSum();
    for (std::size_t b = blocks; b-- > 0;) {
        points->above[b] = std::min(passed.value(), 1.0);
        passed += share[b];
    }
    points_ = points;
}

// Chances from the sums before and after a block and its own points. Each maximum keeps them monotonous: a sum may go
// down by a rounding, and blocks are added up in another order than points.
CUSTFOLIO_INLINE double LatticeDistribution::below(std::size_t k) const {
    const std::size_t block = k / detail::lattice_block;
    CompensatedSum sum(points_->below[block]);
    double chance = sum.value();
    for (std::size_t i = block * detail::lattice_block; i <= k; ++i) {
        chance = std::max(chance, (sum += points_->mass[i]).value());
    }
    return std::min(chance, block + 1 < points_->below.size() ? points_->below[block + 1] : 1.0);
}

CUSTFOLIO_INLINE double LatticeDistribution::above(std::size_t k) const {
    const std::size_t block = k / detail::lattice_block;
    CompensatedSum sum(points_->above[block]);
    double chance = sum.value();
    for (std::size_t i = std::min((block + 1) * detail::lattice_block, size()); i-- > k;) {
        chance = std::max(chance, (sum += points_->mass[i]).value());
    }
    return std::min(chance, block > 0 ? points_->above[block - 1] : 1.0);
}

CUSTFOLIO_INLINE LatticeDistribution LatticeDistribution::from_atoms(std::span<const double> values,
                                                                     std::span<const double> probabilities, double step,
                                                                     std::optional<double> origin) {
    detail::check_positive("from_atoms", "step", step);
    if (values.empty() || values.size() != probabilities.size()) {
        throw InputError("from_atoms: " + std::to_string(values.size()) + " values and " +
                         std::to_string(probabilities.size()) + " probabilities, need as many and at least one");
    }
    CompensatedSum total;
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]) || !(probabilities[i] >= 0.0 && probabilities[i] <= 1.0 + 1e-9)) {
            throw InputError("from_atoms: value " + std::to_string(values[i]) + " with probability " +
                             std::to_string(probabilities[i]) + " at index " + std::to_string(i) +
                             ", need a finite value and a probability between 0 and 1");
        }
        total += probabilities[i];
        if (probabilities[i] > 0.0) lowest = std::min(lowest, values[i]);
    }
    if (!(std::abs(total.value() - 1.0) <= 1e-9)) {
        throw InputError("from_atoms: the probabilities sum to " + std::to_string(total.value()) + ", must sum to 1");
    }
    // The origin is a point of the lattice; positions count from it.
    const double zero = origin.value_or(lowest);
    if (!std::isfinite(zero)) throw InputError("from_atoms: the origin must be finite");
    std::vector<double> positions(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        positions[i] = detail::lattice_position(values[i] - zero, std::max(std::abs(values[i]), std::abs(zero)), step);
    }
    detail::PlacedAtoms placed = detail::place(positions, probabilities, step);
    LatticeErrors errors;
    errors.discretisation = std::sqrt(placed.added_variance);
    errors.rounding = 4.0 * detail::unit_roundoff;
    return {zero + static_cast<double>(placed.first) * step, step, std::move(placed.mass), errors};
}

CUSTFOLIO_INLINE double LatticeDistribution::position(double v) const {
    if (std::isnan(v)) throw InputError("LatticeDistribution: value is NaN");
    if (std::isinf(v)) return v;
    return detail::lattice_position(v - origin_, std::max(std::abs(v), std::abs(origin_)), step_);
}

CUSTFOLIO_INLINE double LatticeDistribution::cdf(double v) const {
    const double k = std::floor(position(v));
    if (k < 0.0) return 0.0;
    return k >= static_cast<double>(size() - 1) ? 1.0 : below(static_cast<std::size_t>(k));
}

CUSTFOLIO_INLINE double LatticeDistribution::probability_at_least(double v) const {
    const double k = std::ceil(position(v));
    if (k <= 0.0) return 1.0;
    return k > static_cast<double>(size() - 1) ? 0.0 : above(static_cast<std::size_t>(k));
}

CUSTFOLIO_INLINE double LatticeDistribution::quantile(double q) const {
    if (!(q >= 0.0 && q <= 1.0)) {
        throw InputError("quantile: probability is " + std::to_string(q) + ", must be between 0 and 1");
    }
    const std::vector<double>& mass = points_->mass;
    // The last point with mass is the answer where rounding leaves the last cdf value below 1.
    std::size_t last = mass.size() - 1;
    while (last > 0 && !(mass[last] > 0.0)) --last;
    // A cdf that rounding leaves slightly below q counts as q.
    const double reached = q * (1.0 - 4.0 * std::numeric_limits<double>::epsilon());
    const auto enough = [&](double chance) { return q == 0.0 ? chance > 0.0 : chance >= reached; };
    // The last block before which there is not enough, and the first point in it or after it at which there is.
    const auto block = std::partition_point(points_->below.begin() + 1, points_->below.end(),
                                            [&](double chance) { return !enough(chance); });
    const auto b = static_cast<std::size_t>(block - points_->below.begin()) - 1;
    std::size_t k = b * detail::lattice_block;
    CompensatedSum sum(points_->below[b]);
    while (k < last && !enough((sum += mass[k]).value())) ++k;
    return value(k);
}

CUSTFOLIO_INLINE LatticeDistribution shifted(const LatticeDistribution& x, double by) {
    LatticeDistribution moved = x;
    moved.origin_ += by;
    if (!std::isfinite(moved.origin_)) {
        throw InputError("shifted: origin is " + std::to_string(moved.origin_) + ", must be finite");
    }
    return moved;
}

CUSTFOLIO_INLINE LatticeDistribution scaled(const LatticeDistribution& x, double factor) {
    if (factor == 0.0 || !std::isfinite(factor)) {
        throw InputError("scaled: factor is " + std::to_string(factor) + ", must be finite and not 0");
    }
    std::vector<double> mass(x.mass().begin(), x.mass().end());
    // A negative factor turns the order: the largest value becomes the origin.
    if (factor < 0.0) std::reverse(mass.begin(), mass.end());
    LatticeErrors errors = x.errors();
    errors.discretisation *= std::abs(factor);
    const double first = factor * (factor > 0.0 ? x.origin() : x.value(x.size() - 1));
    return {first, std::abs(factor) * x.step(), std::move(mass), errors};
}

CUSTFOLIO_INLINE LatticeDistribution on_step(const LatticeDistribution& x, double step, std::optional<double> origin) {
    if (step == x.step() && (!origin || *origin == x.origin())) return x;
    detail::check_positive("on_step", "step", step);
    std::vector<double> values(x.size());
    const double ratio = x.step() / step;
    const bool whole = std::round(ratio) >= 1.0 && std::abs(ratio - std::round(ratio)) <= 1e-12 * ratio;
    // Counted in new steps where the old ones are whole multiples, so that far points stay on the lattice.
    for (std::size_t k = 0; k < values.size(); ++k) {
        values[k] = whole ? x.origin() + static_cast<double>(k) * std::round(ratio) * step : x.value(k);
    }
    LatticeDistribution placed = LatticeDistribution::from_atoms(values, x.mass(), step, origin.value_or(x.origin()));
    LatticeErrors errors = x.errors();
    // Errors of the two placings are independent, so their variances add.
    errors.discretisation = std::hypot(errors.discretisation, placed.errors().discretisation);
    errors.rounding += placed.errors().rounding;
    return {placed.origin(), step, {placed.mass().begin(), placed.mass().end()}, errors};
}

}  // namespace custfolio::math
