// Definitions of the cost of rows without one.
#pragma once

#include <string>

#include "custfolio/config.hpp"
#include "custfolio/ledger/missing_cost.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

/// Sums of the rows with a cost.
struct CostedSum {
    math::CompensatedSum cost;
    math::CompensatedSum revenue;
};

CUSTFOLIO_INLINE void require_entries(std::size_t count, std::size_t rows, const char* name) {
    if (count != rows) {
        throw InputError(std::string("fill_costs: ") + name + " has " + std::to_string(count) + " entries, cost has " +
                         std::to_string(rows));
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<double> fill_costs(std::span<const double> cost, std::span<const double> uncosted,
                                                double ratio) {
    detail::require_entries(uncosted.size(), cost.size(), "uncosted");
    require_finite(ratio, "ratio of cost to revenue");
    std::vector<double> filled(cost.size());
    for (std::size_t row = 0; row < cost.size(); ++row) filled[row] = cost[row] + ratio * uncosted[row];
    return filled;
}

CUSTFOLIO_INLINE std::vector<double> fill_costs(std::span<const double> revenue, std::span<const double> cost,
                                                std::span<const double> uncosted, std::span<const std::int32_t> group,
                                                std::size_t groups) {
    const std::size_t rows = cost.size();
    detail::require_entries(revenue.size(), rows, "revenue");
    detail::require_entries(uncosted.size(), rows, "uncosted");
    if (!group.empty()) detail::require_entries(group.size(), rows, "group");
    detail::CostedSum company;
    std::vector<detail::CostedSum> sums(groups);
    for (std::size_t row = 0; row < rows; ++row) {
        const double costed = revenue[row] - uncosted[row];
        company.cost += cost[row];
        company.revenue += costed;
        if (group.empty()) continue;
        if (group[row] < 0 || static_cast<std::size_t>(group[row]) >= groups) {
            throw InputError("row " + std::to_string(row) + " (counted from 0): group " + std::to_string(group[row]) +
                             " is not in 0 .. " + std::to_string(groups) + " - 1");
        }
        sums[static_cast<std::size_t>(group[row])].cost += cost[row];
        sums[static_cast<std::size_t>(group[row])].revenue += costed;
    }
    if (!(company.revenue.value() > 0)) {
        throw InputError("the revenue of rows with a cost is " + number_text(company.revenue.value()) +
                         "; it must be positive for a mean ratio, or the ratio be given as a number");
    }
    const double of_company = company.cost.value() / company.revenue.value();
    if (group.empty()) return fill_costs(cost, uncosted, of_company);
    std::vector<double> filled(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const detail::CostedSum& sum = sums[static_cast<std::size_t>(group[row])];
        const double ratio = sum.revenue.value() > 0 ? sum.cost.value() / sum.revenue.value() : of_company;
        filled[row] = cost[row] + ratio * uncosted[row];
    }
    return filled;
}

}  // namespace custfolio
