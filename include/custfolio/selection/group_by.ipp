// Definitions of the statement by groups: sums by customer and cells, then charges, then groups.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/detail/elements.hpp"
#include "custfolio/ledger/detail/key_table.hpp"
#include "custfolio/ledger/detail/ledger_events.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/detail/price_amounts.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/statement.ipp"

namespace custfolio {
namespace detail {

/// What the rows of a customer and group add up to.
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
CUSTFOLIO_INLINE std::size_t count_cells(const GroupDimension& dimension, std::size_t rows, std::size_t days,
                                         std::size_t customers) {
    const std::string name = "by: dimension '" + dimension.name + "'";
    const auto require_length = [&](std::size_t count, std::size_t expected, const char* what) {
        if (count != 0 && count != expected) {
            throw InputError(name + " has " + std::to_string(count) + " entries for " + std::to_string(expected) + " " +
                             what);
        }
    };
    require_length(dimension.of_row.size(), rows, "rows");
    require_length(dimension.of_day.size(), days, "days of the period");
    require_length(dimension.of_customer.size(), customers, "customers");
    std::int32_t highest = -1;
    for (const std::span<const std::int32_t> cells :
         {std::span<const std::int32_t>(dimension.of_row), std::span<const std::int32_t>(dimension.of_day),
          std::span<const std::int32_t>(dimension.of_customer)}) {
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

/// Sums per customer and combination of cells: measures of rows, and costs by element.
struct GroupCells {
    std::vector<std::int32_t> customer;
    std::vector<std::int64_t> combination;
    std::vector<bool> replaced;  ///< The cell of a customer without rows, whose events have other cells.
    std::size_t row_cells = 0;   ///< Cells with rows, which come first.
    std::size_t measures = 0;
    std::size_t elements = 0;
    std::vector<math::CompensatedSum> sum;   ///< Cells x measures.
    std::vector<math::CompensatedSum> cost;  ///< Cells x elements: of events, currency.
    std::vector<double> magnitude;           ///< Cells x elements: sum of absolute costs.
    std::vector<std::size_t> of_row;         ///< Cell per row of the ledger; 0 outside of the period.
    KeyTable<std::pair<std::int32_t, std::int64_t>> numbers;

    std::size_t number(std::int32_t of_customer, std::int64_t of_combination) {
        const auto cell = static_cast<std::size_t>(numbers.number({of_customer, of_combination}));
        if (cell == customer.size()) {
            customer.push_back(of_customer);
            combination.push_back(of_combination);
            replaced.push_back(false);
            sum.resize(sum.size() + measures);
            cost.resize(cost.size() + elements);
            magnitude.resize(magnitude.size() + elements);
        }
        return cell;
    }
    void add_cost(std::size_t cell, std::size_t element, double amount) {
        cost[cell * elements + element] += amount;
        magnitude[cell * elements + element] += std::abs(amount);
    }
    [[nodiscard]] double at(std::size_t cell, std::size_t measure) const {
        return sum[cell * measures + measure].value();
    }
};

CUSTFOLIO_INLINE double lines_of(const LedgerView& ledger, std::size_t row) {
    return ledger.lines.empty() ? 1.0 : ledger.lines[row];
}

/// Sums the rows of the period by customer and combination of cells; active customers without rows get an empty cell.
CUSTFOLIO_INLINE GroupCells sum_cells(const LedgerView& ledger, std::span<const GroupDimension> dimensions,
                                      const Combinations& combinations, Period period,
                                      std::span<const std::uint32_t> rows, std::span<const std::int32_t> active,
                                      std::size_t elements) {
    GroupCells cells;
    cells.measures = fixed_measures + ledger.drivers.size();
    cells.elements = elements;
    cells.of_row.resize(ledger.rows());
    const auto of_customer = [](const GroupDimension& dimension, std::int32_t customer) {
        return dimension.of_customer.empty() ? -1 : dimension.of_customer[static_cast<std::size_t>(customer)];
    };
    std::vector<bool> has_rows(ledger.customers(), false);
    const auto rebate = ledger.rebate();
    for (const std::uint32_t row : rows) {
        const std::int32_t customer = ledger.customer[row];
        has_rows[static_cast<std::size_t>(customer)] = true;
        std::int64_t combination = 0;
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            const GroupDimension& dimension = dimensions[d];
            std::int32_t cell = -1;
            if (!dimension.of_day.empty()) {
                cell = dimension.of_day[static_cast<std::size_t>(ledger.day[row] - period.first)];
            } else {
                cell = dimension.of_row.empty() ? of_customer(dimension, customer) : dimension.of_row[row];
            }
            combination += combinations.digit(d, cell);
        }
        cells.of_row[row] = cells.number(customer, combination);
        math::CompensatedSum* const sum = &cells.sum[cells.of_row[row] * cells.measures];
        sum[of_revenue] += net_revenue(ledger, rebate, row);
        if (!ledger.cost.empty()) sum[of_goods] += ledger.cost[row];
        sum[of_rows] += 1;
        sum[of_lines] += lines_of(ledger, row);
        if (!ledger.quantity.empty()) {
            sum[ledger.quantity[row] < 0 ? of_returned : of_sold] += std::abs(ledger.quantity[row]);
        }
        for (std::size_t d = 0; d < ledger.drivers.size(); ++d)
            sum[fixed_measures + d] += ledger.drivers[d].values[row];
    }
    cells.row_cells = cells.customer.size();
    for (const std::int32_t customer : active) {
        if (has_rows[static_cast<std::size_t>(customer)]) continue;
        std::int64_t combination = 0;
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            combination += combinations.digit(d, of_customer(dimensions[d], customer));
        }
        cells.sum[cells.number(customer, combination) * cells.measures + of_rows] += 1;
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

/// A cost per unit of an event driver, which is part of an element.
struct EventCost {
    std::size_t element = 0;
    std::vector<double> rate{};  ///< Per span of days, currency.
};

/// Places the costs of events in the cells of their rows and days. What a customer has without events is shared.
class CostPlacer {
  public:
    CostPlacer(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
               std::span<const GroupDimension> dimensions, const Combinations& combinations,
               const StatementOptions& options, std::span<const std::int32_t> active, GroupCells& cells)
        : statement_(statement),
          ledger_(ledger),
          dimensions_(dimensions),
          combinations_(combinations),
          options_(options),
          active_(active),
          cells_(cells),
          period_(statement.portfolio().period()),
          from_(costs.changes(period_)),
          revenue_share_(costs.revenue_share()) {
        for (std::size_t e = 0; e < statement.costs().element.size(); ++e) add_element(costs, e);
    }

    /// Places the lines, deliveries and returns of the ledger.
    void place_rows(std::span<const std::uint32_t> rows, std::span<const double> key) const {
        if (rows.empty()) return;
        const std::size_t customers = ledger_.customers();
        std::vector<DayNumber> first_day(customers, period_.first - 1);
        for (std::size_t i = 0; i < active_.size(); ++i) {
            first_day[static_cast<std::size_t>(active_[i])] = statement_.portfolio().columns().first_day[i];
        }
        const LedgerEvents events(ledger_, from_, driver_, {.tables = {}, .first_day = first_day});
        std::vector<std::size_t> begin(customers + 1);
        for (const std::uint32_t row : rows) ++begin[static_cast<std::size_t>(ledger_.customer[row]) + 1];
        for (std::size_t i = 0; i < customers; ++i) begin[i + 1] += begin[i];
        std::vector<std::uint32_t> by_customer(rows.size());
        std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
        for (const std::uint32_t row : rows) by_customer[next[static_cast<std::size_t>(ledger_.customer[row])]++] = row;
        for (std::size_t i = 0; i < customers; ++i) {
            const auto own = std::span<const std::uint32_t>(by_customer).subspan(begin[i], begin[i + 1] - begin[i]);
            if (!own.empty()) place_customer(events, i, own, key);
        }
    }

    /// Places the events of the tables.
    void place_tables() const {
        // Events of a customer that have the same cells are added first.
        KeyTable<std::pair<std::int32_t, std::int64_t>> days;
        std::vector<math::CompensatedSum> cost;
        const std::size_t elements = cells_.elements;
        std::vector<bool> is_active(ledger_.customers(), false);
        for (const std::int32_t code : active_) is_active[static_cast<std::size_t>(code)] = true;
        for (std::size_t k = 0; k < driver_.size(); ++k) {
            const auto table = detail::find(options_.events, driver_[k].event, &EventTable::name);
            if (table == options_.events.end()) continue;
            check_event_table(*table, ledger_.customers());
            each_event(*table, driver_[k], period_, [&](std::size_t row, double units) {
                const std::int32_t code = table->customer[row];
                if (code < 0 || !is_active[static_cast<std::size_t>(code)] || units == 0) return;
                std::int64_t digits = 0;
                for (std::size_t d = 0; d < dimensions_.size(); ++d) {
                    if (dimensions_[d].of_day.empty()) continue;
                    const auto day = static_cast<std::size_t>(table->day[row] - period_.first);
                    digits += combinations_.digit(d, dimensions_[d].of_day[day]);
                }
                const auto place = static_cast<std::size_t>(days.number({code, digits}));
                if (place * elements == cost.size()) cost.resize(cost.size() + elements);
                cost[place * elements + cost_[k].element] += units * rate_on(k, table->day[row]);
            });
        }
        if (days.keys().empty()) return;
        const std::vector<double> share =
            share_over_cells(cells_, std::vector<double>(ledger_.customers(), 1.0), of_lines);
        std::vector<std::vector<std::size_t>> own(ledger_.customers());
        for (std::size_t c = 0; c < share.size(); ++c) {
            own[static_cast<std::size_t>(cells_.customer[c])].push_back(c);
        }
        for (std::size_t place = 0; place < days.keys().size(); ++place) {
            const auto [code, digits] = days.keys()[place];
            for (const std::size_t c : own[static_cast<std::size_t>(code)]) {
                std::int64_t combination = cells_.combination[c] + digits;
                for (std::size_t d = 0; d < dimensions_.size(); ++d) {
                    if (dimensions_[d].of_day.empty()) continue;
                    combination -= combinations_.digit(d, combinations_.cell(d, cells_.combination[c]));
                }
                const std::size_t cell = cells_.number(code, combination);
                if (cell != c && c >= cells_.row_cells) cells_.replaced[c] = true;
                for (std::size_t e = 0; e < elements; ++e) {
                    cells_.add_cost(cell, e, share[c] * cost[place * elements + e].value());
                }
            }
        }
    }

    /// The cost of an element by cell, what has no event included.
    [[nodiscard]] std::vector<double> cost_of_cells(std::size_t element) const {
        std::vector<math::CompensatedSum> placed(ledger_.customers());
        std::vector<double> magnitude(placed.size(), 0.0);
        for (std::size_t c = 0; c < cells_.customer.size(); ++c) {
            const auto customer = static_cast<std::size_t>(cells_.customer[c]);
            placed[customer] += cells_.cost[c * cells_.elements + element].value();
            magnitude[customer] += cells_.magnitude[c * cells_.elements + element];
        }
        const std::string& name = statement_.costs().element[element];
        std::vector<double> rest(placed.size(), 0.0);
        for (std::size_t i = 0; i < active_.size(); ++i) {
            const auto customer = static_cast<std::size_t>(active_[i]);
            const double charged = statement_.costs().charged(i, element);
            const double lacking = charged - placed[customer].value();
            // Nothing but rounding gets no cell.
            if (std::abs(lacking) > 1e-12 * magnitude[customer]) rest[customer] = lacking;
            if (own_[element] || same_to_the_cent(charged, placed[customer].value())) continue;
            throw InputError("by: " + name + " of customer " + statement_.portfolio().columns().id[i] + " is " +
                             number_text(charged) + " in the statement, but its events sum to " +
                             number_text(placed[customer].value()) +
                             "; ledger, cost model and options must be those of the statement");
        }
        std::vector<double> cost =
            share_over_cells(cells_, rest, name == revenue_share_element ? of_revenue : of_lines);
        for (std::size_t c = 0; c < cost.size(); ++c) cost[c] += cells_.cost[c * cells_.elements + element].value();
        return cost;
    }

  private:
    /// Adds the event drivers of an element, and whether customers have some of it without events.
    void add_element(const CostModel& costs, std::size_t element) {
        const std::string& name = statement_.costs().element[element];
        const auto add = [&](const std::optional<EventDriver>& event, std::vector<double> rate) {
            if (!event) return;
            driver_.push_back(*event);
            cost_.push_back({element, std::move(rate)});
        };
        bool own = has_own_driver(options_, name);
        if (const auto rate = detail::find(costs.rates(), name, &Rate::driver); rate != costs.rates().end()) {
            add(event_of_driver(name, ledger_, options_.events), span_amounts(*rate, from_));
        } else if (const auto pool = detail::find(costs.pools(), name, &Pool::name); pool != costs.pools().end()) {
            for (const Activity& activity : costs.activities()) {
                if (activity.pool != name) continue;
                own |= has_own_driver(options_, activity.event);
                for (const TimeTerm& term : activity.minutes) {
                    std::vector<double> rates = span_rates(*pool, from_);
                    for (double& one : rates) one *= term.minutes;
                    add(event_of_term(activity, term, ledger_, options_.events), std::move(rates));
                }
            }
        } else if (name == revenue_share_element) {
            own |= has_own_driver(options_, "rebate");
            share_element_ = element;
        }
        own_.push_back(own);
    }

    [[nodiscard]] double rate_on(std::size_t driver, DayNumber day) const {
        return cost_[driver].rate[span_of_day(from_, day)];
    }

    /// Places the rows and documents of a customer.
    void place_customer(const LedgerEvents& events, std::size_t customer, std::span<const std::uint32_t> rows,
                        std::span<const double> key) const {
        const auto rebate = ledger_.rebate();
        for (const std::uint32_t row : rows) {
            if (!share_element_) break;
            cells_.add_cost(cells_.of_row[row], *share_element_, revenue_share_ * net_revenue(ledger_, rebate, row));
        }
        events.each_line(rows, [&](std::size_t k, std::size_t row, double units) {
            cells_.add_cost(cells_.of_row[row], cost_[k].element, units * rate_on(k, ledger_.day[row]));
        });
        const LedgerDocuments found = events.documents(customer, rows);
        std::vector<double> part(rows.size());  // of its document, by place in `found.row`
        for (const LedgerDocument& document : found.document) {
            double of_key = 0;
            double lines = 0;
            for (std::size_t k = document.begin; k < document.end; ++k) {
                if (!key.empty()) of_key += key[found.row[k]];
                lines += lines_of(ledger_, found.row[k]);
            }
            for (std::size_t k = document.begin; k < document.end; ++k) {
                const std::size_t row = found.row[k];
                part[k] = of_key > 0  ? key[row] / of_key
                          : lines > 0 ? lines_of(ledger_, row) / lines
                                      : 1 / static_cast<double>(document.end - document.begin);
                math::CompensatedSum* const sum = &cells_.sum[cells_.of_row[row] * cells_.measures];
                if (document.sum.is_delivery()) sum[of_deliveries] += part[k];
                if (document.sum.is_return()) sum[of_returns] += part[k];
            }
        }
        events.each_document(found, [&](std::size_t d, std::size_t place, double units) {
            const LedgerDocument& document = found.document[place];
            const double cost = units * rate_on(d, document.day);
            for (std::size_t k = document.begin; k < document.end; ++k) {
                cells_.add_cost(cells_.of_row[found.row[k]], cost_[d].element, cost * part[k]);
            }
        });
    }

    const Statement& statement_;
    const LedgerView& ledger_;
    std::span<const GroupDimension> dimensions_;
    const Combinations& combinations_;
    const StatementOptions& options_;
    std::span<const std::int32_t> active_;
    GroupCells& cells_;
    Period period_;
    std::vector<DayNumber> from_;
    double revenue_share_;
    std::optional<std::size_t> share_element_;  ///< Place of the revenue share.
    std::vector<EventDriver> driver_;           ///< Of all elements.
    std::vector<EventCost> cost_;               ///< Per entry of `driver_`.
    std::vector<bool> own_;                     ///< Per element: customers have some of it without events.
};

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

CUSTFOLIO_INLINE std::vector<std::int32_t> months_of(Period period) {
    std::vector<std::int32_t> months;
    for (DayNumber day = period.first; day <= period.last; ++day) {
        months.push_back(Month::of(day) - period.first_month());
    }
    return months;
}

CUSTFOLIO_INLINE GroupedStatement group_by(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
                                           std::span<const GroupDimension> dimensions, const StatementOptions& options,
                                           std::span<const double> key) {
    const PortfolioColumns& columns = statement.portfolio().columns();
    const std::size_t elements = statement.costs().element.size();
    const std::size_t customers = ledger.customers();
    const auto days = static_cast<std::size_t>(columns.period.days());
    std::vector<std::size_t> sizes;
    for (const GroupDimension& dimension : dimensions) {
        sizes.push_back(detail::count_cells(dimension, ledger.rows(), days, customers));
    }
    const detail::Combinations combinations(sizes);
    const std::vector<std::int32_t> active = detail::codes_of(statement.portfolio(), ledger, "by");
    const auto rows = detail::rows_of_period(ledger, columns.period, key);
    detail::GroupCells cells =
        detail::sum_cells(ledger, dimensions, combinations, columns.period, rows, active, elements);
    const CostModel charged = with_direct_costs(costs, columns.driver_names);
    const detail::CostPlacer placer(statement, ledger, charged, dimensions, combinations, options, active, cells);
    placer.place_rows(rows, key);
    placer.place_tables();

    // Amounts per customer become amounts per cell.
    const auto by_code = [&](auto amount_of) {
        std::vector<double> amount(customers, 0.0);
        for (std::size_t k = 0; k < active.size(); ++k) {
            amount[static_cast<std::size_t>(active[k])] = amount_of(k);
        }
        return amount;
    };
    std::vector<std::vector<double>> amounts;  // of cells: the cost elements, then what is there of the others
    for (std::size_t e = 0; e < elements; ++e) amounts.push_back(placer.cost_of_cells(e));
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
        const auto nothing = [&](const std::vector<double>& amount) { return amount[c] == 0; };
        if (cells.replaced[c] && detail::all_of(amounts, nothing)) continue;
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
    result.charged = Matrix(count, elements);
    result.cost_to_serve.assign(count, 0.0);
    for (std::size_t g = 0; g < count; ++g) {
        for (std::size_t e = 0; e < elements; ++e) {
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
