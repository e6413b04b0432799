// Definitions of the cost model.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/costing/detail/elements.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void require_not_negative(double amount, const std::string& what) {
    require_finite(amount, what);
    if (amount < 0) throw InputError(what + " is " + number_text(amount) + "; it must be >= 0");
}

/// Position of a further driver among the names.
CUSTFOLIO_INLINE std::size_t further_driver(std::string_view driver, std::span<const std::string> driver_names) {
    const auto at = std::find(driver_names.begin(), driver_names.end(), driver);
    if (at == driver_names.end()) {
        std::string text = "no driver '" + std::string(driver) + "'; there are " + std::string(usual_drivers[0]);
        for (std::size_t k = 1; k < usual_drivers.size(); ++k) text += ", " + std::string(usual_drivers[k]);
        for (const std::string& name : driver_names) text += ", " + name;
        throw NotFoundError(text);
    }
    return static_cast<std::size_t>(at - driver_names.begin());
}

/// The driver of a customer that counts a term of an event; empty where none does.
CUSTFOLIO_INLINE std::string driver_of(const std::string& event, const std::vector<std::string>& factors) {
    if (factors.size() > 1) return {};
    if (factors.size() == 1) return factors[0];
    if (event == "delivery") return "deliveries";
    if (event == "line") return "lines";
    if (event == "return") return "returns";
    return event;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Driver driver) {
    const auto k = static_cast<std::size_t>(driver);
    if (k < usual_drivers.size()) return std::string(usual_drivers[k]);
    throw InputError("driver " + std::to_string(static_cast<int>(driver)) + " is unknown; it must be one of Driver");
}

CUSTFOLIO_INLINE CostModel& CostModel::rate(Driver driver, double amount, double avoidable) {
    return rate(to_string(driver), amount, avoidable);
}

