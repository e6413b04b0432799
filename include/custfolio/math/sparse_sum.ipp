// Definitions of sums of independent variables of few values each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/lattice.ipp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/sparse_sum.hpp"

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
/// Values from which on such a series takes less than adding them up, whatever frequencies are asked for.
inline constexpr std::size_t zone_values = 24;
inline constexpr std::size_t zone_terms = 26;

/// The power series of a variable's factor about one frequency: sum_m c_m (-i t)^m with t the distance from it in
/// wave lengths of the width.
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

/// Some variables of a sum, next to each other.
struct SparseBlock {
    std::vector<SparseVariable> variable;
    std::int64_t middle = 0;  // sum of the middles
    std::size_t values = 0;
    std::size_t uncertain = 0;  // variables of more than one value
    double lowest = 0.0;
    double highest = 0.0;
    double reach = 0.0;
    double mean = 0.0;
    double variance = 0.0;
    double added_variance = 0.0;

    explicit SparseBlock(std::vector<SparseVariable> variables) : variable(std::move(variables)) {
        math::CompensatedSum means;
        math::CompensatedSum variances;
        for (const SparseVariable& x : variable) {
            double centre = 0.0;
            double square = 0.0;
            double low = std::numeric_limits<double>::infinity();
            double high = -low;
            for (std::size_t a = 0; a < x.position.size(); ++a) {
                const auto place = static_cast<double>(x.position[a]);
                centre += x.probability[a] * place;
                low = std::min(low, place);
                high = std::max(high, place);
            }
            for (std::size_t a = 0; a < x.position.size(); ++a) {
                const double distance = static_cast<double>(x.position[a]) - centre;
                square += x.probability[a] * distance * distance;
            }
            middle += x.middle;
            values += x.position.size();
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

    /// The product of its variables' factors, each about its middle, at the frequencies from group[g] on.
    void spectrum(std::span<const std::size_t> group, const Roots& roots, std::size_t size,
                  std::span<SpectralLanes> product) const {
        std::fill(product.begin(), product.end(), SpectralLanes::one());
        if (group.empty()) return;
        std::vector<double> work;
        std::array<double, 32> coefficient{};
        const double turn = 2.0 * std::numbers::pi / static_cast<double>(size);
        for (const SparseVariable& x : variable) {
            const auto count = static_cast<double>(x.position.size());
            double width = 1.0;
            for (const std::int64_t p : x.position) width = std::max(width, std::abs(static_cast<double>(p)));
            // The terms that a frequency takes depend on its octave alone, not on the others that are asked for.
            std::size_t known = 0;
            std::size_t terms = 0;
            std::size_t octave = 0;
            const std::size_t zone = zone_size(turn, width);
            std::optional<ZoneSeries> near;
            std::size_t centre = 0;
            for (std::size_t g = group.size(); g-- > 0;) {
                const std::size_t end = std::bit_ceil(group[g] + SpectralLanes::count);
                if (end != octave) {
                    octave = end;
                    terms = series_terms(turn * static_cast<double>(end) * width);
                    if (terms > 6 * x.position.size()) terms = 0;
                    if (terms > known) series(x, width, known = terms, work, coefficient);
                }
                SpectralLanes factor{};
                if (terms == 0 && x.position.size() >= zone_values) {
                    for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                        const std::size_t frequency = group[g] + l;
                        if (const std::size_t middle_of = frequency / zone * zone + zone / 2;
                            !near || middle_of != centre) {
                            centre = middle_of;
                            near.emplace(x, width, centre, roots, work);
                        }
                        const double t = turn * (static_cast<double>(frequency) - static_cast<double>(centre)) * width;
                        double real = 0.0;
                        double imaginary = 0.0;
                        for (std::size_t m = zone_terms; m-- > 0;) {
                            real = real * t + near->real[m];
                            imaginary = imaginary * t + near->imaginary[m];
                        }
                        factor.real[l] = real;
                        factor.imaginary[l] = imaginary;
                        // exp(2) bounds the sizes of the terms.
                        factor.error[l] = 7.4 * (0.25 * count + 40.0) * unit_roundoff;
                    }
                } else if (terms == 0) {
                    for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                        for (std::size_t a = 0; a < x.position.size(); ++a) {
                            const std::complex<double> root = roots.turned(group[g] + l, x.position[a]);
                            factor.real[l] += x.probability[a] * root.real();
                            factor.imaginary[l] += x.probability[a] * root.imag();
                        }
                        factor.error[l] = (count + 6.0) * unit_roundoff;
                    }
                } else {
                    double angle[SpectralLanes::count];
                    double square[SpectralLanes::count];
                    for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                        angle[l] = turn * static_cast<double>(group[g] + l) * width;
                        square[l] = -angle[l] * angle[l];
                        factor.error[l] =
                            ((0.25 * count + 6.0 + 6.0 * angle[l]) * (1.0 + 3.2 * angle[l])) * unit_roundoff;
                    }
                    for (std::size_t m = (terms - 1) / 2 + 1; m-- > 0;) {
                        const double even = coefficient[2 * m];
                        const double odd = 2 * m + 1 < terms ? coefficient[2 * m + 1] : 0.0;
                        for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                            factor.real[l] = factor.real[l] * square[l] + even;
                            factor.imaginary[l] = factor.imaginary[l] * square[l] + odd;
                        }
                    }
                    // exp(-i t s): the odd powers have the factor -i.
                    for (std::size_t l = 0; l < SpectralLanes::count; ++l) factor.imaginary[l] *= -angle[l];
                }
                product[g].times(factor);
            }
        }
    }
};

