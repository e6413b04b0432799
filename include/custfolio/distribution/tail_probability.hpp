// Small chances of sums of independent amounts, by exponential tilting: accurate in relative terms.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "custfolio/math/convolution_tree.hpp"
#include "custfolio/math/lattice.hpp"

namespace custfolio {

/// The chance of a tail, with digits that stay right however small it is.
struct TailProbability {
    double probability = 0;      ///< In [0, 1]; 0 where it is below the smallest double.
    double log_probability = 0;  ///< Its natural logarithm, also where the probability itself underflows.
    double relative_error = 0;   ///< Bound on |computed - true| / computed, for the variable on its lattice.
};

/// A discrete amount: what one independent plan may bring.
struct DiscreteAmount {
    std::vector<double> probability;  ///< In [0, 1], summing to 1 within 1e-9.
    std::vector<double> amount;       ///< Currency, finite, one a probability.
};

}  // namespace custfolio

namespace custfolio::detail {

/// The cumulant function K(t) = log E[exp(t X)] and what follows from it.
struct Cumulants {
    double value = 0;     ///< K(t).
    double mean = 0;      ///< K'(t): the mean of the tilted variable, currency.
    double variance = 0;  ///< K''(t): its variance, currency squared.
    double terms =
        0;  ///< Sum of the absolute values of the terms of K(t), and their number: what rounding scales with.
};

/// A variable that can be tilted: its masses weighted by exp(t x) and scaled to sum to 1.
class Tilting {
  public:
    Tilting() = default;
    Tilting(const Tilting&) = delete;
    Tilting& operator=(const Tilting&) = delete;
    Tilting(Tilting&&) = delete;
    Tilting& operator=(Tilting&&) = delete;
    virtual ~Tilting() = default;
    /// @param tilt t, per unit of currency. @return K(t) and its derivatives.
    [[nodiscard]] virtual Cumulants cumulants(double tilt) const = 0;
    /// @param tilt t, per unit of currency. @return the tilted variable on its lattice.
    [[nodiscard]] virtual math::LatticeDistribution tilted(double tilt) const = 0;
    /// @return distance between the points of its lattice, currency.
    [[nodiscard]] virtual double step() const = 0;
    /// @return the smallest possible amount, currency.
    [[nodiscard]] virtual double lowest() const = 0;
    /// @return the greatest possible amount, currency.
    [[nodiscard]] virtual double highest() const = 0;
};

/// The sum of independent discrete amounts on the lattice k step, values between two points split over both with their
/// mean kept.
math::LatticeDistribution sum_on_lattice(std::span<const DiscreteAmount> summands, double step,
                                         const math::SumSettings& settings);

using TiltingPointer = std::shared_ptr<const Tilting>;

/// Atoms where a lattice has its points.
TiltingPointer tilting_of(const math::LatticeDistribution& lattice);
/// The sum of all-or-nothing amounts and a certain one.
TiltingPointer tilting_of(std::vector<double> probability, std::vector<double> amount, double certain, double step,
                          const math::SumSettings& settings);
/// The sum of discrete amounts and a certain one.
TiltingPointer tilting_of(std::vector<DiscreteAmount> summands, double certain, double step,
                          const math::SumSettings& settings);
/// The result of `make`, which is called at first use.
TiltingPointer tilting_when_asked(std::function<TiltingPointer()> make);
/// factor * X + shift; the factor is not 0.
TiltingPointer tilting_of_affine(TiltingPointer x, double factor, double shift);
/// X + Y, both on lattices of this step.
TiltingPointer tilting_of_sum(TiltingPointer x, TiltingPointer y, double step);

/// P(X >= value), or P(X <= value) where not `upper`.
///
/// t is chosen so that the tilted variable has its mean at the value. Then P(X >= v) = exp(K(t) - t v) sum_{x >= v}
/// exp(-t (x - v)) q(x), with q the tilted masses, where nothing is small.
TailProbability tail_probability(const Tilting& x, double value, bool upper);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/tail_probability.ipp"
#endif
