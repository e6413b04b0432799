// Definitions of the statement: aggregated, charged, reconciled.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/detail/charge_customers.hpp"
#include "custfolio/costing/detail/elements.hpp"
#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {
namespace detail {

/// The sum of an amount over the rows of a period, in the order of the rows, without any grouping by customer.
CUSTFOLIO_INLINE double sum_of_rows(const LedgerView& ledger, std::span<const double> amount, Period period, bool all,
                                    unsigned threads) {
    if (amount.empty()) return 0;
    // Independent of the aggregation: two ways to the same total make the reconciliation a check.
    if (all) return math::deterministic_sum(amount, threads);
    return math::parallel_reduce(
               0, amount.size(), std::size_t{1} << 16, threads, math::CompensatedSum{},
               [&](std::size_t begin, std::size_t end) {
                   math::CompensatedSum sum;
                   for (std::size_t row = begin; row < end; ++row) {
                       if (period.contains(ledger.day[row])) sum += amount[row];
                   }
                   return sum;
               },
               [](math::CompensatedSum left, const math::CompensatedSum& right) { return left += right; })
        .value();
}

/// Half a cent, or the double precision of amounts beyond the trillions.
CUSTFOLIO_INLINE bool same_to_the_cent(double in, double out) {
    return std::abs(in - out) <= std::max(0.005, 16 * std::numeric_limits<double>::epsilon() * std::abs(in));
}

CUSTFOLIO_INLINE double total(const Column& column) {
    return math::deterministic_sum(column, 1);
}

/// A smaller table: only the rows kept.
CUSTFOLIO_INLINE DriverTable keep_rows(const DriverTable& from, const std::vector<std::size_t>& rows) {
    DriverTable to;
    to.period = from.period;
    to.driver_names = from.driver_names;
    const std::size_t n = rows.size();
    const auto pick = [&](const Column& column) {
        Column picked(column.empty() ? 0 : n);
        for (std::size_t i = 0; i < picked.size(); ++i) picked[i] = column[rows[i]];
        return picked;
    };
    to.revenue = pick(from.revenue);
    to.goods = pick(from.goods);
    to.deliveries = pick(from.deliveries);
    to.lines = pick(from.lines);
    to.quantity = pick(from.quantity);
    to.returns = pick(from.returns);
    to.returned_quantity = pick(from.returned_quantity);
    to.monthly_revenue = Matrix(n, from.monthly_revenue.cols());
    to.further = Matrix(n, from.further.cols());
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t row = rows[i];
        to.first_day.push_back(from.first_day[row]);
        to.last_day.push_back(from.last_day[row]);
        detail::copy(from.monthly_revenue.row(row), to.monthly_revenue.row(i).begin());
        detail::copy(from.further.row(row), to.further.row(i).begin());
    }
    return to;
}

CUSTFOLIO_INLINE void require_size(std::size_t count, std::size_t customers, const std::string& name) {
    if (count != customers) {
        throw InputError("statement: " + name + " has " + std::to_string(count) + " values for " +
                         std::to_string(customers) + " customers; it must have one per customer");
    }
}

/// The event whose sums are a driver: of the ledger's rows and documents, or of a table of events. Without an event
/// the driver has no days.
CUSTFOLIO_INLINE std::optional<EventDriver> event_of_driver(const std::string& driver, const LedgerView& ledger,
                                                            std::span<const EventTable> tables) {
    std::vector<EventDriver> counted;
    if (driver == "deliveries") counted.push_back({"delivery", {}});
    if (driver == "returns") counted.push_back({"return", {}});
    if (driver == "lines") counted.push_back({"line", {}});
    if (driver == "quantity" || driver == "returned_quantity") counted.push_back({"line", {driver}});
    const auto has = [&](const std::vector<DriverColumn>& columns) {
        return detail::find(columns, driver, &DriverColumn::name) != columns.end();
    };
    if (has(ledger.drivers)) counted.push_back({"line", {driver}});
    if (has(ledger.delivery_drivers)) counted.push_back({"delivery", {driver}});
    for (const EventTable& table : tables) {
        if (table.name == driver) counted.push_back({table.name, {}});
        if (has(table.drivers)) counted.push_back({table.name, {driver}});
    }
    if (counted.size() > 1) {
        throw InputError("driver '" + driver + "' is in two places: " + to_string(counted[0]) + " and " +
                         to_string(counted[1]) + "; give one of them another name");
    }
    return counted.empty() ? std::nullopt : std::optional(counted[0]);
}

