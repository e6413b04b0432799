// Definitions of outcomes and required terms.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/root.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/remediation/required.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

inline constexpr double no_amount = std::numeric_limits<double>::quiet_NaN();

/// A price beyond a million times the old one is not an answer.
inline constexpr double largest_price_factor = 1e6;

/// Avoidable cost per unit of a driver that every ledger has.
CUSTFOLIO_INLINE double avoidable_rate(const CostModel& costs, Driver driver) {
    const std::string name = to_string(driver);
    for (const Rate& rate : costs.rates()) {
        if (rate.driver == name) return rate.avoidable * rate.amount;
    }
    return 0;
}

/// "25.00 per delivery", "2000.00 per order", "3.00 %".
CUSTFOLIO_INLINE std::string lever_amount_text(const Terms& terms) {
    if (terms.lever == Terms::Lever::delivery_fee) return amount_text(terms.amount) + " per delivery";
    if (terms.lever == Terms::Lever::minimum_order) return amount_text(terms.amount) + " per order";
    return percent_text(terms.amount, 2);
}

/// "25.00 per delivery is the ceiling; the temperature there is 3.1 %".
CUSTFOLIO_INLINE std::string short_of_target(const Terms& lever, const Position& before, const CostModel& costs,
                                             std::span<const std::string> driver_names) {
    return "even at the ceiling of " + lever_amount_text(lever) + " the temperature is " +
           percent_text(outcome(lever, before, costs, driver_names).temperature);
}

/// The part of an amount of revenue that stays after its avoidable share that is passed on.
CUSTFOLIO_INLINE double retained_share(const CostModel& costs) {
    return 1 - costs.revenue_share_avoidable() * costs.revenue_share();
}

CUSTFOLIO_INLINE std::string passed_on_text(double retained, double target) {
    return percent_text(1 - retained) + " of every amount charged is passed on, so that " + percent_text(target) +
           " cannot be reached";
}

/// Heat rises by retained x D and revenue by D for every unit of the fee: (K + retained f D) / (R + f D) = target.
CUSTFOLIO_INLINE Required required_fee(const Terms& lever, const Position& before, double target,
                                       const CostModel& costs, std::span<const std::string> driver_names) {
    const Volume& volume = before.volume;
    if (volume.deliveries == 0) return {no_amount, 0, "no deliveries that a fee could be charged for"};
    const double retained = retained_share(costs);
    if (retained <= target) return {no_amount, lever.amount, passed_on_text(retained, target)};
    // The equation of the fee, solved for f.
    const double amount = (target * volume.revenue - before.heat) / (volume.deliveries * (retained - target));
    if (amount <= lever.amount) return {amount, amount, ""};
    return {amount, lever.amount, short_of_target(lever, before, costs, driver_names)};
}

/// Every delivery given up saves its avoidable cost: K + saved x (D - D') = target R, D' = R / m.
CUSTFOLIO_INLINE Required required_minimum_order(const Terms& lever, const Position& before, double target,
                                                 const CostModel& costs, std::span<const std::string> driver_names) {
    const Volume& volume = before.volume;
    if (volume.deliveries == 0) return {no_amount, 0, "no deliveries that could be combined"};
    if (volume.deliveries <= 1) return {no_amount, 0, "one delivery in the period: nothing to combine"};
    const double saved = avoidable_rate(costs, Driver::deliveries);
    if (saved == 0) return {no_amount, 0, "a delivery less saves nothing: no avoidable cost per delivery"};
    const double average = volume.revenue / volume.deliveries;
    // Deliveries that remain if the saving closes the gap to the target.
    const double left = volume.deliveries - (target * volume.revenue - before.heat) / saved;
    const double amount = left >= 1 ? volume.revenue / left : no_amount;
    if (amount <= lever.amount) return {amount, amount, ""};
    if (average >= lever.amount) {
        return {amount, 0,
                "orders of " + amount_text(average) + " on average are not below the ceiling of " +
                    lever_amount_text(lever)};
    }
    if (std::isnan(amount) && volume.goods >= volume.revenue) {
        return {amount, lever.amount, "costs more than it earns in goods alone"};
    }
    if (std::isnan(amount)) {
        const Terms once = lever.with_amount(volume.revenue);
        return {amount, lever.amount,
                "even with one delivery in the whole period the temperature is " +
                    percent_text(outcome(once, before, costs, driver_names).temperature)};
    }
    return {amount, lever.amount, short_of_target(lever, before, costs, driver_names)};
}

/// With u = 1 + p the temperature is retained - B / (R u) - C / (R u^(1 + e)): B avoidable cost that follows the volume
/// (goods, lines, units sold and returned), C cost that stays. Its slope has the sign of B + C (1 + e) u^-e, which is
/// monotone in u: at most one turn.
struct PriceTemperature {
    double retained;
    double varying;
    double fixed;
    double revenue;
    double elasticity;

    double operator()(double factor) const {
        return retained - varying / (revenue * factor) - fixed / (revenue * std::pow(factor, 1 + elasticity));
    }
    /// Where the slope changes its sign, a factor > 1; infinity where it keeps it.
    [[nodiscard]] double turn() const {
        const double power = -varying / (fixed * (1 + elasticity));  // u^-e at the turn; not finite where there is none
        if (elasticity == 0 || !std::isfinite(power) || power <= 1) return std::numeric_limits<double>::infinity();
        return std::pow(power, -1 / elasticity);
    }
    /// Whether the temperature rises just above the old price.
    [[nodiscard]] bool rises() const {
        const double slope = varying + fixed * (1 + elasticity);
        return slope > 0 || (slope == 0 && elasticity != 0 && fixed * (1 + elasticity) > 0);
    }
};

