// Acceptance learned from answers to offers, with the user's percentages as a prior, and intervals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "custfolio/math/matrix.hpp"
#include "custfolio/remediation/acceptance.hpp"

namespace custfolio {

/// Answers of customers to offers, one entry per answer.
struct OfferAnswers {
    std::vector<std::uint8_t> accepted{};  ///< 1 where the customer accepted, 0 where it refused.
    std::vector<double> burden{};          ///< Offer::burden, in [-100, 100]; empty: not known.
    std::vector<std::int32_t> group{};     ///< Customer or segment, 0 .. groups - 1; empty: none.
    std::int32_t groups = 0;               ///< Number of groups.
};

/// What answers are learned with.
struct LearningOptions {
    Acceptance prior{};          ///< The user's percentages; chances in [0.001, 0.999].
    double strength = 10;        ///< Number of answers that the prior counts as, in [0.1, 1e9].
    double heavy_burden = 0.05;  ///< Half of the prior counts at burden 0, half at this one, in (0, 100].
    double between = 0.5;        ///< Standard deviation of log-odds between groups: 0, or in [0.001, 10].
};

/// A chance with its interval.
struct ChanceInterval {
    double chance = 0;  ///< Median of a logistic, mean of a share; in [0, 1].
    double lower = 0;   ///< Lower end of the central interval.
    double upper = 0;   ///< Upper end of the central interval.
};

/// Acceptance after some answers: the posterior of a logistic in the burden, or of one share.
struct LearnedAcceptance {
    /// A customer or segment without answers.
    static constexpr std::size_t no_group = std::numeric_limits<std::size_t>::max();

    bool share = false;            ///< Whether it is one share, whatever the burden: a beta distribution.
    double alpha = 0;              ///< Share only: accepted answers, with those of the prior.
    double beta = 0;               ///< Share only: refused answers, with those of the prior.
    double log_odds = 0;           ///< Log-odds at burden 0 of a customer without answers.
    double sensitivity = 0;        ///< Fall of the log-odds per unit of burden, >= 0.
    bool at_bound = false;         ///< Whether answers alone would give a sensitivity below 0.
    double between = 0;            ///< Standard deviation of log-odds between groups.
    Matrix covariance{};           ///< 2 x 2, of log_odds and sensitivity.
    std::vector<double> offset{};  ///< Per group: its log-odds less log_odds.
    std::vector<double>
        own_variance{};  ///< Per group: variance of its offset where log_odds and sensitivity are known.
    Matrix slope{};      ///< Groups x 2: fall of the offset per unit of log_odds and of sensitivity.
    std::vector<std::int64_t> answers{};   ///< Per group: number of answers.
    std::vector<std::int64_t> accepted{};  ///< Per group: how many accepted.
    std::vector<double> mean_burden{};     ///< Per group: mean burden of its answers; 0 where not known.

    /// @param group a group, or no_group.
    /// @return the acceptance for remediate().
    /// @throws NotFoundError where there is no such group.
    [[nodiscard]] Acceptance acceptance(std::size_t group = no_group) const;
    /// @param burden extra cost for the customer as a share of its spend, finite.
    /// @param level probability of the interval, in (0, 1).
    /// @param group a group, or no_group: then the interval includes the spread between groups.
    /// @return the chance to accept.
    /// @throws InputError where the burden is not finite or the level is out of range.
    /// @throws NotFoundError where there is no such group.
    [[nodiscard]] ChanceInterval chance(double burden, double level = 0.8, std::size_t group = no_group) const;
};

/// Learns acceptance from answers.
///
/// With burdens: logit(p) = log_odds + offset(group) - sensitivity x burden, sensitivity >= 0. Offsets are normal with
/// mean 0 and standard deviation `between`. The prior counts as `strength` answers with the user's percentages, half at
/// burden 0, half at `heavy_burden`: a conditional means prior. Newton's method finds the posterior mode, and Laplace's
/// approximation gives the covariance. Without burdens the sensitivity is 0. Without burdens and groups the posterior
/// is exact: a beta distribution.
/// @param answers the answers; none gives the prior.
/// @param options the prior, its strength, and the spread between groups.
/// @return the posterior; O(answers + groups) per step of Newton.
/// @throws InputError where sizes differ, a value is out of range, or a chance of the prior is outside of [0.001,
/// 0.999].
/// @throws NumericalError where Newton's method does not converge.
/// @see E. J. Bedrick, R. Christensen, W. Johnson (1996), A new perspective on priors for generalized linear models,
/// JASA 91; C. M. Bishop (2006), Pattern Recognition and Machine Learning, section 4.5.
LearnedAcceptance learn_acceptance(const OfferAnswers& answers, const LearningOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/learning.ipp"
#endif
