// Definitions of the replay of orders.
#pragma once

#include <algorithm>
#include <chrono>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/terms/replay.hpp"

namespace custfolio {

namespace detail {

/// The drivers of the delivery that is being formed, and their sums over those that are complete.
class DeliveryDrivers {
  public:
    DeliveryDrivers(const Orders& orders, const OrderProducts* products) : orders_(orders), products_(products) {
        if (products_ != nullptr) value_.resize(2 + orders.driver_names.size());
    }
    /// Nothing is summed: adding and closing may be left out.
    [[nodiscard]] bool empty() const { return products_ == nullptr || products_->factors.empty(); }
    void add(std::size_t k) {
        value_[0] += orders_.lines[k];
        if (!orders_.quantity.empty()) value_[1] += orders_.quantity[k];
        for (std::size_t d = 0; d < orders_.whole.size(); ++d) {
            double& value = value_[2 + d];
            const double of_order = orders_.drivers(k, d);
            value = orders_.whole[d] == 0 ? value + of_order : first_ ? of_order : std::max(value, of_order);
        }
        first_ = false;
    }
    void close(std::vector<double>& sums) {
        for (std::size_t p = 0; p < products_->factors.size(); ++p) {
            double product = 1;
            for (const std::size_t factor : products_->factors[p]) product *= value_[factor];
            sums[p] += product;
        }
        std::fill(value_.begin(), value_.end(), 0.0);
        first_ = true;
    }

  private:
    const Orders& orders_;
    const OrderProducts* products_;
    std::vector<double> value_;
    bool first_ = true;
};

/// The first day from `day` on that the interval and the weekdays allow.
CUSTFOLIO_INLINE DayNumber allowed_day(DayNumber day, DayNumber last_delivery, const OrderRule& rule) {
    if (rule.interval > 0 && last_delivery != no_day) day = std::max(day, last_delivery + rule.interval);
    const auto weekday = [](DayNumber one) {
        return std::chrono::weekday{std::chrono::sys_days{std::chrono::days{one}}}.iso_encoding() - 1;
    };
    while (rule.weekdays != 0 && ((rule.weekdays >> weekday(day)) & 1U) == 0) ++day;
    return day;
}

/// The deliveries of a replay, one after another.
struct DeliveryCount {
    Regrouped& result;
    DeliveryDrivers drivers;
    double below;
    double amount = 0;  ///< Of the delivery that is being formed.

