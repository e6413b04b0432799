// Definitions of the variance with its causes.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/budget/variance.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// A dated item's plan, at the chance that its actual amounts have, and its actual amounts, by month.
struct ItemMonths {
    std::map<int, double> planned;  ///< Planned amounts that are not 0.
    std::map<int, double> actual;   ///< Actual amounts that are not 0.
};

/// The amount that the planned size can have brought, as a share of the actual amount: 1 where timing alone explains
/// it.
/// @param months the item's amounts by month; neither is empty.
/// @param known the last month with data.
/// @param horizon the last month of all plans.
/// @return planned size / actual size; 0 where the plan's amounts cancel each other.
CUSTFOLIO_INLINE double planned_share(const ItemMonths& months, int known, int horizon) {
    const std::map<int, double>& planned = months.planned;
    const std::map<int, double>& actual = months.actual;  // no binding: Clang 14 captures none in lambdas
    const int shift = actual.begin()->first - planned.begin()->first;
    math::CompensatedSum whole;
    math::CompensatedSum total;
    double largest = 0;
    for (const auto& [month, amount] : planned) {
        whole += amount;
        if (std::abs(amount) > std::abs(largest)) largest = amount;
    }
    for (const auto& [month, amount] : actual) total += amount;
    const double size = total.value();
    // Amounts that cancel show no size.
    if (size == 0) return 0;
    // The plan begun in the month of the first actual amount.
    std::map<int, double> moved;
    for (const auto& [month, amount] : planned) {
        if (month + shift <= known) moved.emplace(month + shift, amount);
    }
    math::CompensatedSum due;
    for (const auto& [month, amount] : moved) due += amount;
    const double least = due.value();
    // Amounts in the planned months that differ by one ratio: the item was resized, not moved.
    if (moved.size() > 1 && least != 0) {
        const double ratio = size / least;
        const bool same_months = detail::all_of(actual, [&](const auto& each) { return moved.contains(each.first); });
        const bool same_shape = same_months && detail::all_of(moved, [&](const auto& each) {
                                    const auto month = actual.find(each.first);
                                    const double came = month == actual.end() ? 0.0 : month->second;
                                    return std::abs(came - ratio * each.second) <= 0.1 * std::abs(ratio * each.second);
                                });
        if (same_shape) return 1 / ratio;
    }
    // Any size up to the whole plan can come from timing.
    double most = whole.value();
    if (planned.size() > 1 && std::prev(planned.end())->first == horizon) {  // such a plan may go on
        const double running = largest * (std::min(known, horizon) - actual.begin()->first + 1);
        if (std::abs(running) > std::abs(most)) most = running;
    }
    return std::clamp(size, std::min(least, most), std::max(least, most)) / size;
}

/// A plan weighted by its chance is compared at the chance that its actual amounts have.
inline double weight_of(const VarianceItem& item) {
    return item.planned_probability > 0 ? item.actual_probability / item.planned_probability : 1.0;
}

/// What the lines show of each item.
struct ItemLines {
    std::vector<char> is_planned;
    std::vector<char> is_actual;  ///< In the months compared.
    std::vector<double> share;    ///< planned_share() of a dated item with planned and actual amounts; else 0.
    std::vector<std::optional<double>> price;  ///< Mean planned price, or unit cost, of the months with quantities.
};

CUSTFOLIO_INLINE void check_line(const VarianceLine& line, std::size_t position, std::size_t items) {
    const auto place = [&] { return "line " + std::to_string(position) + ": "; };
    if (line.item >= items) {
        throw InputError(place() + "item " + std::to_string(line.item) + " is none of the " + std::to_string(items) +
                         " items");
    }
    for (const double number :
         {line.planned, line.planned_quantity, line.actual, line.actual_quantity, line.actual_at_rates}) {
        if (!std::isfinite(number)) require_finite(number, place() + "an amount");
    }
}

