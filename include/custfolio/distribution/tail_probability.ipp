// Definitions of exponential tilting.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/tail_probability.hpp"
#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/rounding.hpp"
#include "custfolio/math/sparse_sum.hpp"

namespace custfolio::detail {

/// Cumulants of one discrete amount; its tilted probabilities go to `tilted` where that is wanted.
CUSTFOLIO_INLINE Cumulants discrete_cumulants(std::span<const double> probability, std::span<const double> amount,
                                              double tilt, std::vector<double>* tilted) {
    // The greatest exponent is taken out, so that no weight overflows.
    double top = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < amount.size(); ++k) {
        if (probability[k] > 0) top = std::max(top, tilt * amount[k]);
    }
    std::vector<double> weight(amount.size());
    math::CompensatedSum total;
    math::CompensatedSum first;
    for (std::size_t k = 0; k < amount.size(); ++k) {
        weight[k] = probability[k] > 0 ? probability[k] * std::exp(tilt * amount[k] - top) : 0;
        total += weight[k];
        first += weight[k] * amount[k];
    }
    Cumulants cumulants;
    cumulants.value = top + std::log(total.value());
    cumulants.mean = first.value() / total.value();
    // Sizes of the terms: their rounding bounds the error of the cumulant.
    cumulants.terms = std::abs(top) + std::abs(cumulants.value) + 1;
    math::CompensatedSum second;
    // Squares about the mean, in a second pass: they do not cancel.
    for (std::size_t k = 0; k < amount.size(); ++k) {
        weight[k] /= total.value();
        second += weight[k] * (amount[k] - cumulants.mean) * (amount[k] - cumulants.mean);
    }
    cumulants.variance = second.value();
    if (tilted != nullptr) *tilted = std::move(weight);
    return cumulants;
}

CUSTFOLIO_INLINE math::LatticeDistribution sum_on_lattice(std::span<const DiscreteAmount> summands, double step,
                                                          const math::SumSettings& settings) {
    math::SparseSummands columns;
    std::size_t amounts = 0;
    for (const DiscreteAmount& summand : summands) amounts += summand.amount.size();
    columns.position.reserve(amounts);
    columns.probability.reserve(amounts);
    for (const DiscreteAmount& summand : summands) {
        for (const double amount : summand.amount) columns.position.push_back(amount / step);
        columns.probability.insert(columns.probability.end(), summand.probability.begin(), summand.probability.end());
        columns.begin.push_back(columns.position.size());
    }
    return math::sum_sparse(columns, step, settings);
}

class TiltedLattice final : public Tilting {
  public:
    explicit TiltedLattice(const math::LatticeDistribution& lattice) : lattice_(lattice) {
        for (std::size_t k = 0; k < lattice.size(); ++k) value_.push_back(lattice.value(k));
        // Points without mass at the ends are not possible values.
        const auto filled = [](double mass) { return mass > 0; };
        const auto mass = lattice.mass();
        first_ = static_cast<std::size_t>(detail::find_if(mass, filled) - mass.begin());
        last_ = static_cast<std::size_t>(detail::find_last_if(mass, filled) - mass.begin());
    }
    [[nodiscard]] Cumulants cumulants(double tilt) const override {
        return discrete_cumulants(lattice_.mass(), value_, tilt, nullptr);
    }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override {
        std::vector<double> mass;
        discrete_cumulants(lattice_.mass(), value_, tilt, &mass);
        math::LatticeErrors errors = lattice_.errors();
        // Weights and their sum each lose a few units of rounding.
        errors.rounding += 4 * std::numeric_limits<double>::epsilon();
        return {lattice_.origin(), lattice_.step(), std::move(mass), errors};
    }
    [[nodiscard]] double step() const override { return lattice_.step(); }
    [[nodiscard]] double lowest() const override { return value_[first_]; }
    [[nodiscard]] double highest() const override { return value_[last_]; }

  private:
    math::LatticeDistribution lattice_;
    std::vector<double> value_;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
};

