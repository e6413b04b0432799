// Definitions of distributions on lattices and their sums.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/fft.hpp"
#include "custfolio/math/lattice.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/rounding.hpp"

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
    BlockMoments found;
    if (mass.size() % lanes != 0) {
        for (std::size_t i = 0; i < mass.size(); ++i) {
            found.sum += mass[i];
            found.first += mass[i] * static_cast<double>(i);
            found.right = found.right && mass[i] >= 0.0;
        }
        return found;
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
    found.sum = all(sum);
    found.first = all(first);
    found.right = all(least) >= 0.0;
    return found;
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
inline void trim(LatticeNode& node, double budget) {
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

/// Sum of two independent nodes.
inline LatticeNode add(const LatticeNode& a, const LatticeNode& b, const math::FftPlan* plan) {
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

/// Sum of nodes by a tree, shortest pairs first; `budget` is the mass that each node may lose a side.
inline LatticeNode sum_nodes(std::vector<LatticeNode> nodes, double budget, unsigned threads) {
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

/// The smallest of 1, 2, 4, 5, 8 times a power of ten that is not below a number of at least 1: amounts that people
/// write down, and their targets, are multiples of such.
inline double round_number(double least) {
    double power = 1.0;
    while (10.0 * power < least) power *= 10.0;
    for (const double digit : {1.0, 2.0, 4.0, 5.0, 8.0}) {
        if (digit * power >= least) return digit * power;
    }
    return 10.0 * power;
}

/// What may be trimmed of a sum of this share in a mixture.
inline double trim_of(const math::SumSettings& settings) {
    return std::min(settings.trim / settings.share, 1e-3);
}

/// Mass that each of the fewer than 2 n nodes of a tree over n leaves may lose a side.
inline double trim_budget(const math::SumSettings& settings, std::size_t leaves) {
    return trim_of(settings) / (2.0 * static_cast<double>(std::max<std::size_t>(leaves, 1)));
}

/// Refuses a trimming that is no small probability.
inline void check_settings(const char* function, const math::SumSettings& settings) {
    if (!(settings.trim >= 0.0 && settings.trim <= 1e-3)) {
        throw InputError(std::string(function) + ": trim is " + std::to_string(settings.trim) +
                         ", must be between 0 and 0.001");
    }
    if (!(settings.share > 0.0 && settings.share <= 1.0)) {
        throw InputError(std::string(function) + ": share is " + std::to_string(settings.share) +
                         ", must be above 0 and at most 1");
    }
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

/// Node of the sum of trials with these probabilities of one amount each.
inline LatticeNode bernoulli_group(std::vector<double> probabilities, double amount, double step, double budget) {
    std::sort(probabilities.begin(), probabilities.end());
    std::vector<LatticeNode> counts;
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t b = 0, e = 0; b < probabilities.size(); b = e) {
        const double p = probabilities[b];
        while (e < probabilities.size() && probabilities[e] == p) ++e;
        const auto n = static_cast<double>(e - b);
        LatticeNode count;
        count.mass = math::binomial_mass(e - b, p);
        count.mean = n * p;
        count.variance = n * p * (1.0 - p);
        count.reach = std::max(p, 1.0 - p);
        count.errors.rounding = e - b == 1 ? unit_roundoff : 8.0 * unit_roundoff * (std::sqrt(count.variance) + 2.0);
        mean += count.mean;
        variance += count.variance;
        counts.push_back(std::move(count));
    }
    LatticeNode count = sum_nodes(std::move(counts), budget, 1);
    std::vector<double> positions(count.mass.size());
    for (std::size_t k = 0; k < positions.size(); ++k) {
        const double value = (count.origin + static_cast<double>(k)) * amount;
        positions[k] = lattice_position(value, std::abs(value), step);
    }
    PlacedAtoms placed = place(positions, count.mass, step);
    LatticeNode node;
    node.origin = static_cast<double>(placed.first);
    node.mass = std::move(placed.mass);
    const double steps = amount / step;
    node.mean = mean * steps;
    // Given the count, the split over two neighbours has mean 0, width one step and so a variance of at most 1 / 4.
    const bool split = placed.added_variance > 0.0;
    node.variance = variance * steps * steps + (split ? 0.25 : 0.0);
    node.reach = std::max(std::abs(steps), split ? 1.0 : 0.0);
    node.errors = count.errors;
    node.errors.discretisation = std::sqrt(placed.added_variance);
    node.errors.rounding += split ? 4.0 * unit_roundoff : 0.0;
    return node;
}

/// Where a sum of independent variables lies, and the points on which its characteristic function is inverted.
struct SpectralWindow {
    double first = 0.0;  // in steps
    std::size_t points = 0;
    std::size_t size = 0;  // power of two, at least points
    double outside = 0.0;  // bound on the probability beyond
};

inline constexpr double spectral_cut = 42.0;  // frequencies with |phi| < exp(-42) = 6e-19 are left out

/// The same for a sum of this share in a mixture.
inline double cut_of(const math::SumSettings& settings) {
    return std::max(spectral_cut + std::log(settings.share), 6.0);
}

inline constexpr std::size_t spectral_points = std::size_t{1} << 24;

/// The window for a sum of this mean, variance and greatest distance of a summand from its mean, all in steps; no
/// points where it would be too large.
inline SpectralWindow spectral_window(double lowest, double highest, double mean, double variance, double reach,
                                      const math::SumSettings& settings) {
    const double budget = std::max(0.25 * trim_of(settings), 1e-18);
    const double half = math::bernstein_half_width(variance, reach, budget) + 1.0;
    const double first = std::max(lowest, std::floor(mean - half));
    const double last = std::min(highest, std::ceil(mean + half));
    SpectralWindow window;
    if (!(last - first < static_cast<double>(spectral_points) - 1.0)) return window;
    window.size = std::max<std::size_t>(std::bit_ceil(static_cast<std::size_t>(last - first) + 1), 16);
    // As many points of the circle as have a mass that counts.
    const double wide = math::bernstein_half_width(variance, reach, std::min(budget, 2.5e-16 / settings.share)) + 1.0;
    const double spare = static_cast<double>(window.size) - 1.0 - (last - first);
    window.first = std::max({lowest, std::floor(mean - wide), first - std::floor(0.5 * spare)});
    const double end = std::min({highest, std::ceil(mean + wide), last + std::floor(0.5 * spare)});
    window.points = static_cast<std::size_t>(end - window.first) + 1;
    window.outside = (first > lowest ? budget : 0.0) + (last < highest ? budget : 0.0);
    return window;
}

/// exp(-2 pi i t / size) for a great size from two short tables.
class Roots {
  public:
    explicit Roots(std::size_t size)
        : size_(size),
          shift_(static_cast<int>(std::bit_width(size) - 1) / 2),
          fine_(std::size_t{1} << shift_),
          coarse_(size >> shift_) {
        const math::FftPlan plan(std::max<std::size_t>(coarse_.size(), 2));
        for (std::size_t k = 0; k < coarse_.size(); ++k) coarse_[k] = plan.root(k, coarse_.size());
        for (std::size_t k = 0; k < fine_.size(); ++k) {
            const double angle = 2.0 * std::numbers::pi * (static_cast<double>(k) / static_cast<double>(size));
            fine_[k] = {std::cos(angle), -std::sin(angle)};
        }
    }
    std::complex<double> at(std::size_t t) const { return times(coarse_[t >> shift_], fine_[t & (fine_.size() - 1)]); }
    /// exp(-2 pi i k x / size)
    std::complex<double> turned(std::size_t k, std::int64_t x) const {
        return at((k * (static_cast<std::size_t>(x) & (size_ - 1))) & (size_ - 1));
    }

  private:
    std::size_t size_;
    int shift_;
    std::vector<std::complex<double>> fine_;
    std::vector<std::complex<double>> coarse_;
};

/// Weights p_a p_b of the distances a - b between two values of one variable, which bound a characteristic function. In
/// whole units of 2^-32, rounded down: what is added can be taken away again, and the order does not matter.
struct DistanceWeights {
    static constexpr double unit = 0x1p-32;
    std::vector<std::uint64_t> weight;  // by distance

    static std::uint64_t units(double w) { return static_cast<std::uint64_t>(w / unit); }
    void add(std::int64_t distance, double w) {
        const auto d = static_cast<std::size_t>(distance < 0 ? -distance : distance);
        if (d >= weight.size()) weight.resize(d + 1);
        weight[d] += units(w);
    }
    void take(std::int64_t distance, double w) {
        weight[static_cast<std::size_t>(distance < 0 ? -distance : distance)] -= units(w);
    }
};

/// Frequencies at which |phi| may exceed exp(-cut), ascending, in whole groups of `together` (a power of two)
/// from a multiple of it on; none where that are more than `most`.
///
/// -log |phi(w)| is at least B(w) = sum_d weight_d (1 - cos(w d)), a cosine polynomial with |B'| <= sum_d weight_d d:
/// its values on a grid of M points bound it between them. Near 0 it lies between w^2 S_2 / 2 - w^4 S_4 / 24 and
/// w^2 S_2 / 2, where S_m = sum_d weight_d d^m.
inline std::vector<std::size_t> spectral_frequencies(const DistanceWeights& weights, const Roots& roots,
                                                     std::size_t size, double cut, std::size_t most,
                                                     std::size_t together) {
    double total = 0.0;
    double slope = 0.0;
    double square = 0.0;
    double fourth = 0.0;
    for (std::size_t d = 0; d < weights.weight.size(); ++d) {
        if (weights.weight[d] == 0) continue;
        const auto distance = static_cast<double>(d);
        const double w = DistanceWeights::unit * static_cast<double>(weights.weight[d]);
        total += w;
        slope += w * distance;
        square += w * distance * distance;
        fourth += w * distance * distance * distance * distance;
    }
    // Between its points the grid may leave in doubt what is a part of how far the bound goes beyond the cut at all.
    const double doubt = std::clamp(0.5 * (total - cut), 0.1, std::max(0.03 * total, 8.0));
    const double grid = std::numbers::pi * slope / doubt;
    const std::size_t wanted =
        grid < static_cast<double>(size) ? std::bit_ceil(static_cast<std::size_t>(grid) + 16) : size;
    const std::size_t points = std::min(wanted, size);
    std::vector<double> folded(points);
    for (std::size_t d = 0; d < weights.weight.size(); ++d) {
        folded[d & (points - 1)] += DistanceWeights::unit * static_cast<double>(weights.weight[d]);
    }
    std::vector<std::complex<double>> spectrum(points / 2 + 1);
    math::FftPlan(points).forward_real(folded, spectrum);
    const std::size_t cell = size / points;  // frequencies from one point of the grid to the next
    const double between =
        cell == 1 ? 0.0 : std::numbers::pi / static_cast<double>(points) * slope;  // half a cell away at most
    const double least = total * (1.0 - 1e-10) - cut - between;
    const double well = cut * (1.0 + 1e-10) + 1e-10 * total;  // beyond the cut whatever the rounding
    std::vector<std::size_t> distances;
    std::vector<double> squares;  // of the distances up to each
    std::vector<double> fourths;
    const auto excluded = [&](std::size_t f) {
        const double w = 2.0 * std::numbers::pi * (static_cast<double>(f) / static_cast<double>(size));
        const double near = 0.5 * w * w * square;
        if (near <= cut) return false;
        if (near - w * w * w * w * fourth / 24.0 > well) return true;
        if (distances.empty()) {
            for (std::size_t d = 1; d < weights.weight.size(); ++d) {
                if (weights.weight[d] == 0) continue;
                const auto distance = static_cast<double>(d);
                const double two = DistanceWeights::unit * static_cast<double>(weights.weight[d]) * distance * distance;
                distances.push_back(d);
                squares.push_back(two + (squares.empty() ? 0.0 : squares.back()));
                fourths.push_back(two * distance * distance + (fourths.empty() ? 0.0 : fourths.back()));
            }
        }
        // The same of the distances that are short against the wave length, since few long ones make S_4 great.
        const auto within = static_cast<std::size_t>(
            std::upper_bound(distances.begin(), distances.end(), static_cast<std::size_t>(2.0 / w)) -
            distances.begin());
        if (within > 0 && 0.5 * w * w * squares[within - 1] - w * w * w * w * fourths[within - 1] / 24.0 > well) {
            return true;
        }
        double sum = 0.0;
        for (const std::size_t d : distances) {
            sum += DistanceWeights::unit * static_cast<double>(weights.weight[d]) *
                   (1.0 - roots.turned(f, static_cast<std::int64_t>(d)).real());
        }
        return sum > well;
    };
    std::vector<std::size_t> kept;
    std::size_t next = 0;
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
        if (spectrum[k].real() < least) continue;
        const std::size_t centre = k * cell;
        const std::size_t begin = centre < cell / 2 ? 0 : centre - cell / 2;
        const std::size_t end = std::min(centre + cell / 2 + 1, size / 2 + 1);
        for (std::size_t f = std::max(begin, next); f < end; ++f) {
            // Between the points of the grid the bound itself.
            if (cell > 1 && excluded(f)) continue;
            if (kept.size() + together > most) return {};
            for (std::size_t g = f & ~(together - 1); g < (f & ~(together - 1)) + together; ++g) kept.push_back(g);
            f = kept.back();
            next = f + 1;
        }
    }
    return kept;
}

/// A value of a characteristic function and a bound on its absolute error.
struct SpectralValue {
    std::complex<double> value{1.0, 0.0};
    double error = 0.0;
};

/// How the masses of a few low frequencies are computed: a block of points is a polynomial each.
///
/// mass[c + t] = Re sum_j v_j exp(i w_j t) with |w_j t| <= 1 / 4 is a Taylor series of which 13 terms leave 3e-18.
class BandBlocks {
  public:
    static constexpr std::size_t terms = 13;
    static constexpr double angle = 0.25;
    static constexpr double left = 3e-18;  // angle^13 / 13! with what follows

    BandBlocks(std::span<const std::size_t> frequency, std::size_t size)
        : half_(angle * static_cast<double>(size) /
                (2.0 * std::numbers::pi * static_cast<double>(std::max<std::size_t>(frequency.back(), 1)))),
          points_(static_cast<std::size_t>(2.0 * std::min(half_, 0x1p20)) / 8 * 8) {
        if (!use()) return;
        place_.resize(points_);
        for (std::size_t t = 0; t < points_; ++t) {
            place_[t] = (static_cast<double>(t) - static_cast<double>(points_ / 2)) / half_;
        }
        weight_.resize(terms * frequency.size());
        for (std::size_t j = 0; j < frequency.size(); ++j) {
            const double turn =
                2.0 * std::numbers::pi * (static_cast<double>(frequency[j]) / static_cast<double>(size)) * half_;
            double w = 1.0;
            for (std::size_t m = 0; m < terms; ++m) {
                weight_[m * frequency.size() + j] = w;
                w *= turn / static_cast<double>(m + 1);
            }
        }
    }
    /// Whether the blocks are long enough to pay.
    bool use() const { return points_ >= 128; }
    /// Points of a block.
    std::size_t points() const { return points_; }
    /// Masses of the points around `centre`, from its points() / 2-th before on.
    /// @return a bound on the sum of their rounding errors, but for those of the values.
    double masses(std::span<const std::complex<double>> turned, std::span<double> mass) const {
        const std::size_t count = turned.size();
        double coefficient[terms];
        double rounded = 0.0;
        for (std::size_t m = 0; m < terms; ++m) {
            const double* const w = weight_.data() + m * count;
            double sum[4] = {};
            double size[4] = {};
            for (std::size_t j = 0; j < count; ++j) {
                const double part = (m % 2 == 0 ? turned[j].real() : turned[j].imag()) * w[j];
                sum[j % 4] += part;
                size[j % 4] += std::abs(part);
            }
            // i^m: the real parts of 1, i, -1, -i times the value.
            const bool negative = m % 4 == 1 || m % 4 == 2;
            coefficient[m] = (negative ? -1.0 : 1.0) * ((sum[0] + sum[1]) + (sum[2] + sum[3]));
            rounded += unit_roundoff *
                       ((0.25 * static_cast<double>(count) + 4.0) * ((size[0] + size[1]) + (size[2] + size[3])) +
                        static_cast<double>(2 * m + 2) * std::abs(coefficient[m]));
        }
        for (std::size_t t = 0; t < mass.size(); t += lanes) {
            double value[lanes];
            std::fill(value, value + lanes, coefficient[terms - 1]);
            for (std::size_t m = terms - 1; m-- > 0;) {
                for (std::size_t l = 0; l < lanes; ++l) value[l] = value[l] * place_[t + l] + coefficient[m];
            }
            const std::size_t end = std::min(lanes, mass.size() - t);
            for (std::size_t l = 0; l < end; ++l) mass[t + l] = std::max(0.0, value[l]);
        }
        return rounded * static_cast<double>(mass.size());
    }

  private:
    static constexpr std::size_t lanes = 8;
    double half_;
    std::size_t points_;
    std::vector<double> place_;
    std::vector<double> weight_;
};

/// The node whose characteristic function exp(-2 pi i k x / size) has these values at the frequencies kept, which
/// ascend; those beyond size / 2 are left out.
inline LatticeNode invert_spectrum(const SpectralWindow& window, const Roots& roots,
                                   std::span<const std::size_t> frequency, std::span<const SpectralValue> phi,
                                   double mean, double variance, double reach, std::size_t leaves,
                                   const math::SumSettings& settings) {
    const std::size_t size = window.size;
    std::vector<std::complex<double>> value(frequency.size());
    const auto first = static_cast<std::int64_t>(window.first);
    double squares = 0.0;
    double errors = 0.0;
    double absolute = 0.0;
    for (std::size_t j = 0; j < frequency.size(); ++j) {
        if (2 * frequency[j] > size) continue;
        value[j] = times(phi[j].value, roots.turned(frequency[j], -first));
        squares += 2.0 * std::norm(phi[j].value);
        const double error = phi[j].error + 8.0 * unit_roundoff * std::abs(phi[j].value);
        errors += 2.0 * error * error;
        // Real masses: the conjugates at the other half of the circle are counted here.
        value[j] *= (frequency[j] == 0 || 2 * frequency[j] == size ? 1.0 : 2.0) / static_cast<double>(size);
        absolute += std::abs(value[j]);
    }
    LatticeNode node;
    node.origin = window.first;
    node.mass.resize(window.points);
    const double share = std::sqrt(static_cast<double>(window.points) / static_cast<double>(size));
    const BandBlocks band(frequency, size);
    if (band.use()) {
        const std::size_t blocks = (window.points + band.points() - 1) / band.points();
        std::vector<double> rounded(blocks);
        math::parallel_for(0, blocks, 32, settings.threads, [&](std::size_t b, std::size_t e) {
            std::vector<std::complex<double>> turned(frequency.size());
            for (; b < e; ++b) {
                const std::size_t at = b * band.points();
                const auto centre = static_cast<std::int64_t>(at + band.points() / 2);
                for (std::size_t j = 0; j < turned.size(); ++j) {
                    turned[j] = times(value[j], roots.turned(frequency[j], -centre));
                }
                const std::size_t count = std::min(band.points(), window.points - at);
                rounded[b] = band.masses(turned, std::span(node.mass).subspan(at, count));
            }
        });
        node.errors.rounding = absolute * BandBlocks::left * static_cast<double>(window.points);
        for (const double r : rounded) node.errors.rounding += r;
    } else {
        // The points r, r + stride, ... are a short transform each, in which frequencies are the same modulo `part`:
        // mass[r + stride s] = Re sum_k value_k exp(2 pi i k r / size) exp(2 pi i k s / part).
        const std::size_t part = std::min(size, std::max<std::size_t>(std::bit_ceil(frequency.size()), 64));
        const std::size_t stride = size / part;
        const math::FftPlan plan(part);
        math::parallel_for(0, stride, 64, settings.threads, [&](std::size_t b, std::size_t e) {
            constexpr std::size_t together = 8;  // neighbouring points, written as one
            std::vector<std::complex<double>> work(together * part);
            for (std::size_t r = b; r < e; r += together) {
                const std::size_t count = std::min(together, e - r);
                for (std::size_t c = 0; c < count; ++c) {
                    const std::span<std::complex<double>> own = std::span(work).subspan(c * part, part);
                    std::fill(own.begin(), own.end(), std::complex<double>{});
                    for (std::size_t j = 0; j < frequency.size(); ++j) {
                        const std::complex<double> root = roots.at((frequency[j] * (r + c)) & (size - 1));
                        // The forward transform of the conjugate has the same real part.
                        own[frequency[j] & (part - 1)] += times(std::conj(value[j]), root);
                    }
                    plan.forward(own);
                }
                for (std::size_t t = 0; t < part; ++t) {
                    for (std::size_t c = 0; c < count; ++c) {
                        const std::size_t at = t * stride + r + c;
                        if (at < node.mass.size()) node.mass[at] = std::max(0.0, work[c * part + t].real());
                    }
                }
            }
        });
        const double stages = (static_cast<double>(std::bit_width(part)) + 2.0) * 8.0 * unit_roundoff;
        node.errors.rounding = share * 1.01 * stages * std::sqrt(squares);
    }
    node.mean = mean;
    node.variance = variance;
    node.reach = reach;
    // By Parseval the 2-norm of the masses is that of phi over sqrt(size), and the 1-norm at most sqrt(points) times
    // it.
    node.errors.rounding +=
        share * (std::sqrt(errors) + std::sqrt(static_cast<double>(size)) * std::exp(-cut_of(settings)));
    node.errors.aliasing = window.outside;
    trim(node, trim_budget(settings, leaves));
    if (settings.share < 1.0) {
        // Negative masses of what was left out count as 0, so that the others are too great by as much.
        math::CompensatedSum total;
        for (const double m : node.mass) total += m;
        for (double& m : node.mass) m /= total.value();
    }
    return node;
}

/// What a tree of convolutions costs at least, in products: what the other way may cost.
inline double tree_cost(std::size_t variables, std::size_t points) {
    return 24.0 * static_cast<double>(points) * static_cast<double>(std::bit_width(variables));
}

/// Sums of the powers 1 ... power.size() of chances, added to `power`.
inline void add_powers(std::span<const double> chance, std::span<double> power) {
    for (const double p : chance) {
        double product = 1.0;
        for (double& sum : power) sum += product *= p;
    }
}

/// Sums of powers of many chances: in blocks, so that rounding stays small and does not depend on threads.
inline std::vector<double> power_sums(std::span<const double> chance, std::size_t powers, unsigned threads) {
    const auto block = [&](std::size_t b, std::size_t e) {
        std::vector<math::CompensatedSum> total(powers);
        std::vector<double> part(powers);
        for (; b < e; b += 64) {
            std::fill(part.begin(), part.end(), 0.0);
            add_powers(chance.subspan(b, std::min<std::size_t>(64, e - b)), part);
            for (std::size_t m = 0; m < powers; ++m) total[m] += part[m];
        }
        std::vector<double> sum(powers);
        for (std::size_t m = 0; m < powers; ++m) sum[m] = total[m].value();
        return sum;
    };
    return math::parallel_reduce(std::size_t{0}, chance.size(), std::size_t{1} << 15, threads,
                                 std::vector<double>(powers), block, [](std::vector<double> a, std::vector<double> b) {
                                     for (std::size_t m = 0; m < a.size(); ++m) a[m] += b[m];
                                     return a;
                                 });
}

/// Trials of one amount: with a chance of at most 1 / 2, the others taken the other way round.
struct TrialGroup {
    std::int64_t position = 0;
    std::vector<double> chance;
};

/// All values of the characteristic function of trials, at the frequencies 0 ... size / 2, where few can be left out;
/// nothing where that takes more than `allowed` products.
///
/// With odds q = p / (1 - p) at most 3 / 4, log phi = sum log(1 - p) + sum_m (-1)^(m + 1) / m sum q^m exp(i w m x): one
/// transform of the coefficients. The factors of greater odds are multiplied. For rare amounts, which are too few for
/// phi to be small anywhere.
/// @see H. H. Panjer, G. E. Willmot (1992), Insurance Risk Models, section 4.3, for the logarithm as a compound sum.
inline std::vector<SpectralValue> trials_by_logarithm(std::span<const TrialGroup> groups, const Roots& roots,
                                                      std::size_t size, std::int64_t certain, double allowed) {
    constexpr double most_odds = 0.75;
    const auto terms_of = [](double odds) { return std::ceil(42.0 / -std::log(odds)); };
    const double half = 0.5 * static_cast<double>(size);
    double cost = half * static_cast<double>(2 * std::bit_width(size) + 16);
    for (const TrialGroup& group : groups) {
        for (const double p : group.chance) cost += p > most_odds * (1.0 - p) ? 2.0 * half : terms_of(p / (1.0 - p));
    }
    if (cost > allowed) return {};
    std::vector<double> coefficient(size);
    math::CompensatedSum constant;
    std::vector<TrialGroup> great;
    for (const TrialGroup& group : groups) {
        std::vector<double> power;
        TrialGroup left{group.position, {}};
        for (const double p : group.chance) {
            const double odds = p / (1.0 - p);
            if (odds > most_odds) {
                left.chance.push_back(p);
                continue;
            }
            constant += std::log1p(-p);
            const auto terms = static_cast<std::size_t>(terms_of(odds));
            if (power.size() < terms) power.resize(terms);
            double product = 1.0;
            for (std::size_t m = 0; m < terms; ++m) power[m] += product *= odds;
        }
        std::size_t at = 0;
        for (std::size_t m = 1; m <= power.size(); ++m) {
            at = (at + static_cast<std::size_t>(group.position)) & (size - 1);
            coefficient[at] += (m % 2 == 1 ? power[m - 1] : -power[m - 1]) / static_cast<double>(m);
        }
        if (!left.chance.empty()) great.push_back(std::move(left));
    }
    double squares = 0.0;
    for (const double c : coefficient) squares += c * c;
    std::vector<std::complex<double>> spectrum(size / 2 + 1);
    math::FftPlan(size).forward_real(coefficient, spectrum);
    // The bound of the transform (see Convolution) and of the sums before it, and of their exponential.
    const double moved = (static_cast<double>(std::bit_width(size)) + 2.0) * 8.0 * unit_roundoff * std::sqrt(squares);
    std::vector<SpectralValue> phi(spectrum.size());
    for (std::size_t k = 0; k < phi.size(); ++k) {
        const double length = std::exp(constant.value() + spectrum[k].real());
        std::complex<double> value = times(
            {length * std::cos(spectrum[k].imag()), length * std::sin(spectrum[k].imag())}, roots.turned(k, certain));
        double error = moved / unit_roundoff + 8.0 + std::abs(constant.value()) + std::abs(spectrum[k].real()) +
                       std::abs(spectrum[k].imag());
        for (const TrialGroup& group : great) {
            const std::complex<double> root = roots.turned(k, group.position);
            for (const double p : group.chance) {
                const std::complex<double> factor{(1.0 - p) + p * root.real(), p * root.imag()};
                const double square = std::norm(factor);
                error += square > 0.25 ? 9.0 : 3.0 + 3.0 / std::sqrt(std::max(square, 1e-32));
                value = times(value, factor);
            }
        }
        phi[k] = {value, error * unit_roundoff * (std::abs(value.real()) + std::abs(value.imag()))};
    }
    return phi;
}

/// The sum of all-or-nothing amounts on the lattice by its characteristic function; nothing where that does not pay.
inline std::optional<LatticeNode> invert_trials(std::span<const double> probability, std::span<const double> amount,
                                                double step, const math::SumSettings& settings) {
    if (amount.size() < 64) return std::nullopt;
    // (position, chance) by position; what is more probable than not is certain, less what is missing.
    std::vector<std::int64_t> position(amount.size());
    double certain = 0.0;
    std::int64_t least = 0;
    std::int64_t most = 0;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        const double place = lattice_position(amount[i], std::abs(amount[i]), step);
        if (place != std::round(place) || !(std::abs(place) < 0x1p40)) return std::nullopt;
        position[i] = static_cast<std::int64_t>(place);
        if (probability[i] > 0.5) {
            certain += place;
            position[i] = -position[i];
        }
        least = std::min(least, position[i]);
        most = std::max(most, position[i]);
    }
    std::vector<TrialGroup> groups;
    const auto chance = [&](std::size_t i) { return std::min(probability[i], 1.0 - probability[i]); };
    if (static_cast<double>(most - least) < 4.0 * static_cast<double>(amount.size()) + 65536.0) {
        std::vector<std::uint32_t> of(static_cast<std::size_t>(most - least) + 1);
        for (const std::int64_t p : position) ++of[static_cast<std::size_t>(p - least)];
        for (std::size_t k = 0; k < of.size(); ++k) {
            if (of[k] == 0) continue;
            groups.push_back({least + static_cast<std::int64_t>(k), {}});
            groups.back().chance.reserve(of[k]);
            of[k] = static_cast<std::uint32_t>(groups.size() - 1);
        }
        for (std::size_t i = 0; i < position.size(); ++i) {
            groups[of[static_cast<std::size_t>(position[i] - least)]].chance.push_back(chance(i));
        }
    } else {
        std::vector<std::size_t> order(position.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return position[a] < position[b]; });
        for (const std::size_t i : order) {
            if (groups.empty() || groups.back().position != position[i]) groups.push_back({position[i], {}});
            groups.back().chance.push_back(chance(i));
        }
    }
    math::CompensatedSum mean;
    math::CompensatedSum variance;
    double lowest = certain;
    double highest = certain;
    double reach = 0.0;
    double greatest = 0.0;
    mean += certain;
    std::vector<double> spread(groups.size());  // sum of p (1 - p)
    for (std::size_t g = 0; g < groups.size(); ++g) {
        math::CompensatedSum first;
        math::CompensatedSum second;
        for (const double p : groups[g].chance) {
            first += p;
            second += p * (1.0 - p);
            greatest = std::max(greatest, p);
        }
        const auto x = static_cast<double>(groups[g].position);
        (x < 0.0 ? lowest : highest) += x * static_cast<double>(groups[g].chance.size());
        mean += x * first.value();
        variance += x * x * second.value();
        spread[g] = second.value();
        reach = std::max(reach, std::abs(x));
    }
    const SpectralWindow window = spectral_window(lowest, highest, mean.value(), variance.value(), reach, settings);
    if (window.points == 0) return std::nullopt;
    DistanceWeights weights;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (std::abs(static_cast<double>(groups[g].position)) > static_cast<double>(spectral_points))
            return std::nullopt;
        weights.add(groups[g].position, spread[g]);
    }
    const double allowed = tree_cost(amount.size(), window.size) / static_cast<double>(groups.size());
    const Roots roots(window.size);
    const auto by_logarithm = [&](double most_products) -> std::optional<LatticeNode> {
        const std::vector<SpectralValue> phi =
            trials_by_logarithm(groups, roots, window.size, static_cast<std::int64_t>(certain), most_products);
        if (phi.empty()) return std::nullopt;
        std::vector<std::size_t> all(phi.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return invert_spectrum(window, roots, all, phi, mean.value(), variance.value(), reach, amount.size(), settings);
    };
    // The bound on |phi| is exp(-2 sum p (1 - p)) at least: where little is uncertain it leaves no frequency out.
    math::CompensatedSum uncertain;
    for (const double one : spread) uncertain += one;
    if (2.0 * uncertain.value() < cut_of(settings)) {
        if (std::optional<LatticeNode> found = by_logarithm(tree_cost(amount.size(), window.size))) return found;
    }
    const std::vector<std::size_t> frequency = spectral_frequencies(
        weights, roots, window.size, cut_of(settings), static_cast<std::size_t>(std::clamp(allowed, 64.0, 0x1p20)), 1);
    if (frequency.empty()) return by_logarithm(tree_cost(amount.size(), window.size));
    // Either way below takes some products a group and frequency, at least.
    const double pairs = static_cast<double>(groups.size()) * static_cast<double>(frequency.size());
    if (std::optional<LatticeNode> found = by_logarithm(8.0 * pairs)) return found;
    // |exp(i w) - 1| at most, by which the series goes down.
    double ratio = 0.0;
    for (const std::size_t k : frequency) {
        for (const TrialGroup& group : groups) {
            const double real = roots.turned(k, group.position).real();
            ratio = std::max(ratio, 2.0 * (1.0 - real));
        }
    }
    ratio = greatest * std::sqrt(ratio);
    std::vector<SpectralValue> phi(frequency.size());
    const auto whole = static_cast<std::int64_t>(certain);
    const auto start = [&](std::size_t k) { return roots.turned(k, whole); };
    const auto terms = static_cast<std::size_t>(ratio > 0.0 ? std::ceil(42.0 / -std::log(std::min(ratio, 0.4))) : 1.0);
    if (ratio <= 0.4 && static_cast<double>(terms) < 2.0 * static_cast<double>(frequency.size())) {
        std::vector<std::vector<double>> power(groups.size());
        math::parallel_for(0, groups.size(), groups.size() > 64 ? 16 : groups.size(), settings.threads,
                           [&](std::size_t b, std::size_t e) {
                               const unsigned threads = groups.size() > 64 ? 1 : settings.threads;
                               for (std::size_t g = b; g < e; ++g) {
                                   power[g] = power_sums(groups[g].chance, terms, threads);
                               }
                           });
        math::parallel_for(0, phi.size(), 8, settings.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t j = b; j < e; ++j) {
                // log phi = sum over groups of sum_m (-1)^(m + 1) / m S_m (exp(i w) - 1)^m
                math::CompensatedSum real;
                math::CompensatedSum imaginary;
                double size = 0.0;
                for (std::size_t g = 0; g < groups.size(); ++g) {
                    // cos - 1 without cancellation
                    const std::complex<double> root = roots.turned(frequency[j], groups[g].position);
                    const double sine = root.imag();
                    const double less = root.real() > 0.0 ? -sine * sine / (1.0 + root.real()) : root.real() - 1.0;
                    const std::complex<double> w{less, sine};
                    std::complex<double> sum{0.0, 0.0};
                    for (std::size_t m = terms; m > 0; --m) {
                        const double coefficient = power[g][m - 1] / static_cast<double>(m);
                        sum = times(sum, w);
                        sum = {(m % 2 == 1 ? coefficient : -coefficient) + sum.real(), sum.imag()};
                    }
                    sum = times(sum, w);
                    real += sum.real();
                    imaginary += sum.imag();
                    size += 1.1 * power[g][0] * (std::abs(less) + std::abs(sine));
                }
                const double length = std::exp(real.value());
                const std::complex<double> turned{length * std::cos(imaginary.value()),
                                                  length * std::sin(imaginary.value())};
                phi[j].value = times(turned, start(frequency[j]));
                phi[j].error = length * unit_roundoff * (8.0 * size + 8.0);
            }
        });
    } else {
        const double products = static_cast<double>(amount.size()) * static_cast<double>(frequency.size());
        if (std::optional<LatticeNode> found = by_logarithm(products)) return found;
        if (products > 4.0 * tree_cost(amount.size(), window.size)) return std::nullopt;
        math::parallel_for(0, phi.size(), 1, settings.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t j = b; j < e; ++j) {
                std::complex<double> product = start(frequency[j]);
                double error = 0.0;
                for (const TrialGroup& group : groups) {
                    const std::complex<double> root = roots.turned(frequency[j], group.position);
                    for (const double p : group.chance) {
                        const std::complex<double> factor{(1.0 - p) + p * root.real(), p * root.imag()};
                        const double square = std::norm(factor);
                        error += square > 0.25 ? 9.0 : 3.0 + 3.0 / std::sqrt(std::max(square, 1e-32));
                        product = times(product, factor);
                    }
                }
                // The error was counted relative to the product, in units of rounding.
                error *= unit_roundoff * std::abs(product);
                phi[j] = {product, error};
            }
        });
    }
    return invert_spectrum(window, roots, frequency, phi, mean.value(), variance.value(), reach, amount.size(),
                           settings);
}

}  // namespace custfolio::detail

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
        const auto [sum, first, proper] = detail::block_moments(block(b));
        right = right && proper && std::isfinite(sum);
        share[b] = sum;
        total += sum;
        index += sum * static_cast<double>(b * detail::lattice_block) + first;
    }
    for (std::size_t i = 0; !right && i < m.size(); ++i) {
        if (m[i] >= 0.0 && std::isfinite(m[i])) continue;
        throw InputError("LatticeDistribution: mass at index " + std::to_string(i) + " is " + std::to_string(m[i]) +
                         ", must not be negative");
    }
    if (!(std::abs(total.value() - 1.0) <= 1e-6)) {
        throw InputError("LatticeDistribution: the masses sum to " + std::to_string(total.value()) + ", must sum to 1");
    }
    const double scale = 1.0 / total.value();
    if (scale != 1.0) errors_.rounding += std::abs(total.value() - 1.0) + 2.0 * detail::unit_roundoff;
    points->centre = index.value() * scale;
    CompensatedSum square;
    CompensatedSum passed;
    points->below.resize(blocks);
    for (std::size_t b = 0; b < blocks; ++b) {
        const double offset = static_cast<double>(b * detail::lattice_block) - points->centre;
        square += detail::block_scale(block(b), scale, offset);
        points->below[b] = std::min(passed.value(), 1.0);
        passed += share[b] *= scale;
    }
    points->spread = square.value();
    points->above.resize(blocks);
    passed = CompensatedSum();
    for (std::size_t b = blocks; b-- > 0;) {
        points->above[b] = std::min(passed.value(), 1.0);
        passed += share[b];
    }
    points_ = points;
}

