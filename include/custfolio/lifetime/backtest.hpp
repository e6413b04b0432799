// Backtest by rolling origins: which method forecasts each customer's months best, and how far off it was.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// How a series is forecast, the simplest first.
enum class ForecastMethod {
    seasonal_naive,  ///< What the same month of the last year was.
    drift,           ///< The line through the first and the last month.
    holt_winters     ///< Additive Holt-Winters with a damped trend.
};

/// @param method a method.
/// @return its name: "seasonal_naive", "drift" or "holt_winters".
std::string to_string(ForecastMethod method);

/// @param method a method.
/// @param season values a season.
/// @return how many values it needs: one season, 2, or two seasons.
std::size_t minimum_history(ForecastMethod method, int season);

/// How a backtest is done.
struct BacktestOptions {
    int horizon = 12;  ///< Months ahead, >= 1.
    int origins = 6;   ///< Most origins, >= 1: the last ones that leave a whole horizon after them.
    int fewest = 1;    ///< Methods are compared from at least so many origins, >= 1.
    int step = 1;      ///< Months between two origins, >= 1.
    int season = 12;   ///< Months a season, >= 1.
    std::vector<ForecastMethod> methods{ForecastMethod::seasonal_naive, ForecastMethod::drift,
                                        ForecastMethod::holt_winters};  ///< Those that may be chosen, at least one.
    unsigned threads = 0;                    ///< 0 means all cores; the result has the same bits for any number.
    std::function<void(double)> progress{};  ///< Called from the calling thread with the fraction done.
};

/// The result of a backtest of every series. A series begins with its first value that is not 0.
struct Backtest {
    std::vector<ForecastMethod> method;  ///< With the smallest mean absolute error; the simplest of equals.
    std::vector<int> origins;            ///< Origins compared; 0: too little history, so that nothing was compared.
    Matrix error;     ///< Series x 3: mean absolute error of each method over all origins and months ahead, divided by
                      ///< the mean absolute seasonal difference before the first origin (MASE); NaN where not compared
                      ///< or that difference is 0.
    Matrix forecast;  ///< Series x horizon: forecast of the chosen method from the end of the history.
    Matrix variance;  ///< Series x horizon: mean squared error of the chosen method by months ahead; NaN where nothing
                      ///< was compared.
};

/// Compares the methods on every series: from the same origins, over the same horizon, each fitted to what lies before
/// the origin only. The origins are those from which all methods allowed have their minimum history; where these are
/// fewer than `fewest`, the methods that need most are left out, down to the simplest one allowed, whose errors are
/// taken from whatever origins there are. Without any it is taken as it is, or where it has not its minimum history the
/// simplest one allowed that has; seasonal naive where none has. Drift is compared only for series without a negative
/// value, unless it is the only method allowed.
/// @param history series x months, finite; at least one month.
/// @param options how it is done.
/// @return methods, errors and forecasts. Linear time in series x origins x months.
/// @throws InputError where an option is out of range, a number is not finite (names row and month), or there is no
/// month.
/// @see R. J. Hyndman, A. B. Koehler (2006), Another look at measures of forecast accuracy, Int. J. Forecasting 22(4),
/// for the scaled error; L. J. Tashman (2000), Out-of-sample tests of forecasting accuracy, same journal 16(4), for
/// rolling origins.
Backtest backtest(const Matrix& history, const BacktestOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/backtest.ipp"
#endif
