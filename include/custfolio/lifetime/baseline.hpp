// Baseline: what every customer is expected to bring in each month without any action.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/lifetime/company_band.hpp"
#include "custfolio/lifetime/joint_error.hpp"
#include "custfolio/lifetime/newcomers.hpp"
#include "custfolio/math/shrinkage.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// Sums over all customers per month.
struct CompanyMonths {
    Column level{};                    ///< Expected net revenue, currency.
    Column heat{};                     ///< Expected contribution, currency.
    Column temperature{};              ///< heat / level; NaN where the level is not above 0.
    std::array<Column, 3> quantile{};  ///< P10, P50 and P90 of the level with new business, currency; NaN where the
                                       ///< joint error is not known.
};

/// Level and heat per customer and month without any action, and how uncertain their sums are. A plain aggregate: fill
/// it with any forecast; check() compares it with a portfolio.
struct Baseline {
    Identity identity{};  ///< The portfolio of the rows; none where filled by hand.
    Month start{};        ///< First month.
    Matrix level{};       ///< Customers x months: expected net revenue, currency.
    Matrix heat{};        ///< Customers x months: expected contribution, currency.
    Matrix variance{};    ///< Customers x months: variance of the level, squared currency; empty without.
    JointError joint{};   ///< How the levels' errors belong together.
    std::vector<bool> never_negative{};  ///< Per customer: whether its level cannot be below 0, as no month of its
                                         ///< history was. Empty: any level can be.
    std::vector<std::string> notes{};    ///< Facts about how it was made.

    // Set by baseline(); empty in a baseline that was filled by hand.
    std::vector<std::string> method{};  ///< Per customer: "seasonal_naive", "drift", "holt_winters", "evaporation",
                                        ///< "brought in" or "none".
    std::vector<std::string> reason{};  ///< Per customer: why that method.
    std::vector<int> origins{};         ///< Per customer: origins at which methods were compared.
    Matrix error{};                     ///< Customers x 3 methods: scaled errors, as in Backtest.
    ShrunkTemperature temperature{};    ///< Per customer: temperature observed and expected.
    NewcomerLine newcomers{};           ///< New business as usual, beside the customers; see newcomers_as_usual().
    CompanyBand band{};                 ///< Errors of the company's level at earlier origins.
    Month history_start{};              ///< First month of `history`.
    Column history{};                   ///< Net revenue of the customers per month of the history, currency.

    /// @return number of months.
    [[nodiscard]] int months() const { return static_cast<int>(level.cols()); }
    /// @return the sums of all customers per month. Newcomers are in the band alone, which is that of
    /// nonnegative_quantile() where no customer's level can be below 0.
    [[nodiscard]] CompanyMonths company() const;
    /// @return whether no customer's level can be below 0. New business cannot be below 0 then either.
    [[nodiscard]] bool all_never_negative() const;
    /// @param customer row of a customer.
    /// @param month position of a month; the joint error must be known.
    /// @return standard deviation of the customer's own error of the level, currency: what its variance has beyond the
    /// error that all customers share.
    [[nodiscard]] double own_deviation(std::size_t customer, std::size_t month) const;
    /// @param customer row of a customer.
    /// @param month position of a month.
    /// @return heat / level of a customer's month; its expected temperature where the level is 0, 0 without one.
    [[nodiscard]] double temperature_of(std::size_t customer, std::size_t month) const;
    /// @param customer row of a customer.
    /// @param month position of a month.
    /// @return standard deviation of the customer's heat by its temperature alone, currency, with the sign of the
    /// level. This error is the same in all months.
    [[nodiscard]] double heat_deviation(std::size_t customer, std::size_t month) const;
    /// Covariance of the level of all customers and new business between months. More new business than usual stays
    /// more in all months.
    /// @return months x months, squared currency; without rows where the joint error is not known. O(customers x
    /// months^2).
    [[nodiscard]] Matrix level_covariance() const;
    /// Standard deviation of the heat of all customers and new business per month. Heat follows the level at each
    /// customer's temperature, and a temperature has a variance of its own.
    /// @return currency; empty where the joint error is not known.
    [[nodiscard]] Column heat_deviation() const;
    /// Checks that this is a baseline for a portfolio and a horizon.
    /// @param portfolio the customers, in the order of the rows.
    /// @param first first month needed.
    /// @param count number of months needed.
    /// @throws InputError where it is of another portfolio, a size differs, a number is not finite, a variance or
    /// deviation is negative, a correlation is out of range, or months are missing. The message names it.
    void check(const Portfolio& portfolio, Month first, int count) const;
};