/// Whether the ledger or a table has events of a name. The event of any other name is counted by a driver of the
/// customer.
CUSTFOLIO_INLINE bool has_events(const std::string& event, std::span<const EventTable> tables) {
    return event == "delivery" || event == "line" || event == "return" ||
           detail::find(tables, event, &EventTable::name) != tables.end();
}

/// Amounts of a rate on the first day of each span.
CUSTFOLIO_INLINE std::vector<double> span_amounts(const Rate& rate, std::span<const DayNumber> from) {
    std::vector<double> amounts;
    for (const DayNumber day : from) {
        amounts.push_back(rate.dated.empty() ? rate.amount : valid_on(rate.dated, day)->amount);
    }
    return amounts;
}

/// Cost of a minute of a pool on the first day of each span.
CUSTFOLIO_INLINE std::vector<double> span_rates(const Pool& pool, std::span<const DayNumber> from) {
    std::vector<double> rates;
    for (const DayNumber day : from) rates.push_back(valid_on(pool.periods, day)->rate());
    return rates;
}

/// The event driver of a term of an activity.
CUSTFOLIO_INLINE std::optional<EventDriver> event_of_term(const Activity& activity, const TimeTerm& term,
                                                          const LedgerView& ledger,
                                                          std::span<const EventTable> tables) {
    if (has_events(activity.event, tables)) return EventDriver{activity.event, term.drivers};
    return event_of_driver(activity.event, ledger, tables);
}

/// Whether the options have a driver of the name, per customer.
CUSTFOLIO_INLINE bool has_own_driver(const StatementOptions& options, std::string_view driver) {
    return detail::find(options.drivers, driver, &DriverColumn::name) != options.drivers.end();
}

/// Checks that no customer has less than 0 units of a driver: only amounts of money have a sign.
CUSTFOLIO_INLINE void require_positive(std::span<const DriverColumn> drivers, std::span<const std::string> id) {
    for (const DriverColumn& driver : drivers) {
        if (detail::contains(price_elements, driver.name)) continue;
        for (std::size_t i = 0; i < driver.values.size(); ++i) {
            if (!(driver.values[i] < 0)) continue;
            throw InputError("driver '" + driver.name + "' of customer " + (i < id.size() ? id[i] : std::to_string(i)) +
                             " is " + number_text(driver.values[i]) + "; it must be 0 or more");
        }
    }
}

/// Checks that a ledger, or the options beside it, has the driver of every rate, and the event of every activity, in
/// one place.
CUSTFOLIO_INLINE void require_drivers(const CostModel& costs, const LedgerView& ledger,
                                      const StatementOptions& options) {
    std::vector<std::string> known{"deliveries", "lines", "returns"};
    if (!ledger.quantity.empty() || ledger.rows() == 0) {
        known.emplace_back("quantity");
        known.emplace_back("returned_quantity");
    }
    for (const DriverColumn& driver : ledger.drivers) known.push_back(driver.name);
    for (const DriverColumn& driver : ledger.delivery_drivers) known.push_back(driver.name);
    for (const DriverColumn& driver : options.drivers) known.push_back(driver.name);
    for (const EventTable& events : options.events) {
        known.push_back(events.name);
        for (const DriverColumn& driver : events.drivers) known.push_back(driver.name);
    }
    const auto require_one_place = [&](const std::string& driver, bool dated) {
        const auto event = event_of_driver(driver, ledger, options.events);
        // Drivers per customer add to those of rows. They have no days, and they would replace those of other events.
        const bool adds = event && event->event == "line" && !dated;
        if (event && !adds && has_own_driver(options, driver)) {
            const bool price = detail::contains(price_elements, driver);
            throw InputError(
                "driver '" + driver + "' is in two places: " + to_string(*event) + " and per customer; " +
                (price ? "give it in one of them, or one rate for all days" : "give one of them another name"));
        }
    };
    for (const Activity& activity : costs.activities()) {
        const std::string& event = activity.event;
        if (detail::find(options.events, event, &EventTable::name) == options.events.end()) {
            require_one_place(event, false);
        } else if (ledger.has_driver(event) || has_own_driver(options, event)) {
            throw InputError("event '" + event + "' of activity '" + activity.name +
                             "' is in two places: a table of events and " +
                             (ledger.has_driver(event) ? "a driver of the ledger" : "a driver per customer") +
                             "; give one of them another name");
        }
    }
    for (const Rate& rate : costs.rates()) {
        require_one_place(rate.driver, !rate.dated.empty());
        if (detail::contains(known, rate.driver)) continue;
        std::string text = "the cost model has a rate of " + number_text(rate.amount) + " for '" + rate.driver +
                           "', but the ledger has no '" + rate.driver + "'; there are " + known[0];
        for (std::size_t k = 1; k < known.size(); ++k) text += ", " + known[k];
        throw NotFoundError(text + "; add the column, or leave the rate out");
    }
}

