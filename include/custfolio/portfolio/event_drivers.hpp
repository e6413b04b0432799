// Drivers of events (deliveries, lines, returns, visits) and their sums by customer and by span of days.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// A driver of events: the product of drivers of one event, summed over the events of a customer. Time equations are
/// linear in such drivers, so their sums are all that a cost needs.
struct EventDriver {
    std::string event{};                 ///< "delivery", "line", "return", a table of events, or driver_event.
    std::vector<std::string> factors{};  ///< Drivers of one event, sorted; empty: 1 per event, the number of events.
    /// Same event and same factors.
    /// @return whether the two are the same.
    bool operator==(const EventDriver&) const = default;
};

/// The event of a driver of the customer itself, its factor: its units by span of days, for a rate that changes.
inline constexpr const char* driver_event = "driver";

/// @param driver an event driver.
/// @return it in words: "delivery: lines*rush"; "delivery" for the number of deliveries.
inline std::string to_string(const EventDriver& driver) {
    std::string text = driver.event;
    for (std::size_t k = 0; k < driver.factors.size(); ++k) text += (k == 0 ? ": " : "*") + driver.factors[k];
    return text;
}

/// Sums of event drivers by customer and by span of days. A span begins on a day of `from` and ends before the next.
struct EventSums {
    std::vector<DayNumber> from{};         ///< First day of each span, ascending.
    std::vector<EventDriver> driver{};     ///< The drivers, distinct.
    Matrix sum{};                          ///< Customers x (spans x drivers): column `span * driver.size() + driver`.
    std::vector<double> not_attributed{};  ///< Per column of `sum`: events without a customer.

    /// @param one an event driver.
    /// @return its place in `driver`; `driver.size()` where it is not there.
    [[nodiscard]] std::size_t find(const EventDriver& one) const {
        return static_cast<std::size_t>(std::find(driver.begin(), driver.end(), one) - driver.begin());
    }
};

}  // namespace custfolio
