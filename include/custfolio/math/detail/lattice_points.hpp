// Positions on a lattice, and sums over its points.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

inline constexpr double unit_roundoff = 0.5 * std::numeric_limits<double>::epsilon();

/// Refuses a number that is not positive and finite.
inline void check_positive(const char* function, const char* what, double x) {
    if (!(x > 0.0) || !std::isfinite(x)) {
        throw InputError(std::string(function) + ": " + what + " is " + std::to_string(x) + ", must be positive");
    }
}

/// Position of a value in steps; the nearest whole number where the distance to it is below what counts.
inline double lattice_position(double distance, double magnitude, double step) {
    const double exact = distance / step;
    const double nearest = std::round(exact);
    const double counts = std::min(0.25, 1e-9 + 8.0 * unit_roundoff * (magnitude / step));
    return std::abs(exact - nearest) <= counts ? nearest : exact;
}

/// Points of a distribution that are added up together.
inline constexpr std::size_t lattice_block = 32;

/// Sum and first moment of the masses of a block, and whether none is negative or NaN; eight sums side by side.
struct BlockMoments {
    double sum = 0.0;
    double first = 0.0;
    bool right = true;
};

inline BlockMoments block_moments(std::span<const double> mass) {
    constexpr std::size_t lanes = 8;
    BlockMoments moments;
    if (mass.size() % lanes != 0) {
        for (std::size_t i = 0; i < mass.size(); ++i) {
            moments.sum += mass[i];
            moments.first += mass[i] * static_cast<double>(i);
            moments.right = moments.right && mass[i] >= 0.0;
        }
        return moments;
    }
    double sum[lanes] = {};
    double first[lanes] = {};
    double least[lanes] = {};
    for (std::size_t i = 0; i < mass.size(); i += lanes) {
        for (std::size_t l = 0; l < lanes; ++l) {
            const double m = mass[i + l];
            sum[l] += m;
            first[l] += m * static_cast<double>(static_cast<int>(i + l));
            least[l] = m < least[l] ? m : least[l];
        }
    }
    const auto all = [](const double* x) { return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7])); };
    moments.sum = all(sum);
    moments.first = all(first);
    moments.right = all(least) >= 0.0;
    return moments;
}

/// Scales the masses of a block; their second moment about the mean, which is `offset` points before the first.
inline double block_scale(std::span<double> mass, double scale, double offset) {
    constexpr std::size_t lanes = 8;
    double square[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= mass.size(); i += lanes) {
        for (std::size_t l = 0; l < lanes; ++l) {
            const double distance = static_cast<double>(static_cast<int>(i + l)) + offset;
            mass[i + l] *= scale;
            square[l] += mass[i + l] * distance * distance;
        }
    }
    for (; i < mass.size(); ++i) {
        const double distance = static_cast<double>(i) + offset;
        mass[i] *= scale;
        square[0] += mass[i] * distance * distance;
    }
    double sum = 0.0;
    for (const double s : square) sum += s;
    return sum;
}

/// Atoms at origin + values on the lattice origin + k step, each split over its neighbours with its mean kept.
struct PlacedAtoms {
    std::int64_t first = 0;  // index of the first point
    std::vector<double> mass;
    double added_variance = 0.0;
};

/// Places atoms; `positions` are in steps, whole where they are on the lattice.
inline PlacedAtoms place(std::span<const double> positions, std::span<const double> probabilities, double step) {
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (probabilities[i] == 0.0) continue;
        lowest = std::min(lowest, std::floor(positions[i]));
        highest = std::max(highest, std::ceil(positions[i]));
    }
    if (!(highest - lowest < 0x1p32) || !(std::abs(lowest) < 0x1p53) || !(std::abs(highest) < 0x1p53)) {
        throw InputError("lattice: " + std::to_string(highest - lowest) + " points of " + std::to_string(step) +
                         " are needed, at most 2^32 are allowed; choose a greater step");
    }
    PlacedAtoms placed;
    placed.first = static_cast<std::int64_t>(lowest);
    placed.mass.assign(static_cast<std::size_t>(highest - lowest) + 1, 0.0);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (probabilities[i] == 0.0) continue;
        const double below = std::floor(positions[i]);
        const double share = positions[i] - below;
        const auto k = static_cast<std::size_t>(below - lowest);
        placed.mass[k] += probabilities[i] * (1.0 - share);
        if (share > 0.0) {
            placed.mass[k + 1] += probabilities[i] * share;
            placed.added_variance += probabilities[i] * share * (1.0 - share) * step * step;
        }
    }
    return placed;
}

}  // namespace custfolio::detail
