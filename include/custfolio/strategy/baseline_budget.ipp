// Definition of the budget of a baseline.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
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

/// The lines of a budget of revenue and costs.
class BaselineLines {
  public:
    explicit BaselineLines(const Baseline& baseline) : baseline_(baseline) {}
    /// Adds a cell of a customer, or of new business.
    /// @param row the row of labels that it has.
    void add(std::int32_t row, std::size_t month, const BaselineCell& cell) {
        const double cost = cell.level - cell.heat;
        // Costs move with the revenue, so that the temperature stays.
        const double share = 1.0 - cell.temperature;
        LineError error = cell.error;
        error.steady = 0.0;
        line(revenue, row, month, cell.level, cell.own, error);
        error.steady = cell.error.steady;
        error.common *= share;
        error.never_negative = error.never_negative && cost >= 0.0;
        line(costs, row, month, cost, cell.own * share, error);
    }
    /// @return the lines, without dimensions but the account.
    LineItems take(const Currency& currency) && {
        const std::size_t rows = lines_.month.size();
        lines_.dimensions.push_back({"account", {std::move(account_), {"revenue", "costs"}}});
        lines_.probability.assign(rows, 1.0);
        lines_.quantity.assign(rows, 0.0);
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
    static constexpr std::int32_t revenue = 0, costs = 1;
    void line(std::int32_t account, std::int32_t row, std::size_t month, double amount, double deviation,
              const LineError& error) {
        account_.push_back(account);
        row_of.push_back(row);
        lines_.month.push_back(baseline_.start + static_cast<int>(month));
        lines_.amount.push_back(amount);
        lines_.deviation.push_back(deviation);
        lines_.error.push_back(error);
    }

    const Baseline& baseline_;
    std::vector<std::int32_t> account_;
    LineItems lines_;
};

}  // namespace detail

CUSTFOLIO_INLINE LineItemBudget baseline_budget(const Baseline& baseline, std::span<const std::string> customers,
                                                BudgetSettings settings, std::span<const Dimension> dimensions) {
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
    detail::BaselineLines lines(baseline);
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
