// Definitions of the forecasts of one regular series.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

// Where Holt-Winters begins: the same for all parameters, so it is computed once a fit.
struct SmoothingStart {
    double level = 0, trend = 0;
    std::vector<double> season;
};

inline SmoothingStart smoothing_start(std::span<const double> history, int season) {
    if (season < 1) throw InputError("season is " + std::to_string(season) + "; it must be at least 1");
    const auto m = static_cast<std::size_t>(season);
    if (history.size() < 2 * m) {
        throw InputError("Holt-Winters needs two seasons (" + std::to_string(2 * m) + " values); there are " +
                         std::to_string(history.size()));
    }
    double first = 0;
    double second = 0;
    for (std::size_t k = 0; k < m; ++k) {
        first += history[k];
        second += history[m + k];
    }
    const auto width = static_cast<double>(season);
    SmoothingStart start;
    // The trend per month is the change between the two years' means, over a year.
    start.trend = (second - first) / (width * width);
    // The line meets the first year's mean in its middle.
    start.level = first / width - start.trend * (width + 1) / 2;
    start.season.resize(m);
    double centre = 0;
    for (std::size_t k = 0; k < m; ++k) {
        const double at = static_cast<double>(k + 1);
        const double line = start.level + start.trend * at;
        // A month's season is the mean distance of both years from the line.
        start.season[k] = (history[k] - line + history[m + k] - line - start.trend * width) / 2;
        centre += start.season[k] / width;
    }
    // Seasons sum to 0, so that level and season cannot exchange an amount.
    for (double& value : start.season) value -= centre;
    return start;
}

// The recursions; `state` comes with the parameters and leaves with state and error. Its season is reused as a ring.
inline void smooth(std::span<const double> history, const SmoothingStart& start, HoltWinters& state) {
    const std::size_t m = start.season.size();
    double level = start.level;
    double trend = start.trend;
    state.season.assign(start.season.begin(), start.season.end());
    double squares = 0;
    std::size_t at = 0;
    // The recursions of damped additive Holt-Winters: each updates one part with what the others leave.
    for (const double value : history) {
        double& season = state.season[at];
        const double before = level + state.phi * trend;
        const double error = value - before - season;
        squares += error * error;
        const double next = state.alpha * (value - season) + (1 - state.alpha) * before;
        trend = state.beta * (next - level) + (1 - state.beta) * state.phi * trend;
        season = state.gamma * (value - before) + (1 - state.gamma) * season;
        level = next;
        at = at + 1 == m ? 0 : at + 1;
    }
    // The ring begins at the month after the history, as the forecast expects.
    std::rotate(state.season.begin(), state.season.begin() + static_cast<std::ptrdiff_t>(at), state.season.end());
    state.level = level;
    state.trend = trend;
    state.squared_error = squares / static_cast<double>(history.size());
}

}  // namespace detail

CUSTFOLIO_INLINE void seasonal_naive(std::span<const double> history, int season, std::size_t first,
                                     std::span<double> forecast) {
    if (history.empty()) throw InputError("seasonal naive: there is no history");
    if (season < 1) throw InputError("season is " + std::to_string(season) + "; it must be at least 1");
    const auto m = static_cast<std::size_t>(season);
    double sum = 0;
    for (const double value : history) sum += value;
    const double mean = sum / static_cast<double>(history.size());
    for (std::size_t h = 0; h < forecast.size(); ++h) {
        const std::size_t place = (first + h) % m;
        // The last position of the history with this place in the season, if there is one.
        const std::size_t last = history.size() - 1;
        // Without a value for this place in the season, the mean stands in.
        const std::size_t back = (last % m + m - place) % m;
        forecast[h] = back <= last ? history[last - back] : mean;
    }
}

CUSTFOLIO_INLINE void drift(std::span<const double> history, std::span<double> forecast) {
    if (history.empty()) throw InputError("drift: there is no history");
    const double slope =
        history.size() > 1 ? (history.back() - history.front()) / static_cast<double>(history.size() - 1) : 0.0;
    for (std::size_t h = 0; h < forecast.size(); ++h) forecast[h] = history.back() + static_cast<double>(h + 1) * slope;
}

CUSTFOLIO_INLINE void HoltWinters::forecast(std::span<double> forecast) const {
    double damping = 0;
    double power = 1;
    for (std::size_t h = 0; h < forecast.size(); ++h) {
        // The sum of phi + phi^2 + ... + phi^h: a damped trend flattens.
        power *= phi;
        damping += power;
        forecast[h] = level + damping * trend + season[h % season.size()];
    }
}

CUSTFOLIO_INLINE HoltWinters holt_winters(std::span<const double> history, int season, const HoltWinters& parameters) {
    for (const double value : {parameters.alpha, parameters.beta, parameters.gamma, parameters.phi}) {
        require_probability(value, "Holt-Winters: smoothing parameter");
    }
    HoltWinters state = parameters;
    detail::smooth(history, detail::smoothing_start(history, season), state);
    return state;
}

CUSTFOLIO_INLINE HoltWinters fit_holt_winters(std::span<const double> history, int season) {
    const detail::SmoothingStart start = detail::smoothing_start(history, season);
    // A phi below 0.8 ends a trend within months; one above 0.98 looks like 1 in a short history.
    constexpr std::array<double, 4> low{0, 0, 0, 0.8};
    constexpr std::array<double, 4> high{1, 1, 1, 0.98};
    HoltWinters best;
    detail::smooth(history, start, best);
    HoltWinters tried = best;
    constexpr double finest = 0.01;
    // The parameters lie in a box, so the search moves one at a time, with halved steps.
    for (double step = 0.32; step > finest / 2; step /= 2) {
        for (bool better = true; better;) {
            better = false;
            for (std::size_t k = 0; k < low.size(); ++k) {
                for (const double sign : {1.0, -1.0}) {
                    tried.alpha = best.alpha;
                    tried.beta = best.beta;
                    tried.gamma = best.gamma;
                    tried.phi = best.phi;
                    double& moved = k == 0 ? tried.alpha : k == 1 ? tried.beta : k == 2 ? tried.gamma : tried.phi;
                    const double from = moved;
                    moved = std::clamp(from + sign * step * (high[k] - low[k]), low[k], high[k]);
                    if (moved == from) continue;
                    detail::smooth(history, start, tried);
                    // A gain too small to matter is none: the search ends, and rounding cannot make it wander.
                    if (tried.squared_error < best.squared_error * (1 - 1e-6)) {
                        best = tried;
                        better = true;
                        break;
                    }
                }
            }
        }
    }
    return best;
}

}  // namespace custfolio
