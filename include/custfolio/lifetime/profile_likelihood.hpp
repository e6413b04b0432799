// Profile-likelihood intervals: as far from the estimate as the best of all other parameters cannot make up for.
#pragma once

#include <functional>
#include <vector>

#include "custfolio/lifetime/maximum_likelihood.hpp"

namespace custfolio {

/**
 * @brief Intervals of the parameters by profile likelihood, which need not be symmetric on any scale.
 *
 * An end is where the likelihood, maximised over all other parameters, has fallen by half the chi-square quantile of
 * one degree of freedom. It is found from fits that draw the parameter aside by a prior: whatever the prior, the fit is
 * a point of the profile. The further its mean, the further the fall, and the mean that makes it right is found by
 * regula falsi; four to six fits an end.
 * @param fit the fit.
 * @param refit fits the same data with other priors, one a parameter.
 * @param prior the priors of the fit, empty where it has none; with priors the profile is that of the posterior
 * density.
 * @param level the chance that an interval covers the parameter, in (0, 1).
 * @return both ends for each parameter, on the parameter's own scale. An end that the data do not give, since the
 * likelihood does not fall so far, is 0 or infinity (of an unrestricted parameter, infinity). NaN where the fit has no
 * standard error.
 * @throws InputError where level is no such chance.
 * @see D. J. Venzon, S. H. Moolgavkar (1988), A Method for Computing Profile-Likelihood-Based Confidence Intervals,
 * Applied Statistics 37(1).
 */
ConfidenceIntervals profile_intervals(const Fit& fit, const std::function<Fit(const std::vector<LogPrior>&)>& refit,
                                      const std::vector<LogPrior>& prior, double level = 0.95);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/profile_likelihood.ipp"
#endif
