// CostModel: an amount per driver and a share of revenue, each with the share of it that is avoidable.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// The drivers of cost that every ledger has; the name of a further driver is that of its column.
enum class Driver {
    deliveries,        ///< Documents or customer-days with a positive sum.
    lines,             ///< Order lines.
    quantity,          ///< Units sold.
    returns,           ///< Documents or customer-days with a negative sum.
    returned_quantity  ///< Units returned.
};

/// @param driver one of the drivers that every ledger has.
/// @return its name, as in usual_drivers.
std::string to_string(Driver driver);

/// A cost per unit of a driver.
struct Rate {
    std::string driver{};  ///< One of usual_drivers, or the name of a further driver.
    double amount = 0;     ///< Currency per unit of the driver, >= 0.
    double avoidable = 1;  ///< Share in [0, 1] that falls and rises with the driver.

    /// Same driver, amount and share.
    /// @return whether the two are the same.
    bool operator==(const Rate&) const = default;
};

/// The cost to serve: cost = sum over drivers of amount x driver + share x revenue.
///
/// A statement shows this full cost. A decision counts only the avoidable share of each element: the wage of a driver
/// who stays does not leave with a customer. The names of further drivers are resolved when a cost is computed, among
/// the drivers of the ledger or portfolio.
class CostModel {
  public:
    /// A model without costs.
    CostModel() = default;

    /// Sets the rate of a driver that every ledger has; a second rate for the same driver replaces the first.
    /// @param driver which driver.
    /// @param amount currency per unit, finite and >= 0.
    /// @param avoidable share in [0, 1] of the cost that changes with the driver.
    /// @return this model, so that calls chain.
    /// @throws InputError where the amount or the share is out of range (the message names the driver).
    CostModel& rate(Driver driver, double amount, double avoidable = 1.0);
    /// Sets the rate of a driver by name; a second rate for the same driver replaces the first.
    /// @param driver one of usual_drivers or the name of a further driver; not empty.
    /// @param amount currency per unit, finite and >= 0.
    /// @param avoidable share in [0, 1] of the cost that changes with the driver.
    /// @return this model, so that calls chain.
    /// @throws InputError where the name is empty, or the amount or the share is out of range (the message names the
    /// driver).
    CostModel& rate(std::string driver, double amount, double avoidable = 1.0);
    /// Sets the share of net revenue that is passed on: duties, commissions. Negative revenue (returns) is credited.
    /// @param share fraction of net revenue in [0, 1].
    /// @param avoidable share in [0, 1] of that cost which changes with revenue.
    /// @return this model, so that calls chain.
    /// @throws InputError where one of them is out of range.
    CostModel& revenue_share(double share, double avoidable = 1.0);

    /// Sets the yearly rate at which open invoices cost money; see customer_credit().
    /// @param rate fraction a year in [0, 1]: 0.08 for 8 %.
    /// @return this model, so that calls chain.
    /// @throws InputError where it is out of range.
    CostModel& credit_rate(double rate);

    /// @return the rates in the order in which their drivers were first set.
    [[nodiscard]] const std::vector<Rate>& rates() const { return rates_; }
    /// @return the share of net revenue that is passed on, in [0, 1].
    [[nodiscard]] double revenue_share() const { return revenue_share_; }
    /// @return the avoidable share of that cost, in [0, 1].
    [[nodiscard]] double revenue_share_avoidable() const { return revenue_share_avoidable_; }

    /// @return the yearly rate of credit, in [0, 1].
    [[nodiscard]] double credit_rate() const { return credit_rate_; }

    /// Full cost to serve.
    /// @param volume the customer's activity.
    /// @param driver_names the names of `volume.further`, in its order.
    /// @return currency.
    /// @throws NotFoundError where a rate's driver is not among usual_drivers and the names; the message lists the
    /// drivers.
    [[nodiscard]] double cost(const Volume& volume, std::span<const std::string> driver_names = {}) const;
    /// The part of cost() that changes with the activity.
    /// @param volume the customer's activity.
    /// @param driver_names the names of `volume.further`, in its order.
    /// @return currency.
    /// @throws NotFoundError where a rate's driver is not among usual_drivers and the names; the message lists the
    /// drivers.
    [[nodiscard]] double avoidable_cost(const Volume& volume, std::span<const std::string> driver_names = {}) const;

    /// Same rates in the same order, and the same share of revenue.
    /// @return whether the two are the same.
    bool operator==(const CostModel&) const = default;

  private:
    std::vector<Rate> rates_;
    double revenue_share_ = 0;
    double revenue_share_avoidable_ = 1;
    double credit_rate_ = 0;
};

/// The value of a driver by name. The drivers that every ledger has go before further ones of the same name.
/// @param volume the customer's activity.
/// @param driver one of usual_drivers or the name of a further driver.
/// @param driver_names the names of `volume.further`, in its order.
/// @return units of the driver.
/// @throws NotFoundError where there is no such driver (the message lists the drivers).
/// @throws InputError where `volume.further` and the names differ in number.
double driver_value(const Volume& volume, std::string_view driver, std::span<const std::string> driver_names = {});

/// Change of cost by a change of activity: sum over the elements of avoidable share x rate x (after - before), the
/// revenue share included. Negative where money is saved.
/// @param model the cost model.
/// @param before activity before the change.
/// @param after activity after the change.
/// @param driver_names the names of `further` in both, in their order.
/// @return currency over the period of the activities.
/// @throws NotFoundError where a rate's driver does not exist (the message lists the drivers).
double avoidable_change(const CostModel& model, const Volume& before, const Volume& after,
                        std::span<const std::string> driver_names = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/cost_model.ipp"
#endif
