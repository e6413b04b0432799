// Definitions of changes of cost.
#pragma once

#include "custfolio/config.hpp"
#include "custfolio/costing/cost_change.hpp"
#include "custfolio/costing/cost_model.ipp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE double CostChange::value(const Volume& volume, std::size_t driver) {
    switch (driver) {
        case 0:
            return volume.deliveries;
        case 1:
            return volume.lines;
        case 2:
            return volume.quantity;
        case 3:
            return volume.returns;
        case 4:
            return volume.returned_quantity;
        default:
            return volume.further[driver - usual_drivers.size()];
    }
}

CUSTFOLIO_INLINE std::size_t CostChange::place(const std::string& driver) const {
    for (std::size_t k = 0; k < usual_drivers.size(); ++k) {
        if (driver == usual_drivers[k]) return k;
    }
    return usual_drivers.size() + detail::further_driver(driver, names_);
}

CUSTFOLIO_INLINE CostChange::CostChange(const CostModel& model, std::span<const std::string> driver_names)
    : names_(driver_names.begin(), driver_names.end()),
      pools_(model.pools().size()),
      share_(model.revenue_share()),
      share_avoidable_(model.revenue_share_avoidable()),
      credit_rate_(model.credit_rate()) {
    const std::size_t drivers = usual_drivers.size() + names_.size();
    full_.resize(drivers);
    avoidable_.resize(drivers);
    minutes_.resize(pools_ * drivers);
    for (const Rate& rate : model.rates()) {
        const std::size_t d = place(rate.driver);
        full_[d] += rate.amount;
        avoidable_[d] += rate.avoidable * rate.amount;
    }
    struct Product {
        std::size_t pool;
        std::size_t product;
        double minutes;
    };
    std::vector<Product> products;
    for (const Activity& activity : model.activities()) {
        const auto at = detail::find(model.pools(), activity.pool, &Pool::name);
        const auto p = static_cast<std::size_t>(at - model.pools().begin());
        // New figures count for what is to come.
        const double rate = at->periods.back().rate();
        for (const TimeTerm& term : activity.minutes) {
            const std::string driver = detail::driver_of(activity.event, term.drivers);
            if (has_driver(driver, names_)) {
                const std::size_t d = place(driver);
                full_[d] += rate * term.minutes;
                avoidable_[d] += at->avoidable * (rate * term.minutes);
                minutes_[p * drivers + d] += term.minutes;
            } else if (activity.event == "delivery") {
                const EventDriver product{activity.event, term.drivers};
                const auto one = detail::find(products_, product);
                const auto k = static_cast<std::size_t>(one - products_.begin());
                if (k == products_.size()) {
                    products_.push_back(product);
                    product_full_.push_back(0);
                    product_avoidable_.push_back(0);
                }
                product_full_[k] += rate * term.minutes;
                product_avoidable_[k] += at->avoidable * (rate * term.minutes);
                products.push_back({p, k, term.minutes});
            }
        }
    }
    product_minutes_.resize(pools_ * products_.size());
    for (const Product& one : products) product_minutes_[one.pool * products_.size() + one.product] += one.minutes;
}

CUSTFOLIO_INLINE CostDifference CostChange::of(const Volume& before, const Volume& after, std::span<const double> sums,
                                               double exempt) const {
    CostDifference change;
    for (std::size_t d = 0; d < full_.size(); ++d) {
        if (full_[d] == 0) continue;
        const double units = value(after, d) - value(before, d);
        change.full += full_[d] * units;
        change.avoidable += avoidable_[d] * units;
    }
    for (std::size_t k = 0; k < products_.size() && k < sums.size(); ++k) {
        change.full += product_full_[k] * sums[k];
        change.avoidable += product_avoidable_[k] * sums[k];
    }
    const double passed_on = share_ * (after.revenue - before.revenue - exempt);
    change.full += passed_on;
    change.avoidable += share_avoidable_ * passed_on;
    return change;
}

CUSTFOLIO_INLINE void CostChange::add_minutes_freed(const Volume& before, const Volume& after,
                                                    std::span<const double> sums, std::span<double> freed) const {
    for (std::size_t p = 0; p < pools_; ++p) {
        for (std::size_t d = 0; d < full_.size(); ++d) {
            const double minutes = minutes_[p * full_.size() + d];
            if (minutes != 0) freed[p] += minutes * (value(before, d) - value(after, d));
        }
        for (std::size_t k = 0; k < products_.size() && k < sums.size(); ++k) {
            freed[p] -= product_minutes_[p * products_.size() + k] * sums[k];
        }
    }
}

CUSTFOLIO_INLINE std::vector<CostChange::Channel> CostChange::channels(const CostModel& model,
                                                                       const std::string& activity) const {
    std::vector<Channel> channels;
    std::string known;
    for (const Activity& one : model.activities()) {
        known += (known.empty() ? "" : ", ") + one.name;
        if (one.name != activity) continue;
        const std::string events = detail::driver_of(one.event, {});
        if (!has_driver(events, names_)) {
            throw NotFoundError("activity '" + activity + "': no driver of the customers counts its events, '" +
                                events + "'; give them as a column of drivers");
        }
        const auto at = detail::find(model.pools(), one.pool, &Pool::name);
        Channel channel;
        channel.pool = static_cast<std::size_t>(at - model.pools().begin());
        channel.full = at->periods.back().rate();
        channel.avoidable = at->avoidable * channel.full;
        channel.events = place(events);
        channel.per_driver.resize(full_.size());
        channel.per_product.resize(products_.size());
        for (const TimeTerm& term : one.minutes) {
            const std::string driver = detail::driver_of(one.event, term.drivers);
            if (has_driver(driver, names_)) {
                channel.per_driver[place(driver)] += term.minutes;
            } else if (one.event == "delivery") {
                const auto product = detail::find(products_, EventDriver{one.event, term.drivers});
                channel.per_product[static_cast<std::size_t>(product - products_.begin())] += term.minutes;
            } else {
                throw NotFoundError("activity '" + activity + "': no driver of the customers gives '" +
                                    to_string(EventDriver{one.event, term.drivers}) + "'");
            }
        }
        channels.push_back(std::move(channel));
    }
    if (channels.empty()) {
        throw NotFoundError("no activity '" + activity + "'; there are: " + (known.empty() ? "none" : known));
    }
    return channels;
}

}  // namespace custfolio
