// Definitions of profile_likelihood.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/maximum_likelihood.ipp"
#include "custfolio/lifetime/profile_likelihood.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio::detail {

/// Two normal densities of one parameter in one, up to a constant.
inline LogPrior both_priors(const LogPrior& prior, const LogPrior& other) {
    // The product of two normal densities is normal, with the sum of the precisions.
    const double precision = 1.0 / (prior.sd * prior.sd) + 1.0 / (other.sd * other.sd);
    const double pull = prior.mean / (prior.sd * prior.sd) + other.mean / (other.sd * other.sd);
    return {pull / precision, 1.0 / std::sqrt(precision)};
}

/// One end of a parameter's interval, where the signed root of twice the fall of the profile is `wanted`; on the log
/// scale. Infinity, with the sign of `wanted`, where the profile does not fall so far; NaN where the steps do not come
/// to an end.
CUSTFOLIO_INLINE double profile_end(const Fit& fit, const std::function<Fit(const std::vector<LogPrior>&)>& refit,
                                    const std::vector<LogPrior>& prior, std::size_t k, double wanted) {
    // The profile falls from the posterior's top, so the prior counts on both sides.
    const auto density = [&](const Fit& at) {
        Column unused(fit.estimate.size(), 0.0);
        return at.log_likelihood + add_log_prior(prior, at.log_parameters(), unused);
    };
    const double top = density(fit);
    const double centre = fit.log_parameters()[k];
    const double sd = std::sqrt(fit.covariance(k, k));
    const double goal = std::abs(wanted);
    std::vector<LogPrior> held = prior.empty() ? std::vector<LogPrior>(fit.names.size()) : prior;
    const LogPrior own_prior = held[k];
    // A point of the profile for each mean of the prior that draws aside; the root rises with the mean.
    struct Point {
        double mean;
        double reached;
        double root;
    };
    // Another prior on the parameter draws the optimum aside: a refit without any constraint gives a point of the
    // profile.
    const auto drawn_to = [&](double mean) {
        held[k] = both_priors(own_prior, {mean, sd});
        const Fit aside = refit(held);
        return Point{mean, aside.log_parameters()[k], std::sqrt(2.0 * std::max(0.0, top - density(aside)))};
    };
    Point inner{centre, centre, 0.0};
    // A prior as wide as the estimate's own deviation draws half of the way: a bit more than twice the goal reaches it.
    Point outer = drawn_to(centre + 2.1 * wanted * sd);
    while (outer.root < goal) {
        // The profile is flat on this side: the data set no end to the interval.
        if (std::abs(outer.mean - centre) > 20.0 * goal * sd) {
            return std::copysign(std::numeric_limits<double>::infinity(), wanted);
        }
        inner = outer;
        outer = drawn_to(centre + 2.0 * (outer.mean - centre));
    }
    // The Illinois variant of regula falsi: an end that stays twice counts half.
    double inner_miss = inner.root - goal;
    double outer_miss = outer.root - goal;
    int last = 0;
    for (int step = 0; step < 30 && std::min(goal - inner.root, outer.root - goal) > 1e-3 * goal; ++step) {
        const double share = inner_miss / (inner_miss - outer_miss);
        const Point between = drawn_to(inner.mean + share * (outer.mean - inner.mean));
        if (between.root < goal) {
            if (last == -1) outer_miss *= 0.5;
            last = -1;
            inner = between;
            inner_miss = inner.root - goal;
        } else {
            if (last == 1) inner_miss *= 0.5;
            last = 1;
            outer = between;
            outer_miss = outer.root - goal;
        }
    }
    // Linear between the two last points, which are within a thousandth of the goal.
    return inner.reached + (goal - inner.root) / (outer.root - inner.root) * (outer.reached - inner.reached);
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE ConfidenceIntervals profile_intervals(const Fit& fit,
                                                       const std::function<Fit(const std::vector<LogPrior>&)>& refit,
                                                       const std::vector<LogPrior>& prior, double level) {
    detail::check_confidence(level);
    if (!prior.empty() && prior.size() != fit.names.size()) {
        throw InputError("prior has " + std::to_string(prior.size()) + " entries; it must have " +
                         std::to_string(fit.names.size()) + ", one a parameter");
    }
    const double z = math::normal_quantile(0.5 + 0.5 * level);
    const double none = std::numeric_limits<double>::quiet_NaN();
    ConfidenceIntervals intervals{Column(fit.estimate.size(), none), Column(fit.estimate.size(), none)};
    for (std::size_t k = 0; k < fit.estimate.size(); ++k) {
        // Without a deviation there is no first step; the interval stays NaN.
        if (!(fit.covariance(k, k) > 0.0)) continue;
        const bool plain = fit.unrestricted[k];
        const double low = detail::profile_end(fit, refit, prior, k, -z);
        const double high = detail::profile_end(fit, refit, prior, k, z);
        intervals.lower[k] = plain ? low : std::exp(low);
        intervals.upper[k] = plain ? high : std::exp(high);
    }
    return intervals;
}

}  // namespace custfolio
