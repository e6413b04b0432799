// Distributions on equally spaced amounts, with every error bounded.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/config.hpp"

namespace custfolio::math {

/// What numerical methods may have done to a distribution: one bound for each cause.
struct LatticeErrors {
    /// Standard deviation, in units of value, of the distance between the true variable and its place on the lattice.
    /// That distance has mean 0, so the mean is kept. The variance grows by exactly the square of this number. The
    /// first Wasserstein distance to the truth is at most this number. It is 0 where every value lies on the lattice.
    double discretisation = 0.0;
    /// Probability that was cut off the tails and put on the outermost points that are left. It is the sum over both
    /// sides and all convolutions. It bounds the effect on any cdf value.
    double truncation = 0.0;
    /// Bound on the probability that wrapped around in a circular convolution. It is 0 in a tree of convolutions, whose
    /// transforms cover the whole sum. Where a characteristic function is inverted on fewer points (see sum_sparse), it
    /// is the probability beyond them by Bernstein's inequality.
    double aliasing = 0.0;
    /// Bound on the sum of absolute errors of the masses from rounding, and so on the error of any cdf value. It adds
    /// up the bounds of the convolutions (see Convolution), of the leaves and of the final scaling to 1.
    double rounding = 0.0;
    /// Estimated error of any cdf value from averaging over a common factor at finitely many values. It is the square
    /// of the greatest change of a cdf value when their number was doubled last. It is 0 for independent variables.
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

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/lattice.ipp"
#endif
