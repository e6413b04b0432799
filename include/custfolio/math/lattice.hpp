// Distributions on equally spaced amounts and exact sums of independent ones, with every error bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/config.hpp"

namespace custfolio::math {

/// What numerical methods may have done to a distribution: one bound for each cause.
struct LatticeErrors {
    /// Standard deviation, in units of value, of the distance between the true variable and its place on the lattice.
    /// That distance has mean 0 whatever the place, so the mean is kept, the variance grows by exactly the square of
    /// this number, and the first Wasserstein distance to the truth is at most this number. 0 where every value lies on
    /// the lattice.
    double discretisation = 0.0;
    /// Probability that was cut off the tails and put on the outermost points kept: the sum of the mass moved, both
    /// sides, in all convolutions. Bounds the effect on any cdf value.
    double truncation = 0.0;
    /// Bound on the probability that wrapped around in a circular convolution: 0 in a tree of convolutions, whose
    /// transforms hold the whole sum; where the characteristic function was inverted on fewer points (see SparseSum),
    /// what lies outside of them by Bernstein's inequality.
    double aliasing = 0.0;
    /// Bound on the sum of absolute errors of the masses from floating-point rounding, hence on the error of any cdf
    /// value: the bounds of the convolutions (see Convolution), of the leaves and of the final scaling to 1, added up.
    double rounding = 0.0;
    /// Estimated error of any cdf value from averaging over a common factor at a finite number of its values: the
    /// greatest change of a cdf value when that number was doubled last. 0 for independent variables.
    double quadrature = 0.0;

    /**
     * @brief Bound on the error of any cdf value of the variable on its lattice.
     * @return truncation + aliasing + rounding + quadrature.
     */
    double probability() const { return truncation + aliasing + rounding + quadrature; }
};

/**
 * @brief A distribution on the points origin + k * step.
 *
 * Immutable; safe to read from several threads at once. Memory: 8.5 bytes a point; copies and shifted ones share it.
 */
class LatticeDistribution {
  public:
    /// All mass on 0, step 1.
    LatticeDistribution();

    /**
     * @brief Takes masses as they are.
     * @param origin value of the first point, finite.
     * @param step distance between points, positive and finite.
     * @param mass probability of each point, not negative, not empty, summing to 1 within 1e-6; scaled to sum to 1.
     * @param errors what the method that made the masses may have done.
     * @throws InputError when an argument is out of range (with the index of the mass).
     */
    LatticeDistribution(double origin, double step, std::vector<double> mass, const LatticeErrors& errors = {});

    /**
     * @brief Puts atoms on a lattice; an atom between two points is split over both so that its mean stays.
     *
     * A value within a billionth of a step of a point (or within its own rounding) counts as on it. The error
     * discretisation is 0 when all are.
     * @param values where the atoms are, finite, in any order, equal ones allowed.
     * @param probabilities of the atoms, not negative, summing to 1 within 1e-9.
     * @param step distance between points, positive.
     * @param origin a point of the lattice; by default the lowest value with positive probability.
     * @return the distribution, from the lowest to the highest point with mass.
     * @throws InputError when there is no atom, the lengths differ, an argument is out of range (with its
     * index), or the lattice would have more than 2^32 points.
     */
    static LatticeDistribution from_atoms(std::span<const double> values, std::span<const double> probabilities,
                                          double step, std::optional<double> origin = std::nullopt);

    /**
     * @brief Value of the first point.
     * @return in units of value.
     */
    double origin() const { return origin_; }

    /**
     * @brief Distance between points.
     * @return in units of value.
     */
    double step() const { return step_; }

    /**
     * @brief Number of points.
     * @return at least 1.
     */
    std::size_t size() const { return points_->mass.size(); }

    /**
     * @brief Probability of each point.
     * @return masses, never negative, summing to 1 up to rounding.
     */
    std::span<const double> mass() const { return points_->mass; }

    /**
     * @brief What numerical methods may have done.
     * @return bounds by cause.
     */
    const LatticeErrors& errors() const { return errors_; }

    /**
     * @brief Value of a point.
     * @param index of the point, less than size().
     * @return origin + index * step.
     */
    double value(std::size_t index) const { return origin_ + static_cast<double>(index) * step_; }

    /**
     * @brief Mean of the variable on its lattice.
     * @return in units of value.
     */
    double mean() const { return origin_ + points_->centre * step_; }