class TiltedTrials final : public Tilting {
  public:
    TiltedTrials(std::vector<double> probability, std::vector<double> amount, double certain, double step,
                 const math::SumSettings& settings)
        : probability_(std::move(probability)),
          amount_(std::move(amount)),
          certain_(certain),
          step_(step),
          settings_(settings) {
        // The range decides when a chance is 0 or 1, without any tilt.
        math::CompensatedSum low;
        math::CompensatedSum high;
        low += certain;
        high += certain;
        for (const double a : amount_) (a < 0 ? low : high) += a;
        lowest_ = low.value();
        highest_ = high.value();
    }
    [[nodiscard]] Cumulants cumulants(double tilt) const override {
        constexpr double far = 700;  // exp(-far) is near the end of the range of numbers
        math::CompensatedSum value;
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        double terms = std::abs(tilt * certain_) + static_cast<double>(amount_.size());
        value += tilt * certain_;
        mean += certain_;
        for (std::size_t i = 0; i < amount_.size(); ++i) {
            const double p = probability_[i];
            // The form with a negative exponent, whichever way the tilt lifts.
            const double lift = tilt * amount_[i];
            // So far out p and exp(-lift) lose digits; their logarithms do not.
            const double term = lift > far ? lift + std::log(p) + std::log1p(std::exp(-lift - std::log(p)))
                                : lift > 0 ? lift + std::log(p + (1 - p) * std::exp(-lift))
                                           : std::log1p(p * std::expm1(lift));
            const double up = tilted_chance(i, tilt);
            value += term;
            terms += std::abs(term) + std::abs(lift) * up;
            mean += up * amount_[i];
            variance += up * (1 - up) * amount_[i] * amount_[i];
        }
        return {value.value(), mean.value(), variance.value(), terms};
    }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override {
        std::vector<double> chance(amount_.size());
        for (std::size_t i = 0; i < chance.size(); ++i) chance[i] = tilted_chance(i, tilt);
        // Tilted trials are trials again, with other chances.
        return math::shifted(math::sum_bernoulli(chance, amount_, step_, settings_), certain_);
    }
    [[nodiscard]] double step() const override { return step_; }
    [[nodiscard]] double lowest() const override { return lowest_; }
    [[nodiscard]] double highest() const override { return highest_; }

  private:
    // The odds of a tilted chance are the odds times exp(tilt amount).
    [[nodiscard]] double tilted_chance(std::size_t i, double tilt) const {
        const double odds = (1 - probability_[i]) / probability_[i];
        // Below 1e-308 a chance has no finite inverse; its logarithm has.
        if (!std::isfinite(odds)) return 1 / (1 + std::exp(-std::log(probability_[i]) - tilt * amount_[i]));
        return 1 / (1 + odds * std::exp(-tilt * amount_[i]));
    }

    std::vector<double> probability_;
    std::vector<double> amount_;
    double certain_;
    double step_;
    math::SumSettings settings_;
    double lowest_ = 0;
    double highest_ = 0;
};

class TiltedAmounts final : public Tilting {
  public:
    TiltedAmounts(std::vector<DiscreteAmount> summands, double certain, double step, const math::SumSettings& settings)
        : summands_(std::move(summands)), certain_(certain), step_(step), settings_(settings) {
        math::CompensatedSum low;
        math::CompensatedSum high;
        low += certain;
        high += certain;
        for (const DiscreteAmount& summand : summands_) {
            low += *std::min_element(summand.amount.begin(), summand.amount.end());
            high += *std::max_element(summand.amount.begin(), summand.amount.end());
        }
        lowest_ = low.value();
        highest_ = high.value();
    }
    [[nodiscard]] Cumulants cumulants(double tilt) const override {
        math::CompensatedSum value;
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        double terms = std::abs(tilt * certain_);
        value += tilt * certain_;
        mean += certain_;
        for (const DiscreteAmount& summand : summands_) {
            const Cumulants one = discrete_cumulants(summand.probability, summand.amount, tilt, nullptr);
            value += one.value;
            mean += one.mean;
            variance += one.variance;
            terms += one.terms;
        }
        return {value.value(), mean.value(), variance.value(), terms};
    }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override {
        std::vector<DiscreteAmount> parts(summands_.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            parts[i].amount = summands_[i].amount;
            // Independent summands are tilted one by one.
            discrete_cumulants(summands_[i].probability, summands_[i].amount, tilt, &parts[i].probability);
        }
        return math::shifted(sum_on_lattice(parts, step_, settings_), certain_);
    }
    [[nodiscard]] double step() const override { return step_; }
    [[nodiscard]] double lowest() const override { return lowest_; }
    [[nodiscard]] double highest() const override { return highest_; }

