// A budget of lines from any source: totals that add up, and the distribution of every total.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/budget/budget.hpp"
#include "custfolio/budget/budget_groups.hpp"
#include "custfolio/budget/detail/uncertain_sum.hpp"
#include "custfolio/budget/fiscal_calendar.hpp"
#include "custfolio/budget/line_items.hpp"
#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/exchange_rates.hpp"
#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// What all lines of a budget have in common.
struct BudgetSettings {
    Currency currency{};                            ///< Reporting currency, and its unit.
    FiscalCalendar calendar{};                      ///< How months belong to fiscal years, quarters and periods.
    ExchangeRates rates{};                          ///< Rates of exchange of the budget.
    std::map<std::string, AccountType> accounts{};  ///< Types of accounts whose names are not usual ones.
    /// Share of a common factor in every uncertain amount, in [0, 1), for sources that `correlation_of` does not name;
    /// see LineItemBudget::with_correlation().
    double correlation = 0;
    std::map<std::string, double> correlation_of{};  ///< The share by source.
    std::optional<Month> closed{};                   ///< The last month with actual amounts; see rolling_forecast().
};

/// Totals of groups, each the exact sum of its rounded lines. Without account among the names level and heat are
/// filled, with it the amounts of the accounts.
struct BudgetTotals {
    BudgetGroups groups;         ///< The groups.
    std::vector<double> level;   ///< Level, currency.
    std::vector<double> heat;    ///< Heat, currency.
    std::vector<double> amount;  ///< Amount of the account, currency.

    /// @return heat / level of each group as a fraction; NaN where the level is not above 0.
    [[nodiscard]] std::vector<double> temperature() const;
};

/// Totals in a table: a row a group, and a column for each value of one more name.
struct BudgetPivot {
    BudgetGroups rows;                 ///< The groups of the rows.
    std::vector<std::string> columns;  ///< Times in their order; other values as they first occur, row by row.
    Matrix amounts;                    ///< Totals by row and column, currency; 0 where there is no line.
    std::vector<double> total;         ///< The exact sum of each row, currency.
};

/// Quantiles of groups, each from the distribution of the group's own sum.
struct BudgetBands {
    BudgetGroups groups;                         ///< The groups.
    std::string measure = "heat";                ///< "level", "heat" or an account.
    std::vector<double> expected;                ///< Rounded total, currency.
    std::vector<double> probabilities;           ///< Of the quantiles.
    std::vector<std::vector<double>> quantiles;  ///< For each probability the quantile of each group, currency.
};

/// How bands are computed.
struct BandOptions {
    std::string measure = "heat";                      ///< "level", "heat" or an account.
    std::vector<double> probabilities{0.1, 0.5, 0.9};  ///< In (0, 1), ascending.
    unsigned threads = 0;                              ///< 0 means all cores; the bits do not depend on it.
    math::Pulse pulse{};  ///< Called between groups from the calling thread; what it throws ends the call.
};

/// Which lines a distribution adds up.
struct LineSelection {
    std::string measure = "heat";                              ///< "level", "heat" or an account.
    std::vector<std::pair<std::string, std::string>> where{};  ///< Dimension and the value that its lines have.
    std::optional<Month> first{};                              ///< First month; none: no limit.
    std::optional<Month> last{};                               ///< Last month, included; none: no limit.
    unsigned threads = 0;                                      ///< 0 means all cores; the bits do not depend on it.
};

/// Amounts by month, account, source and further dimensions, rounded once so that all totals add up exactly.
///
/// Every total is the sum of its lines, which are whole units of the currency. These totals are less than one unit from
/// the sum of their amounts:
///
/// - each line and each month;
/// - each group of the dimensions in their order (account, source, then from few values to many);
/// - each such group in each month.
///
/// The sum of all amounts is rounded to the nearest unit. Lines that are whole units stay as they are. Immutable; safe
/// to read from any thread; copies share their columns.
class LineItemBudget {
  public:
    /// A budget without lines.
    LineItemBudget();
    /// @param lines the lines, in the reporting currency.
    /// @param settings currency, calendar, rates, types of accounts and correlation.
    /// @param forecasts what the forecasts of the lines point to.
    /// @throws InputError where a line is not valid, an account has no type, a forecast is missing or a correlation is
    /// out of range.
    explicit LineItemBudget(LineItems lines, BudgetSettings settings = {},
                            std::vector<std::shared_ptr<const MonthlyAmounts>> forecasts = {});
    /// The budget of a plan: its level and heat as accounts revenue and costs, which are rounded already.
    /// @param plan level and heat by month and source.
    /// @return the lines.
    static LineItemBudget of(const Budget& plan);
    /// The budget of a forecast: revenue and costs of each item and month, with their distribution behind them.
    /// @param forecast what action plans bring; see PlanAmounts of room `growth`.
    /// @param settings as for the constructor.
    /// @param source the source of the lines.
    /// @param account name of the account of costs; revenue has account "revenue", and none where all of it is 0.
    /// @param dimensions further dimensions with a label for each item; "customer" is always there.
    /// @return the lines; items are named as the forecast names them.
    /// @throws InputError where a dimension has another number of labels than there are items.
    static LineItemBudget of(std::shared_ptr<const MonthlyAmounts> forecast, BudgetSettings settings = {},
                             const std::string& source = "growth", const std::string& account = "costs",
                             std::span<const Dimension> dimensions = {});
    /// The lines of both, rounded together.
    /// @param a one. @param b another.
    /// @return the lines of `a`, then those of `b`, with the calendar and the rates of `a`.
    /// @throws InputError where currencies, types of accounts or correlations differ.
    friend LineItemBudget operator+(const LineItemBudget& a, const LineItemBudget& b);

