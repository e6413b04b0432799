// Events beside the ledger: visits, calls, tickets, trips.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/column_view.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Events beside the ledger, such as visits, calls, tickets or trips, as columns in the caller's own memory.
struct EventTable {
    std::string name = {};                   ///< The event's name, as an activity calls it.
    ColumnView<std::int32_t> customer = {};  ///< Customer code of the ledger; -1: none, or an unknown customer.
    ColumnView<DayNumber> day = {};          ///< Day of the event.
    ColumnView<double> count = {};           ///< Events that the row sums; empty: each row is one event.
    std::vector<DriverColumn> drivers = {};  ///< Drivers of the event. A column named "a*b" is the sum of the products
                                             ///< of a and b, which rows that sum several events need.
};

/// Optional input of sum_events().
struct EventOptions {
    std::span<const EventTable> tables = {};  ///< Events beside the ledger.
    ColumnView<DayNumber> first_day = {};     ///< First day of each code as a customer; empty: no customer is new.
    unsigned threads = 0;                     ///< Upper bound on threads; 0 means all cores.
};

}  // namespace custfolio
