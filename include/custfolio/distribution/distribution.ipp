// Definitions of a distribution of money.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/detail/thresholds.hpp"
#include "custfolio/distribution/distribution.hpp"
#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/lattice_step.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/math/rounding.hpp"

namespace custfolio::detail {

/// Whether an amount is a whole number of units; of no unit, none is.
CUSTFOLIO_INLINE bool whole_units(double amount, double unit) {
    const double units = amount / unit;
    return unit > 0 && std::abs(units) < 0x1p50 && std::abs(units - std::round(units)) <= 1e-9;
}

/// The step of a lattice for several distributions, and whether all their steps are whole multiples of it.
struct CommonStep {
    double step = 1;
    bool exact = true;
};

/// The smallest of `steps` where it divides all of them and the offsets between the lattices. Else the greatest number
/// of cents that does. Else a step that covers the range with 2^20 points.
CUSTFOLIO_INLINE CommonStep common_step(const std::vector<double>& steps, const std::vector<double>& offsets,
                                        double range) {
    const auto finest = std::min_element(steps.begin(), steps.end());
    // Rounded quotients of steps are off by a few units of rounding: whole within 1e-12 counts.
    const auto whole = [&](double distance) {
        const double ratio = distance / *finest;
        return std::abs(ratio - std::round(ratio)) <= 1e-12 * std::abs(ratio);
    };
    if (finest != steps.end() && range / *finest < static_cast<double>(most_exact_points) &&
        std::all_of(steps.begin(), steps.end(), whole) && std::all_of(offsets.begin(), offsets.end(), whole)) {
        return {*finest, true};
    }
    // Cents divide most amounts of money, where the lattices' own steps do not divide each other.
    std::vector<double> values(steps);
    values.insert(values.end(), offsets.begin(), offsets.end());
    const math::StepChoice choice = math::choose_step(values, 0.01, range, rounded_points);
    if (choice.exact || finest == steps.end()) return {choice.step, choice.exact};
    return {std::max(*finest, range / static_cast<double>(rounded_points)), false};
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE Distribution::Distribution(math::LatticeDistribution lattice, double mean, double variance,
                                            double unit, detail::TiltingPointer tilting,
                                            detail::FewAmounts::Pointer few)
    : lattice_(std::move(lattice)),
      mean_(require_finite(mean, "the distribution's mean")),
      variance_(require_finite(variance, "the distribution's variance")),
      unit_(require_finite(unit, "the distribution's unit")),
      tilting_(std::move(tilting)),
      few_(std::move(few)) {
    if (variance < 0 || unit < 0) {
        throw InputError("the distribution's variance is " + number_text(variance) + " and its unit " +
                         number_text(unit) + "; neither is ever negative");
    }
}

CUSTFOLIO_INLINE double Distribution::standard_deviation() const {
    return std::sqrt(variance_);
}

CUSTFOLIO_INLINE double Distribution::in_units(double value) const {
    if (unit_ == 0) return value;
    // A point within 1e-4 of a whole number of units is one, but for rounding; a listed amount is nearer to it.
    const double units = std::round(value / unit_);
    const double apart =
        few_ ? few_->bound().error + 4 * std::numeric_limits<double>::epsilon() * std::abs(value) : 1e-4 * unit_;
    const bool whole = std::abs(units) < 0x1p50 && std::abs(value / unit_ - units) * unit_ < apart;
    return whole ? math::from_units(static_cast<std::int64_t>(units), unit_) : value;
}

CUSTFOLIO_INLINE double Distribution::cdf(double value) const {
    if (std::isnan(value)) throw InputError("the cdf is asked at nan; an amount is needed");
    return few_ ? few_->cdf(value) : lattice_.cdf(value);
}

CUSTFOLIO_INLINE double Distribution::probability_at_least(double value) const {
    if (std::isnan(value)) throw InputError("the chance to reach nan is asked; an amount is needed");
    if (few_) return std::isfinite(value) ? tail(value, true).probability : few_->at_least(value);
    const double chance = lattice_.probability_at_least(value);
    // A chance near the error bound has few digits; tilting computes it relative to its own size.
    const bool doubtful = tilting_ && std::isfinite(value) && chance < detail::doubtful_chance * errors().probability();
    return doubtful ? tail(value, true).probability : chance;
}

CUSTFOLIO_INLINE detail::TiltingPointer Distribution::tilting() const {
    return tilting_ ? tilting_ : detail::tilting_of(lattice_);
}

// The amounts themselves, where they are few; also those on an exact lattice.
CUSTFOLIO_INLINE detail::FewAmounts::Pointer Distribution::few() const {
    const bool exact = lattice_.errors().discretisation == 0 && lattice_.errors().quadrature == 0;
    const auto count = exact ? detail::count_if(mass(), [](double m) { return m > 0; }) : 0;
    if (few_ || count == 0 || count > static_cast<std::ptrdiff_t>(detail::FewAmounts::most)) return few_;
    std::vector<detail::Atom> atoms;
    for (std::size_t k = 0; k < size(); ++k) {
        if (mass()[k] > 0) atoms.push_back({value(k), mass()[k]});
    }
    detail::RoundingBound bound;
    bound.add(std::max(std::abs(value(0)), std::abs(value(size() - 1))), detail::given_roundings, false);
    return std::make_shared<const detail::FewAmounts>(std::move(atoms), bound);
}

CUSTFOLIO_INLINE TailProbability Distribution::tail(double value, bool upper) const {
    if (few_) {
        require_finite(value, "the amount of the tail");
        const double chance = upper ? few_->at_least(value) : few_->cdf(value);
        const double average = errors().quadrature;
        // Sums of a few products: their rounding stays below this.
        if (average == 0 || chance == 0) return {chance, std::log(chance), 1e-12};
        // A small chance is right in relative terms where its summands are tilted. In the middle of a gap between
        // amounts, the lattice's splitting of amounts counts least.
        if (tilting_ && chance < detail::doubtful_chance * average) {
            return detail::tail_probability(*tilting_, few_->mid_gap(value, upper), upper);
        }
        return {chance, std::log(chance), 1e-12 + average / chance};
    }
    return detail::tail_probability(*tilting(), require_finite(value, "the amount of the tail"), upper);
}

CUSTFOLIO_INLINE double Distribution::expected_shortfall(double probability, bool upper) const {
    if (!(probability > 0 && probability <= 1)) {
        require_probability(probability, "the shortfall's probability");
        throw InputError("the shortfall's probability is 0; it must be positive");
    }
    math::CompensatedSum taken;
    math::CompensatedSum sum;  // of distances from the mean, so that digits are kept far from 0
    const std::span<const double> chance = few_ ? std::span<const double>(few_->chances()) : mass();
    // From the tail inwards, until the chance is used up; the last point counts in part.
    for (std::size_t k = 0; k < chance.size(); ++k) {
        const std::size_t at = upper ? chance.size() - 1 - k : k;
        const double share = std::min(chance[at], probability - taken.value());
        if (share < 0) break;
        taken += share;
        sum += share * (few_ ? few_->amounts()[at] - mean_ : lattice_.value(at) - lattice_.mean());
    }
    return mean_ + sum.value() / probability;
}

CUSTFOLIO_INLINE std::vector<double> Distribution::sample(std::size_t count, std::uint64_t seed, unsigned threads,
                                                          const math::Pulse& pulse) const {
    if (count > detail::most_draws) {
        throw InputError("count is " + std::to_string(count) + "; it must be at most " +
                         std::to_string(detail::most_draws));
    }
    std::vector<double> drawn(count);
    const auto draw = [&](std::size_t begin, std::size_t end) {
        // Each number of the stream has its position, so any division among threads gives the same draws.
        math::uniforms(seed, 0, begin, std::span(drawn).subspan(begin, end - begin));
        for (std::size_t i = begin; i < end; ++i)
            drawn[i] = in_units(few_ ? few_->quantile(drawn[i]) : lattice_.quantile(drawn[i]));
    };
    math::parallel_for(0, count, 4096, threads, draw, pulse);
    return drawn;
}

CUSTFOLIO_INLINE Distribution Distribution::shifted(double by) const {
    require_finite(by, "the shift");
    return {math::shifted(lattice_, by), mean_ + by, variance_,
            // Shifted by a part of a unit, amounts are no whole units any more.
            detail::whole_units(by, unit_) ? unit_ : 0, tilting_ ? detail::tilting_of_affine(tilting_, 1, by) : nullptr,
            few_ ? few_->affine(1, by) : nullptr};
}

CUSTFOLIO_INLINE Distribution Distribution::scaled(double factor) const {
    require_finite(factor, "the factor");
    if (factor == 0) return {};
    return {math::scaled(lattice_, factor),
            factor * mean_,
            factor * factor * variance_,
            detail::whole_units(factor, 1) ? unit_ : 0,
            tilting_ ? detail::tilting_of_affine(tilting_, factor, 0) : nullptr,
            few_ ? few_->affine(factor, 0) : nullptr};
}

CUSTFOLIO_INLINE Distribution Distribution::given(std::optional<double> at_least, std::optional<double> at_most) const {
    const auto nan = [](const std::optional<double>& limit) { return limit && std::isnan(*limit); };
    if (nan(at_least) || nan(at_most)) throw InputError("a limit of the range is nan; an amount is needed");
    const double infinite = std::numeric_limits<double>::infinity();
    const double least = at_least.value_or(-infinite);
    const double most = at_most.value_or(infinite);
    const auto nothing = [&] {
        return InputError("no amount from " + number_text(least) + " to " + number_text(most) +
                          " has a probability; the range must contain some of the distribution, which goes from " +
                          number_text(quantile(0)) + " to " + number_text(quantile(1)));
    };
    math::CompensatedSum chance;
    std::vector<double> chances;
    if (few_) {
        std::vector<double> amounts;
        for (std::size_t k = 0; k < few_->amounts().size(); ++k) {
            // As cdf and probability_at_least count them.
            const double one = few_->amounts()[k];
            if (few_->at_least(least) < few_->at_least(one) || few_->cdf(most) < few_->cdf(one)) continue;
            amounts.push_back(one);
            chances.push_back(few_->chances()[k]);
            chance += chances.back();
        }
        if (amounts.empty()) throw nothing();
        for (double& p : chances) p /= chance.value();
        return from_atoms(amounts, chances, unit_ > 0 ? unit_ : 0.01);
    }
    // Points of the range only; their chances are scaled to sum to 1.
    const double low = std::max(0.0, std::ceil(lattice_.position(least)));
    const double high = std::min(static_cast<double>(size() - 1), std::floor(lattice_.position(most)));
    for (double k = low; k <= high; ++k) {
        chances.push_back(mass()[static_cast<std::size_t>(k)]);
        chance += chances.back();
    }
    if (!(chance.value() > 0)) throw nothing();
    for (double& m : chances) m /= chance.value();
    DistributionErrors errors = this->errors();
    // Numerator and denominator may both be wrong by the bound.
    for (double* error : {&errors.truncation, &errors.aliasing, &errors.rounding, &errors.quadrature}) {
        *error *= 2 / chance.value();
    }
    math::LatticeDistribution lattice(lattice_.value(static_cast<std::size_t>(low)), lattice_.step(),
                                      // The moments are those of the points, since the range cuts the exact ones.
                                      std::move(chances), errors);
    const double mean = lattice.mean();
    const double variance = lattice.variance();
    return {std::move(lattice), mean, variance, unit_};
}

CUSTFOLIO_INLINE Distribution Distribution::from_atoms(std::span<const double> value,
                                                       std::span<const double> probability, double unit) {
    if (value.empty() || value.size() != probability.size()) {
        throw InputError("there are " + std::to_string(value.size()) + " amounts and " +
                         std::to_string(probability.size()) +
                         " probabilities; there must be as many, and at least one");
    }
    if (!(std::isfinite(unit) && unit > 0)) {
        throw InputError("unit is " + number_text(unit) + "; it must be a positive amount, 0.01 for cents");
    }
    math::CompensatedSum total;
    math::CompensatedSum centre;
    for (std::size_t k = 0; k < value.size(); ++k) {
        require_finite(value[k], "amount at position " + std::to_string(k));
        total += require_probability(probability[k], "probability at position " + std::to_string(k));
        centre += probability[k] * value[k];
    }
    if (!(std::abs(total.value() - 1) <= 1e-9)) {
        throw InputError("the probabilities sum to " + number_text(total.value()) + "; they must sum to 1");
    }
    const double lowest = *std::min_element(value.begin(), value.end());
    std::vector<double> offset(value.begin(), value.end());
    for (double& distance : offset) distance -= lowest;
    // Probabilities that sum to 1 but for rounding are scaled to do so.
    const double mean = centre.value() / total.value();
    math::CompensatedSum variance;
    for (std::size_t k = 0; k < value.size(); ++k) {
        variance += probability[k] / total.value() * (value[k] - mean) * (value[k] - mean);
    }
    const double range = *std::max_element(offset.begin(), offset.end());
    if (!std::isfinite(range)) throw InputError("the amounts are too far apart: their range is not a finite number");
    // Distances from the lowest amount, so that a common offset does not spoil the common divisor.
    const double step = math::choose_step(offset, unit, range, detail::most_exact_points).step;
    math::LatticeDistribution lattice = math::LatticeDistribution::from_atoms(value, probability, step, lowest);
    detail::TiltingPointer tilting = detail::tilting_of(lattice);
    detail::FewAmounts::Pointer few;
    // An exact lattice shows every amount, so the list would add nothing.
    if (lattice.errors().discretisation > 0 || detail::between_points(offset, step, unit)) {
        const DiscreteAmount all{{probability.begin(), probability.end()}, {value.begin(), value.end()}};
        few = detail::FewAmounts::sum(std::span(&all, 1));
    }
    return {std::move(lattice), mean, variance.value(), unit, std::move(tilting), std::move(few)};
}

CUSTFOLIO_INLINE Distribution operator+(const Distribution& a, const Distribution& b) {
    if (b.size() == 1 && b.variance() == 0) return a.shifted(b.mean());
    if (a.size() == 1 && a.variance() == 0) return b.shifted(a.mean());
    const double range = a.step() * static_cast<double>(a.size()) + b.step() * static_cast<double>(b.size());
    const detail::CommonStep common = detail::common_step({a.step(), b.step()}, {}, range);
    // Whole multiples of the new step keep the points; else each mass is split over two neighbours.
    const math::LatticeDistribution parts[] = {math::on_step(a.lattice(), common.step),
                                               math::on_step(b.lattice(), common.step)};
    return {math::sum_independent(parts),
            // Mean and variance add exactly, whatever the lattice does.
            a.mean_ + b.mean_, a.variance_ + b.variance_, a.unit_ == b.unit_ ? a.unit_ : 0,
            common.exact ? detail::tilting_of_sum(a.tilting(), b.tilting(), common.step) : nullptr,
            a.few_ || b.few_ || !common.exact ? detail::FewAmounts::sum(a.few(), b.few()) : nullptr};
}

CUSTFOLIO_INLINE Distribution mix(std::span<const Distribution> part, std::span<const double> weight) {
    if (part.empty() || part.size() != weight.size()) {
        throw InputError("there are " + std::to_string(part.size()) + " distributions and " +
                         std::to_string(weight.size()) + " weights; there must be as many, and at least one");
    }
    math::CompensatedSum total;
    math::CompensatedSum mean;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (std::size_t i = 0; i < part.size(); ++i) {
        total += require_probability(weight[i], "weight at position " + std::to_string(i));
        mean += weight[i] * part[i].mean();
        lowest = std::min(lowest, part[i].lattice().origin());
        highest = std::max(highest, part[i].lattice().value(part[i].size() - 1));
    }
    if (!(std::abs(total.value() - 1) <= 1e-9)) {
        throw InputError("the weights sum to " + number_text(total.value()) + "; they must sum to 1");
    }
    const double centre = mean.value() / total.value();
    std::vector<double> steps;
    std::vector<double> offsets;
    for (const Distribution& one : part) {
        // A single point fits any lattice by its offset.
        if (one.size() > 1) steps.push_back(one.step());
        offsets.push_back(one.lattice().origin() - lowest);
    }
    const double step = detail::common_step(steps, offsets, highest - lowest).step;
    std::vector<double> mass;
    DistributionErrors errors;
    math::CompensatedSum variance;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const double share = weight[i] / total.value();
        if (share == 0) continue;
        const math::LatticeDistribution placed = math::on_step(part[i].lattice(), step, lowest);
        const auto first = static_cast<std::size_t>(std::round((placed.origin() - lowest) / step));
        if (mass.size() < first + placed.size()) mass.resize(first + placed.size());
        for (std::size_t k = 0; k < placed.size(); ++k) mass[first + k] += share * placed.mass()[k];
        const double distance = part[i].mean() - centre;
        variance += share * (part[i].variance() + distance * distance);
        // Discretisation is a deviation: its square is averaged as a variance is.
        errors.discretisation += share * placed.errors().discretisation * placed.errors().discretisation;
        errors.truncation += share * placed.errors().truncation;
        errors.aliasing += share * placed.errors().aliasing;
        errors.rounding += share * placed.errors().rounding + share * std::numeric_limits<double>::epsilon();
        errors.quadrature += share * placed.errors().quadrature;
    }
    errors.discretisation = std::sqrt(errors.discretisation);
    detail::FewAverage few;
    // As for sums: a lattice that splits amounts blurs them, and few amounts are listed.
    const bool listed = errors.discretisation > 0;
    for (std::size_t i = 0; listed && i < part.size(); ++i) {
        if (weight[i] > 0) few.add(part[i].few(), weight[i]);
    }
    return {math::LatticeDistribution(lowest, step, std::move(mass), errors),
            centre,
            variance.value(),
            0,
            nullptr,
            listed ? few.over(total.value()) : nullptr};
}

CUSTFOLIO_INLINE double Distribution::quantile(double probability) const {
    require_probability(probability, "the quantile's probability");
    return in_units(few_ ? few_->quantile(probability) : lattice_.quantile(probability));
}

CUSTFOLIO_INLINE double Distribution::value(std::size_t index) const {
    return in_units(lattice_.value(index));
}

}  // namespace custfolio
