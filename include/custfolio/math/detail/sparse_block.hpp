// Blocks of variables of few values each, and their characteristic functions.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/math/detail/lattice_points.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/detail/spectral_inversion.hpp"
#include "custfolio/math/detail/thresholds.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// A variable on the lattice: its values from its middle on, ascending where they came so.
struct SparseVariable {
    std::vector<std::int64_t> position;
    std::vector<double> probability;
    std::int64_t middle = 0;
    double added_variance = 0.0;  // by splitting what lies between points, in steps squared
};

/// Puts values, in steps, on the lattice.
inline SparseVariable sparse_variable(std::span<const double> values, std::span<const double> chances) {
    SparseVariable x;
    x.position.reserve(values.size() + 1);
    x.probability.reserve(values.size() + 1);
    const auto put = [&](double place, double chance) {
        if (chance == 0.0) return;
        const auto whole = static_cast<std::int64_t>(place);
        // Values mostly come ascending, so that one of the last two is the one that may be equal.
        for (std::size_t back = 1; back <= std::min<std::size_t>(2, x.position.size()); ++back) {
            if (x.position[x.position.size() - back] != whole) continue;
            x.probability[x.position.size() - back] += chance;
            return;
        }
        x.position.push_back(whole);
        x.probability.push_back(chance);
    };
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double place = lattice_position(values[k], std::abs(values[k]), 1.0);
        const double below = std::floor(place);
        const double share = place - below;
        put(below, chances[k] * (1.0 - share));
        put(below + 1.0, chances[k] * share);
        x.added_variance += chances[k] * share * (1.0 - share);
    }
    const auto [low, high] = std::minmax_element(x.position.begin(), x.position.end());
    x.middle = *low + (*high - *low) / 2;
    for (std::int64_t& position : x.position) position -= x.middle;
    return x;
}

/// Eight neighbouring frequencies of a product of characteristic functions.
struct SpectralLanes {
    static constexpr std::size_t count = 8;
    std::array<double, count> real;
    std::array<double, count> imaginary;
    std::array<double, count> error;  // absolute

    static SpectralLanes one() {
        SpectralLanes lanes{};
        lanes.real.fill(1.0);
        return lanes;
    }
    void times(const SpectralLanes& by) {
        for (std::size_t l = 0; l < count; ++l) {
            const double size = std::abs(real[l]) + std::abs(imaginary[l]);
            const double other = std::abs(by.real[l]) + std::abs(by.imaginary[l]);
            error[l] =
                error[l] * std::min(1.0, other + by.error[l]) + size * (by.error[l] + 4.0 * unit_roundoff * other);
            const double product = real[l] * by.real[l] - imaginary[l] * by.imaginary[l];
            imaginary[l] = real[l] * by.imaginary[l] + imaginary[l] * by.real[l];
            real[l] = product;
        }
    }
};

/// Terms of exp(i t s) with |s| <= 1 that leave less than 1e-18; 0 where those are more than 26.
inline std::size_t series_terms(double t) {
    if (t > 2.0) return 0;
    double term = 1.0;
    for (std::size_t m = 1;; ++m) {
        term *= t / static_cast<double>(m);
        if (2.0 * term < 1e-18) return m;
    }
}

/// Sums of the powers of one variable's values, scaled to [-1, 1], over m!: the coefficients of its power series.
inline void series(const SparseVariable& x, double width, std::size_t terms, std::vector<double>& work,
                   std::array<double, 32>& coefficient) {
    constexpr std::size_t lanes = 4;
    const std::size_t count = (x.position.size() + lanes - 1) / lanes * lanes;
    work.assign(2 * count, 0.0);
    double* const scaled = work.data();
    double* const power = work.data() + count;
    for (std::size_t a = 0; a < x.position.size(); ++a) {
        scaled[a] = static_cast<double>(x.position[a]) / width;
        power[a] = x.probability[a];
    }
    double factorial = 1.0;
    for (std::size_t m = 0; m < terms; ++m) {
        double sum[lanes] = {};
        for (std::size_t a = 0; a < count; a += lanes) {
            for (std::size_t l = 0; l < lanes; ++l) {
                sum[l] += power[a + l];
                power[a + l] *= scaled[a + l];
            }
        }
        coefficient[m] = ((sum[0] + sum[2]) + (sum[1] + sum[3])) / factorial;
        factorial *= static_cast<double>(m + 1);
    }
}