/// Calls f(distance, p_a p_b) for pairs of values of a variable: the eight likeliest with all others.
template <class F>
void for_pairs(const SparseVariable& x, F&& f) {
    constexpr std::size_t likeliest = 8;
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
    std::size_t known = 0;
    for (std::size_t a = 0; a < count; ++a) {
        std::size_t at = known;
        while (at > 0 && x.probability[a] > x.probability[first[at - 1]]) --at;
        if (at == likeliest) continue;
        known = std::min(known + 1, likeliest);
        std::copy_backward(first.begin() + static_cast<std::ptrdiff_t>(at),
                           first.begin() + static_cast<std::ptrdiff_t>(known - 1),
                           first.begin() + static_cast<std::ptrdiff_t>(known));
        first[at] = a;
    }
    for (std::size_t a = 0; a < likeliest; ++a) {
        const std::span<const std::size_t> before(first.data(), a);
        for (std::size_t b = 0; b < count; ++b) {
            if (b == first[a] || std::ranges::find(before, b) != before.end()) continue;
            f(x.position[first[a]] - x.position[b], x.probability[first[a]] * x.probability[b]);
        }
    }
}

/// A sum and what it is made of.
struct SparseState {
    double step = 1.0;
    math::SumSettings settings;
    std::size_t count = 0;  // of variables
    std::size_t together = 16;
    std::vector<std::shared_ptr<const SparseBlock>> block;
    DistanceWeights weights;
    bool narrow = true;  // whether `weights` could be held
    SpectralWindow window;
    std::vector<std::size_t> group;      // of frequencies
    std::vector<SpectralLanes> product;  // blocks x groups
    math::LatticeDistribution sum;

    /// Counts the distances of all variables.
    void weigh();
    /// Computes the products and the sum; the products of blocks that `before` has too are taken from there.
    void finish(const SparseState* before);
    LatticeNode tree() const;
    /// What one more frequency takes, in products, as tree_cost counts.
    double products_of_frequency() const;
};

