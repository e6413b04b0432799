// Definitions of the statement by groups: the cells of each customer, their costs, then groups.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/detail/elements.hpp"
#include "custfolio/ledger/detail/key_table.hpp"
#include "custfolio/ledger/detail/ledger_events.hpp"
#include "custfolio/ledger/detail/row_groups.hpp"
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
        count_ = count;
    }
    [[nodiscard]] std::int64_t count() const { return count_; }
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
    std::int64_t count_ = 1;
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

/// Sums of one customer by combination of cells: measures of rows, and costs.
class CustomerCells {
  public:
    CustomerCells(std::size_t measures, std::size_t costs) : measures_(measures), costs_(costs) {}

    [[nodiscard]] std::size_t size() const { return combinations_.keys().size(); }
    [[nodiscard]] std::int64_t combination(std::size_t cell) const { return combinations_.keys()[cell]; }
    [[nodiscard]] std::span<math::CompensatedSum> sums(std::size_t cell) {
        return std::span(sum_).subspan(cell * measures_, measures_);
    }
    [[nodiscard]] double at(std::size_t cell, std::size_t measure) const {
        return sum_[cell * measures_ + measure].value();
    }
    [[nodiscard]] double cost(std::size_t cell, std::size_t k) const { return cost_[cell * costs_ + k].value(); }
    /// Sum of absolute costs.
    [[nodiscard]] double magnitude(std::size_t cell, std::size_t k) const { return magnitude_[cell * costs_ + k]; }

    void clear() {
        combinations_.clear();
        sum_.clear();
        cost_.clear();
        magnitude_.clear();
        for (std::vector<double>& share : share_) share.clear();
    }
    /// The cell of a combination, which is added where it is new.
    std::size_t number(std::int64_t combination) {
        const auto cell = static_cast<std::size_t>(combinations_.number(combination));
        if (cell * measures_ == sum_.size()) {
            sum_.resize(sum_.size() + measures_);
            cost_.resize(cost_.size() + costs_);
            magnitude_.resize(magnitude_.size() + costs_);
        }
        return cell;
    }
    void add_cost(std::size_t cell, std::size_t k, double amount) {
        cost_[cell * costs_ + k] += amount;
        magnitude_[cell * costs_ + k] += std::abs(amount);
    }
    /// The parts of the cells in what the customer has, by revenue or lines. Where that measure is 0, or is nothing but
    /// rounding, the parts are by lines, and without lines by rows. Cells that are added later have no part.
    const std::vector<double>& shares(Measure measure) {
        std::vector<double>& share = share_[measure == of_revenue ? 0 : 1];
        const bool found = !share.empty();
        share.resize(size());
        if (found) return share;
        for (const Measure by : {measure, of_lines, of_rows}) {
            math::CompensatedSum total;
            double magnitude = 0;
            for (std::size_t c = 0; c < size(); ++c) {
                total += at(c, by);
                magnitude += std::abs(at(c, by));
            }
            if (!(std::abs(total.value()) > 1e-9 * magnitude)) continue;
            for (std::size_t c = 0; c < size(); ++c) share[c] = at(c, by) / total.value();
            break;
        }
        return share;
    }

  private:
    std::size_t measures_;
    std::size_t costs_;
    KeyTable<std::int64_t> combinations_;
    std::vector<math::CompensatedSum> sum_;     ///< Cells x measures.
    std::vector<math::CompensatedSum> cost_;    ///< Cells x costs: of events, currency.
    std::vector<double> magnitude_;             ///< Cells x costs: sum of absolute costs.
    std::array<std::vector<double>, 2> share_;  ///< By revenue, by lines; empty: not computed.
};

/// A cost per unit of an event driver, which is part of an element.
struct EventCost {
    std::size_t element = 0;
    std::vector<double> rate{};  ///< Per span of days, currency.
};

/// Costs of customers on days, by the cells that the days have.
class DatedCosts {
  public:
    DatedCosts(std::size_t customers, std::size_t costs) : customers_(customers), costs_(costs) {}

