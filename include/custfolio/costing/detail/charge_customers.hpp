// Charging with messages that name the customer, which the statement does.
#pragma once

#include <span>
#include <string>

#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/event_drivers.hpp"

namespace custfolio {

class CostModel;
struct CostTable;

namespace detail {

/// As charge(). Messages name the customer by its identity in `id`, or the row where there are no identities.
CostTable charge_customers(const CostModel& model, const DriverTable& drivers, const EventSums& events,
                           const Volume& not_attributed, std::span<const std::string> id);

}  // namespace detail
}  // namespace custfolio