    /**
     * @brief Variance of the variable on its lattice; errors().discretisation squared more than before discretisation.
     * @return in units of value squared.
     */
    double variance() const { return points_->spread * step_ * step_; }

    /**
     * @brief P(X <= v).
     * @param v any value but NaN; points within a billionth of a step of it (or within rounding) count as equal.
     * @return probability in [0, 1].
     * @throws InputError when v is NaN.
     */
    double cdf(double v) const;

    /**
     * @brief P(X >= v), summed from the upper end so that small chances keep their digits.
     * @param v any value but NaN; points within a billionth of a step of it (or within rounding) count as equal.
     * @return probability in [0, 1].
     * @throws InputError when v is NaN.
     */
    double probability_at_least(double v) const;

    /**
     * @brief Smallest point with P(X <= point) >= q.
     * @param q probability in [0, 1]; 0 gives the lowest point with mass. A cdf value within four units in the last
     * place counts as reaching q.
     * @return value of the point.
     * @throws InputError when q is outside [0, 1] or NaN.
     */
    double quantile(double q) const;

    /**
     * @brief Where a value lies among the points.
     * @param v any value but NaN.
     * @return (v - origin) / step; the nearest whole number where v is within a billionth of a step of that point (or
     * within rounding).
     * @throws InputError when v is NaN.
     */
    double position(double v) const;

  private:
    // The masses, and what is added up of them: sums over blocks of points, so that a chance adds up one block.
    struct Points {
        std::vector<double> mass;
        std::vector<double> below;  // P(X before the block)
        std::vector<double> above;  // P(X after the block)
        double centre = 0.0;        // mean, in steps from the first point
        double spread = 0.0;        // variance, in steps squared
    };
    double below(std::size_t k) const;
    double above(std::size_t k) const;
    friend LatticeDistribution shifted(const LatticeDistribution& x, double by);

    double origin_ = 0.0;
    double step_ = 1.0;
    std::shared_ptr<const Points> points_;
    LatticeErrors errors_;
};

/**
 * @brief The variable plus a constant.
 * @param x the variable.
 * @param by the constant, finite.
 * @return x + by, on a shifted lattice; it shares the masses of x.
 * @throws InputError when the constant is not finite.
 */
LatticeDistribution shifted(const LatticeDistribution& x, double by);

/**
 * @brief The variable times a constant.
 * @param x the variable.
 * @param factor the constant, finite and not 0; a negative one turns the distribution around.
 * @return factor x, on a lattice with |factor| times the step.
 * @throws InputError when the factor is 0 or not finite.
 */
LatticeDistribution scaled(const LatticeDistribution& x, double factor);

/**
 * @brief The variable on a lattice of another step.
 *
 * Exact where its step is a whole multiple of the new one (within 1e-12) and the origin lies on the new lattice;
 * otherwise atoms are split over their neighbours as from_atoms does, and errors().discretisation grows.
 * @param x the variable.
 * @param step the new step, positive.
 * @param origin a point of the new lattice; by default the origin of x.
 * @return the distribution on points origin + k step.
 * @throws InputError as from_atoms does.
 */
LatticeDistribution on_step(const LatticeDistribution& x, double step, std::optional<double> origin = std::nullopt);

/// How a sum of independent variables is computed.
struct SumSettings {
    double trim =
        1e-15;  ///< tail probability that may be cut off on each side in all convolutions together, in [0, 1e-3].
    unsigned threads = 0;  ///< upper bound on threads, 0 all cores; results have the same bits for any number.
    double share = 1.0;    ///< weight of the sum in a mixture that is wanted, in (0, 1]: chances may be so much less
                           ///< accurate, and as much more be trimmed; the errors tell of the sum itself.
};

/**
 * @brief Distribution of the sum of independent variables on lattices of one step.
 *
 * A tree of pairwise convolutions, shortest first. After each convolution the tails are cut as far as their mass stays
 * within the share of `trim` that falls to it, and beyond the distance that Bernstein's inequality allows for that
 * share (where only rounding noise is left). With c convolutions of at most N points: O(c N log N) at worst.
 * @param parts the variables; none gives 0 for certain.
 * @param settings trimming and threads.
 * @return the distribution of the sum with its errors; origin is the sum of the origins plus what was trimmed.
 * @throws InputError when the steps differ or trim is out of range.
 */
LatticeDistribution sum_independent(std::span<const LatticeDistribution> parts, const SumSettings& settings = {});

/**
 * @brief Distribution of the sum of independent all-or-nothing amounts: amounts[i] with probabilities[i], else 0.
 *
 * Equal amounts are counted first (binomial, or Poisson-binomial where probabilities differ) and the count is placed on
 * the lattice once, so that a thousand equal amounts cost little more than one. Many amounts on the lattice are summed
 * by their characteristic function as SparseSum tells, and so are many that lie between its points and of which hardly
 * any are equal; where w is small against 1 / amount its logarithm is a power
 * series in exp(i w amount) - 1 whose coefficients are sums of powers of the probabilities.
 * @param probabilities in [0, 1].
 * @param amounts finite, may be negative; as many as probabilities.
 * @param step distance between points, positive; choose_step finds one.
 * @param settings trimming and threads.
 * @return the distribution of the sum with its errors; none gives 0 for certain.
 * @throws InputError when the lengths differ or an argument is out of range (with its index).
 * @see Y. Hong (2013), On computing the distribution function for the Poisson binomial distribution, CSDA 59, 41-51.
 */
LatticeDistribution sum_bernoulli(std::span<const double> probabilities, std::span<const double> amounts, double step,
                                  const SumSettings& settings = {});

/**
 * @brief Probabilities of 0 ... n successes in n independent trials with one probability.
 *
 * By ratios of neighbours outward from the mode, so without overflow, underflow or cancellation for any n; relative
 * error of a mass about 4e-16 times its distance to the mode. Masses below 1e-308 of the mode are 0.
 * @param n number of trials.
 * @param p probability of success, in [0, 1].
 * @return n + 1 masses.
 * @throws InputError when p is no probability.
 */
std::vector<double> binomial_mass(std::size_t n, double p);

/// A step for a lattice and what it means.
struct StepChoice {
    double step = 1.0;       ///< distance between points, in units of value.
    bool exact = true;       ///< whether every value is a whole multiple of the step.
    std::size_t points = 1;  ///< number of points that the range takes.
};

/// The greatest unit count of which all values are whole multiples; it can be gathered in parts, in any order.
struct CommonDivisor {
    std::uint64_t units = 0;  ///< 0: no value but 0 so far.
    bool whole = true;        ///< Whether every value is a whole number of units.

