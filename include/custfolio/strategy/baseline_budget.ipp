// Definition of the budget of a baseline.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/strategy/baseline_budget.hpp"

namespace custfolio {
namespace detail {

/// Revenue and costs of one row and month, and how they err.
struct BaselineCell {
    double level = 0, heat = 0, temperature = 0;
    double own = 0;     // deviation of the level; NaN where it is not known
    LineError error{};  // of the level; `steady` of the heat
};

/// What recent sales were like.
struct RecentSales {
    double price = 0;        // revenue of a unit; 0: not known
    double goods_share = 0;  // share of the cost of goods in all costs, in [0, 1]
};

/// Recent sales of each customer, and last those of all, without a price.
inline std::vector<RecentSales> recent_sales(const Portfolio& sales, std::span<const std::string> customers) {
    const PortfolioColumns& columns = sales.columns();
    const bool sold = std::any_of(columns.quantity.begin(), columns.quantity.end(), [](double q) { return q > 0; });
    if (!sold || columns.goods.empty() || columns.contribution.empty()) {
        throw InputError(
            "the sales of a budget have no quantities or no costs of goods; both are needed for its causes");
    }
    double goods = 0, costs = 0;
    for (std::size_t i = 0; i < sales.size(); ++i) {
        goods += columns.goods[i];
        costs += columns.revenue[i] - columns.contribution[i];
    }
    const double of_all = costs > 0 ? std::clamp(goods / costs, 0.0, 1.0) : 1.0;
    std::vector<RecentSales> found(customers.size() + 1, {0, of_all});
    for (std::size_t k = 0; k < customers.size(); ++k) {
        if (!sales.contains(customers[k])) continue;
        const std::size_t i = sales.index(customers[k]);
        const double revenue = columns.revenue[i], cost = revenue - columns.contribution[i];
        if (revenue > 0 && columns.quantity[i] > 0) found[k].price = revenue / columns.quantity[i];
        if (cost > 0) found[k].goods_share = std::clamp(columns.goods[i] / cost, 0.0, 1.0);
    }
    return found;
}

/// The lines of a budget of revenue and costs.
class BaselineLines {
  public:
    BaselineLines(const Baseline& baseline, std::vector<RecentSales> sales)
        : baseline_(baseline), sales_(std::move(sales)) {}
    /// Adds a cell of a customer, or of new business.
    /// @param row the row of labels that it has.
    void add(std::int32_t row, std::size_t month, const BaselineCell& cell) {
        const double cost = cell.level - cell.heat;
        // Costs move with the revenue, so that the temperature stays.
        const double share = 1.0 - cell.temperature;
        const RecentSales sales = sales_.empty() ? RecentSales{0, 1} : sales_[static_cast<std::size_t>(row)];
        const double quantity = sales.price > 0 ? cell.level / sales.price : 0.0;
        LineError error = cell.error;
        error.steady = 0.0;
        line(revenue, row, month, cell.level, quantity, cell.own, error);
        error.never_negative = error.never_negative && cost >= 0.0;
        // The parts of the costs move together.
        for (const std::int32_t account : {costs, serving}) {
            if (account == serving && sales_.empty()) continue;
            const double part = account == costs ? sales.goods_share : 1.0 - sales.goods_share;
            error.steady = cell.error.steady * part;
            error.common = cell.error.common * share * part;
            line(account, row, month, cost * part, account == costs ? quantity : 0.0, cell.own * share * part, error);
        }
    }
    /// @return the lines, without dimensions but the account.
    LineItems take(const Currency& currency) && {
        const std::size_t rows = lines_.month.size();
        std::vector<std::string> accounts{"revenue", "costs"};
        if (!sales_.empty()) accounts = {"revenue", "cost of goods", "cost to serve"};
        lines_.dimensions.push_back({"account", {std::move(account_), std::move(accounts)}});
        lines_.probability.assign(rows, 1.0);
        lines_.item = Labels::constant("", rows);
        lines_.state.assign(rows, ItemState::unstated);
        lines_.currency = Labels::constant(currency.code, rows);
        lines_.stated = lines_.amount;
        lines_.forecast.assign(rows, LineItems::none);
        lines_.member.assign(rows, 0);
        return std::move(lines_);
    }
    /// Row of labels per line.
    std::vector<std::int32_t> row_of{};

