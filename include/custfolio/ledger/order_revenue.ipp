// Definitions of the revenue of rows from the amounts of their orders.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/ledger/order_revenue.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

/// An amount of a column; 0 where it is not known or there is no column.
CUSTFOLIO_INLINE double known_amount(std::span<const double> column, std::size_t k) {
    return column.empty() || std::isnan(column[k]) ? 0.0 : column[k];
}

CUSTFOLIO_INLINE void require_order_column(std::size_t count, std::size_t expected, const char* name) {
    if (count == expected || count == 0) return;
    throw InputError("orders: column '" + std::string(name) + "' has " + std::to_string(count) +
                     " values; it must have " + std::to_string(expected));
}

}  // namespace detail

CUSTFOLIO_INLINE OrderRevenue share_orders(const OrderRows& rows, const OrderAmounts& orders) {
    const std::size_t count = rows.order.size();
    const std::size_t of_orders = orders.net.size();
    detail::require_order_column(rows.price.size(), count, "price");
    detail::require_order_column(rows.quantity.size(), count, "quantity");
    detail::require_order_column(rows.discount.size(), count, "discount");
    detail::require_order_column(orders.total.size(), of_orders, "total");
    detail::require_order_column(orders.tax.size(), of_orders, "tax");
    detail::require_order_column(orders.shipping.size(), of_orders, "shipping");
    detail::require_order_column(orders.refunded.size(), of_orders, "refunded");
    OrderRevenue found;
    std::vector<double> of_order(of_orders);
    for (std::size_t k = 0; k < of_orders; ++k) {
        double net = orders.net[k];
        const double total = orders.total.empty() ? 0.0 : orders.total[k];
        const double tax = detail::known_amount(orders.tax, k);
        const double shipping = detail::known_amount(orders.shipping, k);
        const double refunded = detail::known_amount(orders.refunded, k);
        if (total != 0 && tax > 0 && std::abs(net + shipping - total) < std::abs(net + shipping + tax - total)) {
            net *= 1.0 - tax / total;
            ++found.tax_within;
        }
        of_order[k] = total != 0 && refunded != 0 ? net * (1.0 - refunded / total) : net;
    }
    std::vector<double> weight(count, 1.0);
    std::vector<double> sum(of_orders, 0.0);
    std::vector<double> number(of_orders, 0.0);
    for (std::size_t row = 0; row < count; ++row) {
        if (rows.order[row] < 0 || static_cast<std::size_t>(rows.order[row]) >= of_orders) {
            throw InputError("orders, row " + std::to_string(row) + " (counted from 0): the order is " +
                             std::to_string(rows.order[row]) + "; there are " + std::to_string(of_orders));
        }
        if (!rows.price.empty()) {
            const double units = rows.quantity.empty() ? 1.0 : detail::known_amount(rows.quantity, row);
            const double price = detail::known_amount(rows.price, row);
            weight[row] = std::max(price * units - detail::known_amount(rows.discount, row), 0.0);
        }
        sum[static_cast<std::size_t>(rows.order[row])] += weight[row];
        number[static_cast<std::size_t>(rows.order[row])] += 1;
    }
    found.revenue.reserve(count);
    for (std::size_t row = 0; row < count; ++row) {
        const auto order = static_cast<std::size_t>(rows.order[row]);
        found.revenue.push_back(of_order[order] * (sum[order] > 0 ? weight[row] / sum[order] : 1.0 / number[order]));
    }
    return found;
}

CUSTFOLIO_INLINE std::vector<double> signed_sums(std::span<const ColumnView<double>> plus,
                                                 std::span<const ColumnView<double>> minus) {
    const std::size_t columns = plus.size() + minus.size();
    const auto column = [&](std::size_t c) { return c < plus.size() ? plus[c] : minus[c - plus.size()]; };
    std::vector<double> sums(columns == 0 ? 0 : column(0).size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t c = 0; c < columns; ++c) {
        const std::span<const double> amounts = column(c);
        if (amounts.size() != sums.size()) {
            throw InputError("signed sums: column " + std::to_string(c) + " (counted from 0) has " +
                             std::to_string(amounts.size()) + " values, the first one " + std::to_string(sums.size()));
        }
        for (std::size_t row = 0; row < amounts.size(); ++row) {
            if (std::isnan(amounts[row])) continue;
            sums[row] = (std::isnan(sums[row]) ? 0.0 : sums[row]) + (c < plus.size() ? amounts[row] : -amounts[row]);
        }
    }
    return sums;
}

}  // namespace custfolio
