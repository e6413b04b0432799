// Definitions of statements side by side.
#pragma once

#include <algorithm>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/comparison.hpp"

namespace custfolio {
namespace detail {

/// Checks that a statement has the customers, period and revenues of the first.
CUSTFOLIO_INLINE void require_same_sales(const PortfolioColumns& first, const PortfolioColumns& other,
                                         std::size_t place) {
    const std::string which = "comparison of costing: statement " + std::to_string(place + 1);
    if (other.id.size() != first.id.size()) {
        throw InputError(which + " has " + std::to_string(other.id.size()) + " customers, the first one " +
                         std::to_string(first.id.size()) + "; all must be of the same sales");
    }
    if (other.period != first.period) throw InputError(which + " has another period than the first one");
    for (std::size_t i = 0; i < first.id.size(); ++i) {
        if (other.id[i] == first.id[i] && other.revenue[i] == first.revenue[i]) continue;
        throw InputError(which + " has customer " + other.id[i] + " with a revenue of " +
                         number_text(other.revenue[i]) + ", the first one " + first.id[i] + " with " +
                         number_text(first.revenue[i]) + "; all must be of the same sales");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::size_t CostingComparison::changing() const {
    return static_cast<std::size_t>(detail::count(changes_sides, true));
}

CUSTFOLIO_INLINE CostingComparison
compare_costing(const std::vector<std::reference_wrapper<const Statement>>& statements) {
    if (statements.size() < 2) {
        throw InputError("comparison of costing: " + std::to_string(statements.size()) +
                         (statements.size() == 1 ? " statement" : " statements") + "; at least two are compared");
    }
    const PortfolioColumns& first = statements.front().get().portfolio().columns();
    const std::size_t customers = first.id.size();
    CostingComparison result;
    result.contribution = Matrix(customers, statements.size());
    result.loss_makers.assign(statements.size(), 0);
    for (std::size_t s = 0; s < statements.size(); ++s) {
        const Portfolio& portfolio = statements[s].get().portfolio();
        portfolio.require_heat("a comparison of costing");
        detail::require_same_sales(first, portfolio.columns(), s);
        for (std::size_t i = 0; i < customers; ++i) {
            const double heat = portfolio.columns().contribution[i];
            result.contribution(i, s) = heat;
            result.loss_makers[s] += heat < 0 ? 1 : 0;
        }
    }
    for (std::size_t i = 0; i < customers; ++i) {
        const auto [least, most] = detail::minmax(result.contribution.row(i));
        result.spread.push_back(most - least);
        result.changes_sides.push_back(least < 0 && most >= 0);
    }
    return result;
}

}  // namespace custfolio
