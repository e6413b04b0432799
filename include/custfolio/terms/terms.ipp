// Definitions of the terms and of their effect on a customer.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/terms/terms.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

inline constexpr std::array<const char*, 7> weekday_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                          "Friday", "Saturday", "Sunday"};

inline constexpr double days_of_year = 365;

/// "a, b and c".
CUSTFOLIO_INLINE std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t k = 0; k < words.size(); ++k) {
        text += (k == 0 ? "" : k + 1 == words.size() ? " and " : ", ") + words[k];
    }
    return text;
}

CUSTFOLIO_INLINE void check_share(double share, const std::string& lever, const char* what) {
    if (share >= 0 && share <= 1) return;
    throw InputError(lever + ": " + what + " is " + number_text(share) + "; it is a share in [0, 1]");
}

CUSTFOLIO_INLINE void check_volume(const Volume& volume) {
    const auto check = [](double value, const char* what) {
        if (!std::isfinite(value)) require_finite(value, what);
    };
    check(volume.revenue, "revenue");
    check(volume.goods, "goods");
    check(volume.deliveries, "deliveries");
    check(volume.lines, "lines");
    check(volume.quantity, "quantity");
    check(volume.returns, "returns");
    check(volume.returned_quantity, "returned_quantity");
    if (volume.deliveries < 0) {
        throw InputError("deliveries is " + number_text(volume.deliveries) + "; it must be >= 0");
    }
    for (std::size_t k = 0; k < volume.further.size(); ++k) {
        if (!std::isfinite(volume.further[k])) {
            require_finite(volume.further[k], "further driver " + std::to_string(k) + " (counted from 0)");
        }
    }
}

/// The units of a driver of a customer.
CUSTFOLIO_INLINE double driver_units(const std::string& driver, const TermsInput& input) {
    const Volume& volume = input.volume;
    const std::array<double, usual_drivers.size()> usual{volume.deliveries, volume.lines, volume.quantity,
                                                         volume.returns, volume.returned_quantity};
    for (std::size_t k = 0; k < usual.size(); ++k) {
        if (driver == usual_drivers[k]) return usual[k];
    }
    const auto at = detail::find(input.driver_names, driver);
    const auto k = static_cast<std::size_t>(at - input.driver_names.begin());
    if (k < volume.further.size()) return volume.further[k];
    std::vector<std::string> known(usual_drivers.begin(), usual_drivers.end());
    known.insert(known.end(), input.driver_names.begin(), input.driver_names.end());
    throw NotFoundError("no driver '" + driver + "'; there are " + listed(known));
}

/// What a charge weighs for a customer, as a share of its spend.
CUSTFOLIO_INLINE double burden_of(double charge, double revenue) {
    if (!(charge > 0)) return 0;
    // Without revenue any charge is a burden beyond measure.
    return revenue > 0 ? charge / revenue : std::numeric_limits<double>::infinity();
}

CUSTFOLIO_INLINE OrderRule order_rule(const Terms& terms) {
    OrderRule rule;
    switch (terms.lever) {
        case Terms::Lever::minimum_quantity:
        case Terms::Lever::minimum_order:
            rule.minimum = terms.amount;
            rule.by_quantity = terms.lever == Terms::Lever::minimum_quantity;
            rule.longest_wait = terms.longest_wait;
            break;
        case Terms::Lever::frequency:
            rule.interval = static_cast<int>(terms.amount);
            break;
        default:
            rule.weekdays = terms.weekdays;
    }
    return rule;
}

/// A share of each end of a response.
CUSTFOLIO_INLINE Regrouped mixed(const Regrouped& one, double share, const Regrouped& other) {
    const auto mix = [&](double a, double b) { return share * a + (1 - share) * b; };
    Regrouped result{one.ordered,
                     mix(one.deliveries, other.deliveries),
                     mix(one.waited, other.waited),
                     mix(one.stock, other.stock),
                     mix(one.below, other.below),
                     {}};
    for (std::size_t k = 0; k < one.sums.size(); ++k) result.sums.push_back(mix(one.sums[k], other.sums[k]));
    return result;
}

/// The orders on the terms that merge them; `below` counts deliveries of less.
CUSTFOLIO_INLINE Regrouped regrouped(const Terms& terms, const TermsInput& before, double below) {
    const OrderRule rule = order_rule(terms);
    const bool minimum = rule.minimum > 0;
    if (!minimum || terms.waits == 1) return regroup(before.orders, rule, false, before.products, below);
    const Regrouped tops_up = regroup(before.orders, rule, true, before.products, below);
    if (terms.waits == 0) return tops_up;
    return mixed(regroup(before.orders, rule, false, before.products, below), terms.waits, tops_up);
}