/// Frequencies for which one power series serves where a variable has many values: half of them to each side.
inline std::size_t zone_size(double turn, double width) {
    return static_cast<std::size_t>(std::clamp(std::floor(4.0 / (turn * width)), 1.0, 0x1p40));
}
/// Terms of such a series: with |t s| <= 2 the rest is below 1e-18.
inline constexpr std::size_t zone_terms = 26;

/// The power series of a variable's factor about one frequency: sum_m c_m (-i t)^m. t is the distance from it in wave
/// lengths of the width.
struct ZoneSeries {
    std::array<double, zone_terms> real{};
    std::array<double, zone_terms> imaginary{};

    ZoneSeries(const SparseVariable& x, double width, std::size_t centre, const Roots& roots,
               std::vector<double>& work) {
        constexpr std::size_t lanes = 4;
        const std::size_t count = (x.position.size() + lanes - 1) / lanes * lanes;
        work.assign(3 * count, 0.0);
        double* const scaled = work.data();
        double* const cosine = scaled + count;
        double* const sine = cosine + count;
        for (std::size_t a = 0; a < x.position.size(); ++a) {
            const std::complex<double> root = roots.turned(centre, x.position[a]);
            scaled[a] = static_cast<double>(x.position[a]) / width;
            cosine[a] = x.probability[a] * root.real();
            sine[a] = x.probability[a] * root.imag();
        }
        double factorial = 1.0;
        for (std::size_t m = 0; m < zone_terms; ++m) {
            double cosines[lanes] = {};
            double sines[lanes] = {};
            for (std::size_t a = 0; a < count; a += lanes) {
                for (std::size_t l = 0; l < lanes; ++l) {
                    cosines[l] += cosine[a + l];
                    sines[l] += sine[a + l];
                    cosine[a + l] *= scaled[a + l];
                    sine[a + l] *= scaled[a + l];
                }
            }
            // (-i)^m turns the coefficient by quarters.
            const double c = ((cosines[0] + cosines[2]) + (cosines[1] + cosines[3])) / factorial;
            const double s = ((sines[0] + sines[2]) + (sines[1] + sines[3])) / factorial;
            real[m] = m % 4 == 0 ? c : m % 4 == 1 ? s : m % 4 == 2 ? -c : -s;
            imaginary[m] = m % 4 == 0 ? s : m % 4 == 1 ? -c : m % 4 == 2 ? -s : c;
            factorial *= static_cast<double>(m + 1);
        }
    }
};

/// The characteristic function of one variable, about its middle, at groups of eight frequencies.
///
/// Of three ways the cheapest is used. Where the variable is narrow against the wave length: a power series about
/// frequency 0. Where it has many values: power series about several frequencies. Else: the sum over its values.
class SparseFactor {
  public:
    SparseFactor(const SparseVariable& x, const Roots& roots, std::size_t size, std::vector<double>& work)
        : x_(x),
          roots_(roots),
          work_(work),
          count_(static_cast<double>(x.position.size())),
          turn_(2.0 * std::numbers::pi / static_cast<double>(size)) {
        for (const std::int64_t p : x.position) width_ = std::max(width_, std::abs(static_cast<double>(p)));
        zone_ = zone_size(turn_, width_);
    }

    /// @param first first of the eight frequencies; from call to call it must not ascend.
    [[nodiscard]] SpectralLanes at(std::size_t first) {
        // The number of terms depends on the octave of the frequency alone, and not on which others count.
        const std::size_t octave = std::bit_ceil(first + SpectralLanes::count);
        if (octave != octave_) {
            octave_ = octave;
            terms_ = series_terms(turn_ * static_cast<double>(octave) * width_);
            if (terms_ > 6 * x_.position.size()) terms_ = 0;  // the sum over the values takes less
            if (terms_ > known_) series(x_, width_, known_ = terms_, work_, coefficient_);
        }
        if (terms_ > 0) return by_series(first);
        return x_.position.size() >= fewest_zone_values ? by_zones(first) : by_values(first);
    }

