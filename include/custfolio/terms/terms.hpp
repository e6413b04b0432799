// Terms: the levers that a company can move with a customer, and their effect on its revenue, drivers and burden.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/columns.hpp"
#include "custfolio/terms/replay.hpp"

namespace custfolio {

/// What terms start from: a customer's activity of a period on the old terms.
struct TermsInput {
    Volume volume{};                              ///< Its activity.
    std::span<const std::string> driver_names{};  ///< Names of `volume.further`.
    CustomerOrders orders{};                      ///< Its orders; without them averages stand for them.
    const OrderProducts* products = nullptr;      ///< Drivers of deliveries to sum again; nullptr: none.
    const Regrouped* today = nullptr;             ///< regroup() of the orders without a rule, where it is known.
    double days_to_pay = std::numeric_limits<double>::quiet_NaN();  ///< From invoice to payment; NaN: not known.
    double months = 12;                                             ///< Months of the period.
};

/// The effect of terms on one customer.
struct TermsEffect {
    Volume after{};              ///< Activity of the same period on the new terms.
    double burden = 0;           ///< Extra cost for the customer as a share of its spend before; negative for relief.
    double exempt = 0;           ///< Part of the revenue that is added outside of the revenue share, currency.
    double days_to_pay = 0;      ///< Change of the days from invoice to payment; <= 0.
    double days_waited = 0;      ///< Mean days that goods come later, weighted by amount.
    double stock = 0;            ///< Mean stock that the customer builds, currency.
    std::vector<double> sums{};  ///< Change of the sums of TermsInput::products; empty: no change.
};

/// A user's lever: from orders and drivers, and an amount of the lever, to drivers, revenue and burden.
using TermsFunction = std::function<TermsEffect(const TermsInput&, double amount)>;

/// A change of the terms with a customer: a lever, how far it is moved, and how the customer responds.
struct Terms {
    /// The kind of change.
    enum class Lever {
        delivery_fee,      ///< A fee for every delivery, for every unit of a driver, or below an order value.
        minimum_order,     ///< Orders below an amount are merged into fewer deliveries.
        price,             ///< Every price, or those of one family, changes by a fraction.
        minimum_quantity,  ///< Orders below a number of units are merged.
        frequency,         ///< Deliveries have at least so many days between them.
        fixed_days,        ///< Deliveries come on fixed weekdays only.
        discount,          ///< A share of the discount is taken back.
        rebate,            ///< A share of the rebate is taken back.
        payment_term,      ///< The customer pays within so many days.
        order_channel,     ///< An activity takes so many minutes an event, such as orders through a web shop.
        service_charge,    ///< A charge a month, or for every unit of a driver.
        package,           ///< Several levers at once.
        custom             ///< A user's function.
    };

    Lever lever = Lever::delivery_fee;  ///< The kind of change.
    double amount = 0;                  ///< How far it is moved, in the lever's unit; of a package, nothing.
    double step = 0;                    ///< Amounts are multiples of this step; 0: any amount.
    double volume_response = 0;     ///< Price only: elasticity e <= 0; quantities change by the factor (1 + amount)^e.
    double inconvenience = 0.05;    ///< Burden of giving up all deliveries, or of a channel, as a share of spend.
    double waits = 1;               ///< Minimum only: share in [0, 1] of customers that wait; the others top up.
    int longest_wait = 0;           ///< Minimum only: days after which an order is delivered anyway; 0: no limit.
    double cost_of_capital = 0.08;  ///< Of the customer, a year: what stock, waiting and earlier payment cost it.
    double below = 0;               ///< Delivery fee only: charged for orders below this value; 0: for all.
    bool outside_share = false;     ///< Fees and charges only: the revenue share does not apply to them.
    std::uint8_t weekdays = 0;      ///< Fixed days only: bit 0 is Monday, bit 6 is Sunday.
    std::string driver{};  ///< Fee and charge: the driver that counts them; price: the driver that is the revenue of
                           ///< the family; channel: the activity. Empty: deliveries; months; all; none.
    std::vector<Terms> parts{};                       ///< Package only: its levers.
    std::shared_ptr<const TermsFunction> function{};  ///< Custom only: what it does.

