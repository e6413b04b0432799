// Definitions of the orders of every customer.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/ledger/events.ipp"
#include "custfolio/ledger/orders.hpp"
#include "custfolio/math/linear.hpp"

namespace custfolio {
namespace detail {

/// Appends an order to the orders; `values` are the factors of its document.
CUSTFOLIO_INLINE void append_order(const LedgerDocument& document, double amount, std::span<const double> values,
                                   std::span<const std::size_t> columns, bool quantities, Orders& orders,
                                   std::vector<double>& drivers) {
    orders.day.push_back(document.day);
    orders.kind.push_back(document.sum.is_delivery() ? 1 : document.sum.is_return() ? -1 : 0);
    orders.amount.push_back(amount);
    orders.lines.push_back(values[columns[0]]);
    if (quantities) orders.quantity.push_back(values[columns[1]]);
    for (const std::size_t column : columns.subspan(quantities ? 2 : 1)) drivers.push_back(values[column]);
}

template <class Value>
void append(std::vector<Value>& to, std::vector<Value>& from) {
    to.insert(to.end(), from.begin(), from.end());
    from = {};  // no order is in memory twice for long
}

}  // namespace detail

CUSTFOLIO_INLINE Orders list_orders(const LedgerView& ledger, Period period, std::span<const std::string> drivers,
                                    const EventOptions& options) {
    const detail::Aggregation checked = detail::prepare(ledger, period, options.threads);
    const std::vector<DayNumber> from{checked.period.first};
    const bool quantities = !ledger.quantity.empty();
    std::vector<EventDriver> wanted{{"delivery", {"lines"}}};
    if (quantities) wanted.push_back({"delivery", {"quantity"}});
    for (const std::string& name : drivers) wanted.push_back({"delivery", {name}});
    const detail::LedgerEvents events(ledger, from, wanted, options);
    std::vector<std::size_t> columns;
    for (const EventDriver& one : wanted) columns.push_back(events.factor(one.factors[0]));

    Orders orders;
    orders.driver_names.assign(drivers.begin(), drivers.end());
    for (const std::string& name : drivers) {
        const bool of_delivery =
            detail::find(ledger.delivery_drivers, name, &DriverColumn::name) != ledger.delivery_drivers.end();
        orders.whole.push_back(name == "new_customer" || of_delivery ? 1 : 0);
    }
    orders.begin.assign(checked.customers + 1, 0);
    if (checked.months == 0) return orders;
    const detail::RowGroups rows = detail::rows_by_customer(ledger, checked, options.threads);
    const std::span<const double> rebate = ledger.rebate();
    constexpr std::size_t grain = 256;
    struct Part {
        Orders orders;
        std::vector<double> drivers;
    };
    std::vector<Part> parts((checked.customers + grain - 1) / grain);
    math::parallel_for(0, checked.customers, grain, options.threads, [&](std::size_t begin, std::size_t end) {
        Part& part = parts[begin / grain];
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<const std::uint32_t> own = rows.of(i);
            const detail::LedgerDocuments found = events.documents(i, own);
            for (const std::size_t k : found.by_day()) {
                math::CompensatedSum amount = found.document[k].sum.revenue;
                for (std::size_t r = found.document[k].begin; !rebate.empty() && r < found.document[k].end; ++r) {
                    amount += -rebate[own[found.place[r]]];
                }
                detail::append_order(found.document[k], amount.value(),
                                     std::span(found.value).subspan(k * events.factors(), events.factors()), columns,
                                     quantities, part.orders, part.drivers);
            }
            orders.begin[i + 1] = found.document.size();
        }
    });
    for (std::size_t i = 0; i < checked.customers; ++i) orders.begin[i + 1] += orders.begin[i];
    const std::size_t count = orders.begin.back();
    orders.day.reserve(count);
    orders.kind.reserve(count);
    orders.amount.reserve(count);
    orders.lines.reserve(count);
    if (quantities) orders.quantity.reserve(count);
    orders.drivers = Matrix(count, drivers.size());
    double* next = orders.drivers.data();
    for (Part& part : parts) {
        detail::append(orders.day, part.orders.day);
        detail::append(orders.kind, part.orders.kind);
        detail::append(orders.amount, part.orders.amount);
        detail::append(orders.lines, part.orders.lines);
        detail::append(orders.quantity, part.orders.quantity);
        next = detail::copy(part.drivers, next);
    }
    // NaN and infinity stay in every sum that they enter.
    for (const Column* column : std::initializer_list<const Column*>{&orders.amount, &orders.lines, &orders.quantity,
                                                                     &orders.drivers.values()}) {
        if (math::all_finite(*column)) continue;
        throw InputError(
            "orders: the ledger has an amount, count or driver that is not finite, or whose sum overflows");
    }
    return orders;
}

}  // namespace custfolio
