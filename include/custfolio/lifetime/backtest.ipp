// Definition of the backtest by rolling origins.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/lifetime/backtest.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

inline constexpr std::array<ForecastMethod, 3> forecast_methods{ForecastMethod::seasonal_naive, ForecastMethod::drift,
                                                                ForecastMethod::holt_winters};

inline void forecast_with(ForecastMethod method, std::span<const double> history, int season,
                          std::span<double> forecast) {
    switch (method) {
        case ForecastMethod::seasonal_naive:
            return seasonal_naive(history, season, history.size(), forecast);
        case ForecastMethod::drift:
            return drift(history, forecast);
        case ForecastMethod::holt_winters:
            return fit_holt_winters(history, season).forecast(forecast);
    }
}

// Mean absolute seasonal difference: the unit of scaled errors. NaN where there is no pair to compare.
inline double seasonal_difference(std::span<const double> history, int season) {
    const auto m = static_cast<std::size_t>(season);
    if (history.size() <= m) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (std::size_t t = m; t < history.size(); ++t) sum += std::abs(history[t] - history[t - m]);
    return sum / static_cast<double>(history.size() - m);
}

/// Methods that are compared, the simplest first, and lengths of history at the origins from which all of them can
/// forecast.
struct ComparedMethods {
    std::vector<std::size_t> methods;
    std::vector<std::size_t> origins;
};

/// Leaves out methods that need a long history until the others have enough origins.
inline ComparedMethods compared_methods(std::vector<std::size_t> methods, std::size_t length,
                                        const BacktestOptions& options) {
    const auto need_of = [&](std::size_t k) { return minimum_history(forecast_methods[k], options.season); };
    const auto horizon = static_cast<std::size_t>(options.horizon);
    ComparedMethods compared{std::move(methods), {}};
    while (!compared.methods.empty()) {
        compared.origins.clear();
        std::size_t need = 0;
        for (const std::size_t k : compared.methods) need = std::max(need, need_of(k));
        for (int k = 0; k < options.origins; ++k) {
            const std::size_t after = horizon + static_cast<std::size_t>(k) * static_cast<std::size_t>(options.step);
            if (length >= need + after) compared.origins.push_back(length - after);
        }
        const std::size_t enough = compared.methods.size() > 1 ? static_cast<std::size_t>(options.fewest) : 1;
        if (compared.origins.size() >= enough) break;
        compared.origins.clear();
        if (compared.methods.size() == 1) break;
        // Of those that need most, the least simple one goes; the simplest of all stays.
        std::size_t worst = 1;
        for (std::size_t k = 2; k < compared.methods.size(); ++k) {
            if (need_of(compared.methods[k]) >= need_of(compared.methods[worst])) worst = k;
        }
        compared.methods.erase(compared.methods.begin() + static_cast<std::ptrdiff_t>(worst));
    }
    return compared;
}