  private:
    [[nodiscard]] SpectralLanes by_series(std::size_t first) const {
        SpectralLanes factor{};
        double angle[SpectralLanes::count];
        double square[SpectralLanes::count];
        for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
            angle[l] = turn_ * static_cast<double>(first + l) * width_;
            square[l] = -angle[l] * angle[l];
            factor.error[l] = ((0.25 * count_ + 6.0 + 6.0 * angle[l]) * (1.0 + 3.2 * angle[l])) * unit_roundoff;
        }
        for (std::size_t m = (terms_ - 1) / 2 + 1; m-- > 0;) {
            const double even = coefficient_[2 * m];
            const double odd = 2 * m + 1 < terms_ ? coefficient_[2 * m + 1] : 0.0;
            for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                factor.real[l] = factor.real[l] * square[l] + even;
                factor.imaginary[l] = factor.imaginary[l] * square[l] + odd;
            }
        }
        // exp(-i t s): the odd powers have the factor -i.
        for (std::size_t l = 0; l < SpectralLanes::count; ++l) factor.imaginary[l] *= -angle[l];
        return factor;
    }
    [[nodiscard]] SpectralLanes by_zones(std::size_t first) {
        SpectralLanes factor{};
        for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
            const std::size_t frequency = first + l;
            const std::size_t centre = frequency / zone_ * zone_ + zone_ / 2;
            if (!near_ || centre != centre_) near_.emplace(x_, width_, centre_ = centre, roots_, work_);
            const double t = turn_ * (static_cast<double>(frequency) - static_cast<double>(centre)) * width_;
            for (std::size_t m = zone_terms; m-- > 0;) {
                factor.real[l] = factor.real[l] * t + near_->real[m];
                factor.imaginary[l] = factor.imaginary[l] * t + near_->imaginary[m];
            }
            factor.error[l] = 7.4 * (0.25 * count_ + 40.0) * unit_roundoff;  // exp(2) bounds the sizes of the terms
        }
        return factor;
    }
    [[nodiscard]] SpectralLanes by_values(std::size_t first) const {
        SpectralLanes factor{};
        for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
            for (std::size_t a = 0; a < x_.position.size(); ++a) {
                const std::complex<double> root = roots_.turned(first + l, x_.position[a]);
                factor.real[l] += x_.probability[a] * root.real();
                factor.imaginary[l] += x_.probability[a] * root.imag();
            }
            factor.error[l] = (count_ + 6.0) * unit_roundoff;
        }
        return factor;
    }

    const SparseVariable& x_;
    const Roots& roots_;
    std::vector<double>& work_;
    double count_;
    double turn_;  // angle from one frequency to the next
    double width_ = 1.0;
    std::size_t zone_ = 1;
    std::size_t octave_ = 0;
    std::size_t terms_ = 0;
    std::size_t known_ = 0;  // terms of which the coefficients are there
    std::array<double, 32> coefficient_{};
    std::optional<ZoneSeries> near_;
    std::size_t centre_ = 0;
};

/// Some variables of a sum, next to each other: their factors are multiplied by one thread.
struct SparseBlock {
    std::span<const SparseVariable> variables;
    std::int64_t middle = 0;    // sum of the middles
    std::size_t uncertain = 0;  // variables of more than one value
    double lowest = 0.0;
    double highest = 0.0;
    double reach = 0.0;
    double mean = 0.0;
    double variance = 0.0;
    double added_variance = 0.0;

    explicit SparseBlock(std::span<const SparseVariable> some) : variables(some) {
        math::CompensatedSum means;
        math::CompensatedSum variances;
        for (const SparseVariable& x : variables) {
            double centre = 0.0;
            double square = 0.0;
            for (std::size_t a = 0; a < x.position.size(); ++a) {
                centre += x.probability[a] * static_cast<double>(x.position[a]);
            }
            for (std::size_t a = 0; a < x.position.size(); ++a) {
                const double distance = static_cast<double>(x.position[a]) - centre;
                square += x.probability[a] * distance * distance;
            }
            const auto [least, most] = detail::minmax(x.position);
            const auto low = static_cast<double>(least);
            const auto high = static_cast<double>(most);
            middle += x.middle;
            uncertain += x.position.size() > 1 ? 1 : 0;
            lowest += low + static_cast<double>(x.middle);
            highest += high + static_cast<double>(x.middle);
            reach = std::max({reach, high - centre, centre - low});
            means += centre;
            variances += x.position.size() > 1 ? square : 0.0;
            added_variance += x.added_variance;
        }
        mean = means.value() + static_cast<double>(middle);
        variance = variances.value();
    }

    /// The product of the variables' factors, each about its middle, at the frequencies from group[g] on.
    void spectrum(std::span<const std::size_t> group, const Roots& roots, std::size_t size,
                  std::span<SpectralLanes> product) const {
        std::fill(product.begin(), product.end(), SpectralLanes::one());
        std::vector<double> work;
        for (const SparseVariable& x : variables) {
            SparseFactor factor(x, roots, size, work);
            for (std::size_t g = group.size(); g-- > 0;) product[g].times(factor.at(group[g]));
        }
    }
};

}  // namespace custfolio::detail
