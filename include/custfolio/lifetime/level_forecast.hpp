// Levels of all customers ahead: regular ones by the method of the smallest error, irregular ones by evaporation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/lifetime/backtest.hpp"
#include "custfolio/lifetime/month_index.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// How levels are forecast: the same from every origin.
struct LevelOptions {
    std::size_t horizon = 12;  ///< Months to forecast, at least 1.
    std::size_t lead = 0;      ///< Months between the last known one and the first forecast.
    int origins = 4;           ///< Rolling origins, a quarter apart, that compare the methods.
    std::vector<ForecastMethod> methods{ForecastMethod::seasonal_naive, ForecastMethod::drift,
                                        ForecastMethod::holt_winters};  ///< Methods for regular customers.
    std::vector<std::int32_t> segment{};     ///< Segment per customer, for their season; -1: none. Empty: no segments.
    unsigned threads = 0;                    ///< 0 means all cores; the result has the same bits for any number.
    std::function<void(double)> progress{};  ///< Called from the calling thread with the fraction done.

    /// @return months from the last known one to the last forecast.
    [[nodiscard]] std::size_t ahead() const { return lead + horizon; }
};

/// Forecasts of customers, and how they were made.
struct LevelForecast {
    Matrix level{};                     ///< Customers x months: expected net revenue, currency.
    Matrix variance{};                  ///< Customers x months: its variance, squared currency.
    std::vector<std::string> method{};  ///< Per customer: the method's name, or "evaporation".
    std::vector<std::string> reason{};  ///< Per customer: why that method.
    std::vector<int> origins{};         ///< Per customer: origins compared.
    Matrix error{};                     ///< Customers x methods: scaled errors, as in Backtest.
    std::vector<std::string> notes{};   ///< Facts about the whole forecast.
    MonthIndex season{};                ///< Season of irregular customers; none where there are no such customers.
    std::optional<BGBB> purchases{};    ///< BG/BB of the history; none without irregular customers or without a fit.
};

/// Forecasts every customer.
///
/// A customer who bought in at least three quarters of its last twelve months (of all its months, where it is younger)
/// is regular: the method with the smallest error. Its level is not negative unless its history is somewhere. A regular
/// newcomer of less than a year is multiplied by the share to which newcomers of its age settled. An irregular customer
/// has the chance of evaporation() times its mean level of the last two years' months with a purchase, times the season
/// of month_index() and the damped trend of purchase_trend().
/// @param history customers x months: net revenue, currency; at least one month.
/// @param options how levels are forecast.
/// @param days trading days of the months of the history and of all months ahead, in those of a mean month; empty: 1.
/// @return the forecasts. Linear in customers x months x origins.
/// @throws InputError as backtest() does.
LevelForecast forecast_levels(const Matrix& history, const LevelOptions& options, std::span<const double> days = {});

/// Reconciles forecasts with forecasts of the segments and the company by minimum trace.
///
/// Sums are forecast from histories that the customers of the last year would have had: chained backwards by the growth
/// over a year of customers who were there in both years. The growth of `everyone` corrects for customers who left.
/// @param forecast levels and variances; the levels are replaced.
/// @param history customers x months, the rows of the forecast.
/// @param everyone all customers of the ledger x the same months.
/// @param segment segment per row of the history, 0 .. the highest.
/// @param options how levels are forecast.
/// @param days as in forecast_levels().
/// @return whether there was enough history; without, the levels stay.
bool reconcile_levels(LevelForecast& forecast, const Matrix& history, const Matrix& everyone,
                      std::span<const std::int32_t> segment, const LevelOptions& options,
                      std::span<const double> days = {});

/// Histories of groups as if each always had the customers of its last year; see reconcile_levels().
/// @param history customers x months.
/// @param segment group per row of the history.
/// @param groups number of groups.
/// @param everyone all customers of the ledger x the same months.
/// @return groups x months; 0 before the first month that growth reaches.
Matrix like_for_like(const Matrix& history, std::span<const std::int32_t> segment, std::size_t groups,
                     const Matrix& everyone);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/level_forecast.ipp"
#endif
