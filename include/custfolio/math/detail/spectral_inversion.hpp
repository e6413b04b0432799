// Inversion of a characteristic function on a lattice: the window, the frequencies that count, the masses.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/complex_product.hpp"
#include "custfolio/math/detail/lattice_node.hpp"
#include "custfolio/math/detail/lattice_points.hpp"
#include "custfolio/math/detail/thresholds.hpp"
#include "custfolio/math/fft.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// Where a sum of independent variables lies, and the points on which its characteristic function is inverted.
struct SpectralWindow {
    double first = 0.0;  // in steps
    std::size_t points = 0;
    std::size_t size = 0;  // power of two, at least points
    double outside = 0.0;  // bound on the probability beyond
};

/// The cut for a sum of this share in a mixture.
inline double cut_of(const math::SumSettings& settings) {
    return std::max(spectral_cut + std::log(settings.share), least_spectral_cut);
}

/// The moments of a sum, and how many summands it has.
struct SpectralMoments {
    double mean = 0.0;
    double variance = 0.0;
    double reach = 0.0;  // greatest distance of a summand from its mean
    std::size_t leaves = 0;
};

/// The window of a sum that lies between two bounds, in steps; no points where it would be too large.
inline SpectralWindow spectral_window(double lowest, double highest, const SpectralMoments& moments,
                                      const math::SumSettings& settings) {
    const double budget = std::max(0.25 * trim_of(settings), 1e-18);
    const double half = math::bernstein_half_width(moments.variance, moments.reach, budget) + 1.0;
    const double first = std::max(lowest, std::floor(moments.mean - half));
    const double last = std::min(highest, std::ceil(moments.mean + half));
    SpectralWindow window;
    if (!(last - first < static_cast<double>(spectral_points) - 1.0)) return window;
    window.size = std::max<std::size_t>(std::bit_ceil(static_cast<std::size_t>(last - first) + 1), 16);
    // As many points of the circle as have a mass that counts.
    const double wide =
        math::bernstein_half_width(moments.variance, moments.reach, std::min(budget, 2.5e-16 / settings.share)) + 1.0;
    const double spare = static_cast<double>(window.size) - 1.0 - (last - first);
    window.first = std::max({lowest, std::floor(moments.mean - wide), first - std::floor(0.5 * spare)});
    const double end = std::min({highest, std::ceil(moments.mean + wide), last + std::floor(0.5 * spare)});
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

/// Weights p_a p_b of the distances a - b between two values of one variable. They bound a characteristic function:
///
///     -log |phi(w)| >= B(w) = sum_d weight_d (1 - cos(w d)).
class DistanceWeights {
  public:
    void add(std::int64_t distance, double w) {
        const auto d = static_cast<std::size_t>(distance < 0 ? -distance : distance);
        if (d >= weight_.size()) weight_.resize(d + 1);
        weight_[d] += w;
    }
    [[nodiscard]] std::span<const double> by_distance() const { return weight_; }

  private:
    std::vector<double> weight_;
};

/// Decides which frequencies of a sum count: those at which its bound allows |phi| > exp(-cut).
class FrequencyChoice {
  public:
    FrequencyChoice(const DistanceWeights& weights, const Roots& roots, std::size_t size, double cut)
        : weight_(weights.by_distance()), roots_(roots), size_(size), cut_(cut) {
        for (std::size_t d = 0; d < weight_.size(); ++d) {
            if (weight_[d] == 0.0) continue;
            const auto distance = static_cast<double>(d);
            const double two = weight_[d] * distance * distance;
            total_ += weight_[d];
            slope_ += weight_[d] * distance;
            if (d == 0) continue;
            distances_.push_back(d);
            squares_.push_back(two + (squares_.empty() ? 0.0 : squares_.back()));
            fourths_.push_back(two * distance * distance + (fourths_.empty() ? 0.0 : fourths_.back()));
        }
        surely_ = cut * (1.0 + 1e-10) + 1e-10 * total_;
    }

    /// The frequencies, ascending, in whole groups of `together` (a power of two) from a multiple of it on.
    ///
    /// B is a cosine polynomial with |B'| <= sum_d weight_d d. Its values on a grid, by one transform, bound it between
    /// the points of the grid. Where a doubt is left, excluded() decides each frequency.
    /// @param most greatest number of frequencies.
    /// @param together size of a group.
    /// @return none where they are more than `most`.
    [[nodiscard]] std::vector<std::size_t> choose(std::size_t most, std::size_t together) const {
        const std::vector<double> bound = bound_on_grid();
        const std::size_t cell = size_ / bound.size();  // frequencies from one point of the grid to the next
        const double between =
            cell == 1 ? 0.0 : std::numbers::pi / static_cast<double>(bound.size()) * slope_;  // half a cell at most
        std::vector<std::size_t> chosen;
        std::size_t next = 0;
        for (std::size_t k = 0; k <= bound.size() / 2; ++k) {
            if (bound[k] - between > cut_ + 1e-10 * total_) continue;
            const std::size_t centre = k * cell;
            const std::size_t begin = centre < cell / 2 ? 0 : centre - cell / 2;
            const std::size_t end = std::min(centre + cell / 2 + 1, size_ / 2 + 1);
            for (std::size_t f = std::max(begin, next); f < end; ++f) {
                if (cell > 1 && excluded(f)) continue;
                if (chosen.size() + together > most) return {};
                const std::size_t first = f & ~(together - 1);
                for (std::size_t g = first; g < first + together; ++g) chosen.push_back(g);
                f = chosen.back();
                next = f + 1;
            }
        }
        return chosen;
    }

  private:
    /// B at equally spaced frequencies.
    [[nodiscard]] std::vector<double> bound_on_grid() const {
        // The doubt between two points may be a part of how far the bound goes beyond the cut at all.
        const double doubt = std::clamp(0.5 * (total_ - cut_), 0.1, std::max(0.03 * total_, 8.0));
        const double grid = std::numbers::pi * slope_ / doubt;
        const std::size_t points = grid < static_cast<double>(size_)
                                       ? std::min(std::bit_ceil(static_cast<std::size_t>(grid) + 16), size_)
                                       : size_;
        std::vector<double> folded(points);
        for (std::size_t d = 0; d < weight_.size(); ++d) folded[d & (points - 1)] += weight_[d];
        std::vector<std::complex<double>> spectrum(points / 2 + 1);
        math::FftPlan(points).forward_real(folded, spectrum);
        std::vector<double> bound(points);
        for (std::size_t k = 0; k < spectrum.size(); ++k) bound[k] = total_ - spectrum[k].real();
        return bound;
    }
    /// Whether B(w) goes beyond the cut at a frequency. The cheap bounds come first: B lies between
    /// w^2 S_2 / 2 - w^4 S_4 / 24 and w^2 S_2 / 2, where S_m = sum_d weight_d d^m.
    [[nodiscard]] bool excluded(std::size_t f) const {
        if (distances_.empty()) return false;
        const double w = 2.0 * std::numbers::pi * (static_cast<double>(f) / static_cast<double>(size_));
        const double upper = 0.5 * w * w * squares_.back();
        if (upper <= cut_) return false;
        if (upper - w * w * w * w * fourths_.back() / 24.0 > surely_) return true;
        // The same of the distances that are short against the wave length: few long ones make S_4 great.
        const auto within = static_cast<std::size_t>(
            std::upper_bound(distances_.begin(), distances_.end(), static_cast<std::size_t>(2.0 / w)) -
            distances_.begin());
        if (within > 0 && 0.5 * w * w * squares_[within - 1] - w * w * w * w * fourths_[within - 1] / 24.0 > surely_) {
            return true;
        }
        double sum = 0.0;
        for (const std::size_t d : distances_) {
            sum += weight_[d] * (1.0 - roots_.turned(f, static_cast<std::int64_t>(d)).real());
        }
        return sum > surely_;
    }

    std::span<const double> weight_;
    const Roots& roots_;
    std::size_t size_;
    double cut_;
    double surely_ = 0.0;  // beyond the cut whatever the rounding
    double total_ = 0.0;
    double slope_ = 0.0;
    std::vector<std::size_t> distances_;
    std::vector<double> squares_;  // S_2 of the distances up to each
    std::vector<double> fourths_;  // S_4
};

/// A value of a characteristic function and a bound on its absolute error.
struct SpectralValue {
    std::complex<double> value{1.0, 0.0};
    double error = 0.0;
};

/// How the masses of a few low frequencies are computed: a block of points is a polynomial each.
///
/// mass[c + t] = Re sum_j v_j exp(i w_j t) with |w_j t| <= 1 / 4 is a Taylor series. Its first 13 terms leave 3e-18.
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
    bool use() const { return points_ >= fewest_band_points; }
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

/// Masses of a few low frequencies, block by block.
/// @return a bound on the sum of the rounding errors.
inline double masses_by_band(const BandBlocks& band, const Roots& roots, std::span<const std::size_t> frequency,
                             std::span<const std::complex<double>> value, unsigned threads, std::span<double> mass) {
    const std::size_t blocks = (mass.size() + band.points() - 1) / band.points();
    std::vector<double> rounded(blocks);
    math::parallel_for(0, blocks, 32, threads, [&](std::size_t b, std::size_t e) {
        std::vector<std::complex<double>> turned(frequency.size());
        for (; b < e; ++b) {
            const std::size_t at = b * band.points();
            const auto centre = static_cast<std::int64_t>(at + band.points() / 2);
            for (std::size_t j = 0; j < turned.size(); ++j) {
                turned[j] = times(value[j], roots.turned(frequency[j], -centre));
            }
            rounded[b] = band.masses(turned, mass.subspan(at, std::min(band.points(), mass.size() - at)));
        }
    });
    double absolute = 0.0;
    for (const std::complex<double>& v : value) absolute += std::abs(v);
    double error = absolute * BandBlocks::left * static_cast<double>(mass.size());
    for (const double r : rounded) error += r;
    return error;
}

/// Masses of any frequencies by short transforms.
///
/// The points r, r + stride, ... are a transform each. In it frequencies are the same modulo its length `part`: mass[r
/// + stride s] = Re sum_k value_k exp(2 pi i k r / size) exp(2 pi i k s / part).
/// @return a bound on the error of a transform, relative to the 2-norm of the values.
inline double masses_by_transforms(const Roots& roots, std::size_t size, std::span<const std::size_t> frequency,
                                   std::span<const std::complex<double>> value, unsigned threads,
                                   std::span<double> mass) {
    const std::size_t part = std::min(size, std::max<std::size_t>(std::bit_ceil(frequency.size()), 64));
    const std::size_t stride = size / part;
    const math::FftPlan plan(part);
    math::parallel_for(0, stride, 64, threads, [&](std::size_t b, std::size_t e) {
        constexpr std::size_t together = 8;  // neighbouring points, written as one
        std::vector<std::complex<double>> work(together * part);
        for (std::size_t r = b; r < e; r += together) {
            const std::size_t count = std::min(together, e - r);
            for (std::size_t c = 0; c < count; ++c) {
                const std::span<std::complex<double>> line = std::span(work).subspan(c * part, part);
                std::fill(line.begin(), line.end(), std::complex<double>{});
                for (std::size_t j = 0; j < frequency.size(); ++j) {
                    const std::complex<double> root = roots.at((frequency[j] * (r + c)) & (size - 1));
                    // The forward transform of the conjugate has the same real part.
                    line[frequency[j] & (part - 1)] += times(std::conj(value[j]), root);
                }
                plan.forward(line);
            }
            for (std::size_t t = 0; t < part; ++t) {
                for (std::size_t c = 0; c < count; ++c) {
                    const std::size_t at = t * stride + r + c;
                    if (at < mass.size()) mass[at] = std::max(0.0, work[c * part + t].real());
                }
            }
        }
    });
    return 1.01 * (static_cast<double>(std::bit_width(part)) + 2.0) * 8.0 * unit_roundoff;
}

/// The node of a sum from its characteristic function sum_x p_x exp(-2 pi i k x / size).
/// @param window where the masses lie.
/// @param roots of the window's size.
/// @param frequency those at which the function is not negligible, ascending; those beyond size / 2 are left out.
/// @param phi its values there.
/// @param moments of the sum.
/// @param settings trimming and threads.
inline LatticeNode invert_spectrum(const SpectralWindow& window, const Roots& roots,
                                   std::span<const std::size_t> frequency, const std::vector<SpectralValue>& phi,
                                   const SpectralMoments& moments, const math::SumSettings& settings) {
    const std::size_t size = window.size;
    std::vector<std::complex<double>> value(frequency.size());
    const auto first = static_cast<std::int64_t>(window.first);
    double squares = 0.0;
    double errors = 0.0;
    for (std::size_t j = 0; j < frequency.size(); ++j) {
        if (2 * frequency[j] > size) continue;
        value[j] = times(phi[j].value, roots.turned(frequency[j], -first));
        squares += 2.0 * std::norm(phi[j].value);
        const double error = phi[j].error + 8.0 * unit_roundoff * std::abs(phi[j].value);
        errors += 2.0 * error * error;
        // Real masses: the conjugates at the other half of the circle are counted here.
        value[j] *= (frequency[j] == 0 || 2 * frequency[j] == size ? 1.0 : 2.0) / static_cast<double>(size);
    }
    LatticeNode node;
    node.origin = window.first;
    node.mass.resize(window.points);
    node.mean = moments.mean;
    node.variance = moments.variance;
    node.reach = moments.reach;
    // By Parseval the 2-norm of the masses is that of phi over sqrt(size). Their 1-norm is at most sqrt(points) times
    // that.
    const double share = std::sqrt(static_cast<double>(window.points) / static_cast<double>(size));
    const BandBlocks band(frequency, size);
    if (band.use()) {
        node.errors.rounding = masses_by_band(band, roots, frequency, value, settings.threads, node.mass);
    } else {
        node.errors.rounding = share * std::sqrt(squares) *
                               masses_by_transforms(roots, size, frequency, value, settings.threads, node.mass);
    }
    node.errors.rounding +=
        share * (std::sqrt(errors) + std::sqrt(static_cast<double>(size)) * std::exp(-cut_of(settings)));
    node.errors.aliasing = window.outside;
    trim(node, trim_budget(settings, moments.leaves));
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
    return tree_products * static_cast<double>(points) * static_cast<double>(std::bit_width(variables));
}

}  // namespace custfolio::detail
