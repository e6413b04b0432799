// Definitions of outcomes.
#pragma once

#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/remediation/outcome.hpp"
#include "custfolio/terms/detail/apply_terms.hpp"

namespace custfolio {

CUSTFOLIO_INLINE TermsCosts::TermsCosts(const CostModel& costs, std::span<const std::string> driver_names,
                                        const Orders& orders, std::span<const Terms> levers)
    : driver_names_(driver_names.begin(), driver_names.end()), costs_(costs, driver_names) {
    if (!orders.begin.empty()) products_ = OrderProducts::of(orders, costs_.products(), driver_names);
    const auto add = [&](const Terms& one) {
        if (one.lever != Terms::Lever::order_channel) return;
        channels_.emplace_back(one.driver, costs_.channels(costs, one.driver));
    };
    for (const Terms& lever : levers) {
        add(lever);
        for (const Terms& part : lever.parts) add(part);
    }
}

CUSTFOLIO_INLINE TermsInput TermsCosts::input(const Position& before) const {
    const bool sums = before.orders.known() && !products_.factors.empty();
    TermsInput input{before.volume, driver_names_, before.orders};
    if (sums) input.products = &products_;
    input.days_to_pay = before.days_to_pay;
    input.months = before.months;
    return input;
}

CUSTFOLIO_INLINE void TermsCosts::change_channel(const Terms& terms, const TermsInput& input, const TermsEffect& effect,
                                                 Outcome& result) const {
    const auto found = detail::find(channels_, terms.driver, &decltype(channels_)::value_type::first);
    for (const CostChange::Channel& channel : found->second) {
        const bool products = detail::any_of(channel.per_product, [](double minutes) { return minutes != 0; });
        if (products && input.products == nullptr) {
            throw InputError("activity '" + terms.driver +
                             "' has minutes for products of drivers; they need the orders of the customers");
        }
        const Volume& after = effect.after;
        double minutes = -terms.amount * CostChange::value(after, channel.events);
        for (std::size_t d = 0; d < channel.per_driver.size(); ++d) {
            if (channel.per_driver[d] != 0) minutes += channel.per_driver[d] * CostChange::value(after, d);
        }
        if (input.products != nullptr) {
            const Regrouped now = regroup(input.orders, {}, false, input.products);
            for (std::size_t p = 0; p < channel.per_product.size(); ++p) {
                minutes += channel.per_product[p] * (now.sums[p] + (effect.sums.empty() ? 0 : effect.sums[p]));
            }
        }
        result.heat_change += channel.avoidable * minutes;
        result.full_change += channel.full * minutes;
        if (!result.minutes_freed.empty()) result.minutes_freed[channel.pool] += minutes;
    }
}

CUSTFOLIO_INLINE Outcome TermsCosts::outcome(const Terms& terms, const TermsInput& input, double heat,
                                             bool minutes) const {
    TermsEffect effect{input.volume};
    detail::apply_to(terms, input, effect);
    // The effect may overflow where the terms and the volume did not; a user's function may return anything.
    detail::check_volume(effect.after);
    if (effect.after.further.size() != input.volume.further.size()) {
        throw InputError(describe(terms) + ": it returned " + std::to_string(effect.after.further.size()) +
                         " further drivers of " + std::to_string(input.volume.further.size()));
    }
    const Volume& before = input.volume;
    Outcome result;
    result.burden = effect.burden;
    result.days_waited = effect.days_waited;
    result.stock = effect.stock;
    result.revenue_change = effect.after.revenue - before.revenue;
    const CostDifference cost = costs_.of(before, effect.after, effect.sums, effect.exempt);
    // The company's costs change by what is avoidable; the statement shows the change at full cost.
    double earned = result.revenue_change - (effect.after.goods - before.goods);
    if (effect.days_to_pay != 0) earned -= costs_.credit_rate() * before.revenue * effect.days_to_pay / 365;
    result.heat_change = earned - cost.avoidable;
    result.full_change = earned - cost.full;
    if (minutes && costs_.pools() > 0) {
        result.minutes_freed.resize(costs_.pools());
        costs_.add_minutes_freed(before, effect.after, effect.sums, result.minutes_freed);
    }
    if (terms.lever == Terms::Lever::order_channel) change_channel(terms, input, effect, result);
    for (const Terms& part : terms.parts) {
        if (part.lever == Terms::Lever::order_channel) change_channel(part, input, effect, result);
    }
    result.temperature = temperature_of(effect.after.revenue, heat + result.full_change);
    result.below_cost = effect.after.revenue < effect.after.goods;
    result.after = std::move(effect.after);
    return result;
}

CUSTFOLIO_INLINE Outcome outcome(const Terms& terms, const Position& before, const CostModel& costs,
                                 std::span<const std::string> driver_names) {
    check(terms);
    detail::check_volume(before.volume);
    const TermsCosts resolved(costs, driver_names, before.orders.known() ? *before.orders.orders : Orders{},
                              std::span(&terms, 1));
    return resolved.outcome(terms, resolved.input(before), before.heat);
}

}  // namespace custfolio
