// Definitions of the terms and of their effect on a customer.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/terms/terms.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_terms(const Terms& terms) {
    switch (terms.lever) {
        case Terms::Lever::delivery_fee:
        case Terms::Lever::minimum_order:
            require_finite(terms.amount, to_string(terms.lever));
            if (terms.amount < 0) {
                throw InputError(to_string(terms.lever) + " is " + number_text(terms.amount) + "; it must be >= 0");
            }
            if (terms.lever == Terms::Lever::minimum_order && !(terms.inconvenience >= 0 && terms.inconvenience <= 1)) {
                throw InputError("minimum order: inconvenience is " + number_text(terms.inconvenience) +
                                 "; it is a share of the customer's spend in [0, 1]");
            }
            break;
        case Terms::Lever::price:
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
            break;
    }
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

}  // namespace detail

CUSTFOLIO_INLINE Terms Terms::delivery_fee(double amount) {
    Terms terms;
    terms.lever = Lever::delivery_fee;
    return terms.with_amount(amount);
}

CUSTFOLIO_INLINE Terms Terms::minimum_order(double amount, double inconvenience) {
    Terms terms;
    terms.lever = Lever::minimum_order;
    terms.inconvenience = inconvenience;
    return terms.with_amount(amount);
}

CUSTFOLIO_INLINE Terms Terms::price(double fraction, double elasticity) {
    Terms terms;
    terms.lever = Lever::price;
    terms.volume_response = elasticity;
    return terms.with_amount(fraction);
}

CUSTFOLIO_INLINE Terms Terms::with_amount(double other) const {
    Terms terms = *this;
    terms.amount = other;
    detail::check_terms(terms);
    return terms;
}

CUSTFOLIO_INLINE std::string to_string(Terms::Lever lever) {
    switch (lever) {
        case Terms::Lever::delivery_fee:
            return "delivery fee";
        case Terms::Lever::minimum_order:
            return "minimum order";
        case Terms::Lever::price:
            return "price";
    }
    throw InputError("lever " + std::to_string(static_cast<int>(lever)) +
                     " is unknown; it must be delivery_fee, minimum_order or price");
}

CUSTFOLIO_INLINE std::string describe(const Terms& terms) {
    if (terms.lever == Terms::Lever::price) {
        return (terms.amount < 0 ? "prices down by " : "prices up by ") + percent_text(std::abs(terms.amount), 2);
    }
    return "a " + to_string(terms.lever) + " of " + amount_text(terms.amount);
}

CUSTFOLIO_INLINE TermsEffect apply(const Terms& terms, const Volume& before) {
    detail::check_terms(terms);
    detail::check_volume(before);
    TermsEffect effect{before, 0};
    Volume& after = effect.after;
    switch (terms.lever) {
        case Terms::Lever::delivery_fee: {
            // A fee is revenue and burden alike; the customer orders as before.
            const double fees = terms.amount * before.deliveries;
            after.revenue += fees;
            // Without revenue any fee is a burden beyond measure.
            if (fees > 0) {
                effect.burden = before.revenue > 0 ? fees / before.revenue : std::numeric_limits<double>::infinity();
            }
            break;
        }
        case Terms::Lever::minimum_order:
            if (terms.amount > 0) {
                // Orders below the minimum are combined; at least one delivery remains.
                after.deliveries = std::min(before.deliveries, std::max(1.0, before.revenue / terms.amount));
            }
            if (after.deliveries < before.deliveries) {
                // The customer waits for the deliveries that it no longer gets.
                effect.burden = terms.inconvenience * (1 - after.deliveries / before.deliveries);
            }
            break;
        case Terms::Lever::price: {
            // Volume follows the price by a constant elasticity; deliveries stay, since orders get smaller.
            const double volume = std::pow(1 + terms.amount, terms.volume_response);
            after.revenue *= (1 + terms.amount) * volume;
            after.goods *= volume;
            after.lines *= volume;
            after.quantity *= volume;
            after.returned_quantity *= volume;
            effect.burden = terms.amount;
            break;
        }
    }
    // The effect may overflow where the terms and the volume did not.
    detail::check_volume(after);
    return effect;
}

}  // namespace custfolio
