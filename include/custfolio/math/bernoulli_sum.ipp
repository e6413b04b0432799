// Definitions of sums of all-or-nothing amounts.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/detail/complex_product.hpp"
#include "custfolio/math/detail/lattice_node.hpp"
#include "custfolio/math/detail/lattice_points.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/detail/spectral_inversion.hpp"
#include "custfolio/math/detail/thresholds.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/fft.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/sparse_sum.hpp"

namespace custfolio::detail {

/// Node of the sum of trials with these probabilities of one amount each.
inline LatticeNode bernoulli_group(std::vector<double> probabilities, double amount, double step, double budget) {
    // Equal probabilities of one amount are a binomial count, known without convolutions.
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
        // Masses come from a recurrence about the mode: its rounding grows with the distance, a few deviations.
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

/// Terms of a power series with this ratio that leave less than exp(-42).
inline double terms_for_ratio(double ratio) {
    return std::ceil(spectral_cut / -std::log(ratio));
}

/// The factor of one trial, and what the product of factors loses by it, in units of rounding.
struct TrialFactor {
    std::complex<double> value;
    double error = 0.0;

    TrialFactor(double p, const std::complex<double>& root) : value((1.0 - p) + p * root.real(), p * root.imag()) {
        // The shorter a factor, the greater its rounding relative to it.
        const double square = std::norm(value);
        error = square > 0.25 ? 9.0 : 3.0 + 3.0 / std::sqrt(std::max(square, 1e-32));
    }
};

/// Trials of one amount, each with a chance of at most 1 / 2.
struct TrialGroup {
    std::int64_t position = 0;
    std::vector<double> chance;
};

/// Many trials on a lattice, grouped by amount. A trial that is more probable than not counts as a certain amount, less
/// a trial with the chance of its failure. Chances of at most 1 / 2 make every series below converge.
class GroupedTrials {
  public:
    /// @return nothing where an amount lies between the points or too far out.
    static std::optional<GroupedTrials> of(std::span<const double> probability, std::span<const double> amount,
                                           double step) {
        GroupedTrials trials;
        std::vector<std::int64_t> position(amount.size());
        for (std::size_t i = 0; i < amount.size(); ++i) {
            // Amounts between the points need another way, and far ones lose the exact product of frequency and
            // position.
            const double place = lattice_position(amount[i], std::abs(amount[i]), step);
            if (place != std::round(place) || !(std::abs(place) < farthest_position)) return std::nullopt;
            position[i] = static_cast<std::int64_t>(place);
            // x with probability p is x for certain, and -x with probability 1 - p.
            if (probability[i] > 0.5) {
                trials.certain += place;
                position[i] = -position[i];
            }
        }
        trials.group(position, probability);
        trials.add_moments();
        return trials;
    }

    std::vector<TrialGroup> groups;  // by position
    double certain = 0.0;            // in steps
    double lowest = 0.0;
    double highest = 0.0;
    double greatest_chance = 0.0;
    SpectralMoments moments;
    std::vector<double> spread;  // sum of p (1 - p) of each group

  private:
    void group(std::span<const std::int64_t> position, std::span<const double> probability) {
        moments.leaves = position.size();
        const auto [least, most] = detail::minmax(position);
        const auto chance = [&](std::size_t i) { return std::min(probability[i], 1.0 - probability[i]); };
        if (static_cast<double>(most - least) < 4.0 * static_cast<double>(position.size()) + spare_table) {
            // A table of positions: no sorting.
            std::vector<std::uint32_t> table(static_cast<std::size_t>(most - least) + 1);
            for (const std::int64_t p : position) ++table[static_cast<std::size_t>(p - least)];
            for (std::size_t k = 0; k < table.size(); ++k) {
                if (table[k] == 0) continue;
                groups.push_back({least + static_cast<std::int64_t>(k), {}});
                groups.back().chance.reserve(table[k]);
                table[k] = static_cast<std::uint32_t>(groups.size() - 1);
            }
            for (std::size_t i = 0; i < position.size(); ++i) {
                groups[table[static_cast<std::size_t>(position[i] - least)]].chance.push_back(chance(i));
            }
            return;
        }
        std::vector<std::size_t> order(position.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        detail::stable_sort(order, [&](std::size_t a, std::size_t b) { return position[a] < position[b]; });
        for (const std::size_t i : order) {
            if (groups.empty() || groups.back().position != position[i]) groups.push_back({position[i], {}});
            groups.back().chance.push_back(chance(i));
        }
    }
    void add_moments() {
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        lowest = highest = certain;
        mean += certain;
        for (const TrialGroup& group : groups) {
            math::CompensatedSum first;
            math::CompensatedSum second;
            for (const double p : group.chance) {
                first += p;
                second += p * (1.0 - p);
                greatest_chance = std::max(greatest_chance, p);
            }
            const auto x = static_cast<double>(group.position);
            (x < 0.0 ? lowest : highest) += x * static_cast<double>(group.chance.size());
            mean += x * first.value();
            variance += x * x * second.value();
            spread.push_back(second.value());
            moments.reach = std::max(moments.reach, std::abs(x));
        }
        moments.mean = mean.value();
        moments.variance = variance.value();
    }
};

/// The sum of many trials by its characteristic function, by the cheapest of three ways to compute that:
///
/// - The logarithm of all frequencies by one transform, where few frequencies can be left out.
/// - A power series in exp(i w) - 1 for each group, where all frequencies that count are low.
/// - The factors of all trials, one by one.
class TrialInversion {
  public:
    TrialInversion(const GroupedTrials& trials, const SpectralWindow& window, const math::SumSettings& settings)
        : trials_(trials), window_(window), settings_(settings), roots_(window.size) {}

    /// @return nothing where a tree of convolutions is cheaper.
    [[nodiscard]] std::optional<LatticeNode> invert() const {
        const std::vector<TrialGroup>& groups = trials_.groups;
        const double tree = tree_cost(trials_.moments.leaves, window_.size);
        DistanceWeights weights;
        for (std::size_t g = 0; g < groups.size(); ++g) weights.add(groups[g].position, trials_.spread[g]);
        // The bound on |phi| is exp(-2 sum p (1 - p)) at least: where little is uncertain it leaves no frequency out.
        math::CompensatedSum uncertain;
        for (const double one : trials_.spread) uncertain += one;
        if (2.0 * uncertain.value() < cut_of(settings_)) {
            if (std::optional<LatticeNode> node = by_logarithm(tree)) return node;
        }
        const double allowed = tree / static_cast<double>(groups.size());
        const std::vector<std::size_t> frequency =
            FrequencyChoice(weights, roots_, window_.size, cut_of(settings_))
                .choose(static_cast<std::size_t>(std::clamp(allowed, 64.0, 0x1p20)), 1);
        if (frequency.empty()) return by_logarithm(tree);
        // Either way below needs some products a group and frequency, at least.
        const double pairs = static_cast<double>(groups.size()) * static_cast<double>(frequency.size());
        // The cheapest way depends on the frequencies: each is tried as soon as its cost is known.
        if (std::optional<LatticeNode> node = by_logarithm(8.0 * pairs)) return node;
        const double ratio = power_ratio(frequency);
        const auto terms =
            static_cast<std::size_t>(ratio > 0.0 ? terms_for_ratio(std::min(ratio, most_power_ratio)) : 1.0);
        if (ratio <= most_power_ratio && static_cast<double>(terms) < 2.0 * static_cast<double>(frequency.size())) {
            return node_of(frequency, by_powers(frequency, terms));
        }
        const double products = static_cast<double>(trials_.moments.leaves) * static_cast<double>(frequency.size());
        if (std::optional<LatticeNode> node = by_logarithm(products)) return node;
        if (products > dear_factors * tree) return std::nullopt;
        return node_of(frequency, by_factors(frequency));
    }

  private:
    [[nodiscard]] LatticeNode node_of(std::span<const std::size_t> frequency,
                                      const std::vector<SpectralValue>& phi) const {
        return invert_spectrum(window_, roots_, frequency, phi, trials_.moments, settings_);
    }
    [[nodiscard]] std::complex<double> certain_at(std::size_t frequency) const {
        return roots_.turned(frequency, static_cast<std::int64_t>(trials_.certain));
    }

    /// All frequencies by the logarithm; nothing where that needs more than `allowed` products.
    [[nodiscard]] std::optional<LatticeNode> by_logarithm(double allowed) const {
        if (logarithm_cost() > allowed) return std::nullopt;
        const std::vector<SpectralValue> phi = values_by_logarithm();
        std::vector<std::size_t> all(phi.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return node_of(all, phi);
    }
    [[nodiscard]] static double odds(double p) { return p / (1.0 - p); }
    [[nodiscard]] double logarithm_cost() const {
        const double half = 0.5 * static_cast<double>(window_.size);
        double cost = half * static_cast<double>(2 * std::bit_width(window_.size) + 16);
        for (const TrialGroup& group : trials_.groups) {
            for (const double p : group.chance) {
                cost += odds(p) > most_series_odds ? 2.0 * half : terms_for_ratio(odds(p));
            }
        }
        return cost;
    }
    /// With odds q = p / (1 - p) at most 3 / 4,
    ///
    ///     log phi = sum log(1 - p) + sum_m (-1)^(m + 1) / m sum q^m exp(i w m x),
    ///
    /// one transform of the coefficients. The factors of greater odds are multiplied. For rare amounts, which are too
    /// few for phi to be small anywhere.
    /// @see H. H. Panjer, G. E. Willmot (1992), Insurance Risk Models, section 4.3, for the logarithm as a compound
    /// sum.
    [[nodiscard]] std::vector<SpectralValue> values_by_logarithm() const {
        const std::size_t size = window_.size;
        std::vector<double> coefficient(size);
        math::CompensatedSum constant;
        std::vector<TrialGroup> great;  // of greater odds
        for (const TrialGroup& group : trials_.groups) {
            std::vector<double> power;
            TrialGroup left{group.position, {}};
            for (const double p : group.chance) {
                if (odds(p) > most_series_odds) {
                    left.chance.push_back(p);
                    continue;
                }
                constant += std::log1p(-p);
                const auto terms = static_cast<std::size_t>(terms_for_ratio(odds(p)));
                if (power.size() < terms) power.resize(terms);
                double product = 1.0;
                for (std::size_t m = 0; m < terms; ++m) power[m] += product *= odds(p);
            }
            std::size_t at = 0;
            for (std::size_t m = 1; m <= power.size(); ++m) {
                // Positions wrap around the window, as in every transform of its size.
                at = (at + static_cast<std::size_t>(group.position)) & (size - 1);
                coefficient[at] += (m % 2 == 1 ? power[m - 1] : -power[m - 1]) / static_cast<double>(m);
            }
            if (!left.chance.empty()) great.push_back(std::move(left));
        }
        double squares = 0.0;
        for (const double c : coefficient) squares += c * c;
        std::vector<std::complex<double>> spectrum(size / 2 + 1);
        math::FftPlan(size).forward_real(coefficient, spectrum);
        // Rounding of the transform (see Convolution), of the sums before it and of their exponential.
        const double moved = (static_cast<double>(std::bit_width(size)) + 2.0) * 8.0 * std::sqrt(squares);
        std::vector<SpectralValue> phi(spectrum.size());
        for (std::size_t k = 0; k < phi.size(); ++k) {
            const double length = std::exp(constant.value() + spectrum[k].real());
            std::complex<double> value =
                times({length * std::cos(spectrum[k].imag()), length * std::sin(spectrum[k].imag())}, certain_at(k));
            double error =
                moved + 8.0 + std::abs(constant.value()) + std::abs(spectrum[k].real()) + std::abs(spectrum[k].imag());
            for (const TrialGroup& group : great) {
                const std::complex<double> root = roots_.turned(k, group.position);
                for (const double p : group.chance) {
                    const TrialFactor factor(p, root);
                    error += factor.error;
                    value = times(value, factor.value);
                }
            }
            phi[k] = {value, error * unit_roundoff * (std::abs(value.real()) + std::abs(value.imag()))};
        }
        return phi;
    }

    /// By what the series in exp(i w) - 1 falls from term to term, at most.
    [[nodiscard]] double power_ratio(std::span<const std::size_t> frequency) const {
        double square = 0.0;  // of |exp(i w) - 1|
        for (const std::size_t k : frequency) {
            for (const TrialGroup& group : trials_.groups) {
                square = std::max(square, 2.0 * (1.0 - roots_.turned(k, group.position).real()));
            }
        }
        return trials_.greatest_chance * std::sqrt(square);
    }
    /// log phi = sum over groups of sum_m (-1)^(m + 1) / m S_m (exp(i w) - 1)^m. S_m is the sum of the m-th powers of
    /// the group's chances.
    [[nodiscard]] std::vector<SpectralValue> by_powers(std::span<const std::size_t> frequency,
                                                       std::size_t terms) const {
        const std::vector<TrialGroup>& groups = trials_.groups;
        const bool many = groups.size() > 64;  // else each group's sum is shared by the threads
        std::vector<std::vector<double>> power(groups.size());
        math::parallel_for(0, groups.size(), many ? 16 : groups.size(), settings_.threads,
                           [&](std::size_t b, std::size_t e) {
                               const unsigned threads = many ? 1 : settings_.threads;
                               for (std::size_t g = b; g < e; ++g) {
                                   power[g] = power_sums(groups[g].chance, terms, threads);
                               }
                           });
        std::vector<SpectralValue> phi(frequency.size());
        math::parallel_for(0, phi.size(), 8, settings_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t j = b; j < e; ++j) {
                math::CompensatedSum real;
                math::CompensatedSum imaginary;
                double size = 0.0;
                for (std::size_t g = 0; g < groups.size(); ++g) {
                    const std::complex<double> root = roots_.turned(frequency[j], groups[g].position);
                    const double sine = root.imag();
                    // cos - 1 without cancellation
                    const double less = root.real() > 0.0 ? -sine * sine / (1.0 + root.real()) : root.real() - 1.0;
                    const std::complex<double> w{less, sine};
                    std::complex<double> sum{0.0, 0.0};
                    // Horner's rule, from the smallest terms on.
                    for (std::size_t m = terms; m > 0; --m) {
                        const double coefficient = power[g][m - 1] / static_cast<double>(m);
                        sum = times(sum, w);
                        sum = {(m % 2 == 1 ? coefficient : -coefficient) + sum.real(), sum.imag()};
                    }
                    sum = times(sum, w);
                    real += sum.real();
                    imaginary += sum.imag();
                    // The terms before they are summed, bounded by the first one: rounding is a share of it.
                    size += 1.1 * power[g][0] * (std::abs(less) + std::abs(sine));
                }
                const double length = std::exp(real.value());
                const std::complex<double> value{length * std::cos(imaginary.value()),
                                                 length * std::sin(imaginary.value())};
                phi[j] = {times(value, certain_at(frequency[j])), length * unit_roundoff * (8.0 * size + 8.0)};
            }
        });
        return phi;
    }
    /// The product of all factors.
    [[nodiscard]] std::vector<SpectralValue> by_factors(std::span<const std::size_t> frequency) const {
        std::vector<SpectralValue> phi(frequency.size());
        math::parallel_for(0, phi.size(), 1, settings_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t j = b; j < e; ++j) {
                std::complex<double> product = certain_at(frequency[j]);
                double error = 0.0;
                for (const TrialGroup& group : trials_.groups) {
                    const std::complex<double> root = roots_.turned(frequency[j], group.position);
                    for (const double p : group.chance) {
                        const TrialFactor factor(p, root);
                        error += factor.error;
                        product = times(product, factor.value);
                    }
                }
                phi[j] = {product, error * unit_roundoff * std::abs(product)};
            }
        });
        return phi;
    }

