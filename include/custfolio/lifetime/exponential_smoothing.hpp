// Forecasts of one regular series: seasonal naive, drift, and additive Holt-Winters with a damped trend.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/config.hpp"

namespace custfolio {

/// Fills each forecast with the last value of its season; with the mean of the history where there is none yet.
/// @param history equally spaced values, oldest first; not empty.
/// @param season values a season, >= 1 (12 for months).
/// @param first position of the first forecast, counted from the first value: `history.size()` for the one after the
/// last. Smaller positions are allowed: only the place in the season counts.
/// @param forecast receives the forecasts.
/// @throws InputError where the history is empty or `season` < 1.
/// @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 5.2.
void seasonal_naive(std::span<const double> history, int season, std::size_t first, std::span<double> forecast);

/// Draws the line through the first and the last value: y_T + h (y_T - y_1) / (T - 1).
/// @param history equally spaced values, oldest first; not empty. One value is repeated.
/// @param forecast receives the forecasts of the values after the last.
/// @throws InputError where the history is empty.
/// @see Hyndman and Athanasopoulos (2021), section 5.2.
void drift(std::span<const double> history, std::span<double> forecast);

/// Smoothing parameters and final state of additive Holt-Winters with a damped trend:
///
///     l_t = alpha (y_t - s_{t-m}) + (1 - alpha) (l_{t-1} + phi b_{t-1})
///     b_t = beta (l_t - l_{t-1}) + (1 - beta) phi b_{t-1}
///     s_t = gamma (y_t - l_{t-1} - phi b_{t-1}) + (1 - gamma) s_{t-m}
///     y_{T+h} = l_T + (phi + ... + phi^h) b_T + s of that season
///
/// @see Hyndman and Athanasopoulos (2021), sections 8.2 and 8.3.
struct HoltWinters {
    double alpha = 0.3;          ///< Of the level, 0..1.
    double beta = 0.1;           ///< Of the trend, 0..1.
    double gamma = 0.1;          ///< Of the season, 0..1.
    double phi = 0.9;            ///< Damping of the trend, 0..1; fitted values lie in 0.8..0.98.
    double level = 0;            ///< l_T.
    double trend = 0;            ///< b_T.
    std::vector<double> season;  ///< s of the next `season.size()` values, the next one first.
    double squared_error = 0;    ///< Mean squared one-step error over the history.

    /// @param forecast receives the forecasts of the values after the last.
    void forecast(std::span<double> forecast) const;
};

/// Runs the recursions over a history with given parameters. They begin with the line through the means of the first
/// two seasons, and with the mean distance of each value of these two seasons from that line, centred.
/// @param history equally spaced values, oldest first; at least two seasons.
/// @param season values a season, >= 1.
/// @param parameters alpha, beta, gamma and phi, each in 0..1.
/// @return the same with the final state and the mean squared one-step error.
/// @throws InputError where the history is too short or a parameter out of range.
HoltWinters holt_winters(std::span<const double> history, int season, const HoltWinters& parameters);

/// Chooses the parameters with the smallest mean squared one-step error: compass search within alpha, beta, gamma in
/// 0..1 and phi in 0.8..0.98, steps halved to a hundredth. The same bits on every run.
/// @param history equally spaced values, oldest first; at least two seasons.
/// @param season values a season, >= 1.
/// @return parameters and final state.
/// @throws InputError where the history is too short.
HoltWinters fit_holt_winters(std::span<const double> history, int season);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/exponential_smoothing.ipp"
#endif
