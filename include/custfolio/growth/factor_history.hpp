// Factors estimated from the successes of earlier periods: shares of the market and of a factor with labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/column_view.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// Successes and trials by cell: the trials of one label (a manager) in one period.
struct FactorHistory {
    ColumnView<double> successes{};     ///< Whole numbers, 0 to the trials.
    ColumnView<double> trials{};        ///< Whole numbers, >= 1; same length.
    ColumnView<std::int64_t> period{};  ///< Period of each cell, from 0; a period's cells lie together.
};

/// Successes and trials by cell that own their columns.
struct FactorCells {
    std::vector<double> successes;     ///< Sum of each cell.
    std::vector<double> trials;        ///< Sum of each cell, >= 1.
    std::vector<std::int64_t> period;  ///< Period of each cell, by the number of its code's first row with trials.
    std::vector<std::size_t> row;      ///< A row of each cell, for its names.

    /// @return views of the columns; valid as long as the cells live.
    [[nodiscard]] FactorHistory history() const { return {successes, trials, period}; }
};

/// Sums rows of successes and trials by period and label.
/// @param successes by row; without trials the outcome of one trial, 1 or 0.
/// @param trials by row, at least the successes; empty: one each. Rows without trials are left out.
/// @param period code of the period of each row.
/// @param label code of the label of each row; empty: no labels, a cell is a period.
/// @return the cells, ordered by period; periods and the cells of one as they first occur.
/// @throws InputError where lengths differ, or naming the row where a number is out of range.
FactorCells factor_cells(std::span<const double> successes, std::span<const double> trials,
                         std::span<const std::int64_t> period, std::span<const std::int64_t> label = {});

/// Parameters of the nested normal factors.
struct FactorParameters {
    double threshold = 0;  ///< Phi^-1 of the chance over all values of the factors.
    double common = 0;     ///< Loading of the factor that a period has in common: the square root of its share.
    double cell = 0;       ///< Loading of the factor that each cell has for itself.
};

/// The log-likelihood of a history, but for the binomial coefficients. In period t all cells share Z_t, and cell c has
/// Z_c. All are standard normal and independent. Given them a trial succeeds with the chance
///
///     Phi((threshold - common Z_t - own Z_c) / sqrt(1 - common^2 - own^2)),
///
/// so that it is sum_t log E_Z prod_c E_Zc[binomial]. Both means are trapezoidal rules, spaced for the greatest
/// information that a period and a cell have.
/// @param history successes and trials.
/// @param at the parameters; loadings with squares that sum to less than 1.
/// @param gradient where given: receives the three derivatives.
/// @return the log-likelihood; minus infinity for loadings out of range.
/// @see M. B. Gordy, E. Heitfield (2002), Estimating default correlations from short panels of credit rating
/// performance data, Federal Reserve Board.
double factor_log_likelihood(const FactorHistory& history, const FactorParameters& at, double* gradient = nullptr);

/// A share and its interval by profile likelihood.
struct FactorShare {
    double share = 0;  ///< The square of the loading, in [0, 1).
    double low = 0;    ///< Lower end.
    double high = 0;   ///< Upper end.
};

/// The factors that a history gives.
struct FactorFit {
    double threshold = 0;       ///< Phi^-1 of the chance over all values of the factors.
    FactorShare common;         ///< Of the factor that a period has in common.
    FactorShare cell;           ///< Of the factor that each cell has for itself.
    double log_likelihood = 0;  ///< At the estimate.
};

/// Estimates the shares of both factors, or of the common one alone, by maximum likelihood.
/// @param history successes and trials, both successes and failures.
/// @param grouped whether cells have a factor of their own; else its share is 0.
/// @param level of the intervals, in (0, 1); those of one parameter by Wilks, wider than need be at 0.
/// @param pulse called now and then; what it throws ends the call.
/// @return estimates and intervals.
/// @throws InputError where lengths differ, there is no cell, a cell has more than 1,000,000 trials, or the level is
/// out of range.
FactorFit fit_factors(const FactorHistory& history, bool grouped, double level = 0.9, const math::Pulse& pulse = {});

/// The correlation of two normal variables of which both are below a threshold with a given chance.
/// @param threshold the threshold of both.
/// @param both the chance that both are below.
/// @return in [0, 0.999]; 0 where they are less often than independent ones.
double correlation_of_pairs(double threshold, double both);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/factor_history.ipp"
#endif