/// What customers owe, from receivables or from DSO; empty columns without either.
CUSTFOLIO_INLINE CustomerCredit credit_of(const DriverTable& table, const CostModel& costs,
                                          const StatementOptions& options) {
    const bool invoices = !options.receivables.customer.empty();
    if (!options.dso.empty()) {
        if (invoices) throw InputError("statement: there are both receivables and DSO; give one of them");
        return customer_credit(table.revenue, options.dso, options.terms);
    }
    if (!options.terms.empty()) throw InputError("statement: there are terms without DSO; give both");
    if (invoices) return customer_credit(options.receivables, table.size(), table.period);
    if (costs.credit_rate() == 0) return {};
    throw NotFoundError("the cost model has a credit rate of " + number_text(costs.credit_rate()) +
                        ", but there are no receivables; give receivables=, or leave the credit rate out");
}

/// The sums of the events that the model needs, under the names that the model has for them.
CUSTFOLIO_INLINE EventSums model_events(const LedgerView& ledger, const CostModel& costs, Period period,
                                        ColumnView<DayNumber> first_day, const StatementOptions& options,
                                        unsigned threads) {
    std::vector<EventDriver> wanted;
    std::vector<EventDriver> named;
    const auto add = [&](EventDriver name, EventDriver event) {
        named.push_back(std::move(name));
        wanted.push_back(std::move(event));
    };
    for (const EventDriver& driver : costs.event_drivers()) {
        if (driver.event == driver_event) continue;
        if (has_events(driver.event, options.events)) add(driver, driver);
    }
    for (const Rate& rate : costs.rates()) {
        if (ledger.has_driver(rate.driver) && rate.dated.empty()) continue;
        if (auto event = event_of_driver(rate.driver, ledger, options.events)) {
            add({driver_event, {rate.driver}}, std::move(*event));
        }
    }
    if (wanted.empty()) return {};
    const std::vector<DayNumber> from = costs.changes(period);
    EventSums sums = sum_events(ledger, period, from, wanted,
                                {.tables = options.events, .first_day = first_day, .threads = threads});
    sums.driver = std::move(named);
    return sums;
}

/// Drivers of events that are no column of the table yet become columns, so that rates find them.
CUSTFOLIO_INLINE void add_event_drivers(DriverTable& table, const EventSums& events, Volume& not_attributed) {
    for (std::size_t d = 0; d < events.driver.size(); ++d) {
        if (events.driver[d].event != driver_event) continue;
        const std::string& name = events.driver[d].factors[0];
        if (has_driver(name, table.driver_names)) continue;
        Column values(table.size());
        double of_nobody = 0;
        for (std::size_t s = 0; s < events.from.size(); ++s) {
            const std::size_t column = s * events.driver.size() + d;
            for (std::size_t i = 0; i < values.size(); ++i) values[i] += events.sum(i, column);
            of_nobody += events.not_attributed[column];
        }
        add_drivers(table, std::vector<DriverColumn>{{name, values}});
        not_attributed.further.push_back(of_nobody);
    }
}

