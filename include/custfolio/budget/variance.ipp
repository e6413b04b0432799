// Definitions of the variance with its causes.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "custfolio/budget/variance.hpp"
#include "custfolio/config.hpp"
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
    if (size == 0) return 0;
    // The plan begun in the month of the first actual amount.
    std::map<int, double> moved;
    for (const auto& [month, amount] : planned) {
        if (month + shift <= known) moved.emplace(month + shift, amount);
    }
    math::CompensatedSum due;
    for (const auto& [month, amount] : moved) due += amount;
    const double least = due.value();
    if (moved.size() > 1 && least != 0) {
        const double ratio = size / least;
        const bool same_months =
            std::ranges::all_of(actual, [&](const auto& each) { return moved.contains(each.first); });
        const bool same_shape = same_months && std::ranges::all_of(moved, [&](const auto& each) {
                                    const auto found = actual.find(each.first);
                                    const double came = found == actual.end() ? 0.0 : found->second;
                                    return std::abs(came - ratio * each.second) <= 0.1 * std::abs(ratio * each.second);
                                });
        if (same_shape) return 1 / ratio;
    }
    double most = whole.value();
    if (planned.size() > 1 && planned.rbegin()->first == horizon) {  // such a plan may go on
        const double running = largest * (std::min(known, horizon) - actual.begin()->first + 1);
        if (std::abs(running) > std::abs(most)) most = running;
    }
    return std::clamp(size, std::min(least, most), std::max(least, most)) / size;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(ItemState state) {
    switch (state) {
        case ItemState::open:
            return "open";
        case ItemState::won:
            return "won";
        case ItemState::lost:
            return "lost";
    }
    throw InputError("item state " + std::to_string(static_cast<int>(state)) + " is unknown");
}

CUSTFOLIO_INLINE std::vector<VarianceCauses> explain_variance(std::span<const VarianceLine> lines,
                                                              std::span<const VarianceItem> items,
                                                              std::optional<Month> through, const Currency& currency) {
    const double per_one = std::round(1 / currency.unit());
    const auto units = [&](double amount) { return std::llround(round_money(amount, currency) * per_one); };
    for (std::size_t k = 0; k < items.size(); ++k) {
        const std::string place = "item " + std::to_string(k) + ": ";
        require_probability(items[k].planned_probability, place + "planned probability");
        require_probability(items[k].actual_probability, place + "actual probability");
    }
    const auto weight_of = [](const VarianceItem& item) {
        return item.planned_probability > 0 ? item.actual_probability / item.planned_probability : 1.0;
    };
    const auto compared = [&](const VarianceLine& line) { return !through || line.month.index() <= through->index(); };
    std::vector<detail::ItemMonths> months(items.size());
    std::vector<char> is_planned(items.size(), 0);
    std::vector<char> is_actual(items.size(), 0);
    int horizon = std::numeric_limits<int>::min();  // of all plans
    int last = through ? through->index() : horizon;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const VarianceLine& line = lines[k];
        const auto place = [&] { return "line " + std::to_string(k) + ": "; };
        if (line.item >= items.size()) {
            throw InputError(place() + "item " + std::to_string(line.item) + " is none of the " +
                             std::to_string(items.size()) + " items");
        }
        for (const double number :
             {line.planned, line.planned_quantity, line.actual, line.actual_quantity, line.actual_at_rates}) {
            if (!std::isfinite(number)) require_finite(number, place() + "an amount");
        }
        const int month = line.month.index();
        if (!through) last = std::max(last, month);
        if (line.planned != 0) {
            horizon = std::max(horizon, month);
            is_planned[line.item] = 1;
        }
        if (line.actual != 0 && compared(line)) is_actual[line.item] = 1;
        const VarianceItem& item = items[line.item];
        if (!item.dated || item.state == ItemState::lost) continue;
        if (line.planned != 0) months[line.item].planned[month] += line.planned * weight_of(item);
        if (line.actual != 0) months[line.item].actual[month] += line.actual;
    }
    std::vector<double> share(items.size(), 0.0);
    for (std::size_t k = 0; k < items.size(); ++k) {
        if (months[k].planned.empty() || months[k].actual.empty()) continue;
        share[k] = detail::planned_share(months[k], std::max(last, months[k].actual.rbegin()->first), horizon);
    }
    std::vector<VarianceCauses> explained(lines.size());
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const VarianceLine& line = lines[k];
        if (!compared(line)) continue;
        const VarianceItem& item = items[line.item];
        VarianceCauses& causes = explained[k];
        std::int64_t at = units(line.planned);
        const auto move = [&](double to, std::int64_t& cause) {
            const std::int64_t next = units(to);
            cause += next - at;
            at = next;
        };
        if (is_planned[line.item] == 0) {
            move(line.actual, causes.fresh);
        } else if (item.state == ItemState::lost) {
            move(line.actual, causes.lost);
        } else if (item.dated) {
            const double weight = weight_of(item);
            move(line.planned * weight, weight >= 1 ? causes.won : causes.lost);
            // The planned size in the actual months; without actual amounts it slipped out of the months compared.
            move(line.actual * share[line.item], causes.slipped);
            move(line.actual, causes.resized);
        } else if (is_actual[line.item] == 0) {
            move(0.0, causes.lost);
        } else if (line.planned_quantity != 0 && line.actual_quantity != 0) {
            move(line.planned / line.planned_quantity * line.actual_quantity, causes.volume);
            move(line.actual, causes.price);
        } else {
            move(line.actual, causes.resized);
        }
        move(line.actual_at_rates, causes.currency);
    }
    return explained;
}

}  // namespace custfolio
