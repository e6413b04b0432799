// A distribution of money: the answer to "how much, and how sure".
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace custfolio {

/// What numerical methods may have done to a distribution. The first is in money, the others are in probability and
/// hold for every cdf value.
struct DistributionErrors {
    /// Standard deviation, currency, of the distance between the true sum and its place on the lattice, which is
    /// independent of nothing but has mean 0; 0 where every amount lies on the lattice. Its square is exactly the
    /// variance that was added.
    double discretisation = 0;
    double truncation =
        0;  ///< Bound on the probability that was trimmed off the tails (and put on the outermost points kept).
    double aliasing =
        0;  ///< Bound on the probability that a circular convolution may have wrapped around; 0: it cannot.
    double rounding = 0;  ///< Bound on what floating-point rounding did to any cdf value.
    /// @return bound on the error of any cdf value of the sum on its lattice: truncation + aliasing + rounding.
    [[nodiscard]] double probability() const { return truncation + aliasing + rounding; }
};

/// A distribution on equally spaced amounts. Immutable; safe to read from any thread.
class Distribution {
  public:
    /// All mass on 0.
    Distribution() : mass_{1.0}, cumulative_{1.0}, exceeding_{1.0} {}
    /// @param origin amount of the first point, currency.
    /// @param step distance between points, currency, > 0.
    /// @param mass probability of each point, >= 0, not empty, summing to 1 within 1e-6 (it is scaled to 1).
    /// @param mean the exact mean where it is known otherwise; must be finite.
    /// @param variance the exact variance where it is known otherwise; must be finite, >= 0.
    /// @param errors what the method may have done.
    /// @throws InputError where an argument is out of range.
    Distribution(double origin, double step, std::vector<double> mass, double mean, double variance,
                 DistributionErrors errors);

    /// @return mean, currency: exact, from the amounts themselves.
    [[nodiscard]] double mean() const { return mean_; }
    /// @return variance, currency squared: exact, from the amounts themselves.
    [[nodiscard]] double variance() const { return variance_; }
    /// @return square root of the variance, currency.
    [[nodiscard]] double standard_deviation() const;
    /// The chance of at most an amount.
    /// @param value currency; points within a billionth of a step of it count as equal.
    /// @return P(X <= value), in [0, 1].
    /// @throws InputError where value is NaN.
    [[nodiscard]] double cdf(double value) const;
    /// The chance to reach an amount; summed from the upper end, so that small chances keep their digits.
    /// @param value currency; points within a billionth of a step of it count as equal.
    /// @return P(X >= value), in [0, 1].
    /// @throws InputError where value is NaN.
    [[nodiscard]] double probability_at_least(double value) const;
    /// The smallest amount that is not exceeded with at least a probability.
    /// @param probability in [0, 1]; 0 gives the smallest point that has mass, 1 the greatest.
    /// @return inf { v : P(X <= v) >= probability }, currency; a cdf value below by no more than the rounding bound
    /// counts as reached.
    /// @throws InputError where the probability lies outside [0, 1].
    [[nodiscard]] double quantile(double probability) const;
    /// @param index position of a point.
    /// @return its amount, currency.
    [[nodiscard]] double value(std::size_t index) const;
    /// @return amount of the first point, currency.
    [[nodiscard]] double origin() const { return origin_; }
    /// @return distance between points, currency.
    [[nodiscard]] double step() const { return step_; }
    /// @return probability of each point; never negative.
    [[nodiscard]] std::span<const double> mass() const { return mass_; }
    /// @return number of points.
    [[nodiscard]] std::size_t size() const { return mass_.size(); }
    /// @return what numerical methods may have done.
    [[nodiscard]] const DistributionErrors& errors() const { return errors_; }

  private:
    double origin_ = 0;
    double step_ = 1;
    std::vector<double> mass_;
    std::vector<double> cumulative_;  // P(X <= point), from below
    std::vector<double> exceeding_;   // P(X >= point), from above
    double mean_ = 0;
    double variance_ = 0;
    DistributionErrors errors_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/distribution.ipp"
#endif
