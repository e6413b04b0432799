// Price list: the order value at which an order breaks even, a short table of minimum and fee, and its effect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// How a price list is made.
struct PriceListOptions {
    std::vector<std::int32_t> cell{};  ///< Per customer: its zone and channel, 0-based; empty: all are one.
    std::size_t cells = 1;             ///< Number of cells.
    double target = 0;                 ///< Temperature of an order at which it breaks even, fraction.
    double step = 50;                  ///< Minima are multiples of it, currency, > 0.
    double fee_step = 5;               ///< Fees are multiples of it, currency, > 0.
    std::size_t rows = 4;              ///< Most rows of the table, >= 1.
    bool outside_share = false;        ///< Whether the revenue share does not apply to fees.
};

/// A zone and channel.
struct PriceCell {
    std::size_t customers = 0;  ///< Customers with orders.
    std::size_t orders = 0;     ///< Orders with a positive amount.
    double revenue = 0;         ///< Their net revenue, currency.
    double margin = 0;          ///< Share of revenue that is left after goods, revenue share, lines and units.
    double order_cost = 0;      ///< Mean cost of a delivery beside lines and units, currency.
    double break_even = 0;      ///< order_cost / (margin - target), currency; NaN: no order value breaks even.
    std::size_t below = 0;      ///< Orders below it; all where there is none.
    double loss = 0;            ///< Sum of the contributions below 0 of its orders, currency; <= 0.
    std::size_t row = 0;        ///< Its row of the table; the number of rows where no order value breaks even.
};

/// A row of the table.
struct PriceRow {
    double minimum = 0;      ///< Minimum order value, currency.
    double fee = 0;          ///< Fee for an order below it, currency.
    std::size_t cells = 0;   ///< Zones and channels with this row.
    std::size_t orders = 0;  ///< Their orders.
    std::size_t below = 0;   ///< Their orders below the minimum.
};

/// What the table does to a customer, on its orders of the period.
struct PriceEffect {
    std::size_t customer = 0;         ///< Row of the portfolio.
    std::size_t row = 0;              ///< Row of the table.
    double below = 0;                 ///< Its orders below the minimum.
    double fees = 0;                  ///< Fees where it orders as before, currency.
    double heat_if_pays = 0;          ///< Change of heat at avoidable cost where it pays them, currency.
    double heat_if_waits = 0;         ///< The same where its orders wait until they reach the minimum.
    double temperature_if_pays = 0;   ///< Temperature at full cost, fraction.
    double temperature_if_waits = 0;  ///< The same where its orders wait.
    double deliveries_if_waits = 0;   ///< Its deliveries where orders wait.
};

/// An order that lost money.
struct LosingOrder {
    std::size_t order = 0;     ///< Its place among the orders of the portfolio.
    std::size_t customer = 0;  ///< Row of the portfolio.
    double contribution = 0;   ///< Currency, < 0.
};

/// A price list.
struct PriceList {
    std::vector<PriceCell> cells;       ///< As the options number them.
    std::vector<PriceRow> rows;         ///< By minimum, the lowest first.
    std::vector<PriceEffect> effects;   ///< One row a customer with orders in a cell that has a row.
    std::vector<LosingOrder> losing{};  ///< The greatest loss first.
};

/// Proposes a price list from the orders of a period.
///
/// An order of amount v contributes v x (1 - the customer's share of goods - revenue share) less its cost as a delivery
/// at full cost. The break-even of a cell is where its mean order cost is covered. Each minimum is that value, rounded
/// up to a step. Cells share rows so that the least is added to their minima, weighted by orders. The fee covers what
/// the mean order below the minimum falls short.
/// @param portfolio the customers, with orders.
/// @param costs the cost model.
/// @param options cells, target, steps, rows.
/// @return the price list. O(orders + cells^2 rows).
/// @throws InputError where the portfolio has no orders or no known heat, a cell is out of range, or a number is.
PriceList price_list(const Portfolio& portfolio, const CostModel& costs, const PriceListOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/price_list.ipp"
#endif
