// Definitions of the statement by groups: sums by customer and cells, then charges, then groups.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/ledger/detail/event_sum.hpp"
#include "custfolio/ledger/detail/key_table.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/detail/price_amounts.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/statement.ipp"

namespace custfolio {
namespace detail {

/// What the rows of a customer and group add up to. Costs are shared by these measures.
enum Measure : std::size_t { of_revenue, of_goods, of_rows, of_lines, of_sold, of_returned, of_deliveries, of_returns };
inline constexpr std::size_t fixed_measures = of_returns + 1;

/// Numbers the combinations of cells: each dimension is a digit, the first the highest.
class Combinations {
  public:
    explicit Combinations(std::span<const std::size_t> sizes) : stride_(sizes.size()) {
        std::int64_t count = 1;
        for (std::size_t d = sizes.size(); d-- > 0;) {
            stride_[d] = count;
            const auto digits = static_cast<std::int64_t>(sizes[d] + 1);  // none is one more
            if (count > (std::int64_t{1} << 62) / digits) throw InputError("by: more than 2^62 possible groups");
            count *= digits;
        }
        size_.assign(sizes.begin(), sizes.end());
    }
    [[nodiscard]] std::int64_t digit(std::size_t d, std::int32_t cell) const {
        return stride_[d] * (cell < 0 ? static_cast<std::int64_t>(size_[d]) : cell);
    }
    [[nodiscard]] std::int32_t cell(std::size_t d, std::int64_t combination) const {
        const auto value = combination / stride_[d] % static_cast<std::int64_t>(size_[d] + 1);
        return value == static_cast<std::int64_t>(size_[d]) ? -1 : static_cast<std::int32_t>(value);
    }

  private:
    std::vector<std::int64_t> stride_;
    std::vector<std::size_t> size_;
};

/// The number of cells of a dimension, all of its entries checked.
CUSTFOLIO_INLINE std::size_t count_cells(const GroupDimension& dimension, std::size_t rows, std::size_t customers) {
    const std::string name = "by: dimension '" + dimension.name + "'";
    const auto require_length = [&](std::size_t count, std::size_t expected, const char* what) {
        if (count != 0 && count != expected) {
            throw InputError(name + " has " + std::to_string(count) + " entries for " + std::to_string(expected) + " " +
                             what);
        }
    };
    require_length(dimension.of_row.size(), rows, "rows");
    require_length(dimension.of_customer.size(), customers, "customers");
    std::int32_t highest = -1;
    for (const std::span<const std::int32_t> cells :
         {std::span<const std::int32_t>(dimension.of_row), std::span<const std::int32_t>(dimension.of_customer)}) {
        for (const std::int32_t cell : cells) {
            if (cell < -1) throw InputError(name + " has the value " + std::to_string(cell) + "; none is -1");
            highest = std::max(highest, cell);
        }
    }
    const auto cells = static_cast<std::size_t>(highest + 1);
    if (dimension.begin.empty()) return cells;
    const bool fits = cells < dimension.begin.size() && dimension.begin.back() == dimension.value.size() &&
                      dimension.value.size() == dimension.share.size() &&
                      std::is_sorted(dimension.begin.begin(), dimension.begin.end()) &&
                      detail::all_of(dimension.value, [](std::int32_t value) { return value >= 0; });
    if (!fits) throw InputError(name + ": cells, values and shares do not belong together");
    for (std::size_t cell = 0; cell < cells; ++cell) {
        double sum = 0;
        for (std::size_t k = dimension.begin[cell]; k < dimension.begin[cell + 1]; ++k) sum += dimension.share[k];
        if (!(std::abs(sum - 1) < 1e-9)) {
            throw InputError(name + ": the shares of a cell sum to " + number_text(sum) + "; they must sum to 1");
        }
    }
    return dimension.begin.size() - 1;
}

/// Number of values, and the values and shares of a cell.
struct CellValues {
    const GroupDimension* dimension;

