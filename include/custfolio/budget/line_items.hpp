// The lines of a budget as columns: where each amount belongs, how uncertain it is, and its currency.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/budget/variance.hpp"
#include "custfolio/math/column_view.hpp"
#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/exchange_rates.hpp"

namespace custfolio {

/// A column of texts: a code for each row, and the texts that the codes stand for.
struct Labels {
    std::vector<std::int32_t> codes;  ///< One a row: a position in `names`.
    std::vector<std::string> names;   ///< The texts, each once.

    /// @param texts one a row. @return the column; names in the order in which they first occur.
    static Labels of(std::span<const std::string> texts);
    /// @param text any text. @param rows number of rows. @return a column of the same text in every row.
    static Labels constant(std::string text, std::size_t rows);
    /// @param row below the number of rows. @return its text.
    [[nodiscard]] const std::string& operator[](std::size_t row) const {
        return names[static_cast<std::size_t>(codes[row])];
    }
    /// @param text any text. @return its code; -1 where no row can have it.
    [[nodiscard]] std::int32_t code(std::string_view text) const;
    /// @param rows positions of rows. @return the column of these rows.
    [[nodiscard]] Labels take(std::span<const std::size_t> rows) const;
    /// Appends the rows of another column.
    /// @param other the column.
    void append(const Labels& other);
};

/// Errors of a line's amount beside its own deviation; see JointError of room `lifetime`.
struct LineError {
    double common = 0;  ///< Standard deviation of the error that all lines of a month share, currency; signed as they
                        ///< move together.
    double steady =
        0;  ///< Standard deviation of the customer's error that is the same in all months, currency; signed.
    double correlation = 0;       ///< Between the common errors of two months, in [0, 1].
    double own_correlation = 0;   ///< Between the errors of two months by the line's own deviation, in [0, 1].
    bool never_negative = false;  ///< Whether the amount cannot be below 0.
};

/// What lines are grouped by besides their month: account, source, customer, manager, ...
struct Dimension {
    std::string name;  ///< Its name.
    Labels labels;     ///< Its value in each line.
};

/// How an account counts in level and heat.
enum class AccountType {
    income,   ///< Adds to level and heat.
    expense,  ///< Is subtracted from the heat; its amounts are positive costs.
    result    ///< Adds to the heat.
};

/// @param type an account type. @return "income", "expense" or "result".
std::string to_string(AccountType type);

/// @param account name of an account.
/// @return its type where the name is a usual one ("revenue", "cost of goods", "margin", ...), in any case.
std::optional<AccountType> usual_account_type(std::string_view account);

/// One line of a budget.
struct LineItem {
    Month month{};                          ///< The month of the amount.
    std::string account = "revenue";        ///< Its account.
    double amount = 0;                      ///< Expected amount in `currency`, already weighted by its probability.
    double deviation = 0;                   ///< Standard deviation of the amount, >= 0; 0: the amount has no variance.
    std::string source = "baseline";        ///< Where it comes from: "baseline", "remediation", "growth", ...
    std::vector<std::string> labels{};      ///< Its value in each further dimension, in their order.
    double quantity = 0;                    ///< Quantity; 0: unknown.
    std::string item{};                     ///< Opportunity that comes about once; empty: usual business.
    double probability = 1;                 ///< Chance that the whole amount, amount / probability, comes; in (0, 1].
    ItemState state = ItemState::unstated;  ///< What became of the opportunity.
    std::string currency{};                 ///< Currency of the amount; empty: the reporting currency.
};

/// Amounts of usual accounts, one row per month and customer, source or other group. Empty columns are not given.
struct AccountAmounts {
    ColumnView<double> revenue{};       ///< Net revenue, in the currency of the row.
    ColumnView<double> costs{};         ///< Costs, positive. Without them revenue - contribution.
    ColumnView<double> contribution{};  ///< Contribution; a line of its own without revenue.
    ColumnView<double> variance{};      ///< Variance of the revenue, at least 0. Costs move with it, in proportion.
};

/// Lines of a budget as columns, all of the same length. Account and source are among the dimensions.
struct LineItems {
    /// No forecast is behind a line.
    static constexpr std::int32_t none = -1;
    /// A forecast was behind a line, and a frozen version does not keep it.
    static constexpr std::int32_t frozen = -2;