    void add(std::int32_t code, std::int64_t digits, std::size_t k, double amount) {
        const auto place = static_cast<std::size_t>(cells_.number({code, digits}));
        if (place * costs_ == cost_.size()) cost_.resize(cost_.size() + costs_);
        cost_[place * costs_ + k] += amount;
    }
    /// Groups what was added by customer.
    void group() {
        begin_.assign(customers_ + 1, 0);
        for (const auto& [code, digits] : cells_.keys()) ++begin_[static_cast<std::size_t>(code) + 1];
        for (std::size_t i = 0; i < customers_; ++i) begin_[i + 1] += begin_[i];
        place_.resize(cells_.keys().size());
        std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
        for (std::size_t p = 0; p < place_.size(); ++p) {
            place_[next[static_cast<std::size_t>(cells_.keys()[p].first)]++] = p;
        }
    }
    /// Visits the costs of a customer: digits of the days' cells, and the costs.
    template <class Visit>
    void each(std::size_t customer, Visit visit) const {
        for (std::size_t p = begin_[customer]; p < begin_[customer + 1]; ++p) {
            visit(cells_.keys()[place_[p]].second, std::span(cost_).subspan(place_[p] * costs_, costs_));
        }
    }

  private:
    std::size_t customers_;
    std::size_t costs_;
    KeyTable<std::pair<std::int32_t, std::int64_t>> cells_;  ///< Customer and digits.
    std::vector<math::CompensatedSum> cost_;                 ///< Cells x costs.
    std::vector<std::size_t> begin_;                         ///< Per customer, and one past the last.
    std::vector<std::size_t> place_;                         ///< Among the cells, by customer.
};

/// Sums of all customers by group. What is added waits in buckets of neighbouring groups, whose sums the cache holds.
class StatedGroups {
  public:
    /// Of groups from 0 to `most` - 1.
    StatedGroups(std::int64_t most, std::size_t width)
        : width_(width), place_(most <= most_listed ? static_cast<std::size_t>(most) : 0, -1), buckets_(64) {
        while ((most - 1) >> shift_ >= static_cast<std::int64_t>(buckets_.size())) ++shift_;
    }

    /// Adds a share of the values of a customer, who comes after those before it.
    void add(std::int64_t group, std::int32_t customer, double share, std::span<const double> values) {
        Bucket& bucket = buckets_[static_cast<std::size_t>(group >> shift_)];
        bucket.member.emplace_back(group, customer);
        for (const double value : values) bucket.value.push_back(share * value);
        if (bucket.member.size() == bucket_size) empty(bucket);
    }
    /// Adds what waits. Returns the groups that occur, ascending, each with its place.
    [[nodiscard]] std::vector<std::pair<std::int64_t, std::size_t>> finish() {
        for (Bucket& bucket : buckets_) empty(bucket);
        std::vector<std::pair<std::int64_t, std::size_t>> found;
        for (const std::int64_t one : groups_) found.emplace_back(one, found.size());
        detail::sort(found);
        return found;
    }
    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] double customers(std::size_t place) const { return customers_[place]; }
    [[nodiscard]] double at(std::size_t place, std::size_t k) const { return sum_[place * width_ + k].value(); }

  private:
    /// Possible groups up to which each has a place of its own: 4 MB, a smaller table than a hash of many groups.
    static constexpr std::int64_t most_listed = std::int64_t{1} << 20;
    /// Values of customers in a bucket: some 200 KB.
    static constexpr std::size_t bucket_size = 2048;

    struct Bucket {
        std::vector<std::pair<std::int64_t, std::int32_t>> member{};  ///< Group and customer.
        std::vector<double> value{};                                  ///< Members x width.
    };

    void empty(Bucket& bucket) {
        for (std::size_t k = 0; k < bucket.member.size(); ++k) {
            const auto [group, customer] = bucket.member[k];
            const std::size_t place = place_of(group);
            if (std::exchange(last_[place], customer) != customer) customers_[place] += 1;
            for (std::size_t v = 0; v < width_; ++v) sum_[place * width_ + v] += bucket.value[k * width_ + v];
        }
        bucket.member.clear();
        bucket.value.clear();
    }
    std::size_t place_of(std::int64_t group) {
        const std::size_t added = groups_.size();
        std::size_t place = 0;
        if (place_.empty()) {
            place = static_cast<std::size_t>(table_.number(group));
        } else {
            std::int32_t& listed = place_[static_cast<std::size_t>(group)];
            if (listed < 0) listed = static_cast<std::int32_t>(added);
            place = static_cast<std::size_t>(listed);
        }
        if (place == added) {
            groups_.push_back(group);
            last_.push_back(-1);
            customers_.push_back(0);
            sum_.resize(sum_.size() + width_);
        }
        return place;
    }

    std::size_t width_;
    std::vector<std::int32_t> place_;  ///< Per possible group; empty where there are too many.
    KeyTable<std::int64_t> table_;     ///< The groups, where there are too many.
    std::vector<Bucket> buckets_;
    int shift_ = 0;
    std::vector<std::int64_t> groups_;
    std::vector<std::int32_t> last_;  ///< Per group: its last customer.
    std::vector<double> customers_;
    std::vector<math::CompensatedSum> sum_;  ///< Groups x width.
};