/// Compares what was spent with what became of it.
CUSTFOLIO_INLINE void reconcile_costs(const CostModel& costs, const CostTable& charged,
                                      const std::vector<SpentAmount>& spent, Reconciliation& reconciliation) {
    for (std::size_t k = 0; k < charged.element.size(); ++k) {
        const std::string& element = charged.element[k];
        const bool pool = detail::find(costs.pools(), element, &Pool::name) != costs.pools().end();
        reconciliation.elements.push_back({element, charged.cost_in[k], pool, charged.charged_total[k],
                                           charged.unused[k], charged.not_attributed[k]});
    }
    for (std::size_t k = 0; k < spent.size(); ++k) {
        const auto place = charged.index(spent[k].element);
        require_finite(spent[k].amount, "spent on " + spent[k].element);
        for (std::size_t other = 0; other < k; ++other) {
            if (spent[other].element == spent[k].element) {
                throw InputError("spent names " + spent[k].element + " twice; each element must be named once");
            }
        }
        reconciliation.elements[place].spent = spent[k].amount;
        reconciliation.elements[place].given = true;
    }
    math::CompensatedSum sums[3];
    for (const ReconciledElement& element : reconciliation.elements) {
        sums[0] += element.spent;
        sums[1] += element.unused;
        sums[2] += element.not_attributed;
    }
    reconciliation.cost_in = sums[0].value();
    reconciliation.unused_capacity = sums[1].value();
    reconciliation.not_attributed = sums[2].value();
    reconciliation.charged = total(charged.total);
}

/// Columns of the portfolio from a charged table, which is moved from. `active_rows` are the table's customers among
/// those of the options, `id` their identities.
CUSTFOLIO_INLINE PortfolioColumns charged_columns(DriverTable& table, const CostTable& charged,
                                                  std::span<const std::size_t> active_rows, std::vector<std::string> id,
                                                  const StatementOptions& options, const CustomerCredit& credit,
                                                  double credit_rate) {
    PortfolioColumns columns;
    columns.period = table.period;
    columns.id = std::move(id);
    columns.first_day.reserve(active_rows.size());
    columns.last_day.reserve(active_rows.size());
    for (std::size_t k = 0; k < active_rows.size(); ++k) {
        const std::size_t i = active_rows[k];
        if (!options.name.empty()) columns.name.push_back(options.name[i]);
        // A customer with a driver but no row in the period bought before it, if ever.
        const bool active = table.last_day[k] >= table.first_day[k];
        const DayNumber first = active ? table.first_day[k] : table.period.first - 1;
        columns.first_day.push_back(options.first_day.empty() ? first : std::min(first, options.first_day[i]));
        columns.last_day.push_back(active ? table.last_day[k] : table.period.first - 1);
    }
    columns.revenue = std::move(table.revenue);
    columns.goods = std::move(table.goods);
    columns.cost_to_serve = charged.total;
    columns.avoidable_cost = charged.avoidable;
    for (std::size_t k = 0; k < active_rows.size() && !credit.owed_days.empty(); ++k) {
        const std::size_t i = active_rows[k];
        columns.credit_cost.push_back(credit_rate * credit.owed_days[i] / 365);
        columns.dso.push_back(credit.dso[i]);
        columns.days_late.push_back(credit.days_late[i]);
    }
    // Without costs of goods the contribution is not known.
    for (std::size_t k = 0; k < columns.goods.size(); ++k) {
        const double margin = columns.revenue[k] - columns.goods[k] - columns.cost_to_serve[k];
        columns.contribution.push_back(columns.credit_cost.empty() ? margin : margin - columns.credit_cost[k]);
    }
    columns.deliveries = std::move(table.deliveries);
    columns.lines = std::move(table.lines);
    columns.quantity = std::move(table.quantity);
    columns.returns = std::move(table.returns);
    columns.returned_quantity = std::move(table.returned_quantity);
    columns.monthly_revenue = std::move(table.monthly_revenue);
    columns.driver_names = std::move(table.driver_names);
    columns.further = std::move(table.further);
    return columns;
}

/// Lowers amounts by a rebate in proportion to them; amounts whose sum is 0 equally.
CUSTFOLIO_INLINE void share_rebate(std::span<double> amounts, double rebate) {
    double total = 0;
    double magnitude = 0;
    for (const double amount : amounts) {
        total += amount;
        magnitude += std::abs(amount);
    }
    const bool proportional = std::abs(total) > 1e-9 * magnitude;
    for (double& amount : amounts) {
        amount -= rebate * (proportional ? amount / total : 1.0 / static_cast<double>(amounts.size()));
    }
}

/// Lowers the revenue of customers and of their months.
CUSTFOLIO_INLINE void take_rebates(DriverTable& table, std::span<const double> rebate) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (rebate[i] == 0.0) continue;
        share_rebate(table.monthly_revenue.row(i), rebate[i]);
        table.revenue[i] -= rebate[i];
    }
}

