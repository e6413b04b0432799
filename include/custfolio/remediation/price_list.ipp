// Definitions of the price list.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/remediation/outcome.hpp"
#include "custfolio/remediation/price_list.hpp"
#include "custfolio/terms/replay.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {

namespace detail {

inline constexpr std::size_t no_cell_row = std::numeric_limits<std::size_t>::max();

/// An order as one delivery.
struct OrderResult {
    double amount = 0;
    double kept = 0;  ///< Of the amount, after goods, revenue share, lines and units.
    double cost = 0;  ///< Of the delivery.
};

/// The orders of a portfolio, each at full cost.
class OrderCosts {
  public:
    OrderCosts(const Portfolio& portfolio, const CostModel& costs)
        : columns_(portfolio.columns()),
          costs_(costs, columns_.driver_names),
          products_(OrderProducts::of(columns_.orders, costs_.products(), columns_.driver_names)) {}

    [[nodiscard]] OrderResult operator()(std::size_t customer, std::size_t k) const {
        const Orders& orders = columns_.orders;
        Volume one;
        one.further.resize(columns_.driver_names.size());
        one.lines = orders.lines[k];
        if (!orders.quantity.empty()) one.quantity = orders.quantity[k];
        const double varying = costs_.of(Volume{.further = one.further}, one).full;
        one.deliveries = 1;
        // A driver of the customer that orders have, such as kilometres.
        for (std::size_t d = 0; d < orders.driver_names.size(); ++d) {
            for (std::size_t f = 0; f < one.further.size(); ++f) {
                if (columns_.driver_names[f] == orders.driver_names[d]) one.further[f] = orders.drivers(k, d);
            }
        }
        const CustomerOrders alone{&orders, k, k + 1, columns_.period};
        const Regrouped sums = regroup(alone, {}, false, &products_);
        const Volume none{.further = std::vector<double>(one.further.size())};
        OrderResult result;
        result.amount = orders.amount[k];
        result.cost = costs_.of(none, one, sums.sums).full - varying;
        const double goods = columns_.goods[customer] / columns_.revenue[customer];
        result.kept = result.amount * (costs_.retained() - goods) - varying;
        return result;
    }

  private:
    const PortfolioColumns& columns_;
    CostChange costs_;
    OrderProducts products_;
};

CUSTFOLIO_INLINE double next_multiple(double value, double step) {
    return step * std::max(1.0, std::ceil(value / step - 1e-9));
}

/// Shares rows among cells: the partition of minima in their order that adds the least to them, weighted by orders.
CUSTFOLIO_INLINE std::vector<std::size_t> share_rows(const std::vector<double>& minimum,
                                                     const std::vector<double>& weight, std::size_t rows) {
    const std::size_t n = minimum.size();
    const std::size_t most = std::min(rows, n);
    // added[r][j]: the least that is added to the first j minima in r rows; each row has the largest of its minima.
    std::vector<std::vector<double>> added(most + 1,
                                           std::vector<double>(n + 1, std::numeric_limits<double>::infinity()));
    std::vector<std::vector<std::size_t>> start(most + 1, std::vector<std::size_t>(n + 1, 0));
    added[0][0] = 0;
    for (std::size_t r = 1; r <= most; ++r) {
        for (std::size_t j = 1; j <= n; ++j) {
            double sum = 0;
            for (std::size_t i = j; i-- > 0;) {
                sum += weight[i] * (minimum[j - 1] - minimum[i]);
                if (added[r - 1][i] + sum < added[r][j]) {
                    added[r][j] = added[r - 1][i] + sum;
                    start[r][j] = i;
                }
            }
        }
    }
    // Equal minima need no second row: the fewest rows of the least sum.
    std::size_t best = most;
    while (best > 1 && added[best - 1][n] <= added[best][n]) --best;
    std::vector<std::size_t> row(n, 0);
    std::size_t end = n;
    for (std::size_t r = best; r > 0; --r) {
        for (std::size_t i = start[r][end]; i < end; ++i) row[i] = r - 1;
        end = start[r][end];
    }
    return row;
}

CUSTFOLIO_INLINE void check_price_list(const Portfolio& portfolio, const PriceListOptions& options) {
    portfolio.require_heat("a price list");
    const PortfolioColumns& columns = portfolio.columns();
    if (columns.orders.begin.empty()) throw InputError("a price list needs orders, and the portfolio has none");
    if (columns.goods.empty()) throw InputError("a price list needs the cost of goods of every customer");
    if (!(std::abs(options.target) < 1)) {
        throw InputError("target temperature is " + number_text(options.target) + "; it is a fraction in (-1, 1)");
    }
    for (const auto& [step, name] : {std::pair{options.step, "step"}, std::pair{options.fee_step, "fee step"}}) {
        if (!(step > 0) || std::isinf(step)) {
            throw InputError("price list: " + std::string(name) + " is " + number_text(step) + "; it must be > 0");
        }
    }
    if (options.rows == 0) throw InputError("price list: it must have one row or more");
    if (options.cell.empty()) return;
    if (options.cell.size() != portfolio.size()) {
        throw InputError("price list: " + std::to_string(options.cell.size()) + " zones for " +
                         std::to_string(portfolio.size()) + " customers; each must have one");
    }
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        if (options.cell[i] < 0 || static_cast<std::size_t>(options.cell[i]) >= options.cells) {
            throw InputError("price list: customer " + portfolio.at(i).id() + " is in zone " +
                             std::to_string(options.cell[i]) + "; there are " + std::to_string(options.cells));
        }
    }
}

