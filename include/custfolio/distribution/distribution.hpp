// A distribution of money: the answer to "how much, and how sure".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/distribution/detail/few_amounts.hpp"
#include "custfolio/distribution/tail_probability.hpp"
#include "custfolio/math/lattice.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// What numerical methods may have done to a distribution: `discretisation` in money, the others in probability.
using DistributionErrors = math::LatticeErrors;

/// A distribution on equally spaced amounts. Immutable; safe to read from any thread.
///
/// A sum of few amounts, up to 2^14, may lie between the points: errors().discretisation is not 0. Then chances,
/// quantiles, shortfalls, draws and ranges come from the amounts themselves. Points and masses are those of the
/// lattice.
class Distribution {
  public:
    /// 0 for certain.
    Distribution() = default;
    /// @param lattice the distribution on its lattice.
    /// @param mean the mean of the amounts themselves, currency; must be finite.
    /// @param variance the variance of the amounts themselves, currency squared; must be finite, >= 0.
    /// @param unit amounts are returned in whole multiples of this where they are such within rounding (0.01: cents);
    /// 0: as they are.
    /// @param tilting what the small chances are computed from; none: from the lattice alone.
    /// @param few the amounts themselves, where they are few and lie between the points.
    /// @throws InputError where an argument is out of range.
    Distribution(math::LatticeDistribution lattice, double mean, double variance, double unit = 0,
                 detail::TiltingPointer tilting = nullptr, detail::FewAmounts::Pointer few = nullptr);
    /// Amounts with their probabilities, equally spaced or not.
    /// @param value currency, finite, in any order; equal ones are added up.
    /// @param probability in [0, 1], summing to 1 within 1e-9; same length.
    /// @param unit the smallest amount that counts, currency, > 0. Whole multiples of it stay exact on up to 2^22
    /// points. Other amounts are split over neighbouring points, and their mean is kept.
    /// @return the distribution; mean and variance are those of the atoms.
    /// @throws InputError where there is no atom, the lengths differ or an argument is out of range.
    static Distribution from_atoms(std::span<const double> value, std::span<const double> probability,
                                   double unit = 0.01);

