// Definitions of the cost model.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// Name of the revenue share's element in the statement; no driver may have it.
inline constexpr std::string_view revenue_share_element = "revenue share";

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

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Driver driver) {
    const auto k = static_cast<std::size_t>(driver);
    if (k < usual_drivers.size()) return std::string(usual_drivers[k]);
    throw InputError("driver " + std::to_string(static_cast<int>(driver)) + " is unknown; it must be one of Driver");
}

CUSTFOLIO_INLINE CostModel& CostModel::rate(Driver driver, double amount, double avoidable) {
    return rate(to_string(driver), amount, avoidable);
}

CUSTFOLIO_INLINE CostModel& CostModel::rate(std::string driver, double amount, double avoidable) {
    if (driver.empty()) throw InputError("a rate has an empty driver name; name the driver that it is an amount of");
    // Two elements of one name would be one in the statement.
    if (driver == detail::revenue_share_element) {
        throw InputError("a driver cannot be called 'revenue share': that is the share of revenue itself");
    }
    require_finite(amount, "rate of " + driver);
    if (amount < 0) {
        throw InputError("rate of " + driver + " is " + number_text(amount) + "; it must be >= 0");
    }
    require_probability(avoidable, "avoidable share of " + driver);
    // A second rate of a driver replaces the first, so that a model can be changed.
    const auto at = std::find_if(rates_.begin(), rates_.end(), [&](const Rate& rate) { return rate.driver == driver; });
    if (at != rates_.end()) {
        *at = {std::move(driver), amount, avoidable};
    } else {
        rates_.push_back({std::move(driver), amount, avoidable});
    }
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::revenue_share(double share, double avoidable) {
    require_probability(share, "revenue share");
    require_probability(avoidable, "avoidable share of the revenue share");
    revenue_share_ = share;
    revenue_share_avoidable_ = avoidable;
    return *this;
}

CUSTFOLIO_INLINE CostModel& CostModel::credit_rate(double rate) {
    require_probability(rate, "credit rate");
    credit_rate_ = rate;
    return *this;
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

CUSTFOLIO_INLINE double avoidable_change(const CostModel& model, const Volume& before, const Volume& after,
                                         std::span<const std::string> driver_names) {
    double sum = 0;
    for (const Rate& rate : model.rates()) {
        const double change =
            driver_value(after, rate.driver, driver_names) - driver_value(before, rate.driver, driver_names);
        sum += rate.avoidable * (rate.amount * change);
    }
    return sum + model.revenue_share_avoidable() * (model.revenue_share() * (after.revenue - before.revenue));
}

}  // namespace custfolio