CUSTFOLIO_INLINE void merge_orders(const Terms& terms, const TermsInput& before, TermsEffect& effect) {
    const Volume& volume = before.volume;
    Volume& after = effect.after;
    if (before.orders.known()) {
        const Regrouped now =
            before.today != nullptr ? *before.today : regroup(before.orders, {}, false, before.products);
        const Regrouped then = regrouped(terms, before, 0);
        after.deliveries = std::max(0.0, volume.deliveries + (then.deliveries - now.deliveries));
        effect.sums.resize(then.sums.size());
        for (std::size_t p = 0; p < then.sums.size(); ++p) effect.sums[p] = then.sums[p] - now.sums[p];
        if (before.products != nullptr) {
            for (const auto& [p, k] : before.products->further) after.further[k] += effect.sums[p];
        }
        if (volume.revenue > 0) {
            const int days = before.orders.period.days();
            if (then.ordered > 0) effect.days_waited = then.waited / then.ordered;
            effect.stock = then.stock / (days > 0 ? days : days_of_year);
            effect.burden += terms.cost_of_capital * (then.waited + then.stock) / days_of_year / volume.revenue;
        }
    } else if (terms.lever == Terms::Lever::minimum_order && terms.amount > 0) {
        // Orders below the minimum are combined; at least one delivery remains.
        after.deliveries = std::min(volume.deliveries, std::max(1.0, volume.revenue / terms.amount));
    } else if (terms.lever == Terms::Lever::minimum_quantity && terms.amount > 0) {
        after.deliveries = std::min(volume.deliveries, std::max(1.0, volume.quantity / terms.amount));
    } else if (terms.lever == Terms::Lever::frequency && terms.amount > 0) {
        const double days = days_of_year * before.months / 12;
        after.deliveries = std::min(volume.deliveries, std::max(1.0, days / terms.amount));
    } else if (terms.lever == Terms::Lever::fixed_days) {
        const double weeks = days_of_year * before.months / 12 / 7;
        const auto days = static_cast<double>(std::popcount(terms.weekdays));
        after.deliveries = std::min(volume.deliveries, std::max(1.0, weeks * days));
    }
    if (after.deliveries < volume.deliveries) {
        // The customer waits for the deliveries that it no longer gets.
        effect.burden += terms.inconvenience * (1 - after.deliveries / volume.deliveries);
    }
}

/// Volume follows the price by a constant elasticity; deliveries stay, since orders get smaller.
CUSTFOLIO_INLINE void change_price(const Terms& terms, const TermsInput& before, TermsEffect& effect) {
    double part = 1;  // of the revenue
    if (!terms.driver.empty()) {
        part = before.volume.revenue > 0 ? driver_units(terms.driver, before) / before.volume.revenue : 0;
    }
    Volume& after = effect.after;
    const double volume = 1 + part * (std::pow(1 + terms.amount, terms.volume_response) - 1);
    after.revenue *= 1 + part * (std::pow(1 + terms.amount, 1 + terms.volume_response) - 1);
    after.goods *= volume;
    after.lines *= volume;
    after.quantity *= volume;
    after.returned_quantity *= volume;
    effect.burden += part * terms.amount;
}

