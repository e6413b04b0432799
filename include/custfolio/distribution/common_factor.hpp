// Dependence: one factor that all successes share, and distributions averaged over it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "custfolio/distribution/distribution.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// The chance of success given the common factor, of the one-factor Gaussian copula,
///
///     p(z) = Phi((Phi^-1(p) - sqrt(correlation) z) / sqrt(1 - correlation)),
///
/// so that E[p(Z)] = p for a standard normal Z, and given Z all successes are independent. A high z is bad luck for
/// all.
/// @param probability p, the chance over all values of the factor, in [0, 1].
/// @param correlation share of the factor in the latent variable behind the success, in [0, 1); two of them have the
/// correlation sqrt(correlation_1 correlation_2).
/// @param factor z.
/// @return in [0, 1].
/// @see O. Vasicek (2002), The distribution of loan portfolio value, Risk 15(12), equation 1.
double chance_given_factor(double probability, double correlation, double factor);

/// How an average over the common factor is computed.
struct FactorOptions {
    double tolerance = 1e-10;    ///< Error of any cdf value at which halving the spacing of the values stops.
    std::size_t values = 16385;  ///< Greatest number of values of the factor, >= 35.
    unsigned threads = 0;        ///< 0 means all cores; the bits do not depend on it.
    math::Pulse pulse{};         ///< Called between values from the calling thread; what it throws ends the call.
};

/// A sum given the factor.
struct GivenFactor {
    math::LatticeDistribution lattice;  ///< The distribution on a lattice whose step is the same for every factor.
    double mean = 0;                    ///< Mean of the amounts themselves, currency.
    double variance = 0;                ///< Their variance, currency squared.
    /// The amounts themselves, where they are few and lie between the points of the lattice.
    detail::FewAmounts::Pointer few{};
};

/// The distribution of a sum whose parts are independent given a standard normal factor.
///
/// The trapezoidal rule covers z in [-8.5, 8.5], all but 2e-17 of the factor. Its spacing 1/2 is halved until the error
/// is within the tolerance. These functions are analytic in a strip around the real line, so that the error falls as
/// exp(-2 pi a / spacing). Halving the spacing squares it. So the square of the last change of any cdf value bounds the
/// error; it is reported as errors().quadrature. Every earlier value is reused. Gauss-Hermite rules need more nodes as
/// soon as the conditional sums are narrow.
/// @param given the sum given z; called from several threads at once.
/// @param unit as for Distribution.
/// @param options tolerance and limits.
/// @return the mixture over the factor.
/// @see L. N. Trefethen, J. A. C. Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Review 56(3),
/// section 5.
Distribution average_over_factor(const std::function<GivenFactor(double)>& given, double unit = 0,
                                 const FactorOptions& options = {});

/// The distribution of a sum of groups, each with a standard normal factor X_g. The X_g have one factor in common in
/// part: X_g = sqrt(shared) Z + sqrt(1 - shared) Z_g. Given X_g the parts of group g are independent of all else.
///
/// Each group is convolved once for each of the equally spaced values of X_g. Given Z the groups are independent. The
/// distribution of a group given Z is an average of these, weighted by the normal law of X_g given Z. The groups are
/// convolved, and averaged over Z. Both averages are trapezoidal rules, whose spacings are halved in turn as in
/// average_over_factor().
/// @param groups number of groups, at least 1.
/// @param given the sum of a group given the value of its X_g; called from several threads at once.
/// @param shared share of the common factor in X_g, in [0, 1).
/// @param unit as for Distribution.
/// @param trimmed tail probability that a convolution of groups may cut off.
/// @param options tolerance and limits; the limit is for the values of X_g.
/// @return the mixture over all factors.
Distribution average_over_groups(std::size_t groups, const std::function<GivenFactor(std::size_t, double)>& given,
                                 double shared, double unit = 0, double trimmed = 1e-15,
                                 const FactorOptions& options = {});

namespace detail {

/// Beyond this the factor has a probability of 2e-17.
inline constexpr double factor_reach = 8.5;

/// Spacing of the values of the factor at a level.
/// @param level from 0. @return 1/2, 1/4, ...
double factor_spacing(int level);
/// Values of the factor that are new at a level: all of level 0, then those halfway between.
/// @param level from 0. @return ascending, symmetric about 0.
std::vector<double> factor_values(int level);
/// The greatest share that a value of the factor has in an average, relative to z = 0.
/// @param z the value. @return exp(-z^2 / 2).
double factor_share(double z);

/// The trapezoidal rule for a mean over a standard normal factor. Every average over a factor uses it.
///
/// Values come level by level, each level with half the spacing of the one before. The mean after a level is its
/// spacing times the sum of density * f(value) over all values so far.
/// @param last the last level.
/// @param add add(values, densities) adds new values to the caller's sums, at most 64 at a time.
/// @param settled settled(spacing, used) follows each level: whether its mean is good enough.
template <class Add, class Settled>
void refine_over_factor(int last, const Add& add, const Settled& settled) {
    constexpr std::size_t together = 64;  // bounds the memory of values that are computed side by side
    std::size_t used = 0;
    std::vector<double> density;
    for (int level = 0; level <= last; ++level) {
        const std::vector<double> values = factor_values(level);
        density.clear();
        for (const double z : values) density.push_back(math::normal_pdf(z));
        for (std::size_t begin = 0; begin < values.size(); begin += together) {
            const std::size_t count = std::min(together, values.size() - begin);
            add(std::span(values).subspan(begin, count), std::span<const double>(density).subspan(begin, count));
        }
        used += values.size();
        if (settled(factor_spacing(level), used)) break;
    }
}

/// E[f(Z)] of a column of functions. It stops when no mean changes by more than a share of the greatest |f|.
/// @param count number of functions.
/// @param tolerance that share, > 0.
/// @param f writes their values at z.
/// @param last the last level of the rule.
/// @return the means.
std::vector<double> factor_means(std::size_t count, double tolerance,
                                 const std::function<void(double, std::vector<double>&)>& f, int last = 10);

/// E[f(Z, U)] of a column of functions of two independent factors: factor_means() within factor_means(), with at most
/// 273 values of each.
/// @param count number of functions.
/// @param tolerance share of the greatest |f|, > 0.
/// @param f writes their values at (z, u).
/// @return the means.
std::vector<double> pair_means(std::size_t count, double tolerance,
                               const std::function<void(double, double, std::vector<double>&)>& f);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/common_factor.ipp"
#endif