    const GroupedTrials& trials_;
    const SpectralWindow& window_;
    const math::SumSettings& settings_;
    Roots roots_;
};

/// The sum of all-or-nothing amounts on the lattice by its characteristic function; nothing where that does not pay.
inline std::optional<LatticeNode> invert_trials(std::span<const double> probability, std::span<const double> amount,
                                                double step, const math::SumSettings& settings) {
    if (amount.size() < fewest_inverted_trials) return std::nullopt;
    const std::optional<GroupedTrials> trials = GroupedTrials::of(probability, amount, step);
    if (!trials || trials->moments.reach > static_cast<double>(spectral_points)) return std::nullopt;
    const SpectralWindow window = spectral_window(trials->lowest, trials->highest, trials->moments, settings);
    if (window.points == 0) return std::nullopt;
    return TrialInversion(*trials, window, settings).invert();
}

}  // namespace custfolio::detail

namespace custfolio::math {

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
    // From the mode outwards, so that no mass underflows that counts; the sum is scaled to 1 at the end.
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
    // The usual case needs no copies: nothing to leave out.
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
    // Without the transform: equal amounts are counted first, and the counts convolved.
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return amounts[a] < amounts[b]; });
    std::vector<std::size_t> start;
    for (std::size_t k = 0; k < order.size(); ++k) {
        if (k == 0 || amounts[order[k]] != amounts[order[k - 1]]) start.push_back(k);
    }
    start.push_back(order.size());
    if (order.size() >= detail::fewest_inverted_trials && 2 * (start.size() - 1) > order.size()) {
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
