// Variance of a budget with its causes, each adding up exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// What became of something that was budgeted.
enum class ItemState {
    open,     ///< Not decided yet, or never decided: a customer's usual business.
    won,      ///< It came about.
    lost,     ///< It will never come about.
    unstated  ///< Nothing is stated. It counts as won once it is certain, else as open.
};

/// @param state any value.
/// @return its name: "open", "won" or "lost"; "" for unstated.
/// @throws InputError for a number that is none of them.
std::string to_string(ItemState state);

/// What usual business an item is, for the causes of its variance.
enum class VariancePart {
    sales,    ///< Revenue: its quantities make volume, product mix and price.
    goods,    ///< Cost of goods: what volume and product mix do not explain is the cost of goods.
    serving,  ///< Another cost: what volume does not explain is the cost to serve.
    other     ///< Costs in one amount, or a result: volume, product mix and price where quantities are known.
};

/// @param part any value.
/// @return its name: "sales", "goods", "serving" or "other".
/// @throws InputError for a number that is none of them.
std::string to_string(VariancePart part);

/// A line of one item (an opportunity, a step, or a customer's usual business) in one month, planned and actual. The
/// lines of an item are those with its number.
struct VarianceLine {
    std::size_t item = 0;         ///< Which item.
    Month month{};                ///< When.
    double planned = 0;           ///< Budgeted, already weighted by its probability, currency.
    double planned_quantity = 0;  ///< Budgeted quantity; 0 where it is unknown.
    double actual = 0;            ///< Actual, or expected now, at the budget's rates of exchange, currency.
    double actual_quantity = 0;   ///< Actual quantity; 0 where it is unknown.
    double actual_at_rates = 0;   ///< Actual at the actual rates of exchange, currency.
};

/// The chances and the state of an item.
struct VarianceItem {
    bool dated = false;                 ///< Whether it comes about once (an opportunity, a step), so that it can slip.
    double planned_probability = 1;     ///< Probability that its plan was weighted by, in [0, 1].
    double actual_probability = 1;      ///< Probability that the actual amounts are weighted by; 1 once it came about.
    ItemState state = ItemState::open;  ///< What became of it.
    static constexpr std::size_t no_customer = static_cast<std::size_t>(-1);  ///< The customer is unknown.
    std::size_t customer = no_customer;       ///< Number of the customer of usual business.
    VariancePart part = VariancePart::other;  ///< What usual business it is.
};

/// Why a line differs, in whole units; the causes add up to actual_at_rates - planned, each rounded to the unit.
struct VarianceCauses {
    std::int64_t won = 0;               ///< It came about, or is likelier than planned.
    std::int64_t lost = 0;              ///< It will not come about, or is less likely than planned.
    std::int64_t slipped = 0;           ///< It comes in other months than planned: earlier (more), or later (less).
    std::int64_t resized = 0;           ///< Another amount, where quantities are unknown.
    std::int64_t fresh = 0;             ///< It was not in the budget.
    std::int64_t price = 0;             ///< (actual price - planned price) x actual quantity.
    std::int64_t volume = 0;            ///< All items of a customer grow alike, at planned prices.
    std::int64_t currency = 0;          ///< Other rates of exchange.
    std::int64_t product_mix = 0;       ///< Other items of a customer, at planned prices and unit costs.
    std::int64_t cost_of_goods = 0;     ///< Other costs of goods than volume and product mix explain.
    std::int64_t cost_to_serve = 0;     ///< Other costs to serve than volume explains.
    std::int64_t customers_gained = 0;  ///< Usual business of customers that the budget does not have.
    std::int64_t customers_lost = 0;    ///< Usual business of customers that bought nothing in the months compared.
    std::int64_t restated = 0;          ///< Another amount in a month that was closed before.

    /// @return the sum of all causes.
    [[nodiscard]] std::int64_t total() const {
        return won + lost + slipped + resized + fresh + price + volume + currency + product_mix + cost_of_goods +
               cost_to_serve + customers_gained + customers_lost + restated;
    }
    /// Same amounts.
    /// @return whether the two are the same.
    bool operator==(const VarianceCauses&) const = default;
};

/// Splits the variance of every line over its causes.
///
/// The plan becomes the actual amount in steps, each rounded to the unit, so that the causes add up exactly.
///
/// - A dated item: its probability (won, lost), its months at the planned size (slipped), its size (resized), the rates
///   (currency).
/// - An item without a plan is new. With a quantity, and other sales of the customer planned in the month with
///   quantities, it is product mix.
/// - A planned item that is lost is lost. So is one that cannot slip and has no actual amount in the months compared.
///   Where the customer's sales of the month have planned quantities, the last rule applies to the latter.
/// - An amount in a month that the plan closed already is restated.
/// - Usual business of a customer without any plan is a customer gained, without any actual amount a customer lost.
/// - Any other line of usual business: volume, product mix, then price, cost of goods or cost to serve, by its part.
///   Without quantities sales and other parts are resized.
///
/// Volume and product mix follow the bridge between two statements. The sales of a customer in a month, at planned
/// prices, grow by a factor g = sum(actual quantity x planned price) / sum(planned sales), over its sales lines with a
/// planned quantity. Volume is (g - 1) x the planned amount; it moves costs as well. Product mix is actual quantity x
/// planned price less g x the planned amount, of lines with quantities. Without a customer g is that of the line alone.
///
/// A line may be planned in other months only, or at 0. Actual quantity x the mean planned price, or unit cost, of
/// the other months is product mix. It is volume where no sales with quantities are planned for the customer in the
/// month. The rest is price, cost of goods or cost to serve.
///
/// All months of a dated item decide its size, also those after `through`. Only a difference that no timing explains is
/// resized:
///
/// - The plan, at the chance of the actual amounts, is moved to begin in the month of the first actual amount.
/// - The last month with data is `through`, or the item's last actual month where that is later.
/// - The moved plan up to that month is the least that the planned size can have brought. The whole plan is the most.
/// - A plan of two months or more that runs through the last month of all plans may go on. Then the most is at least
/// its
///   largest month in each month since the first actual one.
/// - Actual amounts between the two are slipped, and subtracted in the planned months. Less than the least, or more
/// than
///   the most, is resized by the ratio to it.
/// - Amounts that keep the shape of the moved plan over two months or more, to a tenth, are the plan at another size:
///   all of the difference is resized.
/// @param lines the lines, of all months.
/// @param items the items that the lines name.
/// @param through the last month with causes; those of later lines are 0. All months by default.
/// @param currency whose unit.
/// @param closed the last month whose plan is an actual amount; none by default.
/// @return the causes of each line, in order.
/// @throws InputError where a number is not finite, a probability is out of range, or a line names no item (the text
/// names the line's position, counted from 0).
/// @see C. T. Horngren, S. M. Datar, M. V. Rajan, "Cost Accounting", chapter 7 (price and quantity variances).
std::vector<VarianceCauses> explain_variance(std::span<const VarianceLine> lines, std::span<const VarianceItem> items,
                                             std::optional<Month> through = {}, const Currency& currency = {},
                                             std::optional<Month> closed = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/variance.ipp"
#endif