    [[nodiscard]] std::size_t values(std::size_t cells) const {
        if (dimension->begin.empty()) return cells;
        return dimension->value.empty() ? 0 : static_cast<std::size_t>(detail::max(dimension->value)) + 1;
    }
    template <class Visit>
    void each(std::int32_t cell, Visit visit) const {
        if (cell < 0 || dimension->begin.empty()) return visit(cell, 1.0);
        const auto place = static_cast<std::size_t>(cell);
        for (std::size_t k = dimension->begin[place]; k < dimension->begin[place + 1]; ++k) {
            visit(dimension->value[k], dimension->share[k]);
        }
    }
};

/// Sums of measures per customer and combination of cells.
struct GroupCells {
    std::vector<std::int32_t> customer;
    std::vector<std::int64_t> combination;
    std::size_t measures = 0;
    std::vector<math::CompensatedSum> sum;  ///< Cells x measures.

    [[nodiscard]] double at(std::size_t cell, std::size_t measure) const {
        return sum[cell * measures + measure].value();
    }
};

/// Each row's part of its delivery or return, by the key; 0 for rows of neither.
struct EventParts {
    std::vector<std::uint32_t> event;  ///< Per row of the period.
    std::vector<EventSum> sum;
    std::vector<double> key;
    std::vector<double> lines;
    std::vector<double> rows;
};

CUSTFOLIO_INLINE double lines_of(const LedgerView& ledger, std::size_t row) {
    return ledger.lines.empty() ? 1.0 : ledger.lines[row];
}

CUSTFOLIO_INLINE EventParts event_parts(const LedgerView& ledger, std::span<const std::uint32_t> rows,
                                        std::span<const double> key) {
    EventParts parts;
    parts.event.reserve(rows.size());
    EventNumbers events;
    for (const std::uint32_t row : rows) {
        const std::size_t number = events.number({ledger.customer[row], event_key(ledger, row)});
        if (number == parts.sum.size()) {
            parts.sum.emplace_back();
            for (std::vector<double>* column : {&parts.key, &parts.lines, &parts.rows}) column->push_back(0.0);
        }
        parts.event.push_back(static_cast<std::uint32_t>(number));
        parts.sum[number].add(ledger.revenue[row], ledger.quantity, row);
        parts.lines[number] += lines_of(ledger, row);
        parts.rows[number] += 1;
        if (!key.empty()) parts.key[number] += key[row];
    }
    return parts;
}

/// The measure that an element's cost is shared by.
CUSTFOLIO_INLINE std::size_t measure_of(const std::string& element, const LedgerView& ledger) {
    constexpr std::array<std::pair<std::string_view, std::size_t>, 6> known{{{"deliveries", of_deliveries},
                                                                             {"returns", of_returns},
                                                                             {"lines", of_lines},
                                                                             {"quantity", of_sold},
                                                                             {"returned_quantity", of_returned},
                                                                             {"revenue share", of_revenue}}};
    for (const auto& [name, measure] : known) {
        if (element == name) return measure;
    }
    for (std::size_t d = 0; d < ledger.drivers.size(); ++d) {
        if (element == ledger.drivers[d].name) return fixed_measures + d;
    }
    return of_lines;
}

/// Sums the rows of the period by customer and combination of cells; active customers without rows get an empty cell.
CUSTFOLIO_INLINE GroupCells sum_cells(const LedgerView& ledger, std::span<const GroupDimension> dimensions,
                                      const Combinations& combinations, std::span<const std::uint32_t> rows,
                                      std::span<const double> key, std::span<const std::int32_t> active) {
    const EventParts parts = event_parts(ledger, rows, key);
    GroupCells cells;
    cells.measures = fixed_measures + ledger.drivers.size();
    KeyTable<std::pair<std::int32_t, std::int64_t>> numbers;
    const auto cell_of = [&](std::int32_t customer, std::int64_t combination) {
        const auto cell = static_cast<std::size_t>(numbers.number({customer, combination}));
        if (cell == cells.customer.size()) {
            cells.customer.push_back(customer);
            cells.combination.push_back(combination);
            cells.sum.resize(cells.sum.size() + cells.measures);
        }
        return cell;
    };
    const auto of_customer = [](const GroupDimension& dimension, std::int32_t customer) {
        return dimension.of_customer.empty() ? -1 : dimension.of_customer[static_cast<std::size_t>(customer)];
    };
    std::vector<bool> has_rows(ledger.customers(), false);
    const auto rebate = ledger.rebate();
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const std::uint32_t row = rows[k];
        const std::int32_t customer = ledger.customer[row];
        has_rows[static_cast<std::size_t>(customer)] = true;
        std::int64_t combination = 0;
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            const GroupDimension& dimension = dimensions[d];
            combination += combinations.digit(
                d, dimension.of_row.empty() ? of_customer(dimension, customer) : dimension.of_row[row]);
        }
        math::CompensatedSum* const sum = &cells.sum[cell_of(customer, combination) * cells.measures];
        const double lines = lines_of(ledger, row);
        sum[of_revenue] += net_revenue(ledger, rebate, row);
        if (!ledger.cost.empty()) sum[of_goods] += ledger.cost[row];
        sum[of_rows] += 1;
        sum[of_lines] += lines;
        if (!ledger.quantity.empty()) {
            sum[ledger.quantity[row] < 0 ? of_returned : of_sold] += std::abs(ledger.quantity[row]);
        }
        const std::size_t event = parts.event[k];
        const double part = parts.key[event] > 0     ? key[row] / parts.key[event]
                            : parts.lines[event] > 0 ? lines / parts.lines[event]
                                                     : 1 / parts.rows[event];
        if (parts.sum[event].is_delivery()) sum[of_deliveries] += part;
        if (parts.sum[event].is_return()) sum[of_returns] += part;
        for (std::size_t d = 0; d < ledger.drivers.size(); ++d)
            sum[fixed_measures + d] += ledger.drivers[d].values[row];
    }
    for (const std::int32_t customer : active) {
        if (has_rows[static_cast<std::size_t>(customer)]) continue;
        std::int64_t combination = 0;
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            combination += combinations.digit(d, of_customer(dimensions[d], customer));
        }
        cells.sum[cell_of(customer, combination) * cells.measures + of_rows] += 1;
    }
    return cells;
}