/// A forecast of the user's own for some customers.
struct ForecastBroughtIn {
    std::vector<bool> known{};  ///< Per customer: whether this forecast replaces the baseline's.
    Matrix level{};             ///< Customers x months: net revenue, currency; read where known.
    Matrix heat{};              ///< The same for contribution; NaN: level times the expected temperature.
    Matrix variance{};          ///< The same for the variance of the level; NaN: that of the baseline.
};

/// How a baseline is made.
struct BaselineOptions {
    std::span<const std::int32_t> segment = {};  ///< Segment per customer, 0 .. the highest; empty: one for all.
    ForecastBroughtIn brought_in = {};           ///< Empty: none.
    std::vector<ForecastMethod> methods{ForecastMethod::seasonal_naive, ForecastMethod::drift,
                                        ForecastMethod::holt_winters};  ///< Methods for regular customers.
    bool reconcile = false;  ///< Whether customers are reconciled with forecasts of segments and company.
    int history_years = 0;   ///< Last years that are read; 0: all.
    int origins = 4;         ///< Rolling origins, a quarter apart, that compare the methods.
    unsigned threads = 0;    ///< 0 means all cores; the result has the same bits for any number.
    std::function<void(double)> progress = {};  ///< Called from the calling thread with the fraction done; an exception
                                                ///< from it ends the call.
};

/// Forecasts level and heat of every customer and month without any action.
///
/// Levels are those of forecast_levels(), reconciled by reconcile_levels() if wanted. Months are compared per trading
/// day where that foresees better (see TradingDays). Heat is level times the expected temperature: the customer's own
/// of its last 24 months, shrunk towards its segment (see shrink_temperature()). The errors of all are those of
/// joint_error(), from company_band(). The history has whole months only: a first or last month of which the ledger has
/// a part is left out, with a note. Months without a positive level count with an earlier month for the temperature.
/// Costs that the ledger does not have, such as those of credit, are in the portfolio's period only: their share of
/// revenue lowers the temperature. For a customer whose revenue is less than half its size (the sum of its months
/// without sign), it is their share of that size, in months of sales and of returns. New business as usual stands
/// apart: its heat is its level at the temperature expected of the customers that began in the last two years, or of
/// all without any.
/// @param ledger the history; only rows before `start` are read.
/// @param costs what serving costs.
/// @param portfolio the customers.
/// @param start first month.
/// @param months number of months, 1 to 120.
/// @param options how it is made.
/// @return the baseline, its rows in the order of the portfolio. Linear in rows, and in customers x months x origins.
/// @throws InputError where an option is out of range, the ledger has no whole month before `start`, the portfolio is
/// empty, or a customer has no row before `start` and no forecast of its own (the text names it).
Baseline baseline(const LedgerView& ledger, const CostModel& costs, const Portfolio& portfolio, Month start, int months,
                  const BaselineOptions& options = {});

/// The baseline of a portfolio without a ledger: each month repeats the last month of the reference period with the
/// same name (seasonal naive). Without such a whole month, or without monthly revenue, it is the period's average
/// month: the revenue over the months, where a part of a month counts by its days (see covered_months()). Heat is in
/// proportion to the size of the revenue, at the period's temperature. It has no variance.
/// @param portfolio the customers.
/// @param start first month.
/// @param months number of months, >= 1.
/// @return the baseline.
/// @throws InputError where `months` < 1.
Baseline seasonal_baseline(const Portfolio& portfolio, Month start, int months);

/// Size of each customer's activity in each month as a share of its activity in the portfolio's reference period: what
/// follows from being served (new terms, deliveries) happens in this proportion. It is |level| over the sum of the
/// absolute months of the period (so that returns in one month do not turn a sign); over |revenue| without
/// months; an even share of the period where there was no revenue.
/// @param portfolio the customers.
/// @param level customers x months, currency.
/// @return customers x months, >= 0.
Matrix activity(const Portfolio& portfolio, const Matrix& level);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/baseline.ipp"
#endif