    /// A fee for every delivery. The customer is assumed to keep its deliveries.
    /// @param amount currency per delivery, or per unit of `per`, >= 0; 0 changes nothing.
    /// @param below charged for orders below this value, currency; 0: for all deliveries.
    /// @param per a driver, such as kilometres; empty: deliveries.
    /// @return the terms.
    /// @throws InputError where a number is not finite or negative, or both `below` and `per` are given.
    static Terms delivery_fee(double amount, double below = 0, std::string per = {});
    /// A minimum order value: the customer buys the same in fewer, larger orders.
    /// @param amount currency of net revenue per delivery, >= 0; 0 changes nothing.
    /// @param inconvenience burden of giving up all deliveries, as a share of its spend, in [0, 1].
    /// @param waits share in [0, 1] of the response "waits": orders pile up until they reach the minimum. The rest is
    /// "tops up": every order is raised to the minimum, and the surplus is used first.
    /// @return the terms.
    /// @throws InputError where a number is out of range.
    static Terms minimum_order(double amount, double inconvenience = 0.05, double waits = 1);
    /// A minimum number of units per order.
    /// @param units units per delivery, >= 0.
    /// @param inconvenience as above.
    /// @param waits as above.
    /// @return the terms.
    /// @throws InputError where a number is out of range.
    static Terms minimum_quantity(double units, double inconvenience = 0.05, double waits = 1);
    /// Deliveries at most every so many days: orders wait.
    /// @param days least days between two deliveries, >= 0.
    /// @param inconvenience as above.
    /// @return the terms, with a step of one day.
    /// @throws InputError where a number is out of range.
    static Terms frequency(double days, double inconvenience = 0.05);
    /// Deliveries on fixed weekdays: orders wait for the next one.
    /// @param weekdays 0 (Monday) to 6 (Sunday), at least one.
    /// @param inconvenience as above.
    /// @return the terms.
    /// @throws InputError where a number is out of range, or there is no day.
    static Terms fixed_days(std::span<const int> weekdays, double inconvenience = 0.05);
    /// A change of all prices, or of those of a family.
    /// @param fraction in (-1, 1]: 0.03 is 3 % dearer, -0.02 a discount of 2 %; 0 changes nothing.
    /// @param elasticity constant price elasticity of the quantities, <= 0; -1.2: 1 % dearer sells about 1.2 % less.
    /// @param family a further driver: the customer's net revenue of the family, currency; empty: all.
    /// @return the terms.
    /// @throws InputError where the fraction is out of range, or the elasticity is not finite or positive.
    static Terms price(double fraction, double elasticity = 0, std::string family = {});
    /// A part of the discount is taken back. It needs the driver "discount" of the customer.
    /// @param share in [0, 1].
    /// @return the terms.
    /// @throws InputError where the share is out of range.
    static Terms discount(double share);
    /// A part of the rebate is taken back. It needs the driver "rebate" of the customer.
    /// @param share in [0, 1].
    /// @return the terms.
    /// @throws InputError where the share is out of range.
    static Terms rebate(double share);
    /// A term of payment: who pays later pays on that day.
    /// @param days days from invoice to payment, >= 0: as a ceiling, the shortest term.
    /// @param cost_of_capital of the customer, a year, in [0, 1].
    /// @return the terms.
    /// @throws InputError where a number is out of range.
    static Terms payment_term(double days, double cost_of_capital = 0.08);
    /// Another channel of ordering.
    /// @param activity an activity of the cost model.
    /// @param minutes minutes of an event through this channel, >= 0.
    /// @param inconvenience burden as a share of spend, in [0, 1].
    /// @return the terms.
    /// @throws InputError where the name is empty or a number is out of range.
    static Terms order_channel(std::string activity, double minutes, double inconvenience = 0);
    /// A charge.
    /// @param amount currency a month, or per unit of `per`, >= 0.
    /// @param per a driver, such as returns; empty: a month.
    /// @return the terms.
    /// @throws InputError where the amount is not finite or negative.
    static Terms service_charge(double amount, std::string per = {});
    /// Several levers at once: those that merge orders act first.
    /// @param parts the levers, at least one and no package.
    /// @return the terms.
    /// @throws InputError where a part is a package, there is none, or two merge orders.
    static Terms package(std::vector<Terms> parts);
    /// A user's lever.
    /// @param name its words in offers.
    /// @param function what it does.
    /// @param amount the amount, as a ceiling the largest; > 0.
    /// @param step amounts are its multiples; > 0.
    /// @return the terms.
    /// @throws InputError where the function is empty, or a number is out of range.
    static Terms custom(std::string name, TermsFunction function, double amount = 1, double step = 1);

