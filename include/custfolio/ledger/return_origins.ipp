// Definitions of the origins of returns: sales in order, and a binary search for each return.
#pragma once

#include <algorithm>
#include <string>
#include <tuple>

#include "custfolio/config.hpp"
#include "custfolio/ledger/return_origins.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

/// A sale by customer, document or item, and day.
using SaleKey = std::tuple<std::int32_t, std::int64_t, DayNumber>;

/// 1: a sale; -1: a return; 0: neither.
CUSTFOLIO_INLINE int direction_of(const LedgerView& ledger, std::size_t row) {
    const double amount =
        ledger.revenue[row] != 0.0 || ledger.quantity.empty() ? ledger.revenue[row] : ledger.quantity[row];
    return amount > 0 ? 1 : amount < 0 ? -1 : 0;
}

}  // namespace detail

CUSTFOLIO_INLINE ReturnOrigins return_origins(const LedgerView& ledger, ColumnView<std::int64_t> reference,
                                              ColumnView<std::int32_t> item) {
    const std::size_t rows = ledger.rows();
    const auto require_length = [rows](std::size_t count, const char* name, bool optional) {
        if (count == rows || (optional && count == 0)) return;
        throw InputError("origins of returns: column '" + std::string(name) + "' has " + std::to_string(count) +
                         " values, column 'customer' has " + std::to_string(rows));
    };
    require_length(ledger.day.size(), "day", false);
    require_length(ledger.revenue.size(), "revenue", false);
    require_length(ledger.quantity.size(), "quantity", true);
    require_length(ledger.document.size(), "document", true);
    require_length(reference.size(), "reference", true);
    require_length(item.size(), "item", true);
    if (rows > 0 && reference.empty() && item.empty()) {
        throw InputError("origins of returns: there are neither references nor items; one of them finds the sale");
    }
    if (!reference.empty() && ledger.document.empty()) {
        throw InputError("origins of returns: there are references, but the ledger has no documents; give them");
    }
    std::vector<detail::SaleKey> by_document;
    std::vector<detail::SaleKey> by_item;
    for (std::size_t row = 0; row < rows; ++row) {
        if (detail::direction_of(ledger, row) <= 0) continue;
        if (!reference.empty()) by_document.emplace_back(ledger.customer[row], ledger.document[row], ledger.day[row]);
        if (!item.empty() && item[row] >= 0) by_item.emplace_back(ledger.customer[row], item[row], ledger.day[row]);
    }
    std::sort(by_document.begin(), by_document.end());
    std::sort(by_item.begin(), by_item.end());

    ReturnOrigins origins{{ledger.day.begin(), ledger.day.end()}, {ledger.document.begin(), ledger.document.end()}, {}};
    if (origins.document.empty()) origins.document.assign(ledger.day.begin(), ledger.day.end());
    for (std::size_t row = 0; row < rows; ++row) {
        if (detail::direction_of(ledger, row) >= 0) continue;
        const std::int32_t customer = ledger.customer[row];
        const bool refers = !reference.empty() && reference[row] != no_reference;
        const std::vector<detail::SaleKey>& sales = refers ? by_document : by_item;
        const std::int64_t key = refers ? reference[row] : item.empty() ? -1 : item[row];
        // The first sale of the document; of the item the last one that is not later than the return.
        auto sale = refers
                        ? std::lower_bound(sales.begin(), sales.end(),
                                           detail::SaleKey{customer, key, std::numeric_limits<DayNumber>::min()})
                        : std::upper_bound(sales.begin(), sales.end(), detail::SaleKey{customer, key, ledger.day[row]});
        const bool found = sale != (refers ? sales.end() : sales.begin());
        if (found && !refers) --sale;
        if (found && std::get<0>(*sale) == customer && std::get<1>(*sale) == key) {
            origins.day[row] = std::get<2>(*sale);
        } else {
            origins.not_found.push_back(row);
        }
    }
    return origins;
}

}  // namespace custfolio