  private:
    static constexpr std::int32_t revenue = 0, costs = 1, serving = 2;
    void line(std::int32_t account, std::int32_t row, std::size_t month, double amount, double quantity,
              double deviation, const LineError& error) {
        account_.push_back(account);
        row_of.push_back(row);
        lines_.month.push_back(baseline_.start + static_cast<int>(month));
        lines_.amount.push_back(amount);
        lines_.quantity.push_back(quantity);
        lines_.deviation.push_back(deviation);
        lines_.error.push_back(error);
    }

    const Baseline& baseline_;
    std::vector<RecentSales> sales_;  // of each customer and of all; empty: no quantities
    std::vector<std::int32_t> account_;
    LineItems lines_;
};

}  // namespace detail

CUSTFOLIO_INLINE LineItemBudget baseline_budget(const Baseline& baseline, std::span<const std::string> customers,
                                                BudgetSettings settings, std::span<const Dimension> dimensions,
                                                const Portfolio* sales) {
    const std::size_t rows = baseline.level.rows();
    const auto require_rows = [&](std::size_t count, const std::string& what) {
        if (count == rows) return;
        throw InputError("the budget of a baseline has " + std::to_string(count) + " " + what + " for " +
                         std::to_string(rows) + " customers");
    };
    require_rows(customers.size(), "identities");
    for (const Dimension& dimension : dimensions) {
        require_rows(dimension.labels.codes.size(), "labels of dimension " + dimension.name);
    }
    const JointError& joint = baseline.joint;
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    detail::BaselineLines lines(
        baseline, sales == nullptr ? std::vector<detail::RecentSales>() : detail::recent_sales(*sales, customers));
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t m = 0; m < baseline.level.cols(); ++m) {
            const double level = baseline.level(i, m);
            detail::BaselineCell cell{level, baseline.heat(i, m), baseline.temperature_of(i, m), unknown};
            if (joint.known()) {
                cell.own = baseline.own_deviation(i, m);
                cell.error = {.common = joint.common[m] * std::abs(level),
                              .steady = baseline.heat_deviation(i, m),
                              .correlation = joint.correlation,
                              .own_correlation = joint.own_correlation,
                              .never_negative = !baseline.never_negative.empty() && baseline.never_negative[i]};
            }
            lines.add(static_cast<std::int32_t>(i), m, cell);
        }
    }
    const NewcomerLine& fresh = baseline.newcomers;
    for (std::size_t m = 0; m < fresh.level.size(); ++m) {
        // More new business than usual stays more in all months.
        detail::BaselineCell cell{fresh.level[m], fresh.heat[m], 0.0, unknown};
        if (cell.level != 0.0) cell.temperature = cell.heat / cell.level;
        if (joint.known()) {
            cell.own = fresh.deviation[m];
            const double of_level = cell.temperature * cell.own;
            // A line that was filled by hand may have no deviation of its heat.
            const double of_heat = m < fresh.heat_deviation.size() ? fresh.heat_deviation[m] : 0.0;
            cell.error = {.steady = std::sqrt(std::max(of_heat * of_heat - of_level * of_level, 0.0)),
                          .own_correlation = 1.0,
                          .never_negative = baseline.all_never_negative() && cell.level >= 0.0};
        }
        lines.add(static_cast<std::int32_t>(rows), m, cell);
    }
    const std::vector<std::int32_t> row_of = std::move(lines.row_of);
    LineItems items = std::move(lines).take(settings.currency);
    // Each line has the labels of its customer, or "(none)" for new business.
    const auto labelled = [&](Labels labels, const std::string& otherwise) {
        labels.append(Labels::constant(otherwise, 1));
        Labels of_lines{{}, std::move(labels.names)};
        for (const std::int32_t row : row_of) of_lines.codes.push_back(labels.codes[static_cast<std::size_t>(row)]);
        return of_lines;
    };
    items.dimensions.push_back({"source", labelled(Labels::constant("baseline", rows), "new business")});
    items.dimensions.push_back({"customer", labelled(Labels::of(customers), "(none)")});
    for (const Dimension& dimension : dimensions) {
        items.dimensions.push_back({dimension.name, labelled(dimension.labels, "(none)")});
    }
    return LineItemBudget(std::move(items), std::move(settings));
}

}  // namespace custfolio
