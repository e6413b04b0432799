// Charging a cost model to every customer of a driver table, reconciled.
#pragma once

#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/portfolio/event_drivers.hpp"

namespace custfolio {

/// What became of the capacity of a pool in a span of days. cost = charged + unused + not_attributed.
struct PoolUse {
    std::string pool{};         ///< Its name.
    DayNumber first = 0;        ///< First day of the span in which its figures are valid.
    double cost = 0;            ///< Its cost, currency.
    double capacity = 0;        ///< Practical capacity, minutes.
    double used = 0;            ///< Minutes of all events, those without a customer included.
    double charged = 0;         ///< Charged to customers, currency.
    double unused = 0;          ///< Cost of capacity that no event used, currency; negative: over capacity.
    double not_attributed = 0;  ///< Cost of events without a customer, currency.
    /// @return cost of a minute, currency.
    [[nodiscard]] double rate() const { return cost / capacity; }
};

/// An activity over all customers.
struct ActivityUse {
    std::string activity{};     ///< Its name.
    std::string pool{};         ///< Its pool.
    std::string event{};        ///< Its event.
    double events = 0;          ///< Number of customers' events.
    double minutes = 0;         ///< Minutes of customers' events.
    double charged = 0;         ///< Charged to customers, currency.
    double not_attributed = 0;  ///< Cost of events without a customer, currency.
};

/// The cost to serve of every customer by element, and its source.
///
/// Each element reconciles: charges of the customers + unused capacity + what no customer caused = the input cost
/// (rate x total driver, or the cost of a pool) within half a cent. Sums are compensated, so the difference is rounding
/// and does not grow with the number of customers.
struct CostTable {
    std::vector<std::string> element;   ///< As CostModel::elements(): drivers with a rate, pools, "revenue share".
    Matrix charged;                     ///< Customers x elements, currency: the full cost.
    Column total;                       ///< Full cost to serve per customer, currency.
    Column avoidable;                   ///< The part of `total` that leaves with the customer, currency.
    std::vector<double> driver_total;   ///< Per element: units of the driver over all customers: minutes of a pool, net
                                        ///< revenue of the share.
    std::vector<double> cost_in;        ///< Per element: the input cost, currency.
    std::vector<double> charged_total;  ///< Per element: the sum of the charges, currency.
    std::vector<double> unused;         ///< Per element: cost of unused capacity, currency; 0 but for pools.
    std::vector<double> not_attributed;   ///< Per element: cost that no customer caused, currency.
    Matrix minutes;                       ///< Customers x pools: minutes used; freed where the customer leaves.
    std::vector<PoolUse> pools;           ///< Per pool and span of its figures, in the order of the model.
    std::vector<ActivityUse> activities;  ///< Per activity, in the order of the model.
    Matrix activity_cost;                 ///< Customers x activities, currency; a pool's charge is the sum of its own.

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
///
/// An activity takes its sums from `events`. Where they lack the number of events, a column of the driver table counts
/// them: deliveries, lines, returns, or the further driver of the event's name.
/// @param model rates, pools, activities and revenue share.
/// @param drivers drivers and amounts per customer.
/// @param events sums of the model's event drivers, customers in the order of the table; the spans are those of
/// CostModel::changes(). Without spans the table's period is the only one.
/// @param not_attributed drivers without a customer: `further` in the table's order of names.
/// @return the cost table, customers in the order of the driver table. O(customers x (elements + terms)).
/// @throws NotFoundError where a rate's driver or an activity's event is not in the table or the sums (the message
/// lists what there is).
/// @throws InputError in these cases; the message names row and element:
/// - a column's length differs, or a driver is not finite;
/// - an activity takes less than 0 minutes of a customer;
/// - a rate or pool has no figures on the first day of a span, or a rate changes whose driver has no days;
/// - an element does not reconcile to the cent (amounts beyond double precision).
CostTable charge(const CostModel& model, const DriverTable& drivers, const EventSums& events = {},
                 const Volume& not_attributed = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/charge.ipp"
#endif