/// Charges the drivers, makes the portfolio and reconciles; `reconciliation` has the input amounts already.
CUSTFOLIO_INLINE Statement state(DriverTable table, std::span<const std::string> id, const CostModel& model,
                                 const StatementOptions& options, Reconciliation reconciliation, EventSums events) {
    const std::size_t customers = table.size();
    if (!id.empty()) require_size(id.size(), customers, "id");
    if (!options.name.empty()) require_size(options.name.size(), customers, "name");
    if (!options.first_day.empty()) require_size(options.first_day.size(), customers, "first_day");
    require_positive(options.drivers, id);
    add_drivers(table, options.drivers);
    const CostModel costs = with_direct_costs(model, table.driver_names);
    for (const DriverColumn& driver : options.drivers) {
        if (driver.name != "rebate") continue;
        take_rebates(table, driver.values);
        reconciliation.rebates += math::deterministic_sum(driver.values, 1);
    }
    for (Column* column : {&table.returns, &table.returned_quantity}) {
        if (column->empty()) column->assign(customers, 0.0);
        require_size(column->size(), customers, column == &table.returns ? "returns" : "returned_quantity");
    }
    const CustomerCredit credit = credit_of(table, costs, options);
    Volume not_attributed = options.not_attributed;
    // Fewer drivers than the ledger's are 0; more have no rate.
    if (not_attributed.further.size() > table.driver_names.size()) {
        throw InputError("statement: not_attributed has " + std::to_string(not_attributed.further.size()) +
                         " further drivers, the ledger " + std::to_string(table.driver_names.size()));
    }
    not_attributed.further.resize(table.driver_names.size(), 0.0);
    for (std::size_t d = 0; d < table.driver_names.size(); ++d) {
        if (table.driver_names[d] == "rebate") reconciliation.rebates_not_attributed = not_attributed.further[d];
    }
    add_event_drivers(table, events, not_attributed);

    // Customers without a row in the period, a driver, an event or an invoice are not in the statement.
    std::vector<std::size_t> active_rows;
    const auto not_zero = [](double value) { return value != 0.0; };
    for (std::size_t i = 0; i < customers; ++i) {
        const bool driven = detail::any_of(table.further.row(i), not_zero) ||
                            (!events.driver.empty() && detail::any_of(events.sum.row(i), not_zero));
        const bool owes = !credit.owed_days.empty() && credit.owed_days[i] != 0.0;
        if (driven || owes || table.last_day[i] >= table.first_day[i]) active_rows.push_back(i);
    }
    if (active_rows.size() < customers) {
        table = keep_rows(table, active_rows);
        Matrix sum(events.driver.empty() ? 0 : active_rows.size(), events.sum.cols());
        for (std::size_t k = 0; k < sum.rows(); ++k) {
            detail::copy(events.sum.row(active_rows[k]), sum.row(k).begin());
        }
        events.sum = std::move(sum);
    }

    // Volumes that no customer has cost money too: without them the costs would not reconcile.
    std::vector<std::string> names;
    for (const std::size_t i : active_rows) names.push_back(id.empty() ? std::to_string(i) : id[i]);
    CostTable charged = charge_customers(costs.at_horizon(options.horizon), table, events, not_attributed, names);
    reconciliation.revenue_stated = total(table.revenue);
    reconciliation.goods_stated = total(table.goods);
    reconcile_costs(costs, charged, options.spent, reconciliation);

    PortfolioColumns columns =
        charged_columns(table, charged, active_rows, std::move(names), options, credit, costs.credit_rate());
    const double credit_days = total(credit.owed_days);
    reconciliation.credit_not_attributed = costs.credit_rate() * credit.not_attributed / 365;
    reconciliation.credit_in = costs.credit_rate() * (credit_days + credit.not_attributed) / 365;
    reconciliation.credit_charged = total(columns.credit_cost);
    return {Portfolio(std::move(columns)), std::move(charged), reconciliation};
}

/// The ledger's code of each customer of a portfolio.
CUSTFOLIO_INLINE std::vector<std::int32_t> codes_of(const Portfolio& portfolio, const LedgerView& ledger,
                                                    const std::string& what) {
    std::vector<std::int32_t> code(portfolio.size(), -1);
    std::size_t found = 0;
    const std::size_t codes = ledger.customers();
    for (std::size_t i = 0; i < codes; ++i) {
        const std::string id = ledger.id.empty() ? std::to_string(i) : ledger.id[i];
        if (!portfolio.contains(id)) continue;
        code[portfolio.index(id)] = static_cast<std::int32_t>(i);
        ++found;
    }
    if (found != portfolio.size()) {
        throw InputError(what + ": the statement has " + std::to_string(portfolio.size()) + " customers, of which " +
                         std::to_string(found) + " are in the ledger; it must be the statement's own");
    }
    return code;
}