CUSTFOLIO_INLINE ItemLines item_lines(std::span<const VarianceLine> lines, std::span<const VarianceItem> items,
                                      std::optional<Month> through) {
    ItemLines result{std::vector<char>(items.size(), 0), std::vector<char>(items.size(), 0),
                     std::vector<double>(items.size(), 0.0), std::vector<std::optional<double>>(items.size())};
    std::vector<ItemMonths> months(items.size());
    std::vector<math::CompensatedSum> amount(items.size());  // planned, where a quantity is planned
    std::vector<math::CompensatedSum> quantity(items.size());
    int horizon = std::numeric_limits<int>::min();  // of all plans
    int last = through ? through->index() : horizon;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const VarianceLine& line = lines[k];
        check_line(line, k, items.size());
        const int month = line.month.index();
        if (!through) last = std::max(last, month);
        if (line.planned != 0) {
            horizon = std::max(horizon, month);
            result.is_planned[line.item] = 1;
        }
        if (line.planned_quantity > 0) {  // with returns, quantities could cancel
            amount[line.item] += line.planned;
            quantity[line.item] += line.planned_quantity;
        }
        if (line.actual != 0 && (!through || month <= through->index())) result.is_actual[line.item] = 1;
        const VarianceItem& item = items[line.item];
        if (!item.dated || item.state == ItemState::lost) continue;
        if (line.planned != 0) months[line.item].planned[month] += line.planned * weight_of(item);
        if (line.actual != 0) months[line.item].actual[month] += line.actual;
    }
    for (std::size_t k = 0; k < items.size(); ++k) {
        if (quantity[k].value() > 0) result.price[k] = amount[k].value() / quantity[k].value();
        if (months[k].planned.empty() || months[k].actual.empty()) continue;
        result.share[k] = planned_share(months[k], std::max(last, std::prev(months[k].actual.end())->first), horizon);
    }
    return result;
}

/// By how much the sales of each customer grow in each month, at planned prices.
class SalesGrowth {
  public:
    SalesGrowth(std::span<const VarianceLine> lines, std::span<const VarianceItem> items) {
        for (const VarianceLine& line : lines) {
            const VarianceItem& item = items[line.item];
            if (item.dated || item.part != VariancePart::sales || line.planned_quantity == 0) continue;
            if (item.customer == VarianceItem::no_customer) continue;
            Sales& sales = sales_[{item.customer, line.month.index()}];
            // An actual amount without a quantity: how much was bought is not known.
            if (line.actual != 0 && line.actual_quantity == 0) sales.known = false;
            sales.planned += line.planned;
            sales.actual += line.planned / line.planned_quantity * line.actual_quantity;
        }
    }

    /// @return the factor; none where no sales with quantities were planned, or those of `line` alone are known.
    [[nodiscard]] std::optional<double> of(const VarianceLine& line, const VarianceItem& item) const {
        if (item.customer != VarianceItem::no_customer) {
            const auto sale = sales_.find({item.customer, line.month.index()});
            if (sale != sales_.end() && sale->second.known && sale->second.planned.value() > 0) {
                return sale->second.actual.value() / sale->second.planned.value();
            }
        }
        if (line.planned_quantity == 0 || line.actual_quantity == 0) return std::nullopt;
        return line.actual_quantity / line.planned_quantity;
    }

  private:
    struct Sales {
        math::CompensatedSum planned;
        math::CompensatedSum actual;
        bool known = true;
    };
    std::map<std::pair<std::size_t, int>, Sales> sales_;
};

/// Customers with usual business in the plan, and with some in the months compared.
struct CustomersSeen {
    std::vector<char> is_planned;
    std::vector<char> is_actual;

    CustomersSeen(std::span<const VarianceItem> items, const ItemLines& of_item) {
        for (std::size_t k = 0; k < items.size(); ++k) {
            const std::size_t customer = items[k].customer;
            if (customer == VarianceItem::no_customer || items[k].dated) continue;
            if (customer >= is_planned.size()) {
                is_planned.resize(customer + 1, 0);
                is_actual.resize(customer + 1, 0);
            }
            is_planned[customer] = static_cast<char>(is_planned[customer] | of_item.is_planned[k]);
            is_actual[customer] = static_cast<char>(is_actual[customer] | of_item.is_actual[k]);
        }
    }
};

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(ItemState state) {
    switch (state) {
        case ItemState::open:
            return "open";
        case ItemState::won:
            return "won";
        case ItemState::lost:
            return "lost";
        case ItemState::unstated:
            return "";
    }
    throw InputError("item state " + std::to_string(static_cast<int>(state)) + " is unknown");
}

