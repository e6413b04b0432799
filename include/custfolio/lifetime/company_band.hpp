// The band of a company's level: how far off its forecasts would have been in the last year.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <vector>

#include "custfolio/lifetime/level_forecast.hpp"
#include "custfolio/lifetime/trading_days.hpp"

namespace custfolio {

/// Relative errors of the company's level at earlier origins.
struct CompanyBand {
    std::vector<int> origins{};  ///< Per month ahead of the last known one: origins compared.
    std::vector<double> bias{};  ///< Per month ahead: mean relative error; NaN where nothing was compared.
    std::vector<double>
        error{};  ///< Per month ahead: root mean squared relative error; NaN where nothing was compared.
    double correlation = std::numeric_limits<double>::quiet_NaN();  ///< Between the errors of two months from the same
                                                                    ///< origin, in [0, 1]; NaN where it is not known.
    std::array<std::vector<double>, 3> quantile{};  ///< P10, P50, P90 of the relative error per month of the forecast;
                                                    ///< NaN where there is too little history.
};

/// Forecasts the last twelve months from earlier origins, with the information of that time, and compares the sums of
/// customers.
///
/// Errors are pooled by year ahead, so that every season is in them. They are the company's own errors, not a sum of
/// customers' quantiles: a movement that all customers share is in them. From six months on the quantiles are those of
/// the errors; for fewer months they follow from the mean square. Both are widened by Student's t for the number of
/// months.
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
