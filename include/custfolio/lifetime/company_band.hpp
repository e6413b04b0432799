// The band of a company's level: how far off its forecasts would have been in the last year.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "custfolio/lifetime/level_forecast.hpp"
#include "custfolio/lifetime/trading_days.hpp"

namespace custfolio {

/// Errors of the company's level at earlier origins.
struct CompanyBand {
    std::vector<int> origins{};  ///< Per month ahead of the last known one: origins compared.
    std::vector<double> bias{};  ///< Per month ahead: mean relative error; NaN where nothing was compared.
    std::vector<double>
        error{};  ///< Per month ahead: root mean squared relative error; NaN where nothing was compared.
    double correlation = std::numeric_limits<double>::quiet_NaN();  ///< Between the errors of two months from the same
                                                                    ///< origin, in [0, 1]; NaN where it is not known.
    double own_correlation = std::numeric_limits<double>::quiet_NaN();  ///< The same of single customers, pooled.
    std::vector<double> deviation{};  ///< Per month of the forecast: standard deviation of the level, as a share of
                                      ///< sqrt(|level| x mean |level| of the months); NaN with too little history.
};

/// Forecasts the last twelve months from earlier origins, with the information of that time, and compares the sums of
/// customers.
///
/// Errors are the company's own, not a sum of customers' errors: a movement that all customers share is in them. The
/// variance of a month is in proportion to its level, as that of a sum of purchases. It is the mean square of all
/// errors of a year ahead, so that every season is in it. With less than a year of months Student's t widens it.
///
/// The errors of single customers between two months are pooled over all customers of the back-test, each in proportion
/// to the deviation that its forecast states. Most customers have too few errors for a correlation of their own.
///
/// The mean error of the last year is no forecast of the next one. So it is a part of the mean square and of the
/// correlation, and does not move the band.
/// @param history customers x months: net revenue, currency.
/// @param trading the company's revenue by day.
/// @param options how levels are forecast.
/// @param reconciled whether sums of customers are reconciled with forecasts of the company.
/// @return the band. As many forecasts of all customers as there are origins, at most 13 or so.
CompanyBand company_band(const Matrix& history, const TradingDays& trading, const LevelOptions& options,
                         bool reconciled = false);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/company_band.ipp"
#endif