  private:
    std::vector<DiscreteAmount> summands_;
    double certain_;
    double step_;
    math::SumSettings settings_;
    double lowest_ = 0;
    double highest_ = 0;
};

class TiltedAffine final : public Tilting {
  public:
    TiltedAffine(TiltingPointer x, double factor, double shift) : x_(std::move(x)), factor_(factor), shift_(shift) {}
    [[nodiscard]] Cumulants cumulants(double tilt) const override {
        // K of a X + b at t is K of X at a t, plus b t.
        Cumulants cumulants = x_->cumulants(tilt * factor_);
        cumulants.value += tilt * shift_;
        cumulants.mean = factor_ * cumulants.mean + shift_;
        cumulants.variance *= factor_ * factor_;
        cumulants.terms += std::abs(tilt * shift_);
        return cumulants;
    }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override {
        return math::shifted(math::scaled(x_->tilted(tilt * factor_), factor_), shift_);
    }
    [[nodiscard]] double step() const override { return std::abs(factor_) * x_->step(); }
    [[nodiscard]] double lowest() const override {
        return factor_ * (factor_ > 0 ? x_->lowest() : x_->highest()) + shift_;
    }
    [[nodiscard]] double highest() const override {
        return factor_ * (factor_ > 0 ? x_->highest() : x_->lowest()) + shift_;
    }

  private:
    TiltingPointer x_;
    double factor_;
    double shift_;
};

class TiltedSum final : public Tilting {
  public:
    TiltedSum(TiltingPointer x, TiltingPointer y, double step) : x_(std::move(x)), y_(std::move(y)), step_(step) {}
    [[nodiscard]] Cumulants cumulants(double tilt) const override {
        // Cumulants of independent sums add.
        const Cumulants a = x_->cumulants(tilt);
        const Cumulants b = y_->cumulants(tilt);
        return {a.value + b.value, a.mean + b.mean, a.variance + b.variance, a.terms + b.terms};
    }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override {
        const math::LatticeDistribution parts[] = {math::on_step(x_->tilted(tilt), step_),
                                                   math::on_step(y_->tilted(tilt), step_)};
        return math::sum_independent(parts);
    }
    [[nodiscard]] double step() const override { return step_; }
    [[nodiscard]] double lowest() const override { return x_->lowest() + y_->lowest(); }
    [[nodiscard]] double highest() const override { return x_->highest() + y_->highest(); }

  private:
    TiltingPointer x_;
    TiltingPointer y_;
    double step_;
};

class TiltedWhenAsked final : public Tilting {
  public:
    explicit TiltedWhenAsked(std::function<TiltingPointer()> make) : make_(std::move(make)) {}
    [[nodiscard]] Cumulants cumulants(double tilt) const override { return made().cumulants(tilt); }
    [[nodiscard]] math::LatticeDistribution tilted(double tilt) const override { return made().tilted(tilt); }
    [[nodiscard]] double step() const override { return made().step(); }
    [[nodiscard]] double lowest() const override { return made().lowest(); }
    [[nodiscard]] double highest() const override { return made().highest(); }

  private:
    // Made at its first use: most distributions need no doubtful chance.
    const Tilting& made() const {
        std::call_once(once_, [this] { made_ = make_(); });
        return *made_;
    }

    std::function<TiltingPointer()> make_;
    mutable std::once_flag once_;
    mutable TiltingPointer made_;
};

CUSTFOLIO_INLINE TiltingPointer tilting_when_asked(std::function<TiltingPointer()> make) {
    return std::make_shared<TiltedWhenAsked>(std::move(make));
}

CUSTFOLIO_INLINE TiltingPointer tilting_of(const math::LatticeDistribution& lattice) {
    return std::make_shared<TiltedLattice>(lattice);
}

CUSTFOLIO_INLINE TiltingPointer tilting_of(std::vector<double> probability, std::vector<double> amount, double certain,
                                           double step, const math::SumSettings& settings) {
    return std::make_shared<TiltedTrials>(std::move(probability), std::move(amount), certain, step, settings);
}

CUSTFOLIO_INLINE TiltingPointer tilting_of(std::vector<DiscreteAmount> summands, double certain, double step,
                                           const math::SumSettings& settings) {
    return std::make_shared<TiltedAmounts>(std::move(summands), certain, step, settings);
}

