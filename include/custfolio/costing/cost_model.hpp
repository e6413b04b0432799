// CostModel: amounts per driver, resource pools with activities, and a share of revenue, each with its avoidable share.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/costing/time_equation.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/event_drivers.hpp"

namespace custfolio {

/// The first day of a rate or pool that is valid from the beginning.
inline constexpr DayNumber always = std::numeric_limits<DayNumber>::min();

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

/// An amount and the first day on which it is valid.
struct DatedAmount {
    DayNumber valid_from = always;  ///< Days since 1970-01-01; `always`: from the beginning.
    double amount = 0;              ///< Currency per unit, >= 0.
    /// Same day and amount.
    /// @return whether the two are the same.
    bool operator==(const DatedAmount&) const = default;
};

/// A cost per unit of a driver.
struct Rate {
    std::string driver{};              ///< One of usual_drivers, or the name of a further driver.
    double amount = 0;                 ///< Currency per unit of the driver, >= 0: the latest one, which decisions use.
    double avoidable = 1;              ///< Share in [0, 1] that falls and rises with the driver.
    std::vector<DatedAmount> dated{};  ///< Empty: `amount` on all days; else all amounts, by day.

    /// Same driver, amounts and share.
    /// @return whether the two are the same.
    bool operator==(const Rate&) const = default;
};

/// Cost and practical capacity of a pool, and the first day on which they are valid.
struct PoolPeriod {
    DayNumber valid_from = always;  ///< Days since 1970-01-01; `always`: from the beginning.
    double cost = 0;                ///< Currency, >= 0.
    double capacity = 0;            ///< Practical capacity in minutes, > 0.
    /// @return cost of a minute, currency.
    [[nodiscard]] double rate() const { return cost / capacity; }
    /// Same day, cost and capacity.
    /// @return whether the two are the same.
    bool operator==(const PoolPeriod&) const = default;
};

/// A resource pool: people or machines that are paid for by the period and work by the minute.
struct Pool {
    std::string name{};                 ///< Its name, an element of the statement.
    std::vector<PoolPeriod> periods{};  ///< Cost and capacity by day.
    double avoidable = 0;               ///< Share in [0, 1] of its cost that leaves with the minutes.
    /// Same name, periods and share.
    /// @return whether the two are the same.
    bool operator==(const Pool&) const = default;
};

/// An activity that uses minutes of a pool at every event of a kind.
struct Activity {
    std::string name{};   ///< Its name.
    std::string pool{};   ///< The pool whose minutes it uses.
    std::string event{};  ///< "delivery", "line", "return", a table of events, or a driver that counts them.
    std::vector<TimeTerm> minutes{};  ///< Minutes per event.
    /// Same names and minutes.
    /// @return whether the two are the same.
    bool operator==(const Activity&) const = default;
};

/// The avoidable share of an element from some months after a change.
struct AvoidableStep {
    int months = 0;    ///< Months after the change, >= 0.
    double share = 0;  ///< Share in [0, 1] that is avoidable from then on.
    /// Same months and share.
    /// @return whether the two are the same.
    bool operator==(const AvoidableStep&) const = default;
};

/// The cost to serve: sum over drivers of amount x driver, sum over activities of minutes x the pool's rate, and
/// share x revenue.
///
/// Pools and activities are time-driven activity-based costing (Kaplan & Anderson 2004). A pool's rate is its cost
/// divided by its practical capacity. An activity's time equation gives the minutes of one event. Minutes that no event
/// uses are unused capacity: reported, never charged. Cost and capacity of a pool are those of the statement's period;
/// where they change on a day, each is that of the part of the period in which it is valid.
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
    /// Sets the rate of a driver by name; a second rate for the same driver and day replaces the first.
    /// @param driver one of usual_drivers or the name of a further driver; not empty.
    /// @param amount currency per unit, finite and >= 0.
    /// @param avoidable share in [0, 1] of the cost that changes with the driver; of all its amounts.
    /// @param valid_from first day of this amount; it ends before the next one.
    /// @return this model, so that calls chain.
    /// @throws InputError where the name is empty or a pool's, or the amount or the share is out of range (the message
    /// names the driver).
    CostModel& rate(std::string driver, double amount, double avoidable = 1.0, DayNumber valid_from = always);
    /// Adds cost and capacity of a resource pool: one for each name and day.
    /// @param name its name, not empty.
    /// @param cost cost in the statement's period, currency, finite and >= 0.
    /// @param capacity_minutes practical capacity in that period, minutes, finite and > 0.
    /// @param valid_from first day of these figures; they end before the next ones.
    /// @return this model, so that calls chain.
    /// @throws InputError where the name is empty or a driver's with a rate, the pool has figures from that day, or a
    /// number is out of range (the message names the pool).
    CostModel& pool(std::string name, double cost, double capacity_minutes, DayNumber valid_from = always);
    /// Adds an activity: one for each name and pool.
    /// @param name its name, not empty.
    /// @param pool a pool of this model.
    /// @param minutes minutes per event as text; see time_equation().
    /// @param event "delivery", "line", "return", the name of a table of events, or a driver that counts the events.
    /// @return this model, so that calls chain.
    /// @throws InputError where a name is empty, the pool is unknown or has an activity of that name, or the text is no
    /// time equation (the message names the activity).
    CostModel& activity(std::string name, std::string pool, std::string_view minutes, std::string event = "delivery");
    /// Sets an activity from the terms of its time equation.
    /// @param name its name, not empty.
    /// @param pool a pool of this model.
    /// @param minutes minutes per event; coefficients are finite.
    /// @param event as above.
    /// @return this model, so that calls chain.
    /// @throws InputError as above, or where a coefficient is not finite.
    CostModel& activity(std::string name, std::string pool, std::vector<TimeTerm> minutes,
                        std::string event = "delivery");
    /// Sets the share of net revenue that is passed on: duties, commissions. Negative revenue (returns) is credited.
    /// @param share fraction of net revenue in [0, 1].
    /// @param avoidable share in [0, 1] of that cost which changes with revenue.
    /// @return this model, so that calls chain.
    /// @throws InputError where one of them is out of range.
    CostModel& revenue_share(double share, double avoidable = 1.0);
    /// Sets the avoidable share of an element: 1 for rates and the revenue share, 0 for pools where it is not set.
    /// @param element a driver with a rate, a pool, or "revenue share".
    /// @param share share in [0, 1], at any horizon.
    /// @return this model, so that calls chain.
    /// @throws NotFoundError where the model has no such element (the message lists its elements).
    /// @throws InputError where the share is out of range.
    CostModel& avoidable(const std::string& element, double share);
    /// Sets the avoidable share of an element by horizon: staff are given notice, a lease ends.
    /// @param element as above.
    /// @param steps shares by months after a change, months ascending; before the first one nothing is avoidable.
    /// @return this model, so that calls chain.
    /// @throws NotFoundError, InputError as above, and where months are negative or not ascending.
    CostModel& avoidable(const std::string& element, std::vector<AvoidableStep> steps);
    /// The model at a horizon: every element has the avoidable share of that many months after a change.
    /// @param months whole months, >= 0.
    /// @return the model, with plain shares.
    /// @throws InputError where months is negative.
    [[nodiscard]] CostModel at_horizon(int months) const;

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
    /// @return the pools in the order in which they were first set.
    [[nodiscard]] const std::vector<Pool>& pools() const { return pools_; }
    /// @return the activities in the order in which they were first set.
    [[nodiscard]] const std::vector<Activity>& activities() const { return activities_; }
    /// @return elements with avoidable shares by horizon, and their steps.
    [[nodiscard]] const std::vector<std::pair<std::string, std::vector<AvoidableStep>>>& avoidable_steps() const {
        return steps_;
    }
    /// @return the names of the cost elements: drivers with a rate, pools, and "revenue share" where it is not 0.
    [[nodiscard]] std::vector<std::string> elements() const;
    /// The days in a period on which a rate or a pool changes.
    /// @param period the statement's period.
    /// @return its first day, then the days of changes after it, ascending.
    [[nodiscard]] std::vector<DayNumber> changes(Period period) const;
    /// The event drivers whose sums a charge needs.
    /// @return the number of each activity's events and the drivers of its terms; and for each driver whose rate
    /// changes on a day, driver_event with the driver as its factor.
    [[nodiscard]] std::vector<EventDriver> event_drivers() const;

