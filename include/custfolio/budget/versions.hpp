// Versions of a budget: frozen ones, the rolling forecast, what changed and why, and versions side by side.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/budget/line_item_budget.hpp"
#include "custfolio/budget/variance.hpp"

namespace custfolio {

/// A version of a budget that no longer changes: its rounded lines, a name, a day, and bands of the heat.
struct FrozenBudget {
    std::string name;                ///< Name of the version.
    DayNumber on = 0;                ///< The day on which it was agreed.
    LineItemBudget budget;           ///< Rounded lines; the distributions of forecasts are not kept.
    std::vector<BudgetBands> bands;  ///< Bands of the heat with P10, P50 and P90.

    /// @param by what the bands are grouped by.
    /// @return the bands that are kept; null where none are.
    [[nodiscard]] const BudgetBands* find(std::span<const std::string> by) const;
};

/// Freezes a budget.
/// @param budget the budget.
/// @param name name of the version, not blank.
/// @param on the day on which it was agreed.
/// @param bands what the bands that it keeps are grouped by.
/// @param options threads and pulse of these bands; measure and probabilities are the usual ones.
/// @return the version.
/// @throws InputError where the name is blank, or as LineItemBudget::bands().
FrozenBudget freeze(const LineItemBudget& budget, std::string name, DayNumber on,
                    std::span<const std::vector<std::string>> bands = {}, const BandOptions& options = {});

/// What actual amounts may look like when months are closed.
struct CloseOptions {
    bool missing_is_zero = false;  ///< Whether a month of the budget without actual lines is 0. Else it is an error.
    bool add_repeated = false;     ///< Whether lines that repeat another are added. Else they are an error.
};

/// The rolling forecast: actual amounts through the last month closed, expected ones after it.
/// @param budget the budget, whose calendar the forecast has.
/// @param actual lines of the months closed. A budget that is a forecast may be given other amounts for months that it
/// closed: compare() shows the difference as restated.
/// @param through the last month closed.
/// @param remaining what is expected of exactly the months of the budget after `through`; its lines up to `through` are
/// not read. Months in which the budget has opportunities alone may be missing, here and in the actual lines.
/// @param options what the actual lines may look like.
/// @return actual lines, then those of `remaining` after `through`, all in whole units. Its totals are the sums of
/// those of both to the cent. Its settings name `through` as closed.
/// @throws InputError where `through` lies after the budget's last month; actual lines lie after `through` or before
/// the budget's first month; a month of the budget up to `through` has none, or costs alone where the budget has
/// income; actual lines repeat another (month, dimensions, item, currency, quantity and amount are the same), or those
/// of `remaining` do and those of the budget do not; `remaining` misses a month or has one after the budget's last; or
/// as operator+. The text names months and lines. A budget of opportunities alone has no first and last month.
LineItemBudget rolling_forecast(const LineItemBudget& budget, const LineItemBudget& actual, Month through,
                                const LineItemBudget& remaining, const CloseOptions& options = {});

/// The last month of usual business, which is that of all lines without an item.
/// @param budget the budget, or actual amounts.
/// @return the month; none without usual business.
std::optional<Month> last_usual_month(const LineItemBudget& budget);

/// The causes of a variance, in the order in which they are shown.
inline constexpr std::array<const char*, 14> variance_causes{
    "won",           "lost",          "slipped",          "resized",
    "new",           "price",         "volume",           "product_mix",
    "cost_of_goods", "cost_to_serve", "customers_gained", "customers_lost",
    "restated",      "currency"};

/// What two budgets are compared by.
struct CompareOptions {
    std::vector<std::string> by{"month", "account"};  ///< What rows are grouped by, as LineItemBudget::totals().
    std::optional<Month> through{};                   ///< The last month compared; none: all months.
    std::map<std::string, ItemState> outcomes{};      ///< What became of items whose actual lines do not state it.
    CloseOptions close{};                             ///< What actual lines may look like; read where `through` is set.
};

/// Why actual amounts differ from a budget. Amounts are currency; with account among the names those of the accounts,
/// otherwise contributions. In each row the causes add up to actual - planned exactly.
struct BudgetVariance {
    BudgetGroups groups;                                               ///< The rows.
    std::vector<double> planned;                                       ///< Planned amount of each row.
    std::vector<double> actual;                                        ///< Actual amount of each row.
    std::vector<double> variance;                                      ///< Actual less planned amount of each row.
    std::array<std::vector<double>, variance_causes.size()> causes{};  ///< For each cause the amount of each row.
    std::vector<int> judgement;  ///< 1: favourable, -1: unfavourable, 0: neither; more of an expense is unfavourable.
    double planned_total = 0;    ///< Contribution planned.
    double actual_total = 0;     ///< Contribution that came.
    std::array<double, variance_causes.size()> total_causes{};  ///< Contribution by cause.
    std::map<std::string, ItemState> without_lines{};           ///< Outcomes of items that no line has: new items.
};

/// Explains the variance between a budget and actual amounts, or another version; see explain_variance().
///
/// Lines with an item come about once; the others are usual business, one item for each account and value of the
/// dimensions that both sides have. Amounts in other currencies are converted at the budget's rates first, and the
/// difference to the actual rates is the cause currency. Usual business is sales in an account of type income, goods
/// in an account such as "cost of goods", serving in another account of type expense. Accounts "costs", "cost",
/// "expenses", "spend" and "hours" are costs in one amount. The dimension "customer" gives its customer.
/// @param budget the budget.
/// @param actual actual amounts, or another version.
/// @param options rows, months and outcomes.
/// @return the rows with their causes.
/// @throws InputError where a name is unknown or only one side has it, periods of weeks are grouped by, or a rate of
/// the budget is missing; where an item is won in one line and lost in another, or `outcomes` differ from its lines
/// (the text names the item); where `through` is set also as rolling_forecast() for months and repeated actual lines.
BudgetVariance compare(const LineItemBudget& budget, const LineItemBudget& actual, const CompareOptions& options = {});

/// Budgets side by side.
struct BudgetComparison {
    BudgetGroups groups;                      ///< The cells of any of them.
    std::vector<std::vector<double>> amount;  ///< For each budget the amount of each cell, currency.
    std::vector<std::vector<double>> change;  ///< For each budget the change from the first, currency.
};

/// Puts budgets side by side.
/// @param budgets two or more with a name each, in one currency.
/// @param by what cells are grouped by, as LineItemBudget::totals().
/// @param measure "level", "heat" or an account.
/// @return amounts and changes.
/// @throws InputError where there is only one, currencies differ or a name is unknown.
BudgetComparison side_by_side(std::span<const std::pair<std::string, LineItemBudget>> budgets,
                              std::span<const std::string> by, const std::string& measure = "heat");

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/versions.ipp"
#endif