/// Where the amounts of a cell stand after the measures and the costs; 0: there is none.
struct PricePlaces {
    std::size_t list = 0;
    std::size_t discount = 0;
    std::size_t rebate = 0;
    std::size_t rebate_beside = 0;  ///< The part of the rebate that is not that of rows.
};

/// Adds up one customer after another: its rows by cell, the costs of its events where they are, and what it has
/// without events; then its cells by group.
class Grouper {
  public:
    Grouper(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
            std::span<const GroupDimension> dimensions, std::span<const std::size_t> sizes,
            const StatementOptions& options, std::span<const double> key)
        : statement_(statement),
          columns_(statement.portfolio().columns()),
          ledger_(ledger),
          dimensions_(dimensions),
          options_(options),
          key_(key),
          period_(columns_.period),
          rebate_(ledger.rebate()),
          combinations_(sizes),
          groups_of_(numbers_of_values(dimensions, sizes)),
          divided_(detail::any_of(dimensions, [](const GroupDimension& one) { return !one.begin.empty(); })),
          from_(costs.changes(period_)),
          revenue_share_(costs.revenue_share()),
          elements_(statement.costs().element.size()),
          costs_(elements_ + (columns_.credit_cost.empty() ? 0 : 1)),
          prices_(price_amounts(columns_)),
          member_(ledger.customers(), -1),
          first_day_(ledger.customers(), period_.first - 1),
          dated_(ledger.customers(), costs_),
          cells_(fixed_measures + ledger.drivers.size(), costs_),
          sums_(groups_of_.count(), add_places()) {
        const std::vector<std::int32_t> codes = codes_of(statement.portfolio(), ledger, "by");
        for (std::size_t i = 0; i < codes.size(); ++i) {
            member_[static_cast<std::size_t>(codes[i])] = static_cast<std::int32_t>(i);
            first_day_[static_cast<std::size_t>(codes[i])] = columns_.first_day[i];
        }
        for (std::size_t e = 0; e < elements_; ++e) add_element(costs, e);
        if (costs_ > elements_) own_.push_back(!options.dso.empty());
        add_tables();
        if (costs_ > elements_) add_invoices(costs.credit_rate());
        dated_.group();
    }

    GroupedStatement run() {
        const RowGroups rows = rows_by_customer(ledger_, period_, 1);
        check_key(rows.entry);
        // The ledger's events have drivers only if it has rows.
        std::optional<LedgerEvents> events;
        if (!rows.entry.empty()) {
            events.emplace(ledger_, from_, driver_, EventOptions{.tables = {}, .first_day = first_day_});
        }
        for (std::size_t code = 0; code < member_.size(); ++code) {
            const std::span<const std::uint32_t> own = rows.of(code);
            if (own.empty() && member_[code] < 0) continue;
            cells_.clear();
            if (own.empty()) {
                cells_.sums(cells_.number(cell_without_rows(code)))[of_rows] += 1;
            } else {
                combine(code, own);
                add_rows(*events, own);
                place_events(*events, code, own);
            }
            const bool replaced = place_dated(code) && own.empty();
            add_to_groups(code, replaced);
        }
        return result();
    }