CUSTFOLIO_INLINE CostModel& CostModel::rate(std::string driver, double amount, double avoidable, DayNumber valid_from) {
    if (driver.empty()) throw InputError("a rate has an empty driver name; name the driver that it is an amount of");
    // Two elements of one name would be one in the statement.
    if (driver == detail::revenue_share_element) {
        throw InputError("a driver cannot be called 'revenue share': that is the share of revenue itself");
    }
    if (detail::find(pools_, driver, &Pool::name) != pools_.end()) {
        throw InputError("'" + driver + "' is a pool of the model; a driver needs another name");
    }
    detail::require_not_negative(amount, "rate of " + driver);
    require_probability(avoidable, "avoidable share of " + driver);
    std::erase_if(steps_, [&](const auto& one) { return one.first == driver; });
    auto at = detail::find(rates_, driver, &Rate::driver);
    if (at == rates_.end()) {
        at = rates_.insert(at, Rate{std::move(driver), 0, avoidable, {}});
    } else if (at->dated.empty()) {
        at->dated.push_back({always, at->amount});
    }
    // A second rate of a driver and day replaces the first, so that a model can be changed.
    detail::place(at->dated, DatedAmount{valid_from, amount});
    at->amount = at->dated.back().amount;
    at->avoidable = avoidable;
    if (at->dated.size() == 1 && valid_from == always) at->dated.clear();
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::pool(std::string name, double cost, double capacity_minutes,
                                            DayNumber valid_from) {
    if (name.empty()) throw InputError("a pool has an empty name; it must have one");
    if (name == detail::revenue_share_element || detail::find(rates_, name, &Rate::driver) != rates_.end()) {
        throw InputError("pool '" + name + "' has the name of another element; it needs a name of its own");
    }
    detail::require_not_negative(cost, "cost of pool '" + name + "'");
    require_finite(capacity_minutes, "capacity of pool '" + name + "'");
    if (!(capacity_minutes > 0)) {
        throw InputError("capacity of pool '" + name + "' is " + number_text(capacity_minutes) +
                         " minutes; it must be > 0");
    }
    const PoolPeriod period{valid_from, cost, capacity_minutes};
    require_finite(period.rate(), "cost of a minute of pool '" + name + "'");
    auto at = detail::find(pools_, name, &Pool::name);
    if (at == pools_.end()) at = pools_.insert(at, Pool{std::move(name), {}, 0});
    if (detail::find(at->periods, valid_from, &PoolPeriod::valid_from) != at->periods.end()) {
        throw InputError("pool '" + at->name + "' is given twice from " +
                         (valid_from == always ? "the beginning" : day_text(valid_from)) +
                         " on; give each pool one cost and capacity a day");
    }
    detail::place(at->periods, period);
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::activity(std::string name, std::string pool, std::string_view minutes,
                                                std::string event) {
    std::vector<TimeTerm> terms;
    try {
        terms = time_equation(minutes);
    } catch (const InputError& error) {
        throw InputError("activity '" + name + "', " + error.what());
    }
    return activity(std::move(name), std::move(pool), std::move(terms), std::move(event));
}

CUSTFOLIO_INLINE CostModel& CostModel::activity(std::string name, std::string pool, std::vector<TimeTerm> minutes,
                                                std::string event) {
    if (name.empty()) throw InputError("an activity has an empty name; it must have one");
    const std::string where = "activity '" + name + "'";
    if (event.empty()) throw InputError(where + " has an empty event; the usual one is \"delivery\"");
    if (detail::find(pools_, pool, &Pool::name) == pools_.end()) {
        std::string known;
        for (const Pool& one : pools_) known += (known.empty() ? "" : ", ") + one.name;
        throw InputError(where + " uses pool '" + pool +
                         "', which the model does not have; there are: " + (known.empty() ? "none" : known));
    }
    for (TimeTerm& term : minutes) {
        require_finite(term.minutes, where + ", a coefficient");
        detail::sort(term.drivers);
        if (detail::contains(term.drivers, "")) {
            throw InputError(where + " has a term with an empty driver; every driver needs its name");
        }
    }
    if (detail::any_of(activities_, [&](const Activity& one) { return one.name == name && one.pool == pool; })) {
        throw InputError(where + " of pool '" + pool + "' is given twice; each activity of a pool needs its own name");
    }
    activities_.push_back({std::move(name), std::move(pool), std::move(event), std::move(minutes)});
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::revenue_share(double share, double avoidable) {
    require_probability(share, "revenue share");
    require_probability(avoidable, "avoidable share of the revenue share");
    std::erase_if(steps_, [](const auto& one) { return one.first == detail::revenue_share_element; });
    revenue_share_ = share;
    revenue_share_avoidable_ = avoidable;
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::credit_rate(double rate) {
    require_probability(rate, "credit rate");
    credit_rate_ = rate;
    return *this;
}

CUSTFOLIO_INLINE std::vector<std::string> CostModel::elements() const {
    std::vector<std::string> names;
    for (const Rate& rate : rates_) names.push_back(rate.driver);
    for (const Pool& pool : pools_) names.push_back(pool.name);
    if (revenue_share_ != 0) names.emplace_back(detail::revenue_share_element);
    return names;
}

CUSTFOLIO_INLINE void CostModel::require_element(const std::string& element) const {
    if (element == detail::revenue_share_element) return;
    const std::vector<std::string> known = elements();
    if (detail::contains(known, element)) return;
    std::string text;
    for (const std::string& name : known) text += (text.empty() ? "" : ", ") + name;
    throw NotFoundError("'" + element +
                        "' is no element of the cost model; there are: " + (text.empty() ? "none" : text));
}

CUSTFOLIO_INLINE CostModel& CostModel::avoidable(const std::string& element, double share) {
    require_element(element);
    require_probability(share, "avoidable share of " + element);
    std::erase_if(steps_, [&](const auto& one) { return one.first == element; });
    if (element == detail::revenue_share_element) revenue_share_avoidable_ = share;
    for (Rate& rate : rates_) {
        if (rate.driver == element) rate.avoidable = share;
    }
    for (Pool& pool : pools_) {
        if (pool.name == element) pool.avoidable = share;
    }
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::avoidable(const std::string& element, std::vector<AvoidableStep> steps) {
    if (steps.empty()) throw InputError("avoidable share of " + element + " has no steps; it must have one or more");
    for (std::size_t k = 0; k < steps.size(); ++k) {
        require_probability(steps[k].share, "avoidable share of " + element);
        if (steps[k].months < 0 || (k > 0 && steps[k].months <= steps[k - 1].months)) {
            throw InputError("avoidable share of " + element + ": a step is at " + std::to_string(steps[k].months) +
                             " months; months must be >= 0 and ascending");
        }
    }
    avoidable(element, steps.back().share);
    steps_.emplace_back(element, std::move(steps));
    return *this;
}

CUSTFOLIO_INLINE CostModel CostModel::at_horizon(int months) const {
    if (months < 0) throw InputError("horizon is " + std::to_string(months) + " months; it must be >= 0");
    CostModel model = *this;
    for (const auto& [element, steps] : steps_) {
        double share = 0;
        // Steps ascend by months: the last one within the horizon counts.
        for (const AvoidableStep& step : steps) share = step.months <= months ? step.share : share;
        model.avoidable(element, share);
    }
    return model;
}

CUSTFOLIO_INLINE std::vector<DayNumber> CostModel::changes(Period period) const {
    // Without any change the whole period is one span.
    std::vector<DayNumber> days{period.first};
    const auto add = [&](DayNumber day) {
        if (day > period.first && day <= period.last) days.push_back(day);
    };
    for (const Rate& rate : rates_) {
        for (const DatedAmount& dated : rate.dated) add(dated.valid_from);
    }
    for (const Pool& pool : pools_) {
        for (const PoolPeriod& dated : pool.periods) add(dated.valid_from);
    }
    detail::sort(days);
    days.erase(std::unique(days.begin(), days.end()), days.end());
    return days;
}

CUSTFOLIO_INLINE std::vector<EventDriver> CostModel::event_drivers() const {
    std::vector<EventDriver> drivers;
    const auto add = [&](EventDriver driver) {
        if (!detail::contains(drivers, driver)) drivers.push_back(std::move(driver));
    };
    for (const Activity& activity : activities_) {
        add({activity.event, {}});  // the number of events, shown beside their minutes
        for (const TimeTerm& term : activity.minutes) add({activity.event, term.drivers});
    }
    for (const Rate& rate : rates_) {
        if (!rate.dated.empty()) add({driver_event, {rate.driver}});
    }
    return drivers;
}

CUSTFOLIO_INLINE double CostModel::cost(const Volume& volume, std::span<const std::string> driver_names) const {
    double sum = 0;
    for (const Rate& rate : rates_) sum += rate.amount * driver_value(volume, rate.driver, driver_names);
    return sum + revenue_share_ * volume.revenue;
}

CUSTFOLIO_INLINE double CostModel::avoidable_cost(const Volume& volume,
                                                  std::span<const std::string> driver_names) const {
    double sum = 0;
    for (const Rate& rate : rates_) {
        // Of each element the part that goes away with its volume.
        sum += rate.avoidable * (rate.amount * driver_value(volume, rate.driver, driver_names));
    }
    return sum + revenue_share_avoidable_ * (revenue_share_ * volume.revenue);
}

CUSTFOLIO_INLINE CostModel with_direct_costs(CostModel model, std::span<const std::string> drivers) {
    for (const std::string& driver : drivers) {
        if (driver != "freight" && driver != "commission") continue;
        const auto of_driver = [&](const Rate& rate) { return rate.driver == driver; };
        if (std::none_of(model.rates().begin(), model.rates().end(), of_driver)) model.rate(driver, 1.0);
    }
    return model;
}

CUSTFOLIO_INLINE double driver_value(const Volume& volume, std::string_view driver,
                                     std::span<const std::string> driver_names) {
    if (driver == "deliveries") return volume.deliveries;
    if (driver == "lines") return volume.lines;
    if (driver == "quantity") return volume.quantity;
    if (driver == "returns") return volume.returns;
    if (driver == "returned_quantity") return volume.returned_quantity;
    const std::size_t k = detail::further_driver(driver, driver_names);
    if (volume.further.size() != driver_names.size()) {
        throw InputError("a customer's activity has " + std::to_string(volume.further.size()) +
                         " further drivers for " + std::to_string(driver_names.size()) + " names");
    }
    return volume.further[k];
}

}  // namespace custfolio
