// Definitions of Portfolio and Customer: every column is checked once, on construction.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

namespace detail {

/// Half a cent on each side of an identity between amounts that were each rounded to cents, and the rounding of large
/// sums.
CUSTFOLIO_INLINE bool same_amount(double a, double b) {
    return std::abs(a - b) <= 0.01 + 1e-9 * std::max(std::abs(a), std::abs(b));
}

CUSTFOLIO_INLINE void check_length(std::size_t count, std::size_t customers, const char* column, bool required) {
    if (count == customers || (!required && count == 0)) return;
    throw InputError(std::string("column ") + column + " has " + std::to_string(count) + " entries for " +
                     std::to_string(customers) + " customers");
}

CUSTFOLIO_INLINE void check_column(const Column& column, const std::vector<std::string>& id, const char* name,
                                   bool required = false) {
    check_length(column.size(), id.size(), name, required);
    for (std::size_t i = 0; i < column.size(); ++i) {
        if (!std::isfinite(column[i])) {
            require_finite(column[i], "customer " + id[i] + ": " + name);
        }
    }
    math::CompensatedSum sum;
    for (const double entry : column) sum += entry;
    require_finite(sum.value(), std::string("the sum of column ") + name);
}

CUSTFOLIO_INLINE void check_matrix(const Matrix& matrix, const std::vector<std::string>& id, std::size_t width,
                                   const char* name) {
    if (matrix.size() == 0) return;
    check_length(matrix.rows(), id.size(), name, true);
    if (matrix.cols() != width) {
        throw InputError(std::string("column ") + name + " is " + std::to_string(matrix.cols()) + " wide, expected " +
                         std::to_string(width));
    }
    for (std::size_t i = 0; i < matrix.rows(); ++i) {
        if (!math::all_finite(matrix.row(i))) {
            throw InputError("customer " + id[i] + ": " + name + " has a number that is not finite");
        }
    }
}

/// NaN means "not located" and is fine; anything else must lie on the globe.
CUSTFOLIO_INLINE void check_coordinate(const Column& column, const std::vector<std::string>& id, const char* name,
                                       double limit) {
    check_length(column.size(), id.size(), name, false);
    for (std::size_t i = 0; i < column.size(); ++i) {
        if (!std::isnan(column[i]) && !(std::abs(column[i]) <= limit)) {
            throw InputError("customer " + id[i] + ": " + name + " is " + number_text(column[i]) +
                             "; degrees lie in [-" + number_text(limit) + ", " + number_text(limit) +
                             "], NaN where a customer is not located");
        }
    }
}

/// Orders are known for all customers or not at all.
CUSTFOLIO_INLINE void check_orders(const Orders& orders, std::size_t customers) {
    const std::size_t count = orders.size();
    const auto require_length = [](std::size_t found, std::size_t expected, const char* column) {
        if (found == expected) return;
        throw InputError(std::string("orders: column ") + column + " has " + std::to_string(found) +
                         " entries; it must have " + std::to_string(expected));
    };
    if (orders.begin.empty()) {
        require_length(count, 0, "day");
        return;
    }
    require_length(orders.begin.size(), customers + 1, "begin");
    if (orders.begin[0] != 0 || orders.begin.back() != count ||
        !std::is_sorted(orders.begin.begin(), orders.begin.end())) {
        throw InputError("orders: begin must ascend from 0 to the number of orders, " + std::to_string(count));
    }
    require_length(orders.kind.size(), count, "kind");
    require_length(orders.amount.size(), count, "amount");
    require_length(orders.lines.size(), count, "lines");
    if (!orders.quantity.empty()) require_length(orders.quantity.size(), count, "quantity");
    require_length(orders.drivers.size(), count * orders.driver_names.size(), "drivers");
    require_length(orders.whole.size(), orders.driver_names.size(), "whole");
    for (std::size_t k = 0; k < count; ++k) {
        if (orders.kind[k] < -1 || orders.kind[k] > 1) {
            throw InputError("orders: order " + std::to_string(k) + " (counted from 0) is of kind " +
                             std::to_string(orders.kind[k]) + "; it must be 1, -1 or 0");
        }
    }
    for (const Column* column : {&orders.amount, &orders.lines, &orders.quantity, &orders.drivers.values()}) {
        if (!math::all_finite(*column)) throw InputError("orders: a number is not finite");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE const std::string& Customer::id() const {
    return portfolio_->columns().id[index_];
}

CUSTFOLIO_INLINE const std::string& Customer::name() const {
    const auto& names = portfolio_->columns().name;
    return names.empty() ? id() : names[index_];
}

CUSTFOLIO_INLINE double Customer::level() const {
    return portfolio_->columns().revenue[index_];
}

CUSTFOLIO_INLINE double Customer::heat() const {
    return portfolio_->columns().contribution[index_];
}

CUSTFOLIO_INLINE double Customer::temperature() const {
    return temperature_of(level(), heat());
}

CUSTFOLIO_INLINE double Customer::avoidable_heat() const {
    const auto& columns = portfolio_->columns();
    const std::size_t i = index_;
    // Without avoidable costs, all of the cost goes away with the customer.
    if (columns.avoidable_cost.size() == 0) return columns.contribution[i];
    return columns.contribution[i] + columns.cost_to_serve[i] - columns.avoidable_cost[i];
}

CUSTFOLIO_INLINE Volume Customer::volume() const {
    const auto& columns = portfolio_->columns();
    // Columns that are not given count as 0.
    const auto entry = [i = index_](const Column& column) { return column.size() == 0 ? 0.0 : column[i]; };
    Volume volume{entry(columns.revenue),    entry(columns.goods),
                  entry(columns.deliveries), entry(columns.lines),
                  entry(columns.quantity),   {},
                  entry(columns.returns),    entry(columns.returned_quantity)};
    if (columns.further.size() != 0) {
        const auto row = columns.further.row(index_);
        volume.further.assign(row.begin(), row.end());
    }
    return volume;
}

CUSTFOLIO_INLINE Portfolio::Portfolio(PortfolioColumns columns) : columns_(std::move(columns)) {
    const auto& id = columns_.id;
    index_.reserve(id.size());
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (id[i].empty()) {
            throw InputError("customer at position " + std::to_string(i) + " (counted from 0) has an empty identity");
        }
        if (const auto [at, is_new] = index_.emplace(id[i], i); !is_new) {
            throw InputError("customer " + id[i] + " stands at positions " + std::to_string(at->second) + " and " +
                             std::to_string(i) + " (counted from 0); an identity must be unique");
        }
    }
    // Without costs of goods no customer has a heat; NaN keeps one entry per customer.
    const auto unknown = [](double value) { return std::isnan(value); };
    const bool cold = !id.empty() && detail::all_of(columns_.contribution, unknown);
    if (cold) columns_.contribution.assign(id.size(), std::numeric_limits<double>::quiet_NaN());
    const auto& c = columns_;
    // Every column is checked here once, so that no algorithm needs to.
    detail::check_length(c.name.size(), id.size(), "name", false);
    detail::check_column(c.revenue, id, "revenue", true);
    if (!cold) detail::check_column(c.contribution, id, "contribution", true);
    detail::check_column(c.goods, id, "goods");
    detail::check_column(c.cost_to_serve, id, "cost_to_serve");
    detail::check_column(c.avoidable_cost, id, "avoidable_cost");
    detail::check_column(c.credit_cost, id, "credit_cost");
    detail::check_length(c.dso.size(), id.size(), "dso", false);
    detail::check_length(c.days_late.size(), id.size(), "days_late", false);
    detail::check_column(c.deliveries, id, "deliveries");
    detail::check_column(c.lines, id, "lines");
    detail::check_column(c.quantity, id, "quantity");
    detail::check_column(c.returns, id, "returns");
    detail::check_column(c.returned_quantity, id, "returned_quantity");
    detail::check_length(c.first_day.size(), id.size(), "first_day", false);
    detail::check_length(c.last_day.size(), id.size(), "last_day", false);
    detail::check_matrix(c.monthly_revenue, id, static_cast<std::size_t>(c.period.months()), "monthly_revenue");
    detail::check_matrix(c.further, id, c.driver_names.size(), "further");
    detail::check_coordinate(c.latitude, id, "latitude", 90);
    detail::check_coordinate(c.longitude, id, "longitude", 180);
    detail::check_orders(c.orders, id.size());
    if (c.avoidable_cost.size() != 0 && c.cost_to_serve.size() == 0) {
        throw InputError("column avoidable_cost needs cost_to_serve beside it: it is the part that goes away");
    }
    // With goods and costs given, the contribution is known: a different one is a mistake in the input.
    if (!cold && c.goods.size() != 0 && c.cost_to_serve.size() != 0) {
        for (std::size_t i = 0; i < c.revenue.size(); ++i) {
            const double credit = c.credit_cost.empty() ? 0.0 : c.credit_cost[i];
            const double expected = c.revenue[i] - c.goods[i] - c.cost_to_serve[i] - credit;
            if (!detail::same_amount(expected, c.contribution[i])) {
                throw InputError("customer " + id[i] + ": contribution is " + number_text(c.contribution[i]) +
                                 (credit == 0 ? ", but revenue - goods - cost_to_serve is "
                                              : ", but revenue - goods - cost_to_serve - credit_cost is ") +
                                 number_text(expected));
            }
        }
    }
    // What results carry along: results of another portfolio are refused.
    identity_ = identify(id, c.period, c.revenue, c.contribution);
}

CUSTFOLIO_INLINE Portfolio Portfolio::with_orders(Orders orders) const {
    PortfolioColumns columns = columns_;
    columns.orders = std::move(orders);
    return Portfolio(std::move(columns));
}

CUSTFOLIO_INLINE std::size_t Portfolio::index(std::string_view id) const {
    const auto at = index_.find(id);
    if (at == index_.end()) {
        throw NotFoundError("no customer '" + std::string(id) + "' among the " + std::to_string(size()) +
                            " of the portfolio");
    }
    return at->second;
}

CUSTFOLIO_INLINE Customer Portfolio::at(std::size_t row) const {
    if (row >= size()) {
        throw NotFoundError("no customer at row " + std::to_string(row) + " (counted from 0): the portfolio has " +
                            std::to_string(size()));
    }
    return {*this, row};
}

CUSTFOLIO_INLINE void Portfolio::require_heat(const std::string& what) const {
    if (has_heat()) return;
    throw InputError(what +
                     " needs the heat of every customer, but the costs of goods are not known; add a column of " +
                     "costs, or give missing_cost=, a ratio of cost to revenue (0 if nothing is bought)");
}

CUSTFOLIO_INLINE Bucket Portfolio::bucket() const {
    if (has_heat()) return pour(columns_.revenue, columns_.contribution);
    Bucket bucket = pour(columns_.revenue, columns_.revenue);
    bucket.heat = std::numeric_limits<double>::quiet_NaN();
    return bucket;
}

CUSTFOLIO_INLINE Column Portfolio::temperature() const {
    Column result(columns_.revenue.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] = temperature_of(columns_.revenue[i], columns_.contribution[i]);
    }
    return result;
}

CUSTFOLIO_INLINE Column Portfolio::avoidable_heat() const {
    if (columns_.avoidable_cost.size() == 0) return columns_.contribution;
    Column result(size());
    for (std::size_t i = 0; i < size(); ++i) {
        result[i] = columns_.contribution[i] + columns_.cost_to_serve[i] - columns_.avoidable_cost[i];
    }
    return result;
}

}  // namespace custfolio