    void close() {
        ++result.deliveries;
        if (amount < below) ++result.below;
        amount = 0;
        if (!drivers.empty()) drivers.close(result.sums);
    }
};

CUSTFOLIO_INLINE void replay_waiting(const CustomerOrders& of, const OrderRule& rule, DeliveryCount& count) {
    const Orders& orders = *of.orders;
    const bool at_once = rule.interval == 0 && rule.weekdays == 0;
    const Column& measure = rule.by_quantity ? orders.quantity : orders.amount;
    double reached = 0;       // of the minimum
    double amount_days = 0;   // sum of amount x day of what waits
    DayNumber due = no_day;   // when it is delivered; no_day: not known yet
    DayNumber last = no_day;  // the last delivery
    bool waiting = false;
    const auto deliver = [&](DayNumber day) {
        count.result.waited += count.amount * day - amount_days;
        count.close();
        last = day;
        reached = amount_days = 0;
        due = no_day;
        waiting = false;
    };
    for (std::size_t k = of.begin; k < of.end; ++k) {
        const double amount = orders.amount[k];
        if (!(amount > 0)) continue;
        const DayNumber day = orders.day[k];
        if (waiting && due != no_day && due < day) deliver(due);
        if (!waiting) {
            waiting = true;
            if (rule.longest_wait > 0) due = allowed_day(day + rule.longest_wait, last, rule);
        }
        reached += measure[k];
        amount_days += amount * day;
        count.amount += amount;
        count.result.ordered += amount;
        if (!count.drivers.empty()) count.drivers.add(k);
        if (reached >= rule.minimum) {
            const DayNumber ready = allowed_day(day, last, rule);
            due = due == no_day ? ready : std::min(due, ready);
            // Documents of one day stay deliveries of their own where nothing but the minimum counts.
            if (at_once) deliver(due);
        }
    }
    if (waiting) deliver(due == no_day ? std::max(of.period.last, orders.day[of.end - 1]) : due);
}

CUSTFOLIO_INLINE void replay_topping_up(const CustomerOrders& of, const OrderRule& rule, DeliveryCount& count) {
    const Orders& orders = *of.orders;
    const Column& measure = rule.by_quantity ? orders.quantity : orders.amount;
    double value = 1;  // of a unit
    if (rule.by_quantity) {
        double amount = 0;
        double units = 0;
        for (std::size_t k = of.begin; k < of.end; ++k) {
            if (!(orders.amount[k] > 0)) continue;
            amount += orders.amount[k];
            units += measure[k];
        }
        value = units > 0 ? amount / units : 0;
    }
    double stock = 0;
    bool open = false;
    DayNumber before = 0;
    for (std::size_t k = of.begin; k < of.end; ++k) {
        if (!(orders.amount[k] > 0)) continue;
        const double need = std::max(0.0, measure[k]);
        count.result.ordered += orders.amount[k];
        if (open) count.result.stock += stock * value * (orders.day[k] - before);
        before = orders.day[k];
        if (open && stock >= need) {
            stock -= need;
        } else {
            if (open) count.close();
            const double order = std::max(rule.minimum, need - stock);
            stock += order - need;
            count.amount = order * value;
            open = true;
        }
        if (!count.drivers.empty()) count.drivers.add(k);
    }
    if (!open) return;
    count.close();
    count.result.stock += stock * value * std::max(0, of.period.last - before);
}

}  // namespace detail

CUSTFOLIO_INLINE CustomerOrders orders_of_customer(const Orders& orders, std::size_t customer, Period period) {
    if (orders.begin.empty()) return {};
    return {&orders, orders.begin[customer], orders.begin[customer + 1], period};
}

CUSTFOLIO_INLINE OrderProducts OrderProducts::of(const Orders& orders, std::span<const EventDriver> drivers,
                                                 std::span<const std::string> driver_names) {
    OrderProducts products;
    const auto place = [&](const std::string& name) -> std::size_t {
        if (name == "lines") return 0;
        if (name == "quantity" && !orders.quantity.empty()) return 1;
        return 2 + static_cast<std::size_t>(detail::find(orders.driver_names, name) - orders.driver_names.begin());
    };
    const std::size_t known = 2 + orders.driver_names.size();
    const auto add = [&](const EventDriver& product) {
        std::vector<std::size_t> places;
        for (const std::string& name : product.factors) places.push_back(place(name));
        if (detail::any_of(places, [&](std::size_t one) { return one >= known; })) return false;
        products.driver.push_back(product);
        products.factors.push_back(std::move(places));
        return true;
    };
    for (const EventDriver& driver : drivers) add(driver);
    for (std::size_t k = 0; k < driver_names.size(); ++k) {
        const std::size_t d = place(driver_names[k]);
        if (d < 2 || d >= known || orders.whole[d - 2] == 0) continue;
        add({"delivery", {driver_names[k]}});
        products.further.emplace_back(products.driver.size() - 1, k);
    }
    return products;
}

CUSTFOLIO_INLINE Regrouped regroup(const CustomerOrders& orders, const OrderRule& rule, bool tops_up,
                                   const OrderProducts* products, double below) {
    if (!orders.known() || orders.begin == orders.end) {
        Regrouped none;
        if (products != nullptr) none.sums.resize(products->factors.size());
        return none;
    }
    if (rule.by_quantity && orders.orders->quantity.empty()) {
        throw InputError("a minimum of units needs the quantities of the orders; the ledger has none");
    }
    Regrouped regrouped;
    if (products != nullptr) regrouped.sums.resize(products->factors.size());
    detail::DeliveryCount count{regrouped, {*orders.orders, products}, below};
    if (tops_up) {
        detail::replay_topping_up(orders, rule, count);
    } else {
        detail::replay_waiting(orders, rule, count);
    }
    return regrouped;
}

}  // namespace custfolio