// Chances from the sums before and after a block and its own points. That they never fall, or rise, needs care: a sum
// may go down by a rounding, and blocks are added up in another order than points.
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
    errors.discretisation = std::hypot(errors.discretisation, placed.errors().discretisation);
    errors.rounding += placed.errors().rounding;
    return {placed.origin(), step, {placed.mass().begin(), placed.mass().end()}, errors};
}

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
    for (const LatticeDistribution& part : parts) origin += part.origin();
    detail::LatticeNode sum =
        detail::sum_nodes(std::move(nodes), detail::trim_budget(settings, parts.size()), settings.threads);
    origin += sum.origin * step;
    return {origin.value(), step, std::move(sum.mass), sum.errors};
}

CUSTFOLIO_INLINE std::vector<double> binomial_mass(std::size_t n, double p) {
    if (!(p >= 0.0 && p <= 1.0)) {
        throw InputError("binomial_mass: probability is " + std::to_string(p) + ", must be between 0 and 1");
    }
    std::vector<double> mass(n + 1, 0.0);
    if (n == 1) return {1.0 - p, p};
    if (p == 0.0 || p == 1.0) {
        mass[p == 0.0 ? 0 : n] = 1.0;
        return mass;
    }
    const auto trials = static_cast<double>(n);
    const double odds = p / (1.0 - p);
    const auto mode = std::min(n, static_cast<std::size_t>((trials + 1.0) * p));
    mass[mode] = 1.0;
    for (std::size_t k = mode; k < n && mass[k] > 0.0; ++k) {
        mass[k + 1] = mass[k] * ((trials - static_cast<double>(k)) / static_cast<double>(k + 1)) * odds;
    }
    for (std::size_t k = mode; k > 0 && mass[k] > 0.0; --k) {
        mass[k - 1] = mass[k] * (static_cast<double>(k) / (trials - static_cast<double>(k) + 1.0)) / odds;
    }
    CompensatedSum total;
    for (const double m : mass) total += m;
    for (double& m : mass) m /= total.value();
    return mass;
}

