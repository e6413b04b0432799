// Definitions of profile.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/fit.ipp"
#include "custfolio/lifetime/profile.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio::detail {

/// Two normal densities of one parameter in one, up to a constant.
inline LogPrior both_priors(const LogPrior& own, const LogPrior& other) {
    const double precision = 1.0 / (own.sd * own.sd) + 1.0 / (other.sd * other.sd);
    const double pull = own.mean / (own.sd * own.sd) + other.mean / (other.sd * other.sd);
    return {pull / precision, 1.0 / std::sqrt(precision)};
}

/// One end of a parameter's interval, where the signed root of twice the fall of the profile is `wanted`; on the log
/// scale. Infinity, with the sign of `wanted`, where the profile does not fall so far; NaN where it cannot be followed.
CUSTFOLIO_INLINE double profile_end(const Fit& fit, const std::function<Fit(const std::vector<LogPrior>&)>& refit,
                                    const std::vector<LogPrior>& prior, Eigen::Index k, double wanted) {
    const auto density = [&](const Fit& at) {
        Eigen::VectorXd unused = Eigen::VectorXd::Zero(fit.estimate.size());
        return at.log_likelihood + add_log_prior(prior, at.log_parameters(), unused);
    };
    const double top = density(fit);
    const double centre = fit.log_parameters()[k];
    const double sd = std::sqrt(fit.covariance(k, k));
    const double endless = std::copysign(std::numeric_limits<double>::infinity(), wanted);
    double slope = 1.0 / sd;  // of the signed root
    double at = centre + wanted * sd;
    std::vector<LogPrior> held = prior.empty() ? std::vector<LogPrior>(fit.names.size()) : prior;
    const LogPrior own = held[static_cast<std::size_t>(k)];
    for (int step = 0; step < 15; ++step) {
        // The prior whose pull there is the slope that the profile should have at `at`.
        const double mean = at + sd * sd * slope * wanted;
        held[static_cast<std::size_t>(k)] = both_priors(own, {mean, sd});
        const Fit aside = refit(held);
        if (!aside.converged) break;  // the other parameters run to the edge of the model
        const double reached = aside.log_parameters()[k];
        const double fall = top - density(aside);
        const double root = std::copysign(std::sqrt(2.0 * std::max(0.0, fall)), wanted);
        const double pull = (mean - reached) / (sd * sd);  // less the slope of the profile
        const bool usable = root != 0.0 && pull * wanted > 0.0;
        slope = usable ? std::max(pull / root, 0.02 / sd) : 0.5 * slope;
        const double next =
            reached + std::clamp((wanted - root) / slope, -2.0 * sd * std::abs(wanted), 2.0 * sd * std::abs(wanted));
        if (usable && std::abs(root - wanted) < 1e-4) return next;
        if (std::abs(next - centre) > 40.0 * sd * std::abs(wanted)) return endless;
        at = next;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE ConfidenceIntervals profile_intervals(const Fit& fit,
                                                       const std::function<Fit(const std::vector<LogPrior>&)>& refit,
                                                       const std::vector<LogPrior>& prior, double level) {
    if (!(level > 0.0 && level < 1.0)) {
        throw InputError("level is " + number_text(level) + "; it must be between 0 and 1, such as 0.95");
    }
    if (!prior.empty() && prior.size() != fit.names.size()) {
        throw InputError("prior has " + std::to_string(prior.size()) + " entries; it must have " +
                         std::to_string(fit.names.size()) + ", one a parameter");
    }
    const double z = math::normal_quantile(0.5 + 0.5 * level);
    const double none = std::numeric_limits<double>::quiet_NaN();
    ConfidenceIntervals found{Column::Constant(fit.estimate.size(), none), Column::Constant(fit.estimate.size(), none)};
    for (Eigen::Index k = 0; k < fit.estimate.size(); ++k) {
        if (!(fit.covariance(k, k) > 0.0)) continue;
        const bool plain = fit.unrestricted[static_cast<std::size_t>(k)];
        const double low = detail::profile_end(fit, refit, prior, k, -z);
        const double high = detail::profile_end(fit, refit, prior, k, z);
        found.lower[k] = plain ? low : std::exp(low);
        found.upper[k] = plain ? high : std::exp(high);
    }
    return found;
}

}  // namespace custfolio
