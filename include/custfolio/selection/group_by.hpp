// The statement by groups: managers, product families, months and their crosses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// A way to group the rows of a ledger. A value is a number from 0; -1 is none.
struct GroupDimension {
    std::string name = {};                      ///< Its name, for messages.
    ColumnView<std::int32_t> of_row = {};       ///< Cell per row of the ledger; empty: that of the row's customer.
    ColumnView<std::int32_t> of_day = {};       ///< Cell per day of the statement's period, in place of `of_row`.
    ColumnView<std::int32_t> of_customer = {};  ///< Cell per customer code, for customers without rows; empty: none.
    /// Where cells have several values: the first value of each cell, and one past the last. Empty: a cell is its
    /// value.
    std::vector<std::size_t> begin = {};
    std::vector<std::int32_t> value = {};  ///< Values of the cells, one cell after another.
    std::vector<double> share = {};        ///< Share of each of them; those of a cell sum to 1.
};

/// One row per group that occurs, ordered by the values of the first dimension, then the next; none is last.
struct GroupedStatement {
    std::vector<std::vector<std::int32_t>> value{};  ///< Per dimension: the value of each group, -1: none.
    Column customers{};                              ///< Customers with a part in the group.
    Column revenue{};                                ///< Net revenue, currency.
    Column goods{};                                  ///< Cost of goods, currency; empty where the ledger has none.
    Matrix charged{};                                ///< Groups x cost elements of the statement, currency.
    Column cost_to_serve{};                          ///< Sum of `charged`, currency.
    Column credit_cost{};                            ///< Cost of credit, currency; empty where the statement has none.
    Column contribution{};  ///< revenue - goods - cost to serve - cost of credit, currency; empty without goods.
    Column list_price{};    ///< Amounts at list price, currency; empty where the statement has none.
    Column discount{};      ///< Discounts, currency; empty where the statement has none.
    Column rebate{};        ///< Rebates, currency; empty where the statement has none.
    Column temperature{};   ///< contribution / revenue; NaN where the revenue is not positive, empty without goods.
    Column deliveries{};    ///< Deliveries, shared over their rows; a fraction where rows are of several groups.
    Column lines{};         ///< Order lines.
    Column quantity{};      ///< Units sold.
    Column returns{};       ///< Returns, shared as deliveries.
    Column returned_quantity{};  ///< Units returned.
};

/// The months of a period, as cells of a dimension.
/// @param period the period of the statement.
/// @return per day of the period: months after its first month. Linear.
std::vector<std::int32_t> months_of(Period period);

/// The cell of each customer by its latest rows, for `GroupDimension::of_customer`: a customer without rows in a
/// period keeps its group and manager.
/// @param ledger all rows, those outside of the period too; its customers and days are read.
/// @param of_row cell per row; -1: none.
/// @return per customer code: the cell of its latest day with one, the lowest of several; -1: none.
/// @throws InputError if a length differs or a code is below 0. Linear.
std::vector<std::int32_t> latest_cells(const LedgerView& ledger, std::span<const std::int32_t> of_row);

/// States the profit of groups. A cost arises where its event is, at the rate of its day, then it is shared.
///
/// - Lines, units, drivers of rows and the revenue share cost money on their rows.
/// - The cost of a delivery or return is shared over its rows.
/// - An event beside the ledger, or an invoice, is in the cell of its day. Where a dimension has no cells of days, the
///   customer's rows share the cost of the event by lines, and the cost of credit of the invoice by revenue.
/// - What was given per customer is shared over the customer's rows by lines; price elements, and the cost of credit
///   from days sales outstanding, by revenue.
/// - The minutes of an activity have the place of their events.
///
/// Every level and every cross of groups sums to the statement, up to rounding.
/// @param statement the statement.
/// @param ledger the lines that it was made from.
/// @param costs the cost model that it was made with.
/// @param dimensions the ways to group; none gives the company as one group.
/// @param options the options that it was made with: its drivers, events, receivables and DSO are read.
/// @param key what a delivery's cost is shared by, per row, >= 0; empty: order lines. A delivery without any is shared
/// by order lines.
/// @return the groups. A customer without rows is in its group where a dimension has it, else in none.
/// @throws InputError in these cases: a length differs; a value is out of range; a key is negative or not finite;
/// shares do not sum to 1; there are more than 2^62 possible groups; model or options are not the statement's own.
/// O(rows x (terms + log(rows per customer))), and linear in (customer, group) pairs x (elements + months with events).
GroupedStatement group_by(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
                          std::span<const GroupDimension> dimensions, const StatementOptions& options = {},
                          std::span<const double> key = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/group_by.ipp"
#endif