/// The drivers of deliveries and returns that a model uses, beside lines and quantity.
CUSTFOLIO_INLINE std::vector<std::string> order_drivers(const CostModel& costs, const LedgerView& ledger) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (name != "lines" && name != "quantity" && !detail::contains(names, name)) names.push_back(name);
    };
    for (const EventDriver& driver : costs.event_drivers()) {
        if (driver.event != "delivery" && driver.event != "return") continue;
        for (const std::string& name : driver.factors) add(name);
    }
    const auto has = [](const std::vector<DriverColumn>& columns, const std::string& name) {
        return detail::find(columns, name, &DriverColumn::name) != columns.end();
    };
    for (const Rate& rate : costs.rates()) {
        const bool returned = rate.driver == "returned_quantity" && !ledger.quantity.empty();
        if (returned || has(ledger.drivers, rate.driver) || has(ledger.delivery_drivers, rate.driver)) add(rate.driver);
    }
    return names;
}

}  // namespace detail

CUSTFOLIO_INLINE bool Reconciliation::exact() const {
    const auto reconciled = [](const ReconciledElement& element) {
        return detail::same_to_the_cent(element.spent, element.charged + element.unused + element.not_attributed);
    };
    return detail::same_to_the_cent(revenue_in - rebates, revenue_stated) &&
           detail::same_to_the_cent(goods_in, goods_stated) &&
           detail::same_to_the_cent(cost_in, charged + unused_capacity + not_attributed) &&
           detail::same_to_the_cent(credit_in, credit_charged + credit_not_attributed) &&
           detail::all_of(elements, reconciled);
}

CUSTFOLIO_INLINE Statement::Statement(Portfolio portfolio, CostTable costs, Reconciliation reconciliation)
    : portfolio_(std::move(portfolio)), costs_(std::move(costs)), reconciliation_(std::move(reconciliation)) {
    detail::require_size(costs_.total.size(), portfolio_.size(), "the cost table");
    const Reconciliation& r = reconciliation_;
    // What was spent may differ from what is charged: that is shown, and is no error.
    if (!detail::same_to_the_cent(r.revenue_in - r.rebates, r.revenue_stated) ||
        !detail::same_to_the_cent(r.goods_in, r.goods_stated) ||
        !detail::same_to_the_cent(r.credit_in, r.credit_charged + r.credit_not_attributed)) {
        throw InputError("statement: does not reconcile to the cent: revenue in " + number_text(r.revenue_in) +
                         ", rebates " + number_text(r.rebates) + ", stated " + number_text(r.revenue_stated) +
                         "; goods in " + number_text(r.goods_in) + ", stated " + number_text(r.goods_stated) +
                         "; credit in " + number_text(r.credit_in) + ", charged " + number_text(r.credit_charged) +
                         ", not attributed " + number_text(r.credit_not_attributed));
    }
    if (portfolio_.has_heat()) {
        whale_ = whale_curve(portfolio_.columns().contribution);
    } else {
        whale_.total = whale_.peak = whale_.peak_share = whale_.loss = whale_.gini =
            std::numeric_limits<double>::quiet_NaN();
    }
}