CUSTFOLIO_INLINE void apply_to(const Terms& terms, const TermsInput& before, TermsEffect& effect) {
    switch (terms.lever) {
        case Terms::Lever::delivery_fee:
        case Terms::Lever::service_charge:
        case Terms::Lever::discount:
        case Terms::Lever::rebate: {
            // A charge is revenue and burden alike; the customer orders as before.
            const double charge = terms.amount * charged_units(terms, before);
            effect.after.revenue += charge;
            if (terms.outside_share) effect.exempt += charge;
            effect.burden += burden_of(charge, before.volume.revenue);
            break;
        }
        case Terms::Lever::minimum_order:
        case Terms::Lever::minimum_quantity:
        case Terms::Lever::frequency:
        case Terms::Lever::fixed_days:
            merge_orders(terms, before, effect);
            break;
        case Terms::Lever::price:
            change_price(terms, before, effect);
            break;
        case Terms::Lever::payment_term:
            if (before.days_to_pay > terms.amount) {
                effect.days_to_pay = terms.amount - before.days_to_pay;
                effect.burden += terms.cost_of_capital * -effect.days_to_pay / days_of_year;
            }
            break;
        case Terms::Lever::order_channel:
            effect.burden += terms.inconvenience;
            break;
        case Terms::Lever::custom: {
            if (terms.function == nullptr) {
                throw InputError("the function of '" + terms.driver + "' was not stored; make the terms again");
            }
            effect = (*terms.function)(before, terms.amount);
            require_finite(effect.burden, "the burden that '" + terms.driver + "' returned");
            for (const double value : {effect.exempt, effect.days_to_pay, effect.days_waited, effect.stock}) {
                require_finite(value, "what '" + terms.driver + "' returned");
            }
            break;
        }
        case Terms::Lever::package: {
            // Orders are merged first, so that a fee counts the deliveries that are left.
            TermsInput left = before;
            const Terms* merging = nullptr;
            for (const Terms& part : terms.parts) {
                if (!part.merges_orders()) continue;
                apply_to(part, before, effect);
                left.volume.deliveries = effect.after.deliveries;
                left.volume.further = effect.after.further;
                merging = &part;
            }
            for (const Terms& part : terms.parts) {
                if (part.merges_orders()) continue;
                if (part.below > 0 && merging != nullptr && before.orders.known()) {
                    const double charge = part.amount * regrouped(*merging, before, part.below).below;
                    effect.after.revenue += charge;
                    if (part.outside_share) effect.exempt += charge;
                    effect.burden += burden_of(charge, before.volume.revenue);
                    continue;
                }
                TermsEffect alone{left.volume};
                apply_to(part, left, alone);
                Volume& after = effect.after;
                const Volume& from = left.volume;
                after.revenue += alone.after.revenue - from.revenue;
                after.goods += alone.after.goods - from.goods;
                after.lines += alone.after.lines - from.lines;
                after.quantity += alone.after.quantity - from.quantity;
                after.returned_quantity += alone.after.returned_quantity - from.returned_quantity;
                effect.burden += alone.burden;
                effect.exempt += alone.exempt;
                effect.days_to_pay += alone.days_to_pay;
            }
            break;
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE void check(const Terms& terms) {
    const std::string lever = to_string(terms.lever);
    require_finite(terms.step, "step of the " + lever);
    if (terms.step < 0) throw InputError(lever + ": step is " + number_text(terms.step) + "; it must be >= 0");
    detail::check_share(terms.inconvenience, lever, "inconvenience");
    detail::check_share(terms.waits, lever, "the share that waits");
    detail::check_share(terms.cost_of_capital, lever, "cost of capital");
    if (terms.longest_wait < 0) {
        throw InputError(lever + ": longest wait is " + std::to_string(terms.longest_wait) + " days; it must be >= 0");
    }
    if (!(terms.below >= 0) || std::isinf(terms.below)) {
        throw InputError(lever + ": the order value is " + number_text(terms.below) + "; it must be >= 0");
    }
    if (terms.lever == Terms::Lever::price) {
        require_finite(terms.amount, "price change");
        if (!(terms.amount > -1 && terms.amount <= 1)) {
            throw InputError("price change is " + number_text(terms.amount) + ", " + percent_text(terms.amount, 0) +
                             "; it is a fraction in (-1, 1], 0.03 for 3 % dearer");
        }
        require_finite(terms.volume_response, "price: elasticity");
        // A positive elasticity would let a price rise sell more, and every search for a price run away.
        if (terms.volume_response > 0) {
            throw InputError("price: elasticity is " + number_text(terms.volume_response) +
                             "; it must be <= 0 (dearer never sells more)");
        }
        return;
    }
    require_finite(terms.amount, lever);
    if (terms.amount < 0) throw InputError(lever + " is " + number_text(terms.amount) + "; it must be >= 0");
    switch (terms.lever) {
        case Terms::Lever::delivery_fee:
            if (terms.below > 0 && !terms.driver.empty()) {
                throw InputError("delivery fee: it is either per " + terms.driver + " or below an order value");
            }
            break;
        case Terms::Lever::discount:
        case Terms::Lever::rebate:
            detail::check_share(terms.amount, lever, "the part that is taken back");
            break;
        case Terms::Lever::frequency:
            if (terms.amount > 366) {
                throw InputError("frequency: " + number_text(terms.amount) + " days between deliveries; at most 366");
            }
            break;
        case Terms::Lever::fixed_days:
            if (terms.weekdays == 0 || terms.weekdays > 127) {
                throw InputError("fixed days: give one or more weekdays, 0 (Monday) to 6 (Sunday)");
            }
            break;
        case Terms::Lever::order_channel:
            if (terms.driver.empty()) throw InputError("order channel: name the activity that it changes");
            break;
        case Terms::Lever::package: {
            if (terms.parts.empty()) throw InputError("package: it has no terms; give one or more");
            int merging = 0;
            for (const Terms& part : terms.parts) {
                if (part.lever == Terms::Lever::package || part.lever == Terms::Lever::custom) {
                    throw InputError("package: a " + to_string(part.lever) + " cannot be a part; offer it alone");
                }
                check(part);
                merging += part.merges_orders() ? 1 : 0;
            }
            if (merging > 1) throw InputError("package: two parts merge orders; give one of them");
            break;
        }
        default:
            break;
    }
}

CUSTFOLIO_INLINE Terms Terms::delivery_fee(double amount, double below, std::string per) {
    Terms terms;
    terms.lever = Lever::delivery_fee;
    terms.below = below;
    terms.driver = std::move(per);
    return terms.with_amount(amount);
}

CUSTFOLIO_INLINE Terms Terms::minimum_order(double amount, double inconvenience, double waits) {
    Terms terms;
    terms.lever = Lever::minimum_order;
    terms.inconvenience = inconvenience;
    terms.waits = waits;
    return terms.with_amount(amount);
}

CUSTFOLIO_INLINE Terms Terms::minimum_quantity(double units, double inconvenience, double waits) {
    Terms terms = minimum_order(units, inconvenience, waits);
    terms.lever = Lever::minimum_quantity;
    return terms;
}

CUSTFOLIO_INLINE Terms Terms::frequency(double days, double inconvenience) {
    Terms terms;
    terms.lever = Lever::frequency;
    terms.inconvenience = inconvenience;
    terms.step = 1;
    return terms.with_amount(days);
}

CUSTFOLIO_INLINE Terms Terms::fixed_days(std::span<const int> weekdays, double inconvenience) {
    Terms terms;
    terms.lever = Lever::fixed_days;
    terms.inconvenience = inconvenience;
    for (const int day : weekdays) {
        if (day < 0 || day > 6) {
            throw InputError("fixed days: weekday " + std::to_string(day) + "; it is 0 (Monday) to 6 (Sunday)");
        }
        terms.weekdays = static_cast<std::uint8_t>(terms.weekdays | (1 << day));
    }
    return terms.with_amount(static_cast<double>(std::popcount(terms.weekdays)));
}

CUSTFOLIO_INLINE Terms Terms::price(double fraction, double elasticity, std::string family) {
    Terms terms;
    terms.lever = Lever::price;
    terms.volume_response = elasticity;
    terms.driver = std::move(family);
    return terms.with_amount(fraction);
}

CUSTFOLIO_INLINE Terms Terms::discount(double share) {
    Terms terms;
    terms.lever = Lever::discount;
    terms.driver = "discount";
    return terms.with_amount(share);
}

CUSTFOLIO_INLINE Terms Terms::rebate(double share) {
    Terms terms;
    terms.lever = Lever::rebate;
    terms.driver = "rebate";
    return terms.with_amount(share);
}

CUSTFOLIO_INLINE Terms Terms::payment_term(double days, double cost_of_capital) {
    Terms terms;
    terms.lever = Lever::payment_term;
    terms.cost_of_capital = cost_of_capital;
    return terms.with_amount(days);
}

CUSTFOLIO_INLINE Terms Terms::order_channel(std::string activity, double minutes, double inconvenience) {
    Terms terms;
    terms.lever = Lever::order_channel;
    terms.driver = std::move(activity);
    terms.inconvenience = inconvenience;
    return terms.with_amount(minutes);
}

CUSTFOLIO_INLINE Terms Terms::service_charge(double amount, std::string per) {
    Terms terms;
    terms.lever = Lever::service_charge;
    terms.driver = std::move(per);
    return terms.with_amount(amount);
}

CUSTFOLIO_INLINE Terms Terms::package(std::vector<Terms> parts) {
    Terms terms;
    terms.lever = Lever::package;
    terms.parts = std::move(parts);
    return terms.with_amount(1);
}

CUSTFOLIO_INLINE Terms Terms::custom(std::string name, TermsFunction function, double amount, double step) {
    if (!function) throw InputError("a user's lever needs a function");
    if (!(amount > 0) || !(step > 0)) {
        throw InputError("'" + name + "': amount is " + number_text(amount) + " and step is " + number_text(step) +
                         "; both must be > 0");
    }
    Terms terms;
    terms.lever = Lever::custom;
    terms.driver = std::move(name);
    terms.function = std::make_shared<const TermsFunction>(std::move(function));
    terms.step = step;
    return terms.with_amount(amount);
}

CUSTFOLIO_INLINE Terms Terms::with_amount(double other) const {
    Terms terms = *this;
    terms.amount = other;
    check(terms);
    return terms;
}

CUSTFOLIO_INLINE bool Terms::merges_orders() const {
    return lever == Lever::minimum_order || lever == Lever::minimum_quantity || lever == Lever::frequency ||
           lever == Lever::fixed_days;
}

CUSTFOLIO_INLINE std::string to_string(Terms::Lever lever) {
    static constexpr std::array names{
        "delivery fee", "minimum order", "price",         "minimum quantity", "frequency", "fixed days", "discount",
        "rebate",       "payment term",  "order channel", "service charge",   "package",   "own terms"};
    const auto k = static_cast<std::size_t>(lever);
    if (k < names.size()) return names[k];
    throw InputError("lever " + std::to_string(static_cast<int>(lever)) + " is unknown; it must be one of Lever");
}

CUSTFOLIO_INLINE std::string describe(const Terms& terms) {
    const std::string amount = amount_text(terms.amount);
    const std::string days = amount_text(terms.amount, terms.amount == std::floor(terms.amount) ? 0 : 1);
    const std::string per = terms.driver.empty() ? "" : " per " + terms.driver;
    switch (terms.lever) {
        case Terms::Lever::price:
            return (terms.driver.empty() ? "prices " : "prices of " + terms.driver + " ") +
                   (terms.amount < 0 ? "down by " : "up by ") + percent_text(std::abs(terms.amount), 2);
        case Terms::Lever::delivery_fee:
            return "a delivery fee of " + amount + per +
                   (terms.below > 0 ? " for orders below " + amount_text(terms.below) : "");
        case Terms::Lever::minimum_quantity:
            return "a minimum order of " + days + " units";
        case Terms::Lever::frequency:
            return "at most one delivery in " + days + (terms.amount == 1 ? " day" : " days");
        case Terms::Lever::fixed_days: {
            std::vector<std::string> names;
            for (std::size_t k = 0; k < detail::weekday_names.size(); ++k) {
                if (((terms.weekdays >> k) & 1U) != 0) names.emplace_back(detail::weekday_names[k]);
            }
            return "deliveries on " + detail::listed(names) + " only";
        }
        case Terms::Lever::discount:
        case Terms::Lever::rebate:
            return percent_text(terms.amount, 2) + " of the " + to_string(terms.lever) + " taken back";
        case Terms::Lever::payment_term:
            return "payment within " + days + (terms.amount == 1 ? " day" : " days");
        case Terms::Lever::order_channel:
            return "'" + terms.driver + "' in " + number_text(terms.amount) +
                   (terms.amount == 1 ? " minute" : " minutes");
        case Terms::Lever::service_charge:
            return "a service charge of " + amount + (per.empty() ? " a month" : per);
        case Terms::Lever::custom:
            return terms.driver + " of " + amount;
        case Terms::Lever::package: {
            std::vector<std::string> words;
            for (const Terms& part : terms.parts) words.push_back(describe(part));
            return detail::listed(words);
        }
        case Terms::Lever::minimum_order:
            break;
    }
    return "a " + to_string(terms.lever) + " of " + amount;
}

CUSTFOLIO_INLINE double charged_units(const Terms& terms, const TermsInput& before) {
    if (terms.lever == Terms::Lever::price && terms.driver.empty()) return before.volume.revenue;
    if (terms.lever == Terms::Lever::service_charge && terms.driver.empty()) return before.months;
    if (!terms.driver.empty()) return std::max(0.0, detail::driver_units(terms.driver, before));
    if (terms.below == 0) return before.volume.deliveries;
    if (before.orders.known()) return regroup(before.orders, {}, false, nullptr, terms.below).below;
    // Without orders all are as large as their mean.
    const Volume& volume = before.volume;
    return volume.revenue < terms.below * volume.deliveries ? volume.deliveries : 0;
}

CUSTFOLIO_INLINE TermsEffect apply(const Terms& terms, const TermsInput& before) {
    check(terms);
    detail::check_volume(before.volume);
    TermsEffect effect{before.volume};
    detail::apply_to(terms, before, effect);
    // The effect may overflow where the terms and the volume did not.
    detail::check_volume(effect.after);
    return effect;
}

CUSTFOLIO_INLINE TermsEffect apply(const Terms& terms, const Volume& before) {
    TermsInput input;
    input.volume = before;
    return apply(terms, input);
}

}  // namespace custfolio
