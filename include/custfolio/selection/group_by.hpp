// The statement by groups: managers, product families, months and their crosses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// A way to group the rows of a ledger. A value is a number from 0; -1 is none.
struct GroupDimension {
    std::string name = {};                      ///< Its name, for messages.
    ColumnView<std::int32_t> of_row = {};       ///< Cell per row of the ledger; empty: that of the row's customer.
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

/// The months of a ledger's rows, as values of a dimension.
/// @param ledger the lines; `day` is read.
/// @param period the period of the statement.
/// @return per row: months after the first month of the period; -1: outside of the period. Linear.
std::vector<std::int32_t> months_of(const LedgerView& ledger, Period period);

/// States the profit of groups. Cost arises where the event is, then it is shared: the cost of a delivery or return
/// over its rows; lines, units and drivers of rows where they are; any other cost of a customer over its rows by lines.
/// Price elements per customer are shared by revenue.
/// Every level and every cross of groups sums to the statement, up to rounding.
/// @param statement the statement.
/// @param ledger the lines that it was made from.
/// @param dimensions the ways to group; none gives the company as one group.
/// @param key what a delivery's cost is shared by, per row, >= 0; empty: order lines. A delivery without any is shared
/// by order lines.
/// @return the groups. A customer without rows is in its group where a dimension has it, else in none.
/// @throws InputError where a length differs, a value is out of range, a key is negative or not finite, shares do not
/// sum to 1, or there are more than 2^62 possible groups.
/// Linear in rows, and in (customer, group) pairs x elements.
GroupedStatement group_by(const Statement& statement, const LedgerView& ledger,
                          std::span<const GroupDimension> dimensions, std::span<const double> key = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/group_by.ipp"
#endif
