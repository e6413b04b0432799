// How strongly successes go together: shares of factors by maximum likelihood, and by the method of moments.
#pragma once

#include "custfolio/growth/factor_history.hpp"

namespace custfolio {

/// Estimates from a history of successes by period, or by period and label.
struct FactorCorrelation {
    FactorFit fit;           ///< Maximum likelihood estimates with their intervals.
    double probability = 0;  ///< Chance of success over all values of the factors.
    double by_moments = 0;   ///< Share of the common factor, from pairs of trials of one period (and, with labels,
                             ///< of different labels).
    double between_successes = 0;  ///< Correlation of two successes (0 or 1) of one period, from the same pairs.
};

/// @param history successes and trials; a period's cells lie together.
/// @param grouped whether each cell is a label with a factor of its own.
/// @param level of the intervals, in (0, 1).
/// @param pulse called now and then; what it throws ends the call.
/// @return the estimates.
/// @throws InputError where the level is out of range, fewer than two periods have trials, or all trials went the same
/// way. The same where a cell has more than 1,000,000 trials, no cell has two, or (with labels) no period has trials of
/// two labels.
/// @see M. B. Gordy, E. Heitfield (2002), Estimating default correlations from short panels of credit rating
/// performance data, Federal Reserve Board.
FactorCorrelation estimate_correlation(const FactorHistory& history, bool grouped, double level = 0.9,
                                       const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/factor_correlation.ipp"
#endif