CUSTFOLIO_INLINE TiltingPointer tilting_of_affine(TiltingPointer x, double factor, double shift) {
    return std::make_shared<TiltedAffine>(std::move(x), factor, shift);
}

CUSTFOLIO_INLINE TiltingPointer tilting_of_sum(TiltingPointer x, TiltingPointer y, double step) {
    return std::make_shared<TiltedSum>(std::move(x), std::move(y), step);
}

/// The tilt >= 0 that puts the mean at `target` within a hundredth of the standard deviation; 0 where it is there
/// already. Newton's method on K'(t) = target, kept within a bracket.
CUSTFOLIO_INLINE double tilt_for(const Tilting& x, double target) {
    Cumulants now = x.cumulants(0);
    double tilt = 0;
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    // A tilt so small moves no summand; the wanted one may be many powers of ten above it, or below Newton's first.
    const double least = 1e-3 / (x.highest() - x.lowest());
    for (int round = 0; round < 200; ++round) {
        const double missing = target - now.mean;
        // A mean within a hundredth of a deviation is close enough: the tilted lattice then has digits at the target.
        if (std::abs(missing) <= 0.01 * std::sqrt(now.variance) || (tilt == 0 && missing <= 0)) break;
        (missing > 0 ? low : high) = tilt;
        // Newton's step, since K'' is the variance.
        double next = now.variance > 0 ? tilt + missing / now.variance : high;
        // A step out of the bracket is replaced by bisection, or by doubling while there is no upper end.
        if (!std::isfinite(next) || next <= low || next >= high) {
            const double from = std::max(low, least);
            next = !std::isfinite(high) ? std::max(4 * tilt, least)
                   : high > 4 * from    ? std::sqrt(from) * std::sqrt(high)
                                        : 0.5 * (low + high);
        } else if (low > 0 && !std::isfinite(high)) {
            // Far out K' is nearly flat, and Newton's step overshoots.
            next = std::min(next, 4 * tilt);
        }
        if (next == tilt) break;
        tilt = next;
        now = x.cumulants(tilt);
    }
    return tilt;
}

CUSTFOLIO_INLINE TailProbability tail_probability(const Tilting& x, double value, bool upper) {
    if (!upper) {
        // P(X <= v) = P(-X >= -v); the pointer owns nothing, x outlives it.
        const TiltedAffine mirrored(TiltingPointer(TiltingPointer(), &x), -1, 0);
        return tail_probability(mirrored, -value, true);
    }
    const double impossible = -std::numeric_limits<double>::infinity();
    if (value <= x.lowest()) return {1, 0, 0};
    if (value > x.highest() + 1e-9 * x.step() + 8 * std::numeric_limits<double>::epsilon() * std::abs(value))
        return {0, impossible, 0};
    // The highest point itself is reached by an infinite tilt only; a mean near it does as well.
    const double target = std::min(value, x.highest() - 0.01 * x.step());
    const double tilt = tilt_for(x, target);
    const Cumulants cumulants = x.cumulants(tilt);
    // P(X >= v) = E_t[exp(K(t) - t X); X >= v]: the tilted sum is usual where the sum itself is rare.
    const math::LatticeDistribution lattice = x.tilted(tilt);
    const double place = lattice.position(value);
    const double first = std::max(0.0, std::ceil(place));
    math::CompensatedSum sum;
    for (auto k = static_cast<std::size_t>(std::min(first, static_cast<double>(lattice.size()))); k < lattice.size();
         ++k) {
        // Relative to the value, so that no exponential overflows.
        sum += lattice.mass()[k] * std::exp(-tilt * (static_cast<double>(k) - place) * lattice.step());
    }
    const double share = sum.value();
    if (!(share > 0)) return {0, impossible, 0};
    TailProbability tail;
    tail.log_probability =
        std::min(0.0, std::log(share) + (cumulants.value - tilt * (lattice.origin() + place * lattice.step())));
    tail.probability = std::exp(tail.log_probability);
    const math::LatticeErrors& errors = lattice.errors();
    // The weights fall from 1 to 0, so that an error of the cdf counts at most twice.
    tail.relative_error = (errors.rounding + 2 * (errors.truncation + errors.quadrature)) / share +
                          2 * std::numeric_limits<double>::epsilon() * (cumulants.terms + std::abs(tilt * value) + 4);
    return tail;
}

}  // namespace custfolio::detail