    /**
     * @brief Takes in a value.
     * @param value finite.
     * @param unit smallest amount that counts, positive.
     */
    void add(double value, double unit);
    /**
     * @brief Takes in what another has gathered.
     * @param other of the same unit.
     */
    void add(const CommonDivisor& other);
};

/**
 * @brief Chooses a step: the greatest common divisor of the values where that fits, else the finest round multiple of
 * it (1, 2, 4, 5, 8 times a power of ten) that fits: round amounts lie on it.
 * @param values amounts that should lie on the lattice (0 is a point), finite; zeros are ignored.
 * @param unit smallest amount that counts (0.01 for cents), positive. Values that are no multiples of it are never
 * exact; the step is then a multiple of the unit.
 * @param range width that the lattice must hold, not negative, finite: at most the sum of absolute values; with trimmed
 * tails twice bernstein_half_width.
 * @param max_points greatest number of points, at least 2.
 * @return the step; points is at most max_points.
 * @throws InputError when an argument is out of range (with the index of the value).
 */
StepChoice choose_step(std::span<const double> values, double unit, double range, std::size_t max_points);

/**
 * @brief As above, of values whose divisor is known.
 * @param divisor of all values.
 * @param unit as above.
 * @param range as above.
 * @param max_points as above.
 * @return the step, as above.
 * @throws InputError as above.
 */
StepChoice choose_step(const CommonDivisor& divisor, double unit, double range, std::size_t max_points);

/**
 * @brief Distance from the mean that a sum of independent variables exceeds on one side with at most a given
 * probability.
 * @param variance of the sum, not negative.
 * @param reach greatest distance of a single summand from its own mean, not negative.
 * @param probability in (0, 1].
 * @return reach L / 3 + sqrt((reach L / 3)^2 + 2 variance L) with L = -log(probability).
 * @throws InputError when an argument is out of range.
 * @see S. Boucheron, G. Lugosi, P. Massart (2013), Concentration Inequalities, section 2.8 (Bernstein's inequality).
 */
double bernstein_half_width(double variance, double reach, double probability);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/lattice.ipp"
#endif
// The sum of all-or-nothing amounts is defined with sparse sums.
#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/sparse_sum.hpp"
#endif
