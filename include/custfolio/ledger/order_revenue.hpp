// Revenue of rows from the amounts of their orders, as web shops export them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/math/column_view.hpp"

namespace custfolio {

/// Amounts of orders, one entry per order, currency. A column but `net` is empty where there is none. Tax, shipping and
/// refunds that are NaN count as 0.
struct OrderAmounts {
    ColumnView<double> net = {};       ///< Net amount, discounts deducted; NaN: not known.
    ColumnView<double> total = {};     ///< What the customer had to pay; NaN: not known.
    ColumnView<double> tax = {};       ///< Tax. It is within the net amount where net + shipping is nearer to the total
                                       ///< than net + shipping + tax; it is no revenue.
    ColumnView<double> shipping = {};  ///< Shipping, beside the net amount.
    ColumnView<double> refunded = {};  ///< What was refunded, >= 0.
};

/// Rows of orders, one entry per row. A column but `order` is empty where there is none; NaN in it counts as 0.
struct OrderRows {
    ColumnView<std::int64_t> order = {};  ///< Order of the row, from 0.
    ColumnView<double> price = {};        ///< Price of a unit, or of the row where there is no quantity, currency.
    ColumnView<double> quantity = {};     ///< Units.
    ColumnView<double> discount = {};     ///< Discount of the row, currency.
};

/// The revenue of rows of orders.
struct OrderRevenue {
    std::vector<double> revenue = {};  ///< Per row, currency; NaN where the net amount of the order is not known, or
                                       ///< the total of an order with a refund.
    std::size_t tax_within = 0;        ///< Orders whose net amount had the tax within.
};

/// Shares the net amounts of orders over their rows.
///
/// The revenue of an order is its net amount, less the tax in it, less its share in what was refunded:
/// net x (1 - refunded / total). Rows share it by price x quantity - discount, at least 0; without a price, or where
/// that is 0 in all of its rows, equally.
/// @param rows the rows, in any order.
/// @param orders the orders.
/// @return the revenue of each row. The rows of an order sum to its revenue up to rounding. Linear.
/// @throws InputError where lengths differ, or a row's order is out of range (the message names the row, counted from
/// 0).
OrderRevenue share_orders(const OrderRows& rows, const OrderAmounts& orders);

/// Sums columns of amounts by row, as debit and credit of journal lines.
/// @param plus columns that are added, one entry per row; NaN: the row has no such amount, which counts as 0.
/// @param minus columns that are subtracted.
/// @return the sum of each row; NaN where it has no amount at all. Linear.
/// @throws InputError where lengths differ (the message names the column, counted from 0).
std::vector<double> signed_sums(std::span<const ColumnView<double>> plus, std::span<const ColumnView<double>> minus);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/order_revenue.ipp"
#endif