    std::vector<Month> month;            ///< The month of each amount.
    std::vector<Dimension> dimensions;   ///< Account, source and others, in any order.
    std::vector<double> amount;          ///< Expected amount, reporting currency.
    std::vector<double> deviation;       ///< Standard deviation, signed as it moves with its customer and month; NaN
                                         ///< where it is not known.
    std::vector<LineError> error;        ///< Errors that lines have in common; empty: none.
    std::vector<double> probability;     ///< What the amount was weighted by; 1: not all-or-nothing.
    std::vector<double> quantity;        ///< Quantity; 0: unknown.
    Labels item;                         ///< What comes about once; "": usual business.
    std::vector<ItemState> state;        ///< What became of it.
    Labels currency;                     ///< Currency in which the amount was stated.
    std::vector<double> stated;          ///< Amount in that currency.
    std::vector<std::int32_t> forecast;  ///< Position of the forecast behind the line; `none` or `frozen`.
    std::vector<std::int32_t> member;    ///< Position of the item in that forecast.

    /// Columns from lines.
    /// @param lines the lines.
    /// @param dimensions names of the further dimensions, one a label of each line.
    /// @param rates rates of exchange to the reporting currency.
    /// @return the columns.
    /// @throws InputError where a line has another number of labels, a number is out of range, a probability below 1
    /// has no item or a rate is missing (the text names the line, counted from 0).
    static LineItems of(std::span<const LineItem> lines, std::span<const std::string> dimensions = {},
                        const ExchangeRates& rates = ExchangeRates());
    /// Lines of amounts that lie in one row: an account revenue, and costs or contribution.
    /// @param common month, dimensions without the account, probability, quantity, item, state and currency of each
    /// row; other columns are not read.
    /// @param amounts the amounts of each row.
    /// @param rates rates of exchange to the reporting currency.
    /// @return the lines of revenue, then those of costs, then those of contribution.
    /// @throws InputError where there are no amounts, they contradict each other (the text names the row, counted from
    /// 1), or as of(lines).
    static LineItems of(const LineItems& common, const AccountAmounts& amounts, const ExchangeRates& rates);
    /// Fills amounts and deviations from what is stated in the currency of each line.
    /// @param rates rates of exchange to the reporting currency.
    /// @throws InputError where a rate is missing.
    void exchange(const ExchangeRates& rates);
    /// @return number of lines.
    [[nodiscard]] std::size_t size() const { return month.size(); }
    /// @param name of a dimension. @return its column; null where there is none.
    [[nodiscard]] const Labels* find(std::string_view name) const;
    /// @return the account of each line. @throws InputError where there is no such dimension.
    [[nodiscard]] const Labels& account() const;
    /// @return the source of each line. @throws InputError where there is no such dimension.
    [[nodiscard]] const Labels& source() const;
    /// @param rows positions of lines. @return these lines.
    [[nodiscard]] LineItems take(std::span<const std::size_t> rows) const;
    /// Appends lines; a dimension that only one of the two has is "(none)" in the lines of the other.
    /// @param other the lines.
    /// @param forecasts number of forecasts behind these lines, by which positions in `other` are moved.
    void append(const LineItems& other, std::int32_t forecasts = 0);
    /// @throws InputError where the columns differ in length, a code names nothing, account or source is
    /// missing, or a number is out of range (the text names the line, counted from 0).
    void check() const;
};

namespace detail {

/// Gives accounts that differ in case, blanks and underscores alone the first of their names.
void fold_accounts(LineItems& lines);

/// Month, dimensions and item of a line, for messages.
std::string line_text(const LineItems& lines, std::size_t line);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/line_items.ipp"
#endif
