// Charging a cost model to every customer of a driver table, reconciled.
#pragma once

#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"

namespace custfolio {

/// The cost to serve of every customer by element, and its source.
///
/// Each element reconciles: the charges of the customers add up to the input cost (rate x total driver) within half a
/// cent. Both sums are compensated, so the difference is rounding and does not grow with the number of customers.
struct CostTable {
    std::vector<std::string>
        element;       ///< The drivers of the model's rates, in its order, then "revenue share" where it is not 0.
    Matrix charged;    ///< Customers x elements, currency: the full cost.
    Column total;      ///< Full cost to serve per customer, currency.
    Column avoidable;  ///< The part of `total` that leaves with the customer, currency.
    std::vector<double>
        driver_total;             ///< Per element: units of the driver over all customers (net revenue for the share).
    std::vector<double> cost_in;  ///< Per element: rate x driver_total, the input cost, currency.
    std::vector<double> charged_total;  ///< Per element: the sum of the charges, currency.

    /// @return the input cost over all elements, currency.
    [[nodiscard]] double total_cost_in() const;
    /// @return the charges over all elements, currency.
    [[nodiscard]] double total_charged() const;
    /// @param name an element.
    /// @return its column in `charged`.
    /// @throws NotFoundError where there is none of that name (the message lists the elements).
    [[nodiscard]] std::size_t index(const std::string& name) const;
};

/// Charges the model to every customer.
/// @param model rates and revenue share.
/// @param drivers drivers and amounts per customer.
/// @return the cost table, customers in the order of the driver table. O(customers x elements).
/// @throws NotFoundError where a rate's driver is not in the table (the message lists its drivers).
/// @throws InputError where a column's length differs or a driver is not finite (the message names the row and the
/// driver), or where an element does not reconcile to the cent (amounts beyond double precision).
CostTable charge(const CostModel& model, const DriverTable& drivers);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/charge.ipp"
#endif
