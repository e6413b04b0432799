// Definitions of charging and its reconciliation.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/charge.hpp"
#include "custfolio/costing/cost_model.ipp"
#include "custfolio/costing/detail/charge_customers.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// One driver's column in a table: contiguous for the columns of every ledger, strided for a column of `further`.
struct DriverValues {
    const double* first = nullptr;
    std::size_t stride = 1;
    double operator[](std::size_t row) const { return first[row * stride]; }
};

CUSTFOLIO_INLINE DriverValues driver_values(const DriverTable& table, const std::string& driver) {
    // The drivers of every ledger have columns of their own; that of returns may be empty.
    static constexpr double none = 0;
    const auto optional = [](const Column& column) {
        return column.empty() ? DriverValues{&none, 0} : DriverValues{column.data()};
    };
    if (driver == "deliveries") return {table.deliveries.data()};
    if (driver == "lines") return {table.lines.data()};
    if (driver == "quantity") return {table.quantity.data()};
    if (driver == "returns") return optional(table.returns);
    if (driver == "returned_quantity") return optional(table.returned_quantity);
    const auto k = further_driver(driver, table.driver_names);
    return {table.further.data() + k, table.further.cols()};
}

CUSTFOLIO_INLINE void check_driver_table(const DriverTable& table) {
    const auto check = [&](std::size_t count, const char* name) {
        if (count != table.revenue.size()) {
            throw InputError(std::string("column ") + name + " has " + std::to_string(count) +
                             " entries, revenue has " + std::to_string(table.revenue.size()));
        }
    };
    check(table.deliveries.size(), "deliveries");
    check(table.lines.size(), "lines");
    check(table.quantity.size(), "quantity");
    if (!table.returns.empty()) check(table.returns.size(), "returns");
    if (!table.returned_quantity.empty()) check(table.returned_quantity.size(), "returned_quantity");
    if (table.driver_names.empty()) return;
    check(table.further.rows(), "further drivers");
    if (table.further.cols() != table.driver_names.size()) {
        throw InputError("the table has " + std::to_string(table.further.cols()) + " further drivers for " +
                         std::to_string(table.driver_names.size()) + " names");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE double CostTable::total_cost_in() const {
    return math::deterministic_sum(cost_in, 1);
}

CUSTFOLIO_INLINE double CostTable::total_charged() const {
    return math::deterministic_sum(charged_total, 1);
}

CUSTFOLIO_INLINE std::size_t CostTable::index(const std::string& name) const {
    std::string known;
    for (std::size_t k = 0; k < element.size(); ++k) {
        if (element[k] == name) return k;
        known += (k == 0 ? "" : ", ") + element[k];
    }
    throw NotFoundError("no cost element '" + name + "'; there are: " + (known.empty() ? "none" : known));
}

namespace detail {

/// The sums of a driver in one span of days: per customer, and of events without one.
struct SpanSums {
    DriverValues values;
    double not_attributed = 0;
};

/// What charge() reads beside the model.
struct ChargeInput {
    const DriverTable& table;
    const EventSums& events;
    Volume not_attributed;            ///< With all further drivers.
    std::vector<DayNumber> from;      ///< First day of each span.
    std::span<const std::string> id;  ///< Identities of the customers, for messages; may be empty.

    /// A customer as a message begins.
    [[nodiscard]] std::string customer_text(std::size_t i) const {
        return id.empty() ? "row " + std::to_string(i) + " (counted from 0): " : "customer '" + id[i] + "': ";
    }
    /// The days of a span, for messages; empty where the table has no period.
    [[nodiscard]] std::string days_text(std::size_t span) const {
        const DayNumber last = span + 1 < from.size() ? from[span + 1] - 1 : table.period.last;
        return last < from[span] ? "" : " from " + day_text(from[span]) + " to " + day_text(last);
    }

    /// A driver of the table: one span.
    [[nodiscard]] SpanSums whole(const std::string& driver) const {
        return {driver_values(table, driver), driver_value(not_attributed, driver, table.driver_names)};
    }

    /// An event driver in each span.
    [[nodiscard]] std::vector<SpanSums> spans(const EventDriver& driver, const std::string& element) const {
        const std::size_t d = events.find(driver);
        const std::size_t width = events.driver.size();
        std::vector<SpanSums> sums;
        for (std::size_t s = 0; d < width && s < from.size(); ++s) {
            const std::size_t column = s * width + d;
            sums.push_back({{events.sum.data() + column, events.sum.cols()}, events.not_attributed[column]});
        }
        if (!sums.empty()) return sums;
        const bool dated = driver.event == driver_event;
        const std::string counted = dated                    ? driver.factors[0]
                                    : driver.factors.empty() ? driver_of(driver.event, {})
                                                             : std::string();
        if (!has_driver(counted, table.driver_names)) {
            std::string known;
            for (const EventDriver& one : events.driver) known += (known.empty() ? "" : "; ") + to_string(one);
            const bool own = driver.event == "delivery" || driver.event == "line" || driver.event == "return";
            const std::string usual = driver.event == "deliveries" ? "delivery"
                                      : driver.event == "lines"    ? "line"
                                      : driver.event == "returns"  ? "return"
                                                                   : "";
            throw NotFoundError(element + " needs the sums of '" + to_string(driver) +
                                "'; there are: " + (known.empty() ? "none" : known) +
                                (own || dated    ? ""
                                 : usual.empty() ? "; give the table events={\"" + driver.event + "\": ...}"
                                                 : "; did you mean the event '" + usual + "'?"));
        }
        if (from.size() > 1) {
            throw InputError(element + " needs '" + counted + "' by day, since a rate or pool changes on " +
                             day_text(from[1]) + "; give it as a table of events");
        }
        return {whole(counted)};
    }
};

CUSTFOLIO_INLINE ChargeInput charge_input(const CostModel& model, const DriverTable& table, const EventSums& events,
                                          const Volume& not_attributed, std::span<const std::string> id) {
    check_driver_table(table);
    ChargeInput input{table, events, not_attributed, events.from, id};
    if (input.from.empty()) input.from = model.changes(table.period);
    // Fewer drivers than the table's are 0.
    input.not_attributed.further.resize(table.driver_names.size());
    const std::size_t columns = events.driver.size() * events.from.size();
    const bool fits = columns == 0 || (events.sum.rows() == table.size() && events.sum.cols() == columns);
    if (!fits || events.not_attributed.size() != columns) {
        throw InputError("the event sums have " + std::to_string(events.sum.rows()) + " rows, " +
                         std::to_string(events.sum.cols()) + " columns and " +
                         std::to_string(events.not_attributed.size()) + " sums without a customer; they must have " +
                         std::to_string(table.size()) + ", " + std::to_string(columns) + " and " +
                         std::to_string(columns));
    }
    return input;
}

CUSTFOLIO_INLINE bool reconciled(double cost_in, double found) {
    return std::abs(cost_in - found) < 0.005;
}

CUSTFOLIO_INLINE void require_reconciled(const std::string& element, double cost_in, double found) {
    if (reconciled(cost_in, found)) return;
    throw InputError(element + ": the customers are charged " + number_text(found) + " of " + number_text(cost_in) +
                     "; amounts of this size do not reconcile to the cent");
}

[[noreturn]] inline void throw_not_valid(const std::string& what, DayNumber valid_from, DayNumber from) {
    throw InputError(what + " is valid from " + day_text(valid_from) + ", but the period begins on " + day_text(from) +
                     "; give it from that day on");
}

/// Charges a driver at its amounts by span.
CUSTFOLIO_INLINE void charge_rate(const ChargeInput& input, const std::string& element, std::span<const double> amounts,
                                  double avoidable, std::span<const SpanSums> sums, CostTable& table) {
    const std::size_t customers = input.table.size();
    const std::size_t k = table.element.size();
    math::CompensatedSum units_of_all;
    math::CompensatedSum charged;
    double cost_in = 0;
    double not_attributed = 0;
    // Costs are charged row by row and compared with the rate times all units: the two must agree to the cent.
    for (std::size_t s = 0; s < sums.size(); ++s) {
        math::CompensatedSum units;
        for (std::size_t i = 0; i < customers; ++i) {
            const double value = sums[s].values[i];
            const double cost = amounts[s] * value;
            if (!std::isfinite(cost)) {
                throw InputError(input.customer_text(i) + element + " is " + number_text(value) + " at a rate of " +
                                 number_text(amounts[s]) + "; the cost must be a finite number");
            }
            table.charged(i, k) += cost;
            table.total[i] += cost;
            table.avoidable[i] += avoidable * cost;
            units += value;
            charged += cost;
        }
        // Computed without any customer: the check below compares two ways.
        cost_in += amounts[s] * units.value();
        not_attributed += amounts[s] * sums[s].not_attributed;
        units_of_all += units;
    }
    require_reconciled(element, cost_in, charged.value());
    table.element.push_back(element);
    table.driver_total.push_back(units_of_all.value());
    table.cost_in.push_back(cost_in + not_attributed);
    table.charged_total.push_back(charged.value());
    table.unused.push_back(0);
    table.not_attributed.push_back(not_attributed);
}

/// A term of an activity in one span: minutes per unit, and the units.
struct ChargedTerm {
    double minutes;
    SpanSums sums;
    math::CompensatedSum units{};
};

/// An activity in one span of days.
struct ChargedSpan {
    std::size_t activity = 0;
    std::size_t pool = 0;
    std::size_t use = 0;  ///< The pool's figures that are valid.
    double rate = 0;
    std::size_t span = 0;  ///< Place among the spans.
    std::vector<ChargedTerm> terms{};

    [[nodiscard]] double not_attributed() const {
        double minutes = 0;
        for (const ChargedTerm& term : terms) minutes += term.minutes * term.sums.not_attributed;
        return minutes;
    }
    [[nodiscard]] double minutes() const {
        double sum = 0;
        for (const ChargedTerm& term : terms) sum += term.minutes * term.units.value();
        return sum;
    }
};

/// The pools' figures in the period, and the activities by span.
CUSTFOLIO_INLINE std::vector<ChargedSpan> charged_spans(const CostModel& model, const ChargeInput& input,
                                                        CostTable& table) {
    std::vector<std::vector<std::size_t>> use_of(model.pools().size());  // per pool and span
    for (std::size_t p = 0; p < model.pools().size(); ++p) {
        const Pool& pool = model.pools()[p];
        const PoolPeriod* last = nullptr;
        for (const DayNumber day : input.from) {
            const PoolPeriod* const valid = valid_on(pool.periods, day);
            if (valid == nullptr) throw_not_valid("pool '" + pool.name + "'", pool.periods[0].valid_from, day);
            // Figures that several spans share are one use of the pool.
            if (valid != last) table.pools.push_back({pool.name, day, valid->cost, valid->capacity});
            last = valid;
            use_of[p].push_back(table.pools.size() - 1);
        }
    }
    std::vector<ChargedSpan> spans;
    for (const Activity& activity : model.activities()) {
        const std::string element = "activity '" + activity.name + "'";
        const auto p =
            static_cast<std::size_t>(detail::find(model.pools(), activity.pool, &Pool::name) - model.pools().begin());
        std::vector<std::vector<SpanSums>> sums;  // per term
        for (const TimeTerm& term : activity.minutes) {
            sums.push_back(input.spans({activity.event, term.drivers}, element));
        }
        double events = 0;
        for (const SpanSums& count : input.spans({activity.event, {}}, element)) {
            math::CompensatedSum sum;
            for (std::size_t i = 0; i < input.table.size(); ++i) sum += count.values[i];
            events += sum.value();
        }
        for (std::size_t s = 0; s < input.from.size(); ++s) {
            const std::size_t use = use_of[p][s];
            ChargedSpan span{table.activities.size(), p, use, table.pools[use].rate(), s, {}};
            for (std::size_t t = 0; t < sums.size(); ++t) {
                span.terms.push_back({activity.minutes[t].minutes, sums[t][s]});
            }
            spans.push_back(std::move(span));
        }
        table.activities.push_back({activity.name, activity.pool, activity.event, events, 0, 0, 0});
    }
    return spans;
}

/// Charges the minutes of the activities at the rates of their pools.
CUSTFOLIO_INLINE void charge_pools(const CostModel& model, const ChargeInput& input, CostTable& table) {
    const std::vector<Pool>& pools = model.pools();
    const std::size_t customers = input.table.size();
    const std::size_t first = table.element.size();
    std::vector<ChargedSpan> spans = charged_spans(model, input, table);
    table.minutes = Matrix(customers, pools.size());
    table.activity_cost = Matrix(customers, model.activities().size());
    std::vector<math::CompensatedSum> of_activity(model.activities().size());
    std::vector<math::CompensatedSum> of_use(table.pools.size());
    for (std::size_t i = 0; i < customers; ++i) {
        for (ChargedSpan& span : spans) {
            double minutes = 0;
            for (ChargedTerm& term : span.terms) {
                const double units = term.sums.values[i];
                term.units += units;
                minutes += term.minutes * units;
            }
            const double cost = span.rate * minutes;
            // Terms with a minus sign may leave a rounding error below 0.
            if (!(cost >= -1e-9) || !std::isfinite(cost)) {
                throw InputError(input.customer_text(i) + "activity '" + table.activities[span.activity].activity +
                                 "' takes " + number_text(minutes) + " minutes" + input.days_text(span.span) +
                                 "; they must be finite and >= 0");
            }
            table.activity_cost(i, span.activity) += cost;
            table.minutes(i, span.pool) += minutes;
            table.charged(i, first + span.pool) += cost;
            of_activity[span.activity] += cost;
            of_use[span.use] += cost;
        }
        for (std::size_t p = 0; p < pools.size(); ++p) {
            table.total[i] += table.charged(i, first + p);
            table.avoidable[i] += pools[p].avoidable * table.charged(i, first + p);
        }
    }
    for (const ChargedSpan& span : spans) {
        ActivityUse& activity = table.activities[span.activity];
        PoolUse& use = table.pools[span.use];
        activity.minutes += span.minutes();
        activity.not_attributed += span.rate * span.not_attributed();
        use.used += span.minutes() + span.not_attributed();
        use.not_attributed += span.rate * span.not_attributed();
    }
    for (std::size_t a = 0; a < of_activity.size(); ++a) table.activities[a].charged = of_activity[a].value();
    for (std::size_t u = 0; u < of_use.size(); ++u) {
        PoolUse& use = table.pools[u];
        use.charged = of_use[u].value();
        // From the minutes of all events, not from the charges: the check compares two ways.
        use.unused = use.rate() * (use.capacity - use.used);
        if (!reconciled(use.cost, use.charged + use.unused + use.not_attributed)) {
            throw InputError("pool '" + use.pool + "': its activities take " + number_text(use.used) + " minutes of " +
                             number_text(use.capacity) +
                             "; a cost of that size is not exact to the cent; multiply fewer drivers in their minutes");
        }
    }
    for (std::size_t p = 0; p < pools.size(); ++p) {
        table.element.push_back(pools[p].name);
        double minutes = 0;
        double cost = 0;
        double charged = 0;
        double unused = 0;
        double not_attributed = 0;
        for (const PoolUse& use : table.pools) {
            if (use.pool != pools[p].name) continue;
            minutes += use.used;
            cost += use.cost;
            charged += use.charged;
            unused += use.unused;
            not_attributed += use.not_attributed;
        }
        table.driver_total.push_back(minutes);
        table.cost_in.push_back(cost);
        table.charged_total.push_back(charged);
        table.unused.push_back(unused);
        table.not_attributed.push_back(not_attributed);
    }
}

CUSTFOLIO_INLINE CostTable charge_customers(const CostModel& model, const DriverTable& drivers, const EventSums& events,
                                            const Volume& not_attributed, std::span<const std::string> id) {
    const ChargeInput input = charge_input(model, drivers, events, not_attributed, id);
    const std::size_t customers = drivers.size();
    CostTable table;
    table.charged = Matrix(customers, model.elements().size());
    table.total = Column(customers, 0.0);
    table.avoidable = Column(customers, 0.0);
    for (const Rate& rate : model.rates()) {
        if (rate.dated.empty()) {
            const SpanSums sums[] = {input.whole(rate.driver)};
            charge_rate(input, rate.driver, std::span(&rate.amount, 1), rate.avoidable, sums, table);
            continue;
        }
        const std::string element = "the rate of " + rate.driver;
        std::vector<double> amounts;
        for (const DayNumber day : input.from) {
            const DatedAmount* const valid = valid_on(rate.dated, day);
            if (valid == nullptr) throw_not_valid(element, rate.dated[0].valid_from, day);
            amounts.push_back(valid->amount);
        }
        const std::vector<SpanSums> sums = input.spans({driver_event, {rate.driver}}, element);
        charge_rate(input, rate.driver, amounts, rate.avoidable, sums, table);
    }
    charge_pools(model, input, table);
    if (model.revenue_share() != 0) {
        const double share[] = {model.revenue_share()};
        const SpanSums sums[] = {{{drivers.revenue.data()}, not_attributed.revenue}};
        charge_rate(input, std::string(revenue_share_element), share, model.revenue_share_avoidable(), sums, table);
    }
    return table;
}

}  // namespace detail

CUSTFOLIO_INLINE CostTable charge(const CostModel& model, const DriverTable& drivers, const EventSums& events,
                                  const Volume& not_attributed) {
    return detail::charge_customers(model, drivers, events, not_attributed, {});
}

}  // namespace custfolio
