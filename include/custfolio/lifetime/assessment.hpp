// How well forecast distributions of counts met what happened: scores, quantiles and the probability integral
// transform.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace custfolio {

/// Scores of one forecast distribution a row against the count that came true.
struct CountScores {
    std::vector<double> crps;   ///< Continuous ranked probability score, counts; 0 is perfect.
    std::vector<double> lower;  ///< Smallest count whose cumulative probability reaches the lower level.
    std::vector<double> upper;  ///< The same for the upper level.
    std::vector<double> below;  ///< Probability of fewer than the count that came true, in [0, 1].
    std::vector<double> up_to;  ///< Probability of at most that count: the transform is uniform between the two.
    double missing_mass = 0;    ///< The most probability that any row leaves beyond its last count.
};

/// Scores forecasts of counts from their probability mass.
///
/// CRPS = sum over k >= 0 of (F(k) - [count <= k])^2, which for counts is the integral of its definition. Beyond the
/// last count of the mass F stays as it is there; the error is at most `missing_mass` a unit.
/// @see T. Gneiting & A. E. Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102, eq.
/// 20; C. Czado, T. Gneiting & L. Held (2009), Predictive Model Assessment for Count Data, Biometrics 65.
/// @param mass probabilities of the counts 0 .. width - 1, row by row: `count.size()` rows of `width` numbers.
/// @param width counts of a row, at least 1.
/// @param count what came true, whole numbers >= 0.
/// @param lower,upper levels of the quantiles, 0 < lower < upper < 1.
/// @param threads upper bound on threads; 0 means all cores; same bits for any number.
/// @return one score a row. O(rows * width).
/// @throws InputError where the mass has another size, a probability lies outside of [0, 1] or a row sums to more than
/// 1 + 1e-6, a count is negative or no whole number (the text names the row, counted from 0), or the levels are out of
/// order.
CountScores score_counts(std::span<const double> mass, std::size_t width, std::span<const double> count,
                         double lower = 0.1, double upper = 0.9, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/assessment.ipp"
#endif