  private:
    static Combinations numbers_of_values(std::span<const GroupDimension> dimensions,
                                          std::span<const std::size_t> sizes) {
        std::vector<std::size_t> values;
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            values.push_back(CellValues{&dimensions[d]}.values(sizes[d]));
        }
        return Combinations(values);
    }

    /// Lists the measures that the ledger has and gives the price elements their places. Returns the number of sums of
    /// a group: the fewer, the more groups the cache holds.
    std::size_t add_places() {
        measures_ = {of_revenue, of_lines, of_deliveries, of_returns};
        if (!ledger_.cost.empty()) measures_.push_back(of_goods);
        if (!ledger_.quantity.empty()) measures_.insert(measures_.end(), {of_sold, of_returned});
        std::size_t width = measures_.size() + costs_;
        if (!prices_.list.empty()) places_.list = width++;
        if (!prices_.discount.empty()) places_.discount = width++;
        if (!prices_.rebate.empty()) places_.rebate = width++;
        if (!prices_.rebate.empty()) places_.rebate_beside = width++;
        return width;
    }

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

    /// Adds a cost of a customer on a day of the period.
    void add_dated(std::int32_t code, DayNumber day, std::size_t k, double amount) {
        std::int64_t digits = 0;
        for (std::size_t d = 0; d < dimensions_.size(); ++d) {
            if (dimensions_[d].of_day.empty()) continue;
            digits += combinations_.digit(d, dimensions_[d].of_day[static_cast<std::size_t>(day - period_.first)]);
        }
        dated_.add(code, digits, k, amount);
    }

    [[nodiscard]] bool is_member(std::int32_t code) const {
        return code >= 0 && member_[static_cast<std::size_t>(code)] >= 0;
    }

    /// Adds the costs of the events of tables.
    void add_tables() {
        for (std::size_t k = 0; k < driver_.size(); ++k) {
            const auto table = detail::find(options_.events, driver_[k].event, &EventTable::name);
            if (table == options_.events.end()) continue;
            check_event_table(*table, ledger_.customers());
            each_event(*table, driver_[k], period_, [&](std::size_t row, double units) {
                const std::int32_t code = table->customer[row];
                if (!is_member(code) || units == 0) return;
                add_dated(code, table->day[row], cost_[k].element, units * rate_on(k, table->day[row]));
            });
        }
    }

    /// Adds the cost of credit of each invoice.
    void add_invoices(double credit_rate) {
        const Receivables& owed = options_.receivables;
        check_receivables(owed, ledger_.customers());
        for (std::size_t row = 0; row < owed.customer.size(); ++row) {
            const DayNumber day = owed.invoiced[row];
            if (!is_member(owed.customer[row]) || !period_.contains(day)) continue;
            add_dated(owed.customer[row], day, elements_, credit_rate * owed.owed_days(row, period_.last) / 365);
        }
    }

    /// Checks the key of the rows of the period.
    void check_key(std::span<const std::uint32_t> rows) const {
        if (key_.empty()) return;
        if (key_.size() != ledger_.rows()) {
            throw InputError("by: the key has " + std::to_string(key_.size()) + " values for " +
                             std::to_string(ledger_.rows()) + " rows");
        }
        for (const std::uint32_t row : rows) {
            if (key_[row] >= 0 && std::isfinite(key_[row])) continue;
            throw InputError("by: the key of row " + std::to_string(row) + " (counted from 0) is " +
                             number_text(key_[row]) + "; it must be 0 or more");
        }
    }

    static std::int32_t cell_of_customer(const GroupDimension& dimension, std::size_t code) {
        return dimension.of_customer.empty() ? -1 : dimension.of_customer[code];
    }
    [[nodiscard]] std::int64_t cell_without_rows(std::size_t code) const {
        std::int64_t combination = 0;
        for (std::size_t d = 0; d < dimensions_.size(); ++d) {
            combination += combinations_.digit(d, cell_of_customer(dimensions_[d], code));
        }
        return combination;
    }
    /// The combination of cells of each row of a customer: one dimension after another, so that reads can overlap.
    void combine(std::size_t code, std::span<const std::uint32_t> rows) {
        combination_.assign(rows.size(), 0);
        for (std::size_t d = 0; d < dimensions_.size(); ++d) {
            const GroupDimension& dimension = dimensions_[d];
            const auto add = [&](auto cell_of) {
                for (std::size_t k = 0; k < rows.size(); ++k) {
                    combination_[k] += combinations_.digit(d, cell_of(rows[k]));
                }
            };
            if (!dimension.of_day.empty()) {
                add([&](std::size_t row) {
                    return dimension.of_day[static_cast<std::size_t>(ledger_.day[row] - period_.first)];
                });
            } else if (!dimension.of_row.empty()) {
                add([&](std::size_t row) { return dimension.of_row[row]; });
            } else {
                add([&](std::size_t) { return cell_of_customer(dimension, code); });
            }
        }
    }

    /// Adds the rows of a customer to its cells, one column after another.
    void add_rows(const LedgerEvents& events, std::span<const std::uint32_t> rows) {
        cell_.resize(rows.size());
        for (std::size_t k = 0; k < rows.size(); ++k) cell_[k] = cells_.number(combination_[k]);
        const auto add = [&](std::size_t measure, auto value_of) {
            for (std::size_t k = 0; k < rows.size(); ++k) cells_.sums(cell_[k])[measure] += value_of(rows[k]);
        };
        add(of_rows, [](std::size_t) { return 1.0; });
        add(of_revenue, [&](std::size_t row) { return net_revenue(ledger_, rebate_, row); });
        add(of_lines, [&](std::size_t row) { return events.lines(row); });
        if (!ledger_.cost.empty()) add(of_goods, [&](std::size_t row) { return ledger_.cost[row]; });
        if (!ledger_.quantity.empty()) {
            add(of_sold, [&](std::size_t row) { return std::max(ledger_.quantity[row], 0.0); });
            add(of_returned, [&](std::size_t row) { return std::max(-ledger_.quantity[row], 0.0); });
        }
        for (std::size_t d = 0; d < ledger_.drivers.size(); ++d) {
            add(fixed_measures + d, [&](std::size_t row) { return ledger_.drivers[d].values[row]; });
        }
        for (std::size_t k = 0; share_element_ && k < rows.size(); ++k) {
            cells_.add_cost(cell_[k], *share_element_, revenue_share_ * net_revenue(ledger_, rebate_, rows[k]));
        }
    }

    /// Places the lines, deliveries and returns of a customer in the cells of their rows.
    void place_events(const LedgerEvents& events, std::size_t code, std::span<const std::uint32_t> rows) {
        events.each_line(rows, [&](std::size_t k, std::size_t place, double units) {
            cells_.add_cost(cell_[place], cost_[k].element, units * rate_on(k, ledger_.day[rows[place]]));
        });
        const LedgerDocuments found = events.documents(code, rows);
        part_.resize(rows.size());
        for (const LedgerDocument& document : found.document) {
            const auto of_document = std::span(found.place).subspan(document.begin, document.end - document.begin);
            double of_key = 0;
            double lines = 0;
            for (const std::uint32_t place : of_document) {
                if (!key_.empty()) of_key += key_[rows[place]];
                lines += events.lines(rows[place]);
            }
            for (const std::uint32_t place : of_document) {
                part_[place] = of_key > 0  ? key_[rows[place]] / of_key
                               : lines > 0 ? events.lines(rows[place]) / lines
                                           : 1 / static_cast<double>(of_document.size());
                const std::span<math::CompensatedSum> sum = cells_.sums(cell_[place]);
                if (document.sum.is_delivery()) sum[of_deliveries] += part_[place];
                if (document.sum.is_return()) sum[of_returns] += part_[place];
            }
        }
        events.each_document(found, [&](std::size_t k, std::size_t d, double units) {
            const LedgerDocument& document = found.document[d];
            const double cost = units * rate_on(k, document.day);
            for (std::size_t at = document.begin; at < document.end; ++at) {
                const std::uint32_t place = found.place[at];
                cells_.add_cost(cell_[place], cost_[k].element, cost * part_[place]);
            }
        });
    }

    /// Places what the customer has on days: its rows share it over dimensions without days. Costs of events are shared
    /// by lines, the cost of credit by revenue.
    /// @return whether all of it is in other cells than those of the rows.
    bool place_dated(std::size_t code) {
        const std::size_t of_own = cells_.size();
        bool elsewhere = false;
        dated_.each(code, [&](std::int64_t digits, std::span<const math::CompensatedSum> cost) {
            const std::vector<double>& by_lines = cells_.shares(of_lines);
            const std::vector<double>& by_revenue = cells_.shares(of_revenue);
            for (std::size_t c = 0; c < of_own; ++c) {
                std::int64_t combination = cells_.combination(c) + digits;
                for (std::size_t d = 0; d < dimensions_.size(); ++d) {
                    if (dimensions_[d].of_day.empty()) continue;
                    combination -= combinations_.digit(d, combinations_.cell(d, cells_.combination(c)));
                }
                const std::size_t cell = cells_.number(combination);
                elsewhere |= cell != c;
                for (std::size_t k = 0; k < costs_; ++k) {
                    cells_.add_cost(cell, k, (k < elements_ ? by_lines : by_revenue)[c] * cost[k].value());
                }
            }
        });
        return elsewhere;
    }

    /// What the statement has of a cost of the customer beside the cells.
    [[nodiscard]] double rest_of(std::size_t code, std::size_t k) const {
        if (member_[code] < 0) return 0;
        const auto i = static_cast<std::size_t>(member_[code]);
        math::CompensatedSum placed;
        double magnitude = 0;
        for (std::size_t c = 0; c < cells_.size(); ++c) {
            placed += cells_.cost(c, k);
            magnitude += cells_.magnitude(c, k);
        }
        const double charged = k < elements_ ? statement_.costs().charged(i, k) : columns_.credit_cost[i];
        const double lacking = charged - placed.value();
        if (!own_[k] && !same_to_the_cent(charged, placed.value())) {
            throw InputError("by: " + (k < elements_ ? statement_.costs().element[k] : "the cost of credit") +
                             " of customer " + columns_.id[i] + " is " + number_text(charged) +
                             " in the statement, but its events sum to " + number_text(placed.value()) +
                             "; ledger, cost model and options must be those of the statement");
        }
        // Nothing but rounding gets no cell.
        return std::abs(lacking) > 1e-12 * magnitude ? lacking : 0;
    }

    /// Writes the price amounts of the customer's cells: those of rows, and what it has beside them by revenue.
    void add_price(std::size_t code, std::string_view name, const Column& column, std::size_t place,
                   std::size_t place_beside) {
        const auto driver = detail::find(ledger_.drivers, name, &DriverColumn::name);
        const auto measure = fixed_measures + static_cast<std::size_t>(driver - ledger_.drivers.begin());
        const bool of_rows = driver != ledger_.drivers.end();
        double beside = member_[code] < 0 ? 0.0 : column[static_cast<std::size_t>(member_[code])];
        for (std::size_t c = 0; of_rows && c < cells_.size(); ++c) beside -= cells_.at(c, measure);
        const std::vector<double>& share = cells_.shares(of_revenue);
        for (std::size_t c = 0; c < cells_.size(); ++c) {
            const double part = beside * share[c];
            amount(c, place) = (of_rows ? cells_.at(c, measure) : 0.0) + part;
            if (place_beside != 0) amount(c, place_beside) = part;
        }
    }

    /// The amount of a cell at a place among the sums of a group.
    double& amount(std::size_t cell, std::size_t place) { return amount_[cell * sums_.width() + place]; }

    /// Adds the cells of a customer to their groups; with `replaced`, those without amounts are left out.
    void add_to_groups(std::size_t code, bool replaced) {
        amount_.resize(cells_.size() * sums_.width());
        for (std::size_t c = 0; c < cells_.size(); ++c) {
            for (std::size_t m = 0; m < measures_.size(); ++m) amount(c, m) = cells_.at(c, measures_[m]);
        }
        for (std::size_t k = 0; k < costs_; ++k) {
            const double rest = rest_of(code, k);
            const bool by_revenue = share_element_ == k || k == elements_ ||
                                    detail::contains(price_elements, statement_.costs().element[k]);
            const std::vector<double>& share = cells_.shares(by_revenue ? of_revenue : of_lines);
            for (std::size_t c = 0; c < cells_.size(); ++c) {
                amount(c, measures_.size() + k) = rest * share[c] + cells_.cost(c, k);
            }
        }
        if (places_.list != 0) add_price(code, "list_price", prices_.list, places_.list, 0);
        if (places_.discount != 0) add_price(code, "discount", prices_.discount, places_.discount, 0);
        if (places_.rebate != 0) add_price(code, "rebate", prices_.rebate, places_.rebate, places_.rebate_beside);
        for (std::size_t c = 0; c < cells_.size(); ++c) {
            const std::span<const double> own = std::span(amount_).subspan(c * sums_.width(), sums_.width());
            const auto is_zero = [](double one) { return one == 0; };
            if (replaced && detail::all_of(own.subspan(measures_.size()), is_zero)) continue;
            each_group(cells_.combination(c), [&](std::int64_t group, double share) {
                sums_.add(group, static_cast<std::int32_t>(code), share, own);
            });
        }
    }

    /// Visits the groups of a combination of cells, and its share in them.
    template <class Visit>
    void each_group(std::int64_t combination, Visit visit) {
        if (!divided_) return visit(combination, 1.0);  // a cell is its value
        split_.assign(1, {0, 1.0});
        for (std::size_t d = 0; d < dimensions_.size(); ++d) {
            next_.clear();
            for (const auto& [group, part] : split_) {
                CellValues{&dimensions_[d]}.each(combinations_.cell(d, combination),
                                                 [&, group = group, part = part](std::int32_t value, double share) {
                                                     next_.emplace_back(group + groups_of_.digit(d, value),
                                                                        part * share);
                                                 });
            }
            std::swap(split_, next_);
        }
        for (const auto& [group, share] : split_) visit(group, share);
    }

    [[nodiscard]] GroupedStatement result() {
        const std::vector<std::pair<std::int64_t, std::size_t>> group = sums_.finish();
        const auto column = [&](std::size_t k) {
            Column sum;
            sum.reserve(group.size());
            for (const auto& [number, place] : group) sum.push_back(sums_.at(place, k));
            return sum;
        };
        const auto measure = [&](Measure one) {
            const auto at = detail::find(measures_, one);
            return at == measures_.end() ? Column(group.size())
                                         : column(static_cast<std::size_t>(at - measures_.begin()));
        };
        GroupedStatement found;
        for (std::size_t d = 0; d < dimensions_.size(); ++d) {
            std::vector<std::int32_t>& value = found.value.emplace_back();
            for (const auto& [number, place] : group) value.push_back(groups_of_.cell(d, number));
        }
        for (const auto& [number, place] : group) found.customers.push_back(sums_.customers(place));
        found.revenue = measure(of_revenue);
        if (places_.list != 0) found.list_price = column(places_.list);
        if (places_.discount != 0) found.discount = column(places_.discount);
        if (places_.rebate != 0) {
            found.rebate = column(places_.rebate);
            const Column beside = column(places_.rebate_beside);
            for (std::size_t g = 0; g < group.size(); ++g) found.revenue[g] -= beside[g];
        }
        if (!ledger_.cost.empty()) found.goods = measure(of_goods);
        found.lines = measure(of_lines);
        found.quantity = measure(of_sold);
        found.returned_quantity = measure(of_returned);
        found.deliveries = measure(of_deliveries);
        found.returns = measure(of_returns);
        const bool credit = costs_ > elements_;
        if (credit) found.credit_cost = column(measures_.size() + elements_);
        found.charged = Matrix(group.size(), elements_);
        found.cost_to_serve.assign(group.size(), 0.0);
        for (std::size_t g = 0; g < group.size(); ++g) {
            for (std::size_t e = 0; e < elements_; ++e) {
                found.charged(g, e) = sums_.at(group[g].second, measures_.size() + e);
                found.cost_to_serve[g] += found.charged(g, e);
            }
        }
        for (std::size_t g = 0; g < found.goods.size(); ++g) {
            const double heat =
                found.revenue[g] - found.goods[g] - found.cost_to_serve[g] - (credit ? found.credit_cost[g] : 0.0);
            found.contribution.push_back(heat);
            found.temperature.push_back(temperature_of(found.revenue[g], heat));
        }
        return found;
    }

    const Statement& statement_;
    const PortfolioColumns& columns_;
    const LedgerView& ledger_;
    std::span<const GroupDimension> dimensions_;
    const StatementOptions& options_;
    std::span<const double> key_;
    Period period_;
    std::span<const double> rebate_;
    Combinations combinations_;  ///< Of the cells.
    Combinations groups_of_;     ///< Of their values.
    bool divided_;               ///< Whether cells have values of their own.
    std::vector<DayNumber> from_;
    double revenue_share_;
    std::size_t elements_;
    std::size_t costs_;  ///< The elements, and the cost of credit where there is one.
    PriceAmounts prices_;
    std::vector<Measure> measures_;  ///< Of groups.
    PricePlaces places_{};
    std::vector<std::int32_t> member_;          ///< Per code: its place in the statement; -1: none.
    std::vector<DayNumber> first_day_;          ///< Per code.
    std::optional<std::size_t> share_element_;  ///< Place of the revenue share.
    std::vector<EventDriver> driver_;           ///< Of all elements.
    std::vector<EventCost> cost_;               ///< Per entry of `driver_`.
    std::vector<bool> own_;                     ///< Per cost: customers have some of it without events.
    DatedCosts dated_;
    CustomerCells cells_;
    StatedGroups sums_;
    // Of one customer.
    std::vector<std::int64_t> combination_;  ///< Per row.
    std::vector<std::size_t> cell_;          ///< Per row.
    std::vector<double> part_;               ///< Per row: its part of its document.
    std::vector<double> amount_;             ///< Cells x amounts.
    std::vector<std::pair<std::int64_t, double>> split_;
    std::vector<std::pair<std::int64_t, double>> next_;
};

}  // namespace detail

