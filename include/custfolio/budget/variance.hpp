// Variance of a budget with its causes, each adding up exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/portfolio/calendar.hpp"
#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// What became of something that was budgeted.
enum class ItemState {
    open,  ///< Not decided yet, or nothing that is decided: a customer's usual business.
    won,   ///< It has come about.
    lost   ///< It never will.
};

/// A line of one item (an opportunity, a step, or a customer's usual business) in one month, planned and actual. The
/// lines of an item are those with its number.
struct VarianceLine {
    std::size_t item = 0;         ///< Which item.
    Month month{};                ///< When.
    double planned = 0;           ///< Budgeted, already weighted by its probability, currency.
    double planned_quantity = 0;  ///< Budgeted quantity; 0 where it is not known.
    double actual = 0;            ///< Actual (or forecast anew) at the budget's rates of exchange, currency.
    double actual_quantity = 0;   ///< Actual quantity; 0 where it is not known.
    double actual_at_rates = 0;   ///< Actual at the rates of exchange that came about, currency.
};

/// What is known of an item.
struct VarianceItem {
    bool dated = false;                 ///< Whether it comes about once (an opportunity, a step), so that it can slip.
    double planned_probability = 1;     ///< Probability that its plan was weighted by, in [0, 1].
    double actual_probability = 1;      ///< Probability that the actual amounts are weighted by: 1 once they are there.
    ItemState state = ItemState::open;  ///< What became of it.
};

/// Why a line differs, in whole units; the causes add up to actual_at_rates - planned, each rounded to the unit.
struct VarianceCauses {
    std::int64_t won = 0;       ///< It came about, or is likelier than it was.
    std::int64_t lost = 0;      ///< It will not come about, or is less likely than it was.
    std::int64_t slipped = 0;   ///< It comes in other months than planned: earlier (more), or later (less).
    std::int64_t resized = 0;   ///< Another amount, where quantities are not known.
    std::int64_t fresh = 0;     ///< It was not in the budget.
    std::int64_t price = 0;     ///< (actual price - planned price) x actual quantity.
    std::int64_t volume = 0;    ///< (actual quantity - planned quantity) x planned price.
    std::int64_t currency = 0;  ///< Other rates of exchange.

    /// @return the sum of all causes.
    [[nodiscard]] std::int64_t total() const {
        return won + lost + slipped + resized + fresh + price + volume + currency;
    }
    /// Same amounts.
    /// @return whether the two are the same.
    bool operator==(const VarianceCauses&) const = default;
};

/// Splits the variance of every line over its causes.
///
/// Going from plan to actual one thing is changed after the other, each step rounded to the unit, so that the
/// differences add up exactly. A dated item: its probability (won, lost), its months at the planned size (slipped), its
/// size (resized), the rates (currency). An item that was not planned is new; one that was planned and is lost, or has
/// nothing actual in any month compared though it cannot slip, is lost. Any other: quantity at the planned price
/// (volume), then price, where both quantities of the line are known; else resized.
///
/// The size of a dated item is judged by all its months, also those after `through`: resized is only what no timing
/// explains. Let the plan, at the chance that the actual amounts have, be moved so that it begins in the month of the
/// first actual amount. What it then brings through the last month known (`through`, or the item's last actual month if
/// that is later) is the least that the planned size can have brought by then, and the whole plan the most; of a plan
/// of two months or more that runs through the last month of all plans, also its largest month in each month since the
/// first actual one, for such a plan may go on. Actual amounts between the two are timing: slipped, and turned back in
/// the months planned. Less than the least, or more than the most, is resized by the ratio to it. Where the actual
/// amounts keep the shape of the moved plan over two months or more, to a tenth, they are the plan at another size, and
/// all of the difference is resized.
/// @param lines the lines, of all months.
/// @param items the items that the lines name.
/// @param through the last month whose variance is told; the causes of later lines are 0. All months if not given.
/// @param currency whose unit.
/// @return the causes of each line, in order.
/// @throws InputError where a number is not finite, a probability is none, or a line names no item (the text names the
/// line's position, counted from 0).
/// @see C. T. Horngren, S. M. Datar, M. V. Rajan, "Cost Accounting", chapter 7 (price and quantity variances).
std::vector<VarianceCauses> explain_variance(std::span<const VarianceLine> lines, std::span<const VarianceItem> items,
                                             std::optional<Month> through = {}, const Currency& currency = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/variance.ipp"
#endif
