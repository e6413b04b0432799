// Stated success percentages against outcomes: scores, and percentages learned from history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// The non-decreasing sequence nearest to values in weighted squares (pool adjacent violators).
/// @param values finite, in the order in which the result must not fall.
/// @param weights positive and finite, one a value; empty: all 1.
/// @return one value each. Linear time.
/// @throws InputError where the lengths differ or a value or weight cannot be used (with its position).
/// @see R. E. Barlow, D. J. Bartholomew, J. M. Bremner, H. D. Brunk (1972), Statistical Inference under Order
/// Restrictions.
std::vector<double> isotonic_regression(std::span<const double> values, std::span<const double> weights = {});

/// One stated success percentage, and its outcomes.
struct ReliabilityPoint {
    double stated = 0;        ///< Stated probability.
    std::size_t count = 0;    ///< How often.
    double share = 0;         ///< Share that succeeded.
    double recalibrated = 0;  ///< The share made non-decreasing in the stated probability.
    double lower = 0;         ///< Lower end of the band of `recalibrated`, if the stated probability is right.
    double upper = 1;         ///< Upper end of that band.
};

/// How good success percentages were.
struct Reliability {
    std::vector<ReliabilityPoint> points{};  ///< By stated probability, ascending.
    std::size_t count = 0;                   ///< Number of outcomes.
    double stated = 0;                       ///< Mean stated probability.
    double observed = 0;                     ///< Share that succeeded.
    double brier = 0;                        ///< Mean squared difference of stated and observed, in [0, 1].
    double miscalibration = 0;               ///< What recalibration would subtract from the Brier score, >= 0.
    double discrimination = 0;               ///< What the separation of cases subtracts, after recalibration, >= 0.
    double uncertainty = 0;                  ///< The Brier score of always saying the overall share.
    double log_loss = 0;  ///< Mean of -ln(stated probability of the outcome); infinite where `impossible` is not 0.
    std::size_t impossible = 0;  ///< Outcomes with a stated probability of 0.
    double band_level = 0;       ///< Level of the consistency bands; 0: none were made.
};

/// How a consistency band is made.
struct ReliabilityOptions {
    double level = 0.9;  ///< Chance of each point to lie within its band if the stated one is right, in (0, 1).
    std::size_t resamples = 400;  ///< Number of resampled histories, at most 1,000,000; 0: no band.
    std::uint64_t seed = 1;       ///< The same seed gives the same bits.
    unsigned threads = 0;         ///< 0 means all cores.
    math::Pulse pulse{};          ///< Called now and then from the calling thread; what it throws ends the call.
};

/// Scores success percentages by their outcomes: brier = miscalibration - discrimination + uncertainty, exactly.
/// Recalibration is isotonic regression (CORP). Outcomes drawn with the stated probabilities give the bands of the
/// recalibrated values.
/// @param stated in [0, 1].
/// @param happened 0 or 1, one per probability.
/// @param options the bands.
/// @return scores and points. O(n log n + resamples x n).
/// @throws InputError where there is nothing, the lengths differ or a value is out of range (with its position). The
/// same for more than 1,000,000 resamples, or more than 2^27 resamples times different statements.
/// @see T. Dimitriadis, T. Gneiting, A. I. Jordan (2021), Stable reliability diagrams for probabilistic classifiers,
/// PNAS 118(8).
Reliability reliability(std::span<const double> stated, std::span<const std::uint8_t> happened,
                        const ReliabilityOptions& options = {});

/// Success rates of groups, shrunk towards each other; groups with few cases are shrunk more.
struct SuccessRates {
    double mean = 0;            ///< Mean of the groups' rates.
    double precision = 0;       ///< Weight of the mean, in cases; infinite where `pooled`.
    bool pooled = false;        ///< Whether groups differ no more than by chance: then all have one rate.
    std::string message;        ///< How the spread of the groups was estimated.
    std::vector<double> rate;   ///< Expected rate of each group.
    std::vector<double> lower;  ///< Lower end of its interval.
    std::vector<double> upper;  ///< Upper end of its interval.
};

/// Learns success rates by group. Rates have a beta distribution over groups, fitted by maximum likelihood of the
/// beta-binomial distribution.
///
/// - The rate of a group is its posterior mean; the interval does not include the uncertainty of the prior.
/// - Groups that differ no more than by chance have one rate, with its interval under Jeffreys' prior.
/// - If each group has only successes or only failures, the likelihood has no maximum. The prior then counts as one
///   case at the overall rate.
/// @param successes of each group, whole and >= 0.
/// @param trials of each group, at least its successes; a group without any gets the mean.
/// @param level of the intervals, in (0, 1).
/// @return one rate per group.
/// @throws InputError where there is no trial at all or a count is out of range (with its position).
/// @see J. G. Skellam (1948), A probability distribution derived from the binomial distribution by regarding the
/// probability of success as variable between the sets of trials, JRSS B 10(2).
SuccessRates success_rates(std::span<const double> successes, std::span<const double> trials, double level = 0.9);

/// A share with its interval.
struct ShareInterval {
    double share = 0;  ///< successes / trials.
    double lower = 0;  ///< Lower end of the equal-tailed interval under Jeffreys' prior; 0 stays possible.
    double upper = 1;  ///< Upper end of that interval; 1 stays possible.
};

/// The interval of a share.
/// @param successes >= 0.
/// @param trials > 0, at least successes.
/// @param level in (0, 1).
/// @return share and interval.
/// @throws InputError where an argument is out of range.
/// @see L. D. Brown, T. T. Cai, A. DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science
/// 16(2).
ShareInterval share_interval(double successes, double trials, double level = 0.9);

/// How a case ended, or that it has not.
enum class CaseEnd : std::uint8_t {
    open,  ///< Not decided when last seen.
    won,   ///< Succeeded.
    lost   ///< Failed.
};

/// @param end any value.
/// @return its name: "open", "won" or "lost".
/// @throws InputError for a number that is none of them.
std::string to_string(CaseEnd end);

/// Cases by age: what is decided in a period, of those that were still open in it.
struct AgePeriod {
    std::size_t at_risk = 0;    ///< Open at the period's beginning, and seen in it.
    std::size_t won = 0;        ///< Won in it.
    std::size_t lost = 0;       ///< Lost in it.
    ShareInterval win_rate;     ///< Of those at risk, the share won in it.
    double open = 1;            ///< Chance to be open at its end.
    double won_by = 0;          ///< Chance to have been won by its end (Aalen-Johansen).
    double wins_from_here = 0;  ///< Chance that a case open at its beginning is won by the end of the table.
};

/// Win rate by age: discrete hazards of winning and of losing, with open cases counted as long as they were seen.
/// @param age whole periods from a case's beginning to its decision, or to the last look at it; >= 0.
/// @param end how it ended.
/// @param level of the intervals, in (0, 1).
/// @return one entry a period from 0 to the greatest age. A case that is open at age t was at risk in the periods
/// before t only.
/// @throws InputError where there is nothing, the lengths differ or an age is beyond 100,000 (with its position).
/// @see O. O. Aalen, S. Johansen (1978), An empirical transition matrix for non-homogeneous Markov chains based on
/// censored observations, Scandinavian Journal of Statistics 5(3).
std::vector<AgePeriod> win_rate_by_age(std::span<const std::uint32_t> age, std::span<const CaseEnd> end,
                                       double level = 0.9);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/calibration.ipp"
#endif
