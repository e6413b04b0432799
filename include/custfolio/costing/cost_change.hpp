// What a change of a customer's activity costs, at full and at avoidable cost, for many customers of one portfolio.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/portfolio/event_drivers.hpp"

namespace custfolio {

/// A change of cost, currency.
struct CostDifference {
    double full = 0;       ///< At full cost, as a statement shows it.
    double avoidable = 0;  ///< The part that leaves with the activity.
};

/// A cost model that is resolved for the drivers of a portfolio: changes are sums over drivers, without names.
///
/// Rates and pools count at their latest figures. Of a time equation the terms with at most one driver follow the
/// customer's drivers. Other terms of a delivery follow sums of their products, where these are known, and else count
/// as unchanged; so do rows of tables of events.
class CostChange {
  public:
    /// Resolves a model.
    /// @param model the cost model, at a horizon.
    /// @param driver_names further drivers of the customers.
    /// @throws NotFoundError where a rate's driver does not exist (the message lists the drivers).
    CostChange(const CostModel& model, std::span<const std::string> driver_names);

    /// @return products of drivers of a delivery that terms of activities need, and no driver of a customer gives.
    [[nodiscard]] const std::vector<EventDriver>& products() const { return products_; }
    /// @return number of pools.
    [[nodiscard]] std::size_t pools() const { return pools_; }
    /// @return the part of an amount of revenue that stays after what is passed on, at full cost.
    [[nodiscard]] double retained() const { return 1 - share_; }
    /// @return the yearly rate of credit.
    [[nodiscard]] double credit_rate() const { return credit_rate_; }
    /// @return cost of one more delivery at full cost, currency: that of the driver alone.
    [[nodiscard]] double delivery_cost() const { return full_[0]; }
    /// @return currency of cost, at full cost, that follows lines and units sold and returned.
    /// @param volume a customer's activity.
    [[nodiscard]] double volume_cost(const Volume& volume) const {
        return full_[1] * volume.lines + full_[2] * volume.quantity + full_[4] * volume.returned_quantity;
    }

    /// The change of cost by a change of activity, revenue share included.
    /// @param before activity before.
    /// @param after activity after.
    /// @param sums change of the sums of products(); empty: none.
    /// @param exempt part of the added revenue that has no revenue share, currency.
    /// @return the change; negative where money is saved.
    [[nodiscard]] CostDifference of(const Volume& before, const Volume& after, std::span<const double> sums = {},
                                    double exempt = 0) const;
    /// Minutes of each pool that a change of activity frees.
    /// @param before activity before.
    /// @param after activity after.
    /// @param sums as above.
    /// @param freed one entry a pool; the minutes are added.
    void add_minutes_freed(const Volume& before, const Volume& after, std::span<const double> sums,
                           std::span<double> freed) const;

    /// An activity at another number of minutes an event.
    struct Channel {
        std::size_t pool = 0;               ///< Its pool.
        double full = 0;                    ///< Currency per minute.
        double avoidable = 0;               ///< Currency per minute that is avoidable.
        std::size_t events = 0;             ///< Driver that counts the events; see value().
        std::vector<double> per_driver{};   ///< Minutes per unit of each driver today.
        std::vector<double> per_product{};  ///< Minutes per unit of each product today.
    };
    /// @param model the model that was resolved.
    /// @param activity name of an activity.
    /// @return it, once for each pool that it uses.
    /// @throws NotFoundError where there is no such activity, or no driver counts its events.
    [[nodiscard]] std::vector<Channel> channels(const CostModel& model, const std::string& activity) const;
    /// @param volume a customer's activity.
    /// @param driver 0 to 4: usual_drivers; 5 + k: further driver k.
    /// @return its units.
    [[nodiscard]] static double value(const Volume& volume, std::size_t driver);

  private:
    [[nodiscard]] std::size_t place(const std::string& driver) const;
    std::vector<std::string> names_;
    std::vector<double> full_;       // per driver: 5 usual ones, then the further ones
    std::vector<double> avoidable_;  // per driver
    std::vector<double> minutes_;    // pools x drivers
    std::vector<EventDriver> products_;
    std::vector<double> product_full_;
    std::vector<double> product_avoidable_;
    std::vector<double> product_minutes_;  // pools x products
    std::size_t pools_ = 0;
    double share_ = 0;
    double share_avoidable_ = 0;
    double credit_rate_ = 0;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/cost_change.ipp"
#endif