/// Refuses columns that are none, and puts each variable on the lattice.
CUSTFOLIO_INLINE std::vector<SparseVariable> sparse_variables(const math::SparseSummands& summands) {
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

/// Whether the distances between a variable's values can be counted.
inline bool narrow_enough(const SparseVariable& x) {
    return std::ranges::all_of(x.position, [](std::int64_t p) { return std::abs(p) <= std::int64_t{1} << 22; });
}

CUSTFOLIO_INLINE void SparseState::weigh() {
    weights = {};
    narrow =
        std::ranges::all_of(block, [](const auto& one) { return std::ranges::all_of(one->variable, narrow_enough); });
    if (!narrow) return;
    for (const auto& one : block) {
        for (const SparseVariable& x : one->variable) {
            for_pairs(x, [&](std::int64_t d, double w) { weights.add(d, w); });
        }
    }
}

CUSTFOLIO_INLINE void SparseState::finish(const SparseState* before) {
    std::size_t uncertain = 0;
    double lowest = 0.0;
    double highest = 0.0;
    double reach = 0.0;
    double added = 0.0;
    math::CompensatedSum mean;
    math::CompensatedSum variance;
    std::int64_t middle = 0;
    for (const auto& one : block) {
        uncertain += one->uncertain;
        lowest += one->lowest;
        highest += one->highest;
        reach = std::max(reach, one->reach);
        added += one->added_variance;
        mean += one->mean;
        variance += one->variance;
        middle += one->middle;
    }
    LatticeNode node;
    if (uncertain >= 24 && narrow) {
        window = spectral_window(lowest, highest, mean.value(), variance.value(), reach, settings);
    }
    if (window.points > 0) {
        const Roots roots(window.size);
        const double allowed = tree_cost(uncertain, window.size) / products_of_frequency();
        const std::vector<std::size_t> frequency =
            spectral_frequencies(weights, roots, window.size, cut_of(settings),
                                 std::max<std::size_t>(static_cast<std::size_t>(allowed), 8), SpectralLanes::count);
        for (std::size_t j = 0; j < frequency.size(); j += SpectralLanes::count) group.push_back(frequency[j]);
        if (before != nullptr && before->window.size != window.size) before = nullptr;
        // Where the frequencies that are needed were there before.
        std::vector<std::size_t> known(group.size(), group.size());
        std::vector<std::size_t> fresh;
        for (std::size_t g = 0; g < group.size(); ++g) {
            if (before == nullptr) break;
            const auto at = std::ranges::lower_bound(before->group, group[g]);
            known[g] = at != before->group.end() && *at == group[g]
                           ? static_cast<std::size_t>(at - before->group.begin())
                           : before->group.size();
            if (known[g] == before->group.size()) fresh.push_back(group[g]);
        }
        product.resize(block.size() * group.size());
        math::parallel_for(0, block.size(), 8, settings.threads, [&](std::size_t b, std::size_t e) {
            std::vector<SpectralLanes> missing(fresh.size());
            for (; b < e; ++b) {
                const std::span<SpectralLanes> own = std::span(product).subspan(b * group.size(), group.size());
                if (before == nullptr || before->block[b] != block[b]) {
                    block[b]->spectrum(group, roots, window.size, own);
                    continue;
                }
                if (!fresh.empty()) block[b]->spectrum(fresh, roots, window.size, missing);
                std::size_t next = 0;
                for (std::size_t g = 0; g < group.size(); ++g) {
                    own[g] = known[g] < before->group.size() ? before->product[b * before->group.size() + known[g]]
                                                             : missing[next++];
                }
            }
        });
        if (!frequency.empty()) {
            std::vector<SpectralValue> phi(frequency.size());
            for (std::size_t g = 0; g < group.size(); ++g) {
                SpectralLanes all = SpectralLanes::one();
                for (std::size_t b = 0; b < block.size(); ++b) all.times(product[b * group.size() + g]);
                for (std::size_t l = 0; l < SpectralLanes::count; ++l) {
                    phi[g * SpectralLanes::count + l] = {{all.real[l], all.imaginary[l]}, all.error[l]};
                }
            }
            // The factors are those about the middles, so that the window lies where it does from their sum on.
            SpectralWindow about = window;
            about.first -= static_cast<double>(middle);
            node = invert_spectrum(about, roots, frequency, phi, mean.value() - static_cast<double>(middle),
                                   variance.value(), reach, uncertain, settings);
            node.origin += static_cast<double>(middle);
        } else {
            node = tree();
        }
    } else {
        node = tree();
    }
    node.errors.discretisation = step * std::sqrt(added);
    sum = math::LatticeDistribution(node.origin * step, step, std::move(node.mass), node.errors);
}

CUSTFOLIO_INLINE double SparseState::products_of_frequency() const {
    const double turn = 2.0 * std::numbers::pi / static_cast<double>(window.size);
    double products = 0.0;
    for (const auto& some : block) {
        for (const SparseVariable& x : some->variable) {
            const auto own = static_cast<double>(x.position.size());
            if (x.position.size() < zone_values) {
                products += 4.0 * own;
                continue;
            }
            const auto [low, high] = std::ranges::minmax(x.position);
            const auto zone = static_cast<double>(zone_size(turn, static_cast<double>(std::max(-low, high))));
            products += std::min(4.0 * own, static_cast<double>(2 * zone_terms) * (own / zone + 1.0));
        }
    }
    return products;
}

CUSTFOLIO_INLINE LatticeNode SparseState::tree() const {
    std::vector<LatticeNode> nodes;
    nodes.reserve(count);
    std::vector<double> place;
    double certain = 0.0;
    for (const auto& some : block) {
        for (const SparseVariable& x : some->variable) {
            if (x.position.size() == 1) {
                certain += static_cast<double>(x.middle);
                continue;
            }
            place.assign(x.position.size(), 0.0);
            for (std::size_t a = 0; a < place.size(); ++a) place[a] = static_cast<double>(x.position[a]);
            PlacedAtoms placed = detail::place(place, x.probability, 1.0);
            LatticeNode& node = nodes.emplace_back();
            node.origin = static_cast<double>(placed.first);
            node.mass = std::move(placed.mass);
            for (std::size_t k = 0; k < place.size(); ++k) node.mean += x.probability[k] * place[k];
            for (std::size_t k = 0; k < place.size(); ++k) {
                node.variance += x.probability[k] * (place[k] - node.mean) * (place[k] - node.mean);
                node.reach = std::max(node.reach, std::abs(place[k] - node.mean));
            }
            node.origin += static_cast<double>(x.middle);
            node.mean += static_cast<double>(x.middle);
            node.errors.rounding = 4.0 * unit_roundoff;
        }
    }
    const double budget = trim_budget(settings, nodes.size());
    LatticeNode node = sum_nodes(std::move(nodes), budget, settings.threads);
    node.origin += certain;
    return node;
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE SparseSum::SparseSum(const SparseSummands& summands, double step, const SumSettings& settings) {
    detail::check_settings("sum_sparse", settings);
    detail::check_positive("sum_sparse", "step", step);
    std::vector<detail::SparseVariable> variables = detail::sparse_variables(summands);
    const auto state = std::make_shared<detail::SparseState>();
    state->step = step;
    state->settings = settings;
    state->count = variables.size();
    state->together = std::max<std::size_t>(16, std::bit_ceil((variables.size() + 1023) / 1024));
    for (std::size_t i = 0; i < variables.size(); i += state->together) {
        const std::size_t end = std::min(i + state->together, variables.size());
        std::vector<detail::SparseVariable> some;
        some.reserve(end - i);
        for (std::size_t k = i; k < end; ++k) some.push_back(std::move(variables[k]));
        state->block.push_back(std::make_shared<const detail::SparseBlock>(std::move(some)));
    }
    state->weigh();
    state->finish(nullptr);
    state_ = state;
}

CUSTFOLIO_INLINE SparseSum SparseSum::replaced(std::span<const std::size_t> index, const SparseSummands& with,
                                               unsigned threads) const {
    std::vector<detail::SparseVariable> variables = detail::sparse_variables(with);
    if (variables.size() != index.size()) {
        throw InputError("replaced: " + std::to_string(index.size()) + " indices and " +
                         std::to_string(variables.size()) + " variables, need as many");
    }
    const auto state = std::make_shared<detail::SparseState>();
    state->step = state_->step;
    state->settings = state_->settings;
    state->settings.threads = threads;
    state->count = state_->count;
    state->together = state_->together;
    state->block = state_->block;
    state->weights = state_->weights;
    bool narrow = state_->narrow;
    std::vector<std::size_t> order(index.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t k) { return index[k]; });
    for (std::size_t k = 0; k < order.size();) {
        if (index[order[k]] >= state->count) {
            throw InputError("replaced: index " + std::to_string(index[order[k]]) + ", there are " +
                             std::to_string(state->count) + " variables");
        }
        const std::size_t b = index[order[k]] / state->together;
        std::vector<detail::SparseVariable> some = state->block[b]->variable;
        for (; k < order.size() && index[order[k]] / state->together == b && index[order[k]] < state->count; ++k) {
            detail::SparseVariable& now = some[index[order[k]] % state->together];
            detail::SparseVariable& next = variables[order[k]];
            narrow = narrow && detail::narrow_enough(next);
            if (narrow) {
                detail::for_pairs(now, [&](std::int64_t d, double w) { state->weights.take(d, w); });
                detail::for_pairs(next, [&](std::int64_t d, double w) { state->weights.add(d, w); });
            }
            now = std::move(next);
        }
        state->block[b] = std::make_shared<const detail::SparseBlock>(std::move(some));
    }
    if (!narrow) state->weigh();
    state->finish(state_.get());
    SparseSum result = *this;
    result.state_ = state;
    return result;
}

CUSTFOLIO_INLINE const LatticeDistribution& SparseSum::distribution() const {
    return state_->sum;
}

CUSTFOLIO_INLINE double SparseSum::step() const {
    return state_->step;
}

CUSTFOLIO_INLINE std::size_t SparseSum::memory() const {
    std::size_t values = 0;
    for (const auto& block : state_->block) values += block->values;
    return 16 * values + sizeof(detail::SparseVariable) * state_->count +
           sizeof(detail::SpectralLanes) * state_->product.size() +
           sizeof(std::uint64_t) * state_->weights.weight.size();
}

CUSTFOLIO_INLINE LatticeDistribution sum_sparse(const SparseSummands& summands, double step,
                                                const SumSettings& settings) {
    return SparseSum(summands, step, settings).distribution();
}

// Here, since it takes a sparse sum where its amounts lie between the points.
CUSTFOLIO_INLINE LatticeDistribution sum_bernoulli(std::span<const double> probabilities,
                                                   std::span<const double> amounts, double step,
                                                   const SumSettings& settings) {
    detail::check_settings("sum_bernoulli", settings);
    detail::check_positive("sum_bernoulli", "step", step);
    if (probabilities.size() != amounts.size()) {
        throw InputError("sum_bernoulli: " + std::to_string(probabilities.size()) + " probabilities and " +
                         std::to_string(amounts.size()) + " amounts, need as many");
    }
    std::vector<std::size_t> order;
    bool proper = true;  // every amount is possible and uncertain
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        if (!std::isfinite(amounts[i]) || !(probabilities[i] >= 0.0 && probabilities[i] <= 1.0)) {
            throw InputError("sum_bernoulli: amount " + std::to_string(amounts[i]) + " with probability " +
                             std::to_string(probabilities[i]) + " at index " + std::to_string(i) +
                             ", need a finite amount and a probability between 0 and 1");
        }
        if (amounts[i] != 0.0 && probabilities[i] != 0.0) order.push_back(i);
        proper = proper && amounts[i] != 0.0 && probabilities[i] != 0.0;
    }
    std::optional<detail::LatticeNode> inverted;
    if (proper) {
        inverted = detail::invert_trials(probabilities, amounts, step, settings);
    } else {
        std::vector<double> chance;
        std::vector<double> amount;
        for (const std::size_t i : order) {
            chance.push_back(probabilities[i]);
            amount.push_back(amounts[i]);
        }
        inverted = detail::invert_trials(chance, amount, step, settings);
    }
    if (inverted) return {inverted->origin * step, step, std::move(inverted->mass), inverted->errors};
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return amounts[a] < amounts[b]; });
    std::vector<std::size_t> start;
    for (std::size_t k = 0; k < order.size(); ++k) {
        if (k == 0 || amounts[order[k]] != amounts[order[k - 1]]) start.push_back(k);
    }
    start.push_back(order.size());
    if (order.size() >= 64 && 2 * (start.size() - 1) > order.size()) {
        // Hardly any are equal, and some lie between the points.
        SparseSummands trials;
        for (const std::size_t i : order) {
            trials.position.insert(trials.position.end(), {0.0, amounts[i] / step});
            trials.probability.insert(trials.probability.end(), {1.0 - probabilities[i], probabilities[i]});
            trials.begin.push_back(trials.position.size());
        }
        return sum_sparse(trials, step, settings);
    }
    const double budget = detail::trim_budget(settings, 2 * order.size());
    std::vector<detail::LatticeNode> nodes(start.size() - 1);
    parallel_for(0, nodes.size(), 16, settings.threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t g = b; g < e; ++g) {
            std::vector<double> group;
            for (std::size_t k = start[g]; k < start[g + 1]; ++k) group.push_back(probabilities[order[k]]);
            nodes[g] = detail::bernoulli_group(std::move(group), amounts[order[start[g]]], step, budget);
        }
    });
    detail::LatticeNode sum = detail::sum_nodes(std::move(nodes), budget, settings.threads);
    return {sum.origin * step, step, std::move(sum.mass), sum.errors};
}

}  // namespace custfolio::math
