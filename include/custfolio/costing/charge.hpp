// Charging a cost model to every customer of a driver table, reconciled.
#pragma once

#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"

namespace custfolio {

/// The cost to serve of every customer by element, and what it was charged from.
///
/// Reconciliation holds per element: what the customers are charged, summed, is the cost that went in (rate x total
/// driver) to within half a cent; both sums are compensated, so what they differ by is rounding and never grows with
/// the number of customers.
struct CostTable {
    std::vector<std::string>
        element;       ///< The drivers of the model's rates, in its order, then "revenue share" where it is not 0.
    Matrix charged;    ///< Customers x elements, currency: the full cost.
    Column total;      ///< Full cost to serve per customer, currency.
    Column avoidable;  ///< The part of `total` that goes away with the customer, currency.
    std::vector<double>
        driver_total;             ///< Per element: units of the driver over all customers (net revenue for the share).
    std::vector<double> cost_in;  ///< Per element: rate x driver_total, currency: the cost that went in.
    std::vector<double> charged_total;  ///< Per element: the sum of what was charged, currency.

    /// @return the cost that went in over all elements, currency.
    [[nodiscard]] double total_cost_in() const;
    /// @return what was charged over all elements, currency.
    [[nodiscard]] double total_charged() const;
    /// @param name an element.
    /// @return its column in `charged`.
    /// @throws NotFoundError where there is none of that name (the text lists those that exist).
    [[nodiscard]] std::size_t index(const std::string& name) const;
};

/// Charges the model to every customer.
/// @param model rates and revenue share.
/// @param drivers what a ledger says per customer.
/// @return the cost table, customers in the order of the driver table. O(customers x elements).
/// @throws NotFoundError where a rate's driver is not in the table (the text lists those that are).
/// @throws InputError where a column's length differs or a driver is not finite (the text names the row and the
/// driver), or where an element does not reconcile to the cent (amounts beyond double precision).
CostTable charge(const CostModel& model, const DriverTable& drivers);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/charge.ipp"
#endif