/// The table: rows of the cells that have a break-even, and each cell's row.
CUSTFOLIO_INLINE void make_rows(const PriceListOptions& options, PriceList& list) {
    std::vector<std::size_t> order;
    for (std::size_t c = 0; c < list.cells.size(); ++c) {
        list.cells[c].row = no_cell_row;
        if (list.cells[c].break_even > 0) order.push_back(c);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return list.cells[a].break_even < list.cells[b].break_even; });
    std::vector<double> minimum;
    std::vector<double> weight;
    for (const std::size_t c : order) {
        minimum.push_back(next_multiple(list.cells[c].break_even, options.step));
        weight.push_back(static_cast<double>(list.cells[c].orders));
    }
    if (order.empty()) return;
    const std::vector<std::size_t> row = share_rows(minimum, weight, options.rows);
    list.rows.resize(row.back() + 1);
    for (std::size_t k = 0; k < order.size(); ++k) {
        PriceCell& cell = list.cells[order[k]];
        PriceRow& of = list.rows[row[k]];
        cell.row = row[k];
        of.minimum = minimum[k];  // ascending: the last one is the row's
        ++of.cells;
        of.orders += cell.orders;
    }
}

}  // namespace detail

CUSTFOLIO_INLINE PriceList price_list(const Portfolio& portfolio, const CostModel& costs,
                                      const PriceListOptions& options) {
    detail::check_price_list(portfolio, options);
    const PortfolioColumns& columns = portfolio.columns();
    const Orders& orders = columns.orders;
    const detail::OrderCosts cost_of(portfolio, costs);
    PriceList list;
    list.cells.resize(options.cells);
    const auto cell_of = [&](std::size_t customer) -> PriceCell& {
        return list.cells[options.cell.empty() ? 0 : static_cast<std::size_t>(options.cell[customer])];
    };
    std::vector<detail::OrderResult> results(orders.size());
    const auto each_order = [&](auto visit) {
        for (std::size_t i = 0; i < portfolio.size(); ++i) {
            if (!(columns.revenue[i] > 0)) continue;
            for (std::size_t k = orders.begin[i]; k < orders.begin[i + 1]; ++k) {
                if (orders.amount[k] > 0) visit(i, k);
            }
        }
    };
    std::vector<double> kept(options.cells);
    std::size_t last = portfolio.size();
    each_order([&](std::size_t i, std::size_t k) {
        results[k] = cost_of(i, k);
        const detail::OrderResult& one = results[k];
        PriceCell& cell = cell_of(i);
        cell.customers += last == i ? 0 : 1;
        last = i;
        ++cell.orders;
        cell.revenue += one.amount;
        cell.order_cost += one.cost;
        kept[static_cast<std::size_t>(&cell - list.cells.data())] += one.kept;
        const double contribution = one.kept - one.cost;
        if (contribution < 0) {
            cell.loss += contribution;
            list.losing.push_back({k, i, contribution});
        }
    });
    for (std::size_t c = 0; c < list.cells.size(); ++c) {
        PriceCell& cell = list.cells[c];
        const double nothing = std::numeric_limits<double>::quiet_NaN();
        cell.margin = cell.revenue > 0 ? kept[c] / cell.revenue : nothing;
        cell.order_cost = cell.orders > 0 ? cell.order_cost / static_cast<double>(cell.orders) : nothing;
        cell.break_even = cell.margin > options.target ? cell.order_cost / (cell.margin - options.target) : nothing;
    }
    detail::make_rows(options, list);
    // The fee of a row: what the mean order below its minimum falls short of the target.
    std::vector<double> gap(list.rows.size());
    each_order([&](std::size_t i, std::size_t k) {
        PriceCell& cell = cell_of(i);
        const detail::OrderResult& one = results[k];
        if (!(one.amount >= cell.break_even)) ++cell.below;
        if (cell.row == detail::no_cell_row || one.amount >= list.rows[cell.row].minimum) return;
        ++list.rows[cell.row].below;
        gap[cell.row] += one.cost + options.target * one.amount - one.kept;
    });
    const double retained = options.outside_share ? 1 : 1 - costs.revenue_share();
    for (std::size_t r = 0; r < list.rows.size(); ++r) {
        PriceRow& row = list.rows[r];
        if (row.below == 0 || !(retained > options.target) || !(gap[r] > 0)) continue;
        row.fee = detail::next_multiple(gap[r] / static_cast<double>(row.below) / (retained - options.target),
                                        options.fee_step);
    }
    std::stable_sort(list.losing.begin(), list.losing.end(),
                     [](const LosingOrder& a, const LosingOrder& b) { return a.contribution < b.contribution; });
    const TermsCosts resolved(costs, columns.driver_names, orders);
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        const std::size_t r = cell_of(i).row;
        if (r == detail::no_cell_row || orders.begin[i] == orders.begin[i + 1]) continue;
        const PriceRow& row = list.rows[r];
        const Position before{portfolio.at(i).volume(), portfolio.at(i).heat(),
                              orders_of_customer(orders, i, columns.period)};
        const TermsInput input = resolved.input(before);
        Terms fee = Terms::delivery_fee(row.fee, row.minimum);
        fee.outside_share = options.outside_share;
        const Outcome pays = resolved.outcome(fee, input, before.heat);
        const Outcome waits = resolved.outcome(Terms::minimum_order(row.minimum), input, before.heat);
        list.effects.push_back({i, r, charged_units(fee, input), pays.revenue_change, pays.heat_change,
                                waits.heat_change, pays.temperature, waits.temperature, waits.after.deliveries});
    }
    for (PriceCell& cell : list.cells) cell.row = std::min(cell.row, list.rows.size());
    return list;
}

}  // namespace custfolio