CUSTFOLIO_INLINE std::vector<std::int32_t> months_of(Period period) {
    std::vector<std::int32_t> months;
    for (DayNumber day = period.first; day <= period.last; ++day) {
        months.push_back(Month::of(day) - period.first_month());
    }
    return months;
}

CUSTFOLIO_INLINE std::vector<std::int32_t> latest_cells(const LedgerView& ledger,
                                                        std::span<const std::int32_t> of_row) {
    if (ledger.day.size() != ledger.rows() || of_row.size() != ledger.rows()) {
        throw InputError("latest_cells: " + std::to_string(of_row.size()) + " cells and " +
                         std::to_string(ledger.day.size()) + " days for " + std::to_string(ledger.rows()) + " rows");
    }
    std::vector<std::int32_t> cell(ledger.customers(), -1);
    std::vector<DayNumber> latest(cell.size());
    for (std::size_t row = 0; row < of_row.size(); ++row) {
        const std::int32_t code = ledger.customer[row];
        if (code < 0 || static_cast<std::size_t>(code) >= cell.size()) {
            throw InputError("latest_cells: row " + std::to_string(row) + " (counted from 0) has customer " +
                             std::to_string(code) + "; it must be in [0, " + std::to_string(cell.size()) + ")");
        }
        if (of_row[row] < 0) continue;
        const auto customer = static_cast<std::size_t>(code);
        const DayNumber day = ledger.day[row];
        const bool later = cell[customer] < 0 || day > latest[customer];
        if (later || (day == latest[customer] && of_row[row] < cell[customer])) {
            cell[customer] = of_row[row];
            latest[customer] = day;
        }
    }
    return cell;
}

CUSTFOLIO_INLINE GroupedStatement group_by(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
                                           std::span<const GroupDimension> dimensions, const StatementOptions& options,
                                           std::span<const double> key) {
    const PortfolioColumns& columns = statement.portfolio().columns();
    std::vector<std::size_t> sizes;
    for (const GroupDimension& dimension : dimensions) {
        sizes.push_back(detail::count_cells(dimension, ledger.rows(), static_cast<std::size_t>(columns.period.days()),
                                            ledger.customers()));
    }
    const CostModel charged = with_direct_costs(costs, columns.driver_names);
    return detail::Grouper(statement, ledger, charged, dimensions, sizes, options, key).run();
}

}  // namespace custfolio