CUSTFOLIO_INLINE void CommonDivisor::add(double value, double unit) {
    const double count = detail::lattice_position(std::abs(value), std::abs(value), unit);
    whole = whole && count == std::round(count) && count < 0x1p49;
    if (!whole) return;
    const auto own = static_cast<std::uint64_t>(count);
    if (units == 0 || own % units != 0) units = std::gcd(units, own);
}

CUSTFOLIO_INLINE void CommonDivisor::add(const CommonDivisor& other) {
    whole = whole && other.whole;
    if (whole) units = std::gcd(units, other.units);
}

CUSTFOLIO_INLINE StepChoice choose_step(std::span<const double> values, double unit, double range,
                                        std::size_t max_points) {
    detail::check_positive("choose_step", "unit", unit);
    CommonDivisor divisor;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            throw InputError("choose_step: value at index " + std::to_string(i) + " is " + std::to_string(values[i]) +
                             ", must be finite");
        }
        divisor.add(values[i], unit);
    }
    return choose_step(divisor, unit, range, max_points);
}

CUSTFOLIO_INLINE StepChoice choose_step(const CommonDivisor& divisor, double unit, double range,
                                        std::size_t max_points) {
    detail::check_positive("choose_step", "unit", unit);
    if (!(range >= 0.0) || !std::isfinite(range)) {
        throw InputError("choose_step: range is " + std::to_string(range) + ", must not be negative");
    }
    if (max_points < 2) throw InputError("choose_step: max_points must be at least 2");
    const std::uint64_t least = divisor.whole && divisor.units > 0 ? divisor.units : 1;
    const double base = from_units(static_cast<std::int64_t>(least), unit);
    const double steps = range / base * (1.0 - 1e-12);  // a range of whole steps must not round up to one more
    const double multiple = detail::round_number(std::max(1.0, std::ceil(steps / static_cast<double>(max_points - 1))));
    const double units = static_cast<double>(least) * multiple;
    const double step = units < 0x1p62 ? from_units(static_cast<std::int64_t>(units), unit) : units * unit;
    return {step, divisor.whole && multiple == 1.0, static_cast<std::size_t>(std::ceil(steps / multiple)) + 1};
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
