// Terms: delivery fee, minimum order, price change, and their effect on a customer's revenue and drivers.
#pragma once

#include <string>

#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// One change of the terms with a customer: a lever and its amount.
struct Terms {
    /// The kind of change.
    enum class Lever {
        delivery_fee,   ///< A fee is charged for every delivery.
        minimum_order,  ///< Orders below an amount are combined into fewer deliveries.
        price           ///< Every price changes by a fraction.
    };

    Lever lever = Lever::delivery_fee;  ///< The kind of change.
    double amount = 0;  ///< Currency per delivery, currency per order, or a fraction of the price (0.03: 3 % dearer).
    double volume_response = 0;   ///< Price only: elasticity e <= 0; quantities change by the factor (1 + amount)^e.
    double inconvenience = 0.05;  ///< Minimum order only: burden of giving up all deliveries, as a share of spend.

    /// A fee for every delivery. The customer is assumed to keep its deliveries.
    /// @param amount currency per delivery, >= 0; 0 changes nothing.
    /// @return the terms.
    /// @throws InputError where the amount is not finite or negative.
    static Terms delivery_fee(double amount);
    /// A minimum order value: the customer buys the same in fewer, larger orders.
    /// @param amount currency of net revenue per delivery, >= 0; 0 changes nothing.
    /// @param inconvenience burden of giving up all deliveries, as a share of its spend, in [0, 1].
    /// @return the terms.
    /// @throws InputError where the amount is not finite or negative, or the inconvenience is out of range.
    static Terms minimum_order(double amount, double inconvenience = 0.05);
    /// A change of all prices.
    /// @param fraction in (-1, 1]: 0.03 is 3 % dearer, -0.02 a discount of 2 %; 0 changes nothing.
    /// @param elasticity constant price elasticity of the quantities, <= 0; -1.2: 1 % dearer sells about 1.2 % less.
    /// @return the terms.
    /// @throws InputError where the fraction is out of range, or the elasticity is not finite or positive.
    static Terms price(double fraction, double elasticity = 0);

    /// The same lever moved to another amount.
    /// @param other the new amount, in the lever's unit.
    /// @return the terms with that amount.
    /// @throws InputError where the amount is out of the lever's range.
    [[nodiscard]] Terms with_amount(double other) const;
    /// Same lever, amount and responses.
    /// @return whether the two are the same.
    bool operator==(const Terms&) const = default;
};

/// @param lever a lever of the terms.
/// @return its words: "delivery fee", "minimum order" or "price".
std::string to_string(Terms::Lever lever);

/// @param terms any terms.
/// @return them as words: "a delivery fee of 25.00", "a minimum order of 2000.00", "prices up by 3.00 %".
std::string describe(const Terms& terms);

/// The effect of terms on one customer.
struct TermsEffect {
    Volume after;       ///< Activity of the same period on the new terms.
    double burden = 0;  ///< Extra cost for the customer as a share of its spend before; negative for relief.
};

/// Applies terms to a customer's activity of a period (R revenue, D deliveries).
///
/// - *delivery fee* f: revenue + f D; the rest stays. Burden f D / R.
/// - *minimum order* m: deliveries become min(D, max(1, R / m)), as an average; revenue, goods, lines and quantity
/// stay, since the
///   same is bought in fewer orders. Nobody pays more, so the burden is the inconvenience: `inconvenience` x the share
///   of deliveries given up. It is a prior of the user, not a measurement.
/// - *price* p with elasticity e: v = (1 + p)^e; revenue x (1 + p) v; goods, lines, units sold and units returned x v;
///   deliveries and returns stay. Burden p: what the same basket costs more.
///
/// Further drivers stay as they are: no saving is assumed.
/// @param terms the change.
/// @param before activity of a period on the old terms.
/// @return activity on the new terms, and the burden. Where the customer has no spend (R <= 0), a fee on deliveries has
/// an infinite burden.
/// @throws InputError where the terms are out of range (see the functions that make them) or a number of `before` is
/// not finite.
TermsEffect apply(const Terms& terms, const Volume& before);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/terms/terms.ipp"
#endif
