// Replay of a customer's orders under another rule: which orders are merged, how long goods wait, what stock builds up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/portfolio/event_drivers.hpp"
#include "custfolio/portfolio/orders.hpp"

namespace custfolio {

/// The orders of one customer: a view, valid as long as the orders.
struct CustomerOrders {
    const Orders* orders = nullptr;  ///< The orders of all customers; nullptr: not known.
    std::size_t begin = 0;           ///< Its first order.
    std::size_t end = 0;             ///< One past its last.
    Period period{};                 ///< The period of the orders.

    /// @return whether orders are known.
    [[nodiscard]] bool known() const { return orders != nullptr; }
};

/// @param orders orders of the customers of a portfolio.
/// @param customer its row.
/// @param period the period of the orders.
/// @return those of the customer; not known where there are none at all.
CustomerOrders orders_of_customer(const Orders& orders, std::size_t customer, Period period);

/// Drivers of deliveries that are formed again where orders are merged: products of lines, quantity and further
/// drivers of the orders.
struct OrderProducts {
    std::vector<EventDriver> driver{};                ///< The products, in words.
    std::vector<std::vector<std::size_t>> factors{};  ///< Per product: 0 lines, 1 quantity, 2 + k further driver k.
    std::vector<std::pair<std::size_t, std::size_t>> further{};  ///< Product, and the further driver of a customer.

    /// Resolves products against orders.
    /// @param orders the orders.
    /// @param drivers drivers of deliveries; those that the orders do not have are left out.
    /// @param driver_names further drivers of a customer: those of whole deliveries are summed again.
    /// @return the products.
    static OrderProducts of(const Orders& orders, std::span<const EventDriver> drivers,
                            std::span<const std::string> driver_names);
};

/// When a customer's orders are delivered.
struct OrderRule {
    double minimum = 0;         ///< Least amount of a delivery, currency, or units; 0: none.
    bool by_quantity = false;   ///< Whether the minimum is of units sold.
    int longest_wait = 0;       ///< Days after which an order is delivered anyway; 0: no limit.
    int interval = 0;           ///< Least days between two deliveries; 0: none.
    std::uint8_t weekdays = 0;  ///< Days of delivery, bit 0 is Monday; 0: all.
};

/// A customer's orders, regrouped.
struct Regrouped {
    double ordered = 0;          ///< Sum of the orders, currency.
    double deliveries = 0;       ///< Number of deliveries.
    double waited = 0;           ///< Sum of amount x days that it came later, currency x days.
    double stock = 0;            ///< Sum of stock x days, currency x days.
    double below = 0;            ///< Deliveries of less than a value; see regroup().
    std::vector<double> sums{};  ///< Per product, its sum over the deliveries.
};

/// Replays a customer's orders; those with an amount of 0 or less are left out.
///
/// *Waits*: orders pile up and are delivered on the day on which they reach the minimum, or `longest_wait` days after
/// the first of them. With an interval or weekdays a delivery is put off to the first day that they allow, and takes
/// all orders until then. What is left at the end is one delivery, on the last day of the period.
///
/// *Tops up*: at a need v and a stock s there is no order while s >= v, else one of max(minimum, v - s). The stock at
/// the end is next year's; revenue and quantity of the period stay. A need that the stock serves is part of the
/// delivery that brought it.
///
/// Drivers of a merged delivery are formed from its orders: those of a whole delivery at their largest, lines, quantity
/// and others as sums; then products.
/// @param orders the orders of the customer, by day.
/// @param rule when they are delivered; without any rule each order is a delivery.
/// @param tops_up whether the customer tops up (a minimum only), or waits.
/// @param products drivers to sum; nullptr: none.
/// @param below a value: deliveries of less are counted; 0: none.
/// @return the deliveries. O(orders x (1 + drivers)).
/// @throws InputError where the minimum is of units and the orders have no quantities.
Regrouped regroup(const CustomerOrders& orders, const OrderRule& rule, bool tops_up = false,
                  const OrderProducts* products = nullptr, double below = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/terms/replay.ipp"
#endif