inline void backtest_one(std::span<const double> all, const BacktestOptions& options, std::size_t row,
                         Backtest& result) {
    // A customer's series begins with its first purchase: zeros before it are no behaviour.
    const auto begin = static_cast<std::size_t>(
        std::find_if(all.begin(), all.end(), [](double value) { return value != 0; }) - all.begin());
    const auto series = all.subspan(begin == all.size() ? 0 : begin);
    const auto horizon = static_cast<std::size_t>(options.horizon);
    std::vector<std::size_t> methods;  // allowed, the simplest first
    for (std::size_t k = 0; k < forecast_methods.size(); ++k) {
        if (detail::find(options.methods, forecast_methods[k]) != options.methods.end()) methods.push_back(k);
    }
    // A line through the first and the last month is no trend where a month with more returns than sales may be one.
    if (methods.size() > 1 && detail::any_of(series, [](double value) { return value < 0; })) {
        std::erase_if(methods, [](std::size_t k) { return forecast_methods[k] == ForecastMethod::drift; });
    }
    const auto& [compared, origins] = compared_methods(methods, series.size(), options);
    std::vector<double> forecast(horizon);
    std::vector<double> squares(forecast_methods.size() * horizon, 0.0);
    std::array<double, forecast_methods.size()> absolute{};
    double size = 0;  // of what was to be forecast
    for (const std::size_t origin : origins) {
        for (std::size_t h = 0; h < horizon; ++h) size += std::abs(series[origin + h]);
        for (const std::size_t k : compared) {
            forecast_with(forecast_methods[k], series.first(origin), options.season, forecast);
            for (std::size_t h = 0; h < horizon; ++h) {
                const double error = series[origin + h] - forecast[h];
                absolute[k] += std::abs(error);
                squares[k * horizon + h] += error * error;
            }
        }
    }
    std::size_t chosen = 0;
    if (!origins.empty()) {
        // Errors relative to the seasonal difference before the first origin (the mean absolute scaled error), so that
        // customers of any size compare.
        chosen = compared.front();
        const double cases = static_cast<double>(origins.size() * horizon);
        const double scale = seasonal_difference(series.first(origins.back()), options.season);
        for (const std::size_t k : compared) {
            // Ties, also those that only rounding breaks, go to the simplest.
            if (absolute[k] < absolute[chosen] - 1e-12 * size) chosen = k;
            if (scale > 0) result.error(row, k) = absolute[k] / cases / scale;
        }
    } else {
        // Nothing can be compared: the first method that the history is long enough for.
        const auto able = detail::find_if(methods, [&](std::size_t k) {
            return series.size() >= minimum_history(forecast_methods[k], options.season);
        });
        if (able != methods.end() && methods.front() != 0) chosen = *able;
    }
    result.method[row] = forecast_methods[chosen];
    result.origins[row] = static_cast<int>(origins.size());
    forecast_with(forecast_methods[chosen], series, options.season, forecast);
    for (std::size_t h = 0; h < horizon; ++h) {
        result.forecast(row, h) = forecast[h];
        if (!origins.empty()) {
            result.variance(row, h) = squares[chosen * horizon + h] / static_cast<double>(origins.size());
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(ForecastMethod method) {
    switch (method) {
        case ForecastMethod::seasonal_naive:
            return "seasonal_naive";
        case ForecastMethod::drift:
            return "drift";
        case ForecastMethod::holt_winters:
            break;
    }
    return "holt_winters";
}

CUSTFOLIO_INLINE std::size_t minimum_history(ForecastMethod method, int season) {
    const auto m = static_cast<std::size_t>(std::max(season, 1));
    switch (method) {
        case ForecastMethod::seasonal_naive:
            return m;
        case ForecastMethod::drift:
            return 2;
        case ForecastMethod::holt_winters:
            break;
    }
    return 2 * m;
}

CUSTFOLIO_INLINE Backtest backtest(const Matrix& history, const BacktestOptions& options) {
    const auto at_least_one = [](int value, const char* name) {
        if (value < 1)
            throw InputError("backtest: " + std::string(name) + " is " + std::to_string(value) +
                             "; it must be at least 1");
    };
    at_least_one(options.horizon, "horizon");
    at_least_one(options.origins, "origins");
    at_least_one(options.fewest, "fewest");
    at_least_one(options.step, "step");
    at_least_one(options.season, "season");
    if (options.methods.empty()) throw InputError("backtest: there is no method; at least one must be allowed");
    if (history.cols() < 1) throw InputError("backtest: the history has no month");
    for (std::size_t i = 0; i < history.rows(); ++i) {
        for (std::size_t t = 0; t < history.cols(); ++t) {
            if (!std::isfinite(history(i, t))) {
                throw InputError(
                    "backtest: row " + std::to_string(i) + ", month " + std::to_string(t) +
                    " of the history is not finite; every month needs an amount, 0 where nothing was bought");
            }
        }
    }
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const std::size_t series = history.rows();
    const auto horizon = static_cast<std::size_t>(options.horizon);
    Backtest result;
    result.method.resize(series);
    result.origins.resize(series);
    result.error = Matrix(series, detail::forecast_methods.size(), unknown);
    result.forecast = Matrix(series, horizon);
    result.variance = Matrix(series, horizon, unknown);
    // Progress is reported by this thread, so it waits for each block.
    constexpr std::size_t block = 1024;  // between two reports of progress
    for (std::size_t from = 0; from < series; from += block) {
        if (options.progress) options.progress(static_cast<double>(from) / static_cast<double>(series));
        math::parallel_for(from, std::min(from + block, series), 16, options.threads,
                           [&](std::size_t b, std::size_t e) {
                               for (std::size_t i = b; i < e; ++i) {
                                   detail::backtest_one(history.row(i), options, i, result);
                               }
                           });
    }
    if (options.progress) options.progress(1.0);
    return result;
}

}  // namespace custfolio