CUSTFOLIO_INLINE Statement statement(const LedgerView& ledger, const CostModel& costs, Period period, unsigned threads,
                                     const StatementOptions& options) {
    detail::require_drivers(costs, ledger, options);
    detail::Aggregated aggregated = detail::aggregate_counted(ledger, period, threads);
    if (ledger.cost.empty()) aggregated.table.goods.clear();
    const Period stated = aggregated.table.period;
    // With the whole ledger in the period, first days are known and sums need no filter.
    const bool all = aggregated.rows == ledger.rows();
    Reconciliation reconciliation;
    reconciliation.rows_read = ledger.rows();
    reconciliation.rows_in_period = aggregated.rows;
    const auto net = [&](bool whole) {
        return detail::sum_of_rows(ledger, ledger.revenue, stated, whole, threads) -
               detail::sum_of_rows(ledger, ledger.rebate(), stated, whole, threads);
    };
    reconciliation.revenue_in = net(all);
    reconciliation.revenue_read = all ? reconciliation.revenue_in : net(true);
    reconciliation.goods_in = detail::sum_of_rows(ledger, ledger.cost, stated, all, threads);
    // The age of a customer counts from the first row ever, not from the first in the period.
    const std::vector<DayNumber> known_since =
        all || !options.first_day.empty() ? aggregated.table.first_day : first_days(ledger, threads);
    StatementOptions with_days = options;
    if (options.first_day.empty()) with_days.first_day = known_since;
    EventSums events = detail::model_events(ledger, costs, stated, with_days.first_day, options, threads);
    if (all) with_days.first_day = options.first_day;
    return detail::state(std::move(aggregated.table), ledger.id, costs, with_days, std::move(reconciliation),
                         std::move(events));
}

CUSTFOLIO_INLINE Statement statement(const DriverTable& drivers, std::span<const std::string> id,
                                     const CostModel& costs, const StatementOptions& options, const EventSums& events) {
    Reconciliation reconciliation;
    reconciliation.revenue_in = reconciliation.revenue_read = detail::total(drivers.revenue);
    reconciliation.goods_in = detail::total(drivers.goods);
    const std::size_t customers = drivers.size();
    const auto require_column = [&](std::size_t count, const char* name) {
        detail::require_size(count, customers, name);
    };
    detail::require_size(id.size(), customers, "id");
    if (!drivers.goods.empty()) require_column(drivers.goods.size(), "goods");
    require_column(drivers.deliveries.size(), "deliveries");
    require_column(drivers.lines.size(), "lines");
    require_column(drivers.quantity.size(), "quantity");
    require_column(drivers.monthly_revenue.rows(), "monthly_revenue");
    require_column(drivers.further.rows(), "further");
    detail::require_size(drivers.first_day.size(), customers, "first_day");
    detail::require_size(drivers.last_day.size(), customers, "last_day");
    if (drivers.further.cols() != drivers.driver_names.size()) {
        throw InputError("statement: " + std::to_string(drivers.further.cols()) + " columns of further drivers have " +
                         std::to_string(drivers.driver_names.size()) + " names");
    }
    return detail::state(drivers, id, costs, options, std::move(reconciliation), events);
}

CUSTFOLIO_INLINE Orders orders_of(const Portfolio& portfolio, const LedgerView& ledger, const CostModel& costs,
                                  unsigned threads) {
    const std::vector<std::int32_t> code = detail::codes_of(portfolio, ledger, "orders");
    const std::size_t codes = ledger.customers();
    std::vector<DayNumber> first_day(codes, portfolio.period().first - 1);
    for (std::size_t i = 0; i < code.size() && !portfolio.columns().first_day.empty(); ++i) {
        first_day[static_cast<std::size_t>(code[i])] = portfolio.columns().first_day[i];
    }
    const std::vector<std::string> names = detail::order_drivers(costs, ledger);
    Orders orders =
        list_orders(ledger, portfolio.period(), names, {.tables = {}, .first_day = first_day, .threads = threads});
    // Customers of the ledger without a row in the period have no order: the others keep their order.
    std::vector<std::size_t> begin{0};
    for (const std::int32_t of : code) {
        const auto place = static_cast<std::size_t>(of);
        begin.push_back(begin.back() + orders.begin[place + 1] - orders.begin[place]);
    }
    if (begin.back() != orders.size() || !std::is_sorted(code.begin(), code.end())) {
        throw InputError(
            "orders: the ledger has customers in the period that the statement does not have; it must be "
            "the statement's own");
    }
    orders.begin = std::move(begin);
    if (!has_driver("rebate", portfolio.columns().driver_names)) return orders;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const auto amounts = std::span(orders.amount).subspan(orders.begin[i], orders.begin[i + 1] - orders.begin[i]);
        double invoiced = 0;
        double magnitude = 0;
        for (const double amount : amounts) {
            invoiced += amount;
            magnitude += std::abs(amount);
        }
        const double beside_rows = invoiced - portfolio.columns().revenue[i];
        if (std::abs(beside_rows) > 1e-9 * magnitude) detail::share_rebate(amounts, beside_rows);
    }
    return orders;
}

}  // namespace custfolio