    /// @return the yearly rate of credit, in [0, 1].
    [[nodiscard]] double credit_rate() const { return credit_rate_; }

    /// Full cost to serve of rates and revenue share, at the latest rates. Pools are not in it: see charge().
    /// @param volume the customer's activity.
    /// @param driver_names the names of `volume.further`, in its order.
    /// @return currency.
    /// @throws NotFoundError where a rate's driver is not among usual_drivers and the names; the message lists the
    /// drivers.
    [[nodiscard]] double cost(const Volume& volume, std::span<const std::string> driver_names = {}) const;
    /// The part of cost() that changes with the customer's activity.
    /// @param volume the customer's activity.
    /// @param driver_names the names of `volume.further`, in its order.
    /// @return currency.
    /// @throws NotFoundError where a rate's driver is not among usual_drivers and the names; the message lists the
    /// drivers.
    [[nodiscard]] double avoidable_cost(const Volume& volume, std::span<const std::string> driver_names = {}) const;

    /// Same rates, pools and activities in the same order, and the same shares.
    /// @return whether the two are the same.
    bool operator==(const CostModel&) const = default;

  private:
    void require_element(const std::string& element) const;

    std::vector<Rate> rates_;
    std::vector<Pool> pools_;
    std::vector<Activity> activities_;
    std::vector<std::pair<std::string, std::vector<AvoidableStep>>> steps_;
    double revenue_share_ = 0;
    double revenue_share_avoidable_ = 1;
    double credit_rate_ = 0;
};

/// The model with freight and commission charged as they are.
/// @param model the cost model.
/// @param drivers names of the further drivers of a ledger or portfolio.
/// @return the model, with a rate of 1 for those of "freight" and "commission" that are among the drivers and have no
/// rate: they are amounts already. statement() adds these rates itself.
CostModel with_direct_costs(CostModel model, std::span<const std::string> drivers);

/// The value of a driver by name. The drivers that every ledger has go before further ones of the same name.
/// @param volume the customer's activity.
/// @param driver one of usual_drivers or the name of a further driver.
/// @param driver_names the names of `volume.further`, in its order.
/// @return units of the driver.
/// @throws NotFoundError where there is no such driver (the message lists the drivers).
/// @throws InputError where `volume.further` and the names differ in number.
double driver_value(const Volume& volume, std::string_view driver, std::span<const std::string> driver_names = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/cost_model.ipp"
#endif