/// The smallest factor > 1 that reaches the target; NaN where none up to the largest does.
CUSTFOLIO_INLINE double price_factor(const PriceTemperature& temperature, double target) {
    const double turn = temperature.turn();
    // Without a response of volume the temperature is a hyperbola in the price.
    if (temperature.elasticity == 0) {
        const double spread = temperature.revenue * (temperature.retained - target);
        return spread > 0 ? (temperature.varying + temperature.fixed) / spread : no_amount;
    }
    // At elasticity -1 revenue stays, so the cost that stays is a constant part of the temperature.
    if (temperature.elasticity == -1) {
        const double spread = temperature.revenue * (temperature.retained - target) - temperature.fixed;
        return temperature.varying > 0 && spread > 0 ? temperature.varying / spread : no_amount;
    }
    // The one interval on which the temperature rises.
    const bool first = temperature.rises();
    if (!first && std::isinf(turn)) return no_amount;
    const double lower = first ? 1.0 : turn;
    const double upper = first ? std::min(turn, largest_price_factor) : largest_price_factor;
    if (!(lower < upper) || !(temperature(upper) >= target)) return no_amount;
    // The temperature rises on this interval, so bisection finds the smallest price.
    return math::smallest_where([&](double factor) { return temperature(factor) >= target; }, lower, upper).root;
}

CUSTFOLIO_INLINE Required required_price(const Terms& lever, const Position& before, double target,
                                         const CostModel& costs, std::span<const std::string> driver_names) {
    const Volume& volume = before.volume;
    PriceTemperature temperature{};
    temperature.retained = retained_share(costs);
    temperature.revenue = volume.revenue;
    temperature.elasticity = lever.volume_response;
    temperature.varying = volume.goods + avoidable_rate(costs, Driver::lines) * volume.lines +
                          avoidable_rate(costs, Driver::quantity) * volume.quantity +
                          avoidable_rate(costs, Driver::returned_quantity) * volume.returned_quantity;
    temperature.fixed = temperature.retained * volume.revenue - temperature.varying - before.heat;
    const double factor = price_factor(temperature, target);
    const double amount = factor <= largest_price_factor ? factor - 1 : no_amount;
    if (amount <= lever.amount) return {amount, amount, ""};
    // The warmest amount up to the ceiling: the ceiling, or where the temperature turns down before it.
    const double turn = temperature.turn();
    double best = lever.amount;
    if (temperature.rises()) {
        best = std::min(best, turn - 1);
    } else if (!(temperature(1 + best) > temperature(1))) {
        best = 0;
    }
    if (best == 0) return {amount, 0, "dearer is no warmer: the volume falls faster than the price rises"};
    if (best < lever.amount) {
        return {amount, best,
                "no price reaches it: the temperature is " + percent_text(temperature(1 + best)) + " at most, at " +
                    percent_text(best, 2) + " dearer, since beyond it too much volume is lost"};
    }
    if (std::isnan(amount) && temperature.retained <= target) {
        return {amount, best, passed_on_text(temperature.retained, target)};
    }
    return {amount, best, short_of_target(lever, before, costs, driver_names)};
}

}  // namespace detail

CUSTFOLIO_INLINE Outcome outcome(const Terms& terms, const Position& before, const CostModel& costs,
                                 std::span<const std::string> driver_names) {
    // The company's costs change by what is avoidable: the rest stays, whatever the customer does.
    TermsEffect effect = apply(terms, before.volume);
    Outcome result;
    result.burden = effect.burden;
    result.revenue_change = effect.after.revenue - before.volume.revenue;
    result.heat_change = result.revenue_change - (effect.after.goods - before.volume.goods) -
                         avoidable_change(costs, before.volume, effect.after, driver_names);
    result.temperature = temperature_of(effect.after.revenue, before.heat + result.heat_change);
    result.after = std::move(effect.after);
    return result;
}

CUSTFOLIO_INLINE Required required_terms(const Terms& lever, const Position& before, double target,
                                         const CostModel& costs, std::span<const std::string> driver_names) {
    require_finite(lever.amount, "ceiling of the " + to_string(lever.lever));
    if (lever.amount <= 0) {
        throw InputError("ceiling of the " + to_string(lever.lever) + " is " + number_text(lever.amount) +
                         "; it must be > 0: the most that the company will ask");
    }
    require_finite(before.heat, "contribution");
    if (!(std::abs(target) < 1)) {
        throw InputError("target temperature is " + number_text(target) + "; it is a fraction in (-1, 1)");
    }
    outcome(lever, before, costs, driver_names);  // raises the errors of apply() and the cost model
    const double revenue = before.volume.revenue;
    if (revenue <= 0) {
        return {detail::no_amount, 0,
                "net revenue of the period is " + amount_text(revenue) + ": no temperature to raise"};
    }
    if (before.heat >= target * revenue) return {0, 0, ""};
    switch (lever.lever) {
        case Terms::Lever::delivery_fee:
            return detail::required_fee(lever, before, target, costs, driver_names);
        case Terms::Lever::minimum_order:
            return detail::required_minimum_order(lever, before, target, costs, driver_names);
        case Terms::Lever::price:
            return detail::required_price(lever, before, target, costs, driver_names);
    }
    throw InputError("lever " + std::to_string(static_cast<int>(lever.lever)) +
                     " is unknown; it must be delivery_fee, minimum_order or price");
}

}  // namespace custfolio