CUSTFOLIO_INLINE std::string to_string(VariancePart part) {
    switch (part) {
        case VariancePart::sales:
            return "sales";
        case VariancePart::goods:
            return "goods";
        case VariancePart::serving:
            return "serving";
        case VariancePart::other:
            return "other";
    }
    throw InputError("variance part " + std::to_string(static_cast<int>(part)) + " is unknown");
}

CUSTFOLIO_INLINE std::vector<VarianceCauses> explain_variance(std::span<const VarianceLine> lines,
                                                              std::span<const VarianceItem> items,
                                                              std::optional<Month> through, const Currency& currency,
                                                              std::optional<Month> closed) {
    const double per_one = std::round(1 / currency.unit());
    // Differences of rounded amounts, so that the causes add up exactly.
    const auto units = [&](double amount) { return std::llround(round_money(amount, currency) * per_one); };
    for (std::size_t k = 0; k < items.size(); ++k) {
        const std::string place = "item " + std::to_string(k) + ": ";
        require_probability(items[k].planned_probability, place + "planned probability");
        require_probability(items[k].actual_probability, place + "actual probability");
    }
    const detail::ItemLines of_item = detail::item_lines(lines, items, through);
    const detail::CustomersSeen customers(items, of_item);
    const detail::SalesGrowth growth(lines, items);
    std::vector<VarianceCauses> explained(lines.size());
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const VarianceLine& line = lines[k];
        if (through && line.month.index() > through->index()) continue;
        const VarianceItem& item = items[line.item];
        VarianceCauses& causes = explained[k];
        // From the planned to the actual amount in steps: each cause is what one step changes.
        std::int64_t at = units(line.planned);
        const auto move = [&](double to, std::int64_t& cause) {
            const std::int64_t next = units(to);
            cause += next - at;
            at = next;
        };
        const bool planned = of_item.is_planned[line.item] != 0;
        const bool known = !item.dated && item.customer != VarianceItem::no_customer;
        const std::optional<double> factor = item.dated ? std::nullopt : growth.of(line, item);
        const bool quantities = line.planned_quantity != 0 && line.actual_quantity != 0;
        if (closed && line.month <= *closed) {
            move(line.actual, causes.restated);
        } else if (planned && item.state == ItemState::lost) {
            move(line.actual, causes.lost);
        } else if (planned && item.dated) {
            const double weight = detail::weight_of(item);
            move(line.planned * weight, weight >= 1 ? causes.won : causes.lost);
            // The planned size in the actual months; without actual amounts it slipped out of the months compared.
            move(line.actual * of_item.share[line.item], causes.slipped);
            move(line.actual, causes.resized);
        } else if (known && customers.is_planned[item.customer] == 0) {
            move(line.actual, causes.customers_gained);
        } else if (known && customers.is_actual[item.customer] == 0) {
            move(line.actual, causes.customers_lost);
        } else if (!planned) {
            move(line.actual, factor && line.actual_quantity != 0 ? causes.product_mix : causes.fresh);
        } else if (!factor && of_item.is_actual[line.item] == 0) {
            move(line.actual, causes.lost);
        } else {
            const std::optional<double> price = of_item.price[line.item];
            const bool other_months = line.planned == 0 && line.planned_quantity == 0 && line.actual_quantity != 0;
            if (factor) move(*factor * line.planned, causes.volume);
            if (other_months && (factor || price)) {
                // Where none of the customer's sales are planned in the month, it is no other mix, but more volume.
                move(price ? *price * line.actual_quantity : line.actual, factor ? causes.product_mix : causes.volume);
            } else if (factor && line.planned_quantity != 0 && (quantities || line.actual == 0)) {
                move(line.planned / line.planned_quantity * line.actual_quantity, causes.product_mix);
            }
            const bool priced = quantities || (other_months && price);
            move(line.actual, item.part == VariancePart::goods     ? causes.cost_of_goods
                              : item.part == VariancePart::serving ? causes.cost_to_serve
                              : priced                             ? causes.price
                                                                   : causes.resized);
        }
        move(line.actual_at_rates, causes.currency);
    }
    return explained;
}

}  // namespace custfolio