    /// The same rounded lines in another calendar. With weeks, the amount of a month falls on its days evenly.
    /// @param calendar the calendar. @return the budget.
    [[nodiscard]] LineItemBudget with_calendar(const FiscalCalendar& calendar) const;
    /// The same lines with a common factor: a standard normal Z, the same in all months.
    ///
    /// With the share r:
    ///
    /// - an amount with a deviation is mean - deviation (sqrt(r) Z + sqrt(1 - r) e), with its own normal e;
    /// - an all-or-nothing amount comes with the chance chance_given_factor(p, r, Z);
    /// - a forecast is included with its own common factor where the r of its lines is above 0.
    /// @param correlation r for sources that are not named, in [0, 1).
    /// @param of_source r by source.
    /// @return the budget.
    /// @throws InputError where a share is out of range or no line has a source that is named.
    [[nodiscard]] LineItemBudget with_correlation(double correlation,
                                                  const std::map<std::string, double>& of_source = {}) const;

    /// The same rounded lines, marked as actual amounts through a month: other amounts in these months are restated.
    /// @param through the last month closed; none: no month. @return the budget.
    [[nodiscard]] LineItemBudget with_closed(std::optional<Month> through) const;

    /// @return the lines.
    [[nodiscard]] const LineItems& lines() const { return *lines_; }
    /// @return currency, calendar, rates, types of accounts and correlation.
    [[nodiscard]] const BudgetSettings& settings() const { return settings_; }
    /// @return the forecasts behind the lines.
    [[nodiscard]] const std::vector<std::shared_ptr<const MonthlyAmounts>>& forecasts() const { return forecasts_; }
    /// @param account name of an account. @return its type. @throws InputError where it is unknown.
    [[nodiscard]] AccountType type(const std::string& account) const;
    /// @return whole units of each line.
    [[nodiscard]] const std::vector<std::int64_t>& units() const;

    /// @param by what lines are grouped by: month, period, quarter, year, item or dimensions, in any order.
    /// @param account where not empty: only lines of this account; their amount is the heat.
    /// @return exact totals. O(n log n).
    /// @throws InputError where a name is unknown or twice, or months are grouped by in a calendar of weeks together
    /// with its periods.
    [[nodiscard]] BudgetTotals totals(std::span<const std::string> by = {}, const std::string& account = {}) const;
    /// @param rows what the rows are grouped by, as for totals().
    /// @param column what the columns are grouped by.
    /// @param measure "level", "heat" or an account. Where account is among the names, level and heat both give the
    /// amounts of the accounts.
    /// @return exact totals. O(n log n).
    /// @throws InputError as totals().
    [[nodiscard]] BudgetPivot pivot(std::span<const std::string> rows, const std::string& column,
                                    const std::string& measure = "heat") const;
    /// Quantiles of groups. Forecasts bring the exact distribution of their sum over the group's months, all-or-nothing
    /// amounts that of their sum, deviations and errors a normal distribution; other lines are certain. Where many
    /// amounts share a factor, quantiles are right to 1/1000 of the expected amount; distribution() is finer.
    /// @param by as for totals().
    /// @param options measure, probabilities and threads.
    /// @return expected total and quantiles of each group; quantiles are NaN where the deviation of a line is not
    /// known.
    /// @throws InputError as totals(), where a measure or the probabilities are not valid, and for groups with lines of
    /// a frozen forecast.
    [[nodiscard]] BudgetBands bands(std::span<const std::string> by = {}, const BandOptions& options = {}) const;
    /// The distribution of a total.
    /// @param selection measure and lines.
    /// @return the distribution, as bands() computes it.
    /// @throws InputError as bands(), where no line has a value of `where`, or the deviation of a line is not known.
    [[nodiscard]] Distribution distribution(const LineSelection& selection = {}) const;

  private:
    friend LineItemBudget with_units(LineItems lines, BudgetSettings settings, std::vector<std::int64_t> units);
    struct Rounded;
    [[nodiscard]] std::vector<std::size_t> lines_of(const std::string& account) const;
    [[nodiscard]] std::vector<std::int64_t> signs(std::span<const std::size_t> lines, const std::string& measure) const;
    [[nodiscard]] detail::UncertainSum sum_of(std::span<const std::size_t> lines, std::span<const std::int64_t> signs,
                                              std::span<const double> shares) const;

    BudgetSettings settings_;
    std::shared_ptr<const LineItems> lines_;
    std::vector<std::shared_ptr<const MonthlyAmounts>> forecasts_;
    std::shared_ptr<Rounded> rounded_;  // filled once, behind a lock; changes no answer
};

LineItemBudget operator+(const LineItemBudget& a, const LineItemBudget& b);

/// A budget of lines that were rounded before.
/// @param lines the lines; their amounts become units.
/// @param settings as for LineItemBudget.
/// @param units whole units of each line.
/// @return the budget.
/// @throws InputError as LineItemBudget, and where there is another number of units than of lines.
LineItemBudget with_units(LineItems lines, BudgetSettings settings, std::vector<std::int64_t> units);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/line_item_budget.ipp"
#endif
