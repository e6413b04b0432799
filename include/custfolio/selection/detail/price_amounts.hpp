// The price elements of customers, from the further drivers of a portfolio.
#pragma once

#include <cstddef>
#include <string_view>

#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio::detail {

/// Amounts at list price, discounts and rebates, currency; empty where the statement has no such element.
struct PriceAmounts {
    Column list{};
    Column discount{};
    Column rebate{};
};

/// A further driver of every customer; empty where there is none of that name.
inline Column further_column(const PortfolioColumns& columns, std::string_view name) {
    const auto found = detail::find(columns.driver_names, name);
    Column values;
    if (found == columns.driver_names.end()) return values;
    const auto d = static_cast<std::size_t>(found - columns.driver_names.begin());
    for (std::size_t i = 0; i < columns.further.rows(); ++i) values.push_back(columns.further(i, d));
    return values;
}

/// The price elements of every customer. Without amounts at list price, a customer's list price is that of its invoices
/// and discounts.
inline PriceAmounts price_amounts(const PortfolioColumns& columns) {
    PriceAmounts prices{further_column(columns, "list_price"), further_column(columns, "discount"),
                        further_column(columns, "rebate")};
    for (std::size_t i = 0; i < prices.list.size(); ++i) {
        if (prices.list[i] != 0.0) continue;
        prices.list[i] = columns.revenue[i] + (prices.rebate.empty() ? 0.0 : prices.rebate[i]) +
                         (prices.discount.empty() ? 0.0 : prices.discount[i]);
    }
    return prices;
}

}  // namespace custfolio::detail