/// Shares amounts of customers over their cells by a measure. Where a customer's measure is 0, or is nothing but
/// rounding, its cells share by lines, and without lines by rows.
CUSTFOLIO_INLINE std::vector<double> share_over_cells(const GroupCells& cells, std::span<const double> amount,
                                                      std::size_t measure) {
    std::vector<double> shared(cells.customer.size(), 0.0);
    std::vector<bool> left(amount.size(), true);
    for (const std::size_t by : {measure, std::size_t{of_lines}, std::size_t{of_rows}}) {
        std::vector<math::CompensatedSum> total(amount.size());
        std::vector<double> magnitude(amount.size(), 0.0);
        for (std::size_t c = 0; c < shared.size(); ++c) {
            const auto customer = static_cast<std::size_t>(cells.customer[c]);
            total[customer] += cells.at(c, by);
            magnitude[customer] += std::abs(cells.at(c, by));
        }
        std::vector<bool> now(amount.size());
        for (std::size_t i = 0; i < now.size(); ++i) {
            now[i] = left[i] && std::abs(total[i].value()) > 1e-9 * magnitude[i];
        }
        for (std::size_t c = 0; c < shared.size(); ++c) {
            const auto customer = static_cast<std::size_t>(cells.customer[c]);
            if (now[customer]) shared[c] = amount[customer] * (cells.at(c, by) / total[customer].value());
        }
        for (std::size_t i = 0; i < now.size(); ++i) left[i] = left[i] && !now[i];
    }
    return shared;
}

/// A price element by cell: that of the rows, and what customers have beside it.
struct PriceCells {
    std::vector<double> all;
    std::vector<double> beside_rows;  ///< Shared by revenue.
};

CUSTFOLIO_INLINE PriceCells price_cells(const GroupCells& cells, const LedgerView& ledger, std::string_view name,
                                        std::vector<double> amount) {
    PriceCells found{std::vector<double>(cells.customer.size()), {}};
    const auto driver = detail::find(ledger.drivers, name, &DriverColumn::name);
    const auto measure = fixed_measures + static_cast<std::size_t>(driver - ledger.drivers.begin());
    for (std::size_t c = 0; driver != ledger.drivers.end() && c < found.all.size(); ++c) {
        found.all[c] = cells.at(c, measure);
        amount[static_cast<std::size_t>(cells.customer[c])] -= found.all[c];
    }
    found.beside_rows = share_over_cells(cells, amount, of_revenue);
    for (std::size_t c = 0; c < found.all.size(); ++c) found.all[c] += found.beside_rows[c];
    return found;
}

