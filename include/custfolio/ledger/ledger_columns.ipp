// Definitions of the view of owned columns and of the errors of records.
#pragma once

#include "custfolio/config.hpp"
#include "custfolio/ledger/ledger_columns.hpp"

namespace custfolio {

CUSTFOLIO_INLINE LedgerView LedgerColumns::view() const& {
    LedgerView ledger{.customer = customer,
                      .day = day,
                      .revenue = revenue,
                      .cost = cost,
                      .quantity = quantity,
                      .document = document,
                      .lines = lines,
                      .id = id};
    for (const OwnedDriver& driver : drivers) ledger.drivers.push_back({driver.name, driver.values});
    for (const OwnedDriver& driver : delivery_drivers) ledger.delivery_drivers.push_back({driver.name, driver.values});
    return ledger;
}

CUSTFOLIO_INLINE void detail::throw_record(std::size_t row, const std::string& what) {
    throw InputError("record " + std::to_string(row) + " (counted from 0): " + what);
}

}  // namespace custfolio