    /// The same lever moved to another amount.
    /// @param other the new amount, in the lever's unit.
    /// @return the terms with that amount.
    /// @throws InputError where the amount is out of the lever's range.
    [[nodiscard]] Terms with_amount(double other) const;
    /// @return whether orders are merged: a minimum, a frequency or fixed days.
    [[nodiscard]] bool merges_orders() const;
    /// Same lever, amounts and responses; a user's function is the same only as the same object.
    /// @return whether the two are the same.
    bool operator==(const Terms&) const = default;
};

/// @param lever a lever of the terms.
/// @return its words: "delivery fee", "minimum order", "price", ...
std::string to_string(Terms::Lever lever);

/// @param terms any terms.
/// @return them as words: "a delivery fee of 25.00", "a minimum order of 2000.00", "prices up by 3.00 %".
std::string describe(const Terms& terms);

/// Checks terms as their functions do, after members were set.
/// @param terms any terms.
/// @throws InputError where a number is out of range.
void check(const Terms& terms);

/// Applies terms to a customer's activity of a period (R revenue, D deliveries).
///
/// - *delivery fee* f: revenue + f x deliveries, or x the units of its driver, or x the orders below a value; the rest
///   stays. Burden: the fees / R.
/// - *minimum order* m: the orders are replayed; see regroup(). Without orders deliveries become min(D, max(1, R / m)),
///   as an average. Revenue, goods, lines and quantity stay, since the same is bought in fewer orders. Burden:
///   `inconvenience` x the share of deliveries given up, and the cost of capital of what waits and of the stock.
///   *Minimum quantity*, *frequency* (at most one delivery in so many days) and *fixed days* work alike.
/// - *price* p with elasticity e: v = (1 + p)^e; revenue x (1 + p) v; goods, lines, units sold and units returned x v;
///   deliveries and returns stay. Burden p: what the same basket costs more. The price of a family changes its part of
///   the revenue, and the same part of goods, lines and units.
/// - *discount*, *rebate*: revenue + share x the amount of the driver of that name. Burden: that / R.
/// - *payment term*: days to pay fall to the term. Burden: cost of capital x days / 365.
/// - *order channel*: nothing here; the cost model prices the minutes. Burden `inconvenience`.
/// - *service charge*: revenue + charge x months of the period, or x the units of its driver.
/// - *package*: its parts, those that merge orders first. Burdens add up.
///
/// Further drivers stay as they are, but for those of a whole delivery where orders are merged.
/// @param terms the change.
/// @param before the customer on the old terms.
/// @return activity on the new terms, and the burden. Where the customer has no spend (R <= 0), a charge has an
/// infinite burden.
/// @throws InputError where the terms are out of range (see the functions that make them), a number of `before` or of
/// what a user's function returns is not finite, or deliveries are negative.
/// @throws NotFoundError where the customer has no such driver.
TermsEffect apply(const Terms& terms, const TermsInput& before);
/// Applies terms to a customer without orders and further drivers.
/// @param terms the change.
/// @param before activity of a period on the old terms.
/// @return as above.
/// @throws InputError, NotFoundError as above.
TermsEffect apply(const Terms& terms, const Volume& before);

/// The number of units that a fee or charge counts: what it costs is this x its amount.
/// @param terms a delivery fee, a service charge, a discount, a rebate, or a price without elasticity.
/// @param before the customer; deliveries and orders as other levers left them.
/// @return units: deliveries, months, units of a driver, or currency.
/// @throws NotFoundError where the customer has no such driver.
double charged_units(const Terms& terms, const TermsInput& before);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/terms/terms.ipp"
#endif