/// The rows of the statement's period, all columns that are read checked.
CUSTFOLIO_INLINE std::vector<std::uint32_t> rows_of_period(const LedgerView& ledger, Period period,
                                                           std::span<const double> key) {
    if (!key.empty() && key.size() != ledger.rows()) {
        throw InputError("by: the key has " + std::to_string(key.size()) + " values for " +
                         std::to_string(ledger.rows()) + " rows");
    }
    std::vector<std::uint32_t> rows;
    rows.reserve(ledger.rows());
    for (std::size_t row = 0; row < ledger.rows(); ++row) {
        if (!period.contains(ledger.day[row])) continue;
        if (!key.empty() && !(key[row] >= 0 && std::isfinite(key[row]))) {
            throw InputError("by: the key of row " + std::to_string(row) + " (counted from 0) is " +
                             number_text(key[row]) + "; it must be 0 or more");
        }
        rows.push_back(static_cast<std::uint32_t>(row));
    }
    return rows;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<std::int32_t> months_of(const LedgerView& ledger, Period period) {
    std::vector<std::int32_t> months(ledger.day.size(), -1);
    for (std::size_t row = 0; row < months.size(); ++row) {
        if (row > 0 && ledger.day[row] == ledger.day[row - 1]) {
            months[row] = months[row - 1];
        } else if (period.contains(ledger.day[row])) {
            months[row] = Month::of(ledger.day[row]) - period.first_month();
        }
    }
    return months;
}

CUSTFOLIO_INLINE GroupedStatement group_by(const Statement& statement, const LedgerView& ledger,
                                           std::span<const GroupDimension> dimensions, std::span<const double> key) {
    const PortfolioColumns& columns = statement.portfolio().columns();
    const CostTable& costs = statement.costs();
    const std::size_t customers = ledger.customers();
    std::vector<std::size_t> sizes;
    for (const GroupDimension& dimension : dimensions) {
        sizes.push_back(detail::count_cells(dimension, ledger.rows(), customers));
    }
    const detail::Combinations combinations(sizes);
    const std::vector<std::int32_t> active = detail::codes_of(statement.portfolio(), ledger, "by");
    const auto rows = detail::rows_of_period(ledger, columns.period, key);
    const detail::GroupCells cells = detail::sum_cells(ledger, dimensions, combinations, rows, key, active);

    // Amounts per customer become amounts per cell.
    const auto by_code = [&](auto amount_of) {
        std::vector<double> amount(customers, 0.0);
        for (std::size_t k = 0; k < active.size(); ++k) {
            amount[static_cast<std::size_t>(active[k])] = amount_of(k);
        }
        return amount;
    };
    std::vector<std::vector<double>> amounts;  // of cells: the cost elements, then what is there of the others
    for (std::size_t e = 0; e < costs.element.size(); ++e) {
        amounts.push_back(detail::share_over_cells(cells, by_code([&](std::size_t i) { return costs.charged(i, e); }),
                                                   detail::measure_of(costs.element[e], ledger)));
    }
    constexpr std::size_t none = 0;  // the place of a column that is not there
    const auto add = [&](std::vector<double> cell) {
        amounts.push_back(std::move(cell));
        return detail::fixed_measures + amounts.size() - 1;
    };
    const bool credit = !columns.credit_cost.empty();
    const std::size_t of_credit =
        credit ? add(detail::share_over_cells(cells, by_code([&](std::size_t i) { return columns.credit_cost[i]; }),
                                              detail::of_revenue))
               : none;
    const detail::PriceAmounts prices = detail::price_amounts(columns);
    const auto price = [&](std::string_view name, const Column& column) {
        return detail::price_cells(cells, ledger, name, by_code([&](std::size_t i) { return column[i]; }));
    };
    const std::size_t of_list = prices.list.empty() ? none : add(price("list_price", prices.list).all);
    const std::size_t of_discount = prices.discount.empty() ? none : add(price("discount", prices.discount).all);
    std::size_t of_rebate = none;
    std::size_t of_rebate_beside = none;
    if (!prices.rebate.empty()) {
        detail::PriceCells rebate = price("rebate", prices.rebate);
        of_rebate = add(std::move(rebate.all));
        of_rebate_beside = add(std::move(rebate.beside_rows));
    }

    // Cells with several values are divided, and groups numbered.
    std::vector<std::size_t> values;
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
        values.push_back(detail::CellValues{&dimensions[d]}.values(sizes[d]));
    }
    const detail::Combinations groups_of(values);
    struct Piece {
        std::size_t cell;
        std::int64_t group;
        double share;
    };
    std::vector<Piece> pieces;
    pieces.reserve(cells.customer.size());
    std::vector<std::pair<std::int64_t, double>> split;
    std::vector<std::pair<std::int64_t, double>> next;
    for (std::size_t c = 0; c < cells.customer.size(); ++c) {
        split.assign(1, {0, 1.0});
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            next.clear();
            for (const auto& [group, part] : split) {
                detail::CellValues{&dimensions[d]}.each(
                    combinations.cell(d, cells.combination[c]),
                    [&, group = group, part = part](std::int32_t value, double share) {
                        next.emplace_back(group + groups_of.digit(d, value), part * share);
                    });
            }
            std::swap(split, next);
        }
        for (const auto& [group, share] : split) pieces.push_back({c, group, share});
    }
    std::vector<std::int64_t> group;
    for (const Piece& piece : pieces) group.push_back(piece.group);
    detail::sort(group);
    group.erase(std::unique(group.begin(), group.end()), group.end());

    GroupedStatement result;
    const std::size_t count = group.size();
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
        std::vector<std::int32_t>& value = result.value.emplace_back();
        for (const std::int64_t one : group) value.push_back(groups_of.cell(d, one));
    }
    const std::size_t width = detail::fixed_measures + amounts.size();
    std::vector<math::CompensatedSum> sums(count * width);
    detail::KeyTable<std::pair<std::int32_t, std::int64_t>> seen;
    result.customers.assign(count, 0.0);
    for (const Piece& piece : pieces) {
        const auto place = static_cast<std::size_t>(detail::lower_bound(group, piece.group) - group.begin());
        const std::size_t known = seen.keys().size();
        const std::pair<std::int32_t, std::int64_t> member{cells.customer[piece.cell],
                                                           static_cast<std::int64_t>(place)};
        if (static_cast<std::size_t>(seen.number(member)) == known) result.customers[place] += 1;
        math::CompensatedSum* const sum = &sums[place * width];
        for (std::size_t m = 0; m < detail::fixed_measures; ++m) sum[m] += piece.share * cells.at(piece.cell, m);
        for (std::size_t a = 0; a < amounts.size(); ++a) {
            sum[detail::fixed_measures + a] += piece.share * amounts[a][piece.cell];
        }
    }
    const auto column = [&](std::size_t m) {
        Column sum(count);
        for (std::size_t g = 0; g < count; ++g) sum[g] = sums[g * width + m].value();
        return sum;
    };
    result.revenue = column(detail::of_revenue);
    if (of_list != none) result.list_price = column(of_list);
    if (of_discount != none) result.discount = column(of_discount);
    if (of_rebate != none) {
        result.rebate = column(of_rebate);
        const Column beside = column(of_rebate_beside);
        for (std::size_t g = 0; g < count; ++g) result.revenue[g] -= beside[g];
    }
    if (!ledger.cost.empty()) result.goods = column(detail::of_goods);
    result.lines = column(detail::of_lines);
    result.quantity = column(detail::of_sold);
    result.returned_quantity = column(detail::of_returned);
    result.deliveries = column(detail::of_deliveries);
    result.returns = column(detail::of_returns);
    if (credit) result.credit_cost = column(of_credit);
    result.charged = Matrix(count, costs.element.size());
    result.cost_to_serve.assign(count, 0.0);
    for (std::size_t g = 0; g < count; ++g) {
        for (std::size_t e = 0; e < costs.element.size(); ++e) {
            result.charged(g, e) = sums[g * width + detail::fixed_measures + e].value();
            result.cost_to_serve[g] += result.charged(g, e);
        }
    }
    if (result.goods.empty()) return result;
    for (std::size_t g = 0; g < count; ++g) {
        const double heat =
            result.revenue[g] - result.goods[g] - result.cost_to_serve[g] - (credit ? result.credit_cost[g] : 0.0);
        result.contribution.push_back(heat);
        result.temperature.push_back(temperature_of(result.revenue[g], heat));
    }
    return result;
}

}  // namespace custfolio
