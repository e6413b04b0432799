// Definitions of the variance with its causes.
#pragma once

#include <cmath>
#include <string>

#include "custfolio/budget/variance.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::vector<VarianceCauses> explain_variance(std::span<const VarianceLine> lines,
                                                              std::span<const VarianceItem> items,
                                                              const Currency& currency) {
    const double per_one = std::round(1 / currency.unit());
    const auto units = [&](double amount) { return std::llround(round_money(amount, currency) * per_one); };
    struct Sum {
        math::CompensatedSum planned;
        math::CompensatedSum actual;
        bool is_planned = false;
        bool is_actual = false;
    };
    for (std::size_t k = 0; k < items.size(); ++k) {
        const std::string place = "item " + std::to_string(k) + ": ";
        require_probability(items[k].planned_probability, place + "planned probability");
        require_probability(items[k].actual_probability, place + "actual probability");
    }
    std::vector<Sum> sums(items.size());
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
        sums[line.item].planned += line.planned;
        sums[line.item].actual += line.actual;
        sums[line.item].is_planned |= line.planned != 0;
        sums[line.item].is_actual |= line.actual != 0;
    }
    std::vector<VarianceCauses> found(lines.size());
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const VarianceLine& line = lines[k];
        const VarianceItem& item = items[line.item];
        const double planned_sum = sums[line.item].planned.value();
        const double actual_sum = sums[line.item].actual.value();
        VarianceCauses& causes = found[k];
        std::int64_t at = units(line.planned);
        const auto move = [&](double to, std::int64_t& cause) {
            const std::int64_t next = units(to);
            cause += next - at;
            at = next;
        };
        if (!sums[line.item].is_planned) {
            move(line.actual, causes.fresh);
        } else if (item.state == ItemState::lost) {
            move(line.actual, causes.lost);
        } else if (item.dated) {
            const double weight =
                item.planned_probability > 0 ? item.actual_probability / item.planned_probability : 1.0;
            move(line.planned * weight, weight >= 1 ? causes.won : causes.lost);
            // The planned size in the actual months; nothing yet: it has slipped out of the months compared.
            const double size = planned_sum * weight;
            move(actual_sum != 0 ? size * (line.actual / actual_sum) : 0.0, causes.slipped);
            move(line.actual, causes.resized);
        } else if (!sums[line.item].is_actual) {
            move(0.0, causes.lost);
        } else if (line.planned_quantity != 0 && line.actual_quantity != 0) {
            move(line.planned / line.planned_quantity * line.actual_quantity, causes.volume);
            move(line.actual, causes.price);
        } else {
            move(line.actual, causes.resized);
        }
        move(line.actual_at_rates, causes.currency);
    }
    return found;
}

}  // namespace custfolio
