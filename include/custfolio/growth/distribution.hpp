// A distribution of money: the answer to "how much, and how sure".
#pragma once

#include <cstddef>
#include <span>

#include "custfolio/math/lattice.hpp"

namespace custfolio {

/// What numerical methods may have done to a distribution: `discretisation` in money, the others in probability.
using DistributionErrors = math::LatticeErrors;

/// A distribution on equally spaced amounts. Immutable; safe to read from any thread.
class Distribution {
  public:
    /// 0 for certain.
    Distribution() = default;
    /// @param lattice the distribution on its lattice.
    /// @param mean the mean of the amounts themselves, currency; must be finite.
    /// @param variance the variance of the amounts themselves, currency squared; must be finite, >= 0.
    /// @param unit amounts are told in whole multiples of this where they are such within rounding (0.01: cents); 0: as
    /// they are.
    /// @throws InputError where an argument is out of range.
    Distribution(math::LatticeDistribution lattice, double mean, double variance, double unit = 0);

    /// @return mean, currency: from the amounts themselves, free of lattice and trimming.
    [[nodiscard]] double mean() const { return mean_; }
    /// @return variance, currency squared: from the amounts themselves, free of lattice and trimming.
    [[nodiscard]] double variance() const { return variance_; }
    /// @return square root of the variance, currency.
    [[nodiscard]] double standard_deviation() const;
    /// The chance of at most an amount.
    /// @param value currency; a point of the lattice within a billionth of a step of it counts as equal.
    /// @return P(X <= value), in [0, 1]; its error is at most errors().probability().
    /// @throws InputError where value is NaN.
    [[nodiscard]] double cdf(double value) const;
    /// The chance to reach an amount, summed from the upper end so that small chances keep their digits.
    /// @param value currency; a point of the lattice within a billionth of a step of it counts as equal.
    /// @return P(X >= value), in [0, 1].
    /// @throws InputError where value is NaN.
    [[nodiscard]] double probability_at_least(double value) const;
    /// The smallest amount that is not exceeded with a probability.
    /// @param probability in [0, 1]; 0 gives the smallest amount that is possible, 1 the greatest (but for trimmed
    /// tails).
    /// @return the smallest point v of the lattice with P(X <= v) >= probability, currency.
    /// @throws InputError where the probability lies outside [0, 1].
    [[nodiscard]] double quantile(double probability) const;
    /// @param index position of a point, below size().
    /// @return its amount, currency.
    [[nodiscard]] double value(std::size_t index) const;
    /// @return number of points.
    [[nodiscard]] std::size_t size() const { return lattice_.size(); }
    /// @return distance between points, currency.
    [[nodiscard]] double step() const { return lattice_.step(); }
    /// @return probability of each point; never negative.
    [[nodiscard]] std::span<const double> mass() const { return lattice_.mass(); }
    /// @return what numerical methods may have done.
    [[nodiscard]] const DistributionErrors& errors() const { return lattice_.errors(); }
    /// @return the distribution on its lattice, as the numerics have it.
    [[nodiscard]] const math::LatticeDistribution& lattice() const { return lattice_; }

  private:
    [[nodiscard]] double told(double value) const;

    math::LatticeDistribution lattice_;
    double mean_ = 0;
    double variance_ = 0;
    double unit_ = 0;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/distribution.ipp"
#endif