    /// @return mean, currency: from the amounts themselves, free of lattice and trimming.
    [[nodiscard]] double mean() const { return mean_; }
    /// @return variance, currency squared: from the amounts themselves, free of lattice and trimming.
    [[nodiscard]] double variance() const { return variance_; }
    /// @return square root of the variance, currency.
    [[nodiscard]] double standard_deviation() const;
    /// The chance of at most an amount: right in absolute terms; `tail` gives small ones in relative terms.
    /// @param value currency; a point of the lattice within a billionth of a step of it counts as equal.
    /// @return P(X <= value), in [0, 1]; its error is at most errors().probability().
    /// @throws InputError where value is NaN.
    [[nodiscard]] double cdf(double value) const;
    /// The chance to reach an amount. A chance so small that the errors could touch its first six digits is computed by
    /// tail(), at about the cost of the sum itself.
    /// @param value currency; a point of the lattice within a billionth of a step of it counts as equal.
    /// @return P(X >= value), in [0, 1].
    /// @throws InputError where value is NaN.
    [[nodiscard]] double probability_at_least(double value) const;
    /// The chance of a tail, accurate in relative terms also where it is 1e-100. The summands are tilted so that their
    /// sum has its mean at the amount, convolved, and weighted back. Sums of independent amounts, and of all-or-nothing
    /// amounts with a common factor, keep their summands for this. So do their sums, multiples and shifts. Any other
    /// distribution is as good as its lattice.
    /// @param value currency.
    /// @param upper P(X >= value); otherwise P(X <= value).
    /// @return the chance, its logarithm and a bound on its relative error. Amounts that are not on the lattice are
    /// split under the tilt, so that E[exp(t X)] is theirs.
    /// @throws InputError where value is not finite.
    /// @see R. Lugannani, S. Rice (1980), Saddle point approximation for the distribution of the sum of independent
    /// random variables, Adv. Appl. Prob. 12, for the choice of the tilt; the sum here is exact.
    [[nodiscard]] TailProbability tail(double value, bool upper = true) const;
    /// The mean of the worst (or best) outcomes that have a probability together.
    /// @param probability in (0, 1].
    /// @param upper the greatest amounts; otherwise the smallest.
    /// @return their mean, currency; an amount at the border counts with the part that is missing to the probability.
    /// @throws InputError where the probability lies outside (0, 1].
    /// @see C. Acerbi, D. Tasche (2002), On the coherence of expected shortfall, J. Banking & Finance 26,
    /// definition 2.6.
    [[nodiscard]] double expected_shortfall(double probability, bool upper = false) const;
    /// Independent draws.
    /// @param count how many, at most 100,000,000.
    /// @param seed of the draws.
    /// @param threads 0 means all cores; the bits do not depend on it.
    /// @param pulse called now and then from the calling thread; what it throws ends the call.
    /// @return amounts, currency: the quantiles of Philox's uniform numbers.
    /// @throws InputError for more draws.
    [[nodiscard]] std::vector<double> sample(std::size_t count, std::uint64_t seed, unsigned threads = 0,
                                             const math::Pulse& pulse = {}) const;
    /// @param by currency, finite. @return X + by. @throws InputError where it is not finite.
    [[nodiscard]] Distribution shifted(double by) const;
    /// @param factor finite, may be negative or 0. @return factor * X. @throws InputError where it is not finite.
    [[nodiscard]] Distribution scaled(double factor) const;
    /// The distribution given that X lies in a range.
    /// @param at_least smallest amount of the range, currency; none: no limit.
    /// @param at_most greatest amount of the range, currency; none: no limit.
    /// @return the conditional distribution; errors in probability are divided by the range's chance. Mean and variance
    /// are those on the lattice.
    /// @throws InputError where a limit is NaN or nothing with a probability lies in the range.
    [[nodiscard]] Distribution given(std::optional<double> at_least, std::optional<double> at_most) const;
    /// The sum of two independent variables.
    /// @param a one. @param b the other.
    /// @return a + b, on the finer lattice where its step divides the other's, else on a common one.
    friend Distribution operator+(const Distribution& a, const Distribution& b);
    /// The smallest amount that is not exceeded with a probability.
    /// @param probability in [0, 1]; 0 gives the smallest amount that is possible, 1 the greatest (but for trimmed
    /// tails).
    /// @return the smallest amount v with P(X <= v) >= probability, currency.
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

    /// @return the amounts themselves where they are few, also those on an exact lattice; none where they are many.
    [[nodiscard]] detail::FewAmounts::Pointer few() const;
    /// @return whether the amounts are few and lie between the points: chances then come from the amounts.
    [[nodiscard]] bool off_lattice() const { return few_ != nullptr; }

  private:
    [[nodiscard]] double in_units(double value) const;
    [[nodiscard]] detail::TiltingPointer tilting() const;

    math::LatticeDistribution lattice_;
    double mean_ = 0;
    double variance_ = 0;
    double unit_ = 0;
    detail::TiltingPointer tilting_;
    detail::FewAmounts::Pointer few_;  // where they do not fit the lattice
};

Distribution operator+(const Distribution& a, const Distribution& b);

/// A variable that is one of several, by chance: which one it is, is drawn first.
/// @param part the distributions, at least one.
/// @param weight probability of each, in [0, 1], summing to 1 within 1e-9.
/// @return the mixture, on the finest lattice of the parts where all fit on it, else on a common one. Its mean and
/// variance are exact where theirs are.
/// @throws InputError where there is no part, the lengths differ or the weights are none.
Distribution mix(std::span<const Distribution> part, std::span<const double> weight);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/distribution.ipp"
#endif
