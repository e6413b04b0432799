// Definitions of the trace of a customer.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/detail/elements.hpp"
#include "custfolio/ledger/detail/ledger_events.hpp"
#include "custfolio/ledger/ledger_columns.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/rounding.hpp"
#include "custfolio/selection/statement.ipp"
#include "custfolio/selection/trace.hpp"

namespace custfolio {
namespace detail {

inline constexpr double no_figure = std::numeric_limits<double>::quiet_NaN();

/// Units of a driver by event.
struct TracedUnits {
    enum class Source { line, document, table };
    struct Unit {
        std::size_t place;  ///< Row of the customer's rows, document, or row of the table.
        DayNumber day;
        double units;
    };
    Source source = Source::line;
    std::string name{};  ///< Of the table.
    std::vector<Unit> units{};
};

/// The rows of one customer in the period, copied, and their documents.
struct TracedRows {
    LedgerColumns columns{};
    std::vector<std::int64_t> row{};  ///< Of the ledger.
    LedgerView view{};
    std::vector<double> net{};         ///< Net revenue per row, currency.
    std::vector<std::uint32_t> all{};  ///< Places of the rows: 0, 1, ...
    LedgerDocuments found{};
    std::vector<std::size_t> by_day{};  ///< Places of the documents.

    TracedRows(const LedgerView& ledger, std::int32_t code, const std::string& id, Period period) {
        for (std::size_t k = 0; k < ledger.rows(); ++k) {
            if (ledger.customer[k] == code && period.contains(ledger.day[k])) {
                row.push_back(static_cast<std::int64_t>(k));
            }
        }
        const auto pick = [&](auto& to, const auto& from) {
            if (from.empty()) return;
            for (const std::int64_t k : row) to.push_back(from[static_cast<std::size_t>(k)]);
        };
        columns.customer.assign(row.size(), 0);
        columns.id = {id};
        pick(columns.day, ledger.day);
        pick(columns.revenue, ledger.revenue);
        pick(columns.cost, ledger.cost);
        pick(columns.quantity, ledger.quantity);
        pick(columns.document, ledger.document);
        pick(columns.lines, ledger.lines);
        for (const DriverColumn& driver : ledger.drivers) {
            pick(columns.drivers.emplace_back(OwnedDriver{driver.name, {}}).values, driver.values);
        }
        for (const DriverColumn& driver : ledger.delivery_drivers) {
            pick(columns.delivery_drivers.emplace_back(OwnedDriver{driver.name, {}}).values, driver.values);
        }
        view = columns.view();
        for (std::size_t k = 0; k < row.size(); ++k) net.push_back(net_revenue(view, view.rebate(), k));
        for (std::uint32_t k = 0; k < row.size(); ++k) all.push_back(k);
        found = LedgerEvents(view, {}, {}, {}).documents(0, all);
        by_day = found.by_day();
    }
    TracedRows(const TracedRows&) = delete;
    TracedRows& operator=(const TracedRows&) = delete;
};

/// Builds the trace of one customer.
class Tracer {
  public:
    Tracer(const Statement& statement, const LedgerView& ledger, const CostModel& costs, std::string_view customer,
           const StatementOptions& options)
        : statement_(statement),
          columns_(statement.portfolio().columns()),
          ledger_(ledger),
          costs_(costs),
          options_(options),
          i_(statement.portfolio().index(customer)),
          code_(code_of(ledger, customer)),
          rows_(ledger, code_, std::string(customer), columns_.period),
          from_(costs.changes(columns_.period)) {
        trace_.customer = std::string(customer);
    }

    Trace run() {
        const bool goods = !columns_.goods.empty();
        const double credit = columns_.credit_cost.empty() ? 0.0 : columns_.credit_cost[i_];
        const double serve = columns_.cost_to_serve[i_];
        const double rest = columns_.revenue[i_] - serve - credit;
        const std::size_t root = add(0, TraceLevel::total, goods ? "contribution" : "revenue less costs",
                                     goods ? columns_.contribution[i_] : rest);
        const std::size_t revenue = add(root, TraceLevel::amount, "revenue", columns_.revenue[i_]);
        add_events(revenue, of_rows(rows_.net), 1, {1.0}, has_own("rebate") ? "rebate" : "");
        if (goods) {
            const std::size_t node = add(root, TraceLevel::amount, "cost of goods", -columns_.goods[i_]);
            add_events(node, of_rows(rows_.view.cost), -1, {1.0}, "");
        }
        for (std::size_t k = 1; k < trace_.nodes.size(); ++k) {
            // Amounts have no units of their own: 1 per unit of currency says nothing.
            trace_.nodes[k].units = trace_.nodes[k].rate = no_figure;
        }
        if (!statement_.costs().element.empty()) {
            const std::size_t node = add(root, TraceLevel::amount, "cost to serve", -serve);
            for (std::size_t k = 0; k < statement_.costs().element.size(); ++k) add_element(node, k);
            require_sum(node);
        }
        if (!columns_.credit_cost.empty()) {
            const std::size_t node = add(root, TraceLevel::amount, "cost of credit", -credit);
            add_events(node, owed_days(), -1, {costs_.credit_rate() / 365}, per_customer(!options_.dso.empty()));
        }
        require_sum(root);
        return std::move(trace_);
    }

  private:
    static std::int32_t code_of(const LedgerView& ledger, std::string_view customer) {
        const std::size_t codes = ledger.customers();
        for (std::size_t code = 0; code < codes; ++code) {
            if (ledger.id.empty() ? std::to_string(code) == customer : ledger.id[code] == customer) {
                return static_cast<std::int32_t>(code);
            }
        }
        throw InputError("trace: the ledger has no customer '" + std::string(customer) +
                         "'; it must be the statement's own");
    }

    std::size_t add(std::size_t parent, TraceLevel level, std::string name, double amount) {
        trace_.nodes.push_back({.level = level, .parent = parent, .name = std::move(name), .amount = amount});
        return trace_.nodes.size() - 1;
    }

    /// Name of the event for what was given per customer; empty where nothing was.
    static std::string per_customer(bool given) { return given ? "per customer" : ""; }

    /// Whether the options have a driver of the name, per customer.
    [[nodiscard]] bool has_own(const std::string& driver) const { return has_own_driver(options_, driver); }

    /// Amounts of rows, which are units of currency.
    [[nodiscard]] TracedUnits of_rows(std::span<const double> amount) const {
        TracedUnits found;
        for (std::size_t k = 0; k < amount.size(); ++k) found.units.push_back({k, rows_.view.day[k], amount[k]});
        return found;
    }

    /// Units of an event driver, by event.
    [[nodiscard]] TracedUnits units_of(const EventDriver& driver) const {
        TracedUnits found;
        const auto table = detail::find(options_.events, driver.event, &EventTable::name);
        if (table != options_.events.end()) {
            found.source = TracedUnits::Source::table;
            found.name = table->name;
            check_event_table(*table, ledger_.customers());
            each_event(*table, driver, columns_.period, [&](std::size_t row, double value) {
                if (table->customer[row] == code_) found.units.push_back({row, table->day[row], value});
            });
            return found;
        }
        // Without rows the copied ledger has no columns, so its events have no drivers either.
        if (rows_.row.empty()) return found;
        const std::vector<DayNumber> from{columns_.period.first};
        const std::vector<EventDriver> drivers{driver};
        const std::vector<DayNumber> first_day{columns_.first_day[i_]};
        const LedgerEvents events(rows_.view, from, drivers, {.tables = {}, .first_day = first_day});
        if (driver.event == "line") {
            events.each_line(rows_.all, [&](std::size_t, std::size_t row, double value) {
                found.units.push_back({row, rows_.view.day[row], value});
            });
            return found;
        }
        found.source = TracedUnits::Source::document;
        const LedgerDocuments documents = events.documents(0, rows_.all);
        events.each_document(documents, [&](std::size_t, std::size_t place, double value) {
            found.units.push_back({place, documents.document[place].day, value});
        });
        return found;
    }

    /// Amount x days of the customer's invoices.
    [[nodiscard]] TracedUnits owed_days() const {
        TracedUnits found{.source = TracedUnits::Source::table, .name = "invoice"};
        const Receivables& owed = options_.receivables;
        for (std::size_t row = 0; row < owed.customer.size(); ++row) {
            if (owed.customer[row] != code_ || !columns_.period.contains(owed.invoiced[row])) continue;
            found.units.push_back({row, owed.invoiced[row], owed.owed_days(row, columns_.period.last)});
        }
        return found;
    }

    /// Adds events, and the lines of documents: sign x the rate of its day x units each; one rate is that of all days.
    /// What they lack to the amount of the parent is added as `rest`; without such a name it is an error.
    void add_events(std::size_t parent, TracedUnits found, double sign, const std::vector<double>& rates,
                    const std::string& rest) {
        const auto add_unit = [&](std::size_t to, TraceLevel level, const std::string& name, std::int64_t row,
                                  const TracedUnits::Unit& unit) {
            const double rate = rate_on(rates, unit.day);
            trace_.nodes.push_back({.level = level,
                                    .parent = to,
                                    .name = name,
                                    .units = unit.units,
                                    .rate = rate,
                                    .amount = sign * rate * unit.units,
                                    .day = unit.day,
                                    .row = row});
        };
        if (found.source == TracedUnits::Source::line) {
            add_lines(parent, found, add_unit);
        } else {
            const bool documents = found.source == TracedUnits::Source::document;
            detail::stable_sort(found.units, [](const auto& a, const auto& b) { return a.day < b.day; });
            for (const TracedUnits::Unit& unit : found.units) {
                if (unit.units == 0) continue;
                const LedgerDocument* const document = documents ? &rows_.found.document[unit.place] : nullptr;
                add_unit(parent, TraceLevel::event, documents ? name_of(*document) : found.name,
                         documents ? first_row(*document) : static_cast<std::int64_t>(unit.place), unit);
            }
        }
        math::CompensatedSum units;
        math::CompensatedSum amount;
        each_part(parent, [&](const TraceNode& part) {
            units += part.units;
            amount += part.amount;
        });
        TraceNode& node = trace_.nodes[parent];
        node.rate = only_rate(rates);
        node.units = units.value();
        if (!rest.empty() && node.rate > 0 && !same_to_the_cent(node.amount, amount.value())) {
            const double lacking = node.amount - amount.value();
            const double more = lacking / (sign * node.rate);
            const double rate = node.rate;
            node.units += more;
            trace_.nodes.push_back({.level = TraceLevel::event,
                                    .parent = parent,
                                    .name = rest,
                                    .units = more,
                                    .rate = rate,
                                    .amount = lacking});
        }
        require_sum(parent);
    }

    /// Visits the parts of a node, which stand after it.
    template <class Visit>
    void each_part(std::size_t parent, Visit visit) const {
        for (std::size_t k = parent + 1; k < trace_.nodes.size(); ++k) {
            if (trace_.nodes[k].parent == parent) visit(trace_.nodes[k]);
        }
    }

    [[nodiscard]] double rate_on(const std::vector<double>& rates, DayNumber day) const {
        return rates.size() == 1 ? rates[0] : rates[span_of_day(from_, day)];
    }
    /// The rate of all days; NaN where they differ.
    [[nodiscard]] static double only_rate(const std::vector<double>& rates) {
        return detail::all_of(rates, [&](double rate) { return rate == rates[0]; }) ? rates[0] : no_figure;
    }

    /// Adds the documents of rows with units, and their lines.
    template <class AddUnit>
    void add_lines(std::size_t parent, const TracedUnits& found, AddUnit add_unit) {
        if (found.units.empty()) return;
        for (const std::size_t d : rows_.by_day) {
            const LedgerDocument& document = rows_.found.document[d];
            const std::size_t event = add(parent, TraceLevel::event, name_of(document), 0);
            math::CompensatedSum units;
            math::CompensatedSum amount;
            for (std::size_t k = document.begin; k < document.end; ++k) {
                const TracedUnits::Unit& unit = found.units[rows_.found.place[k]];
                if (unit.units == 0) continue;
                add_unit(event, TraceLevel::line, "line", rows_.row[rows_.found.place[k]], unit);
                units += unit.units;
                amount += trace_.nodes.back().amount;
            }
            if (trace_.nodes.size() == event + 1) {  // no line has units
                trace_.nodes.pop_back();
                continue;
            }
            TraceNode& node = trace_.nodes[event];
            node.units = units.value();
            node.amount = amount.value();
            node.day = document.day;
            node.row = first_row(document);
            node.rate = trace_.nodes[event + 1].rate;
            for (std::size_t k = event + 1; k < trace_.nodes.size(); ++k) {
                if (trace_.nodes[k].rate != node.rate) node.rate = no_figure;
            }
        }
    }

    [[nodiscard]] static std::string name_of(const LedgerDocument& document) {
        return document.sum.is_delivery() ? "delivery" : document.sum.is_return() ? "return" : "document";
    }
    [[nodiscard]] std::int64_t first_row(const LedgerDocument& document) const {
        return rows_.row[rows_.found.place[document.begin]];
    }

    void add_element(std::size_t parent, std::size_t k) {
        const std::string& name = statement_.costs().element[k];
        const std::size_t node = add(parent, TraceLevel::element, name, -statement_.costs().charged(i_, k));
        if (const auto rate = detail::find(costs_.rates(), name, &Rate::driver); rate != costs_.rates().end()) {
            const auto event = event_of_driver(name, ledger_, options_.events);
            add_events(node, event ? units_of(*event) : TracedUnits{}, -1, span_amounts(*rate, from_),
                       per_customer(has_own(name)));
        } else if (const auto pool = detail::find(costs_.pools(), name, &Pool::name); pool != costs_.pools().end()) {
            add_pool(node, *pool);
        } else if (name == revenue_share_element) {
            add_events(node, of_rows(rows_.net), -1, {costs_.revenue_share()}, has_own("rebate") ? "rebate" : "");
        }
    }

    void add_pool(std::size_t node, const Pool& pool) {
        const std::vector<double> rates = span_rates(pool, from_);
        const auto place = static_cast<std::size_t>(&pool - costs_.pools().data());
        trace_.nodes[node].units = statement_.costs().minutes(i_, place);
        trace_.nodes[node].rate = only_rate(rates);
        for (std::size_t a = 0; a < costs_.activities().size(); ++a) {
            const Activity& activity = costs_.activities()[a];
            if (activity.pool == pool.name) add_activity(node, activity, a, rates);
        }
        require_sum(node);
    }

    void add_activity(std::size_t pool, const Activity& activity, std::size_t a, const std::vector<double>& rates) {
        const std::size_t node =
            add(pool, TraceLevel::activity, activity.name, -statement_.costs().activity_cost(i_, a));
        trace_.nodes[node].rate = trace_.nodes[pool].rate;
        // The event of any other name is counted by a driver of the customer, one amount of minutes each.
        const bool own = !has_events(activity.event, options_.events) && has_own(activity.event);
        math::CompensatedSum minutes;
        for (const TimeTerm& term : activity.minutes) {
            const auto event = event_of_term(activity, term, ledger_, options_.events);
            std::vector<double> per_unit;
            for (const double rate : rates) per_unit.push_back(rate * term.minutes);
            const std::size_t place = add(node, TraceLevel::term, to_string({term}), 0);
            const TracedUnits units = event ? units_of(*event) : TracedUnits{};
            math::CompensatedSum amount;
            for (const TracedUnits::Unit& unit : units.units) amount += unit.units * rate_on(per_unit, unit.day);
            trace_.nodes[place].amount = own ? trace_.nodes[node].amount : -amount.value();
            add_events(place, units, -1, per_unit, per_customer(own));
            minutes += term.minutes * trace_.nodes[place].units;
        }
        trace_.nodes[node].units = minutes.value();
        require_sum(node);
    }

    void require_sum(std::size_t parent) const {
        math::CompensatedSum sum;
        each_part(parent, [&](const TraceNode& part) { sum += part.amount; });
        const TraceNode& node = trace_.nodes[parent];
        if (same_to_the_cent(node.amount, sum.value())) return;
        throw InputError("trace of customer " + trace_.customer + ": " + node.name + " is " + number_text(node.amount) +
                         " in the statement, but its parts sum to " + number_text(sum.value()) +
                         "; ledger, cost model and options must be those of the statement");
    }

    const Statement& statement_;
    const PortfolioColumns& columns_;
    const LedgerView& ledger_;
    const CostModel& costs_;
    const StatementOptions& options_;
    std::size_t i_;
    std::int32_t code_;
    TracedRows rows_;
    std::vector<DayNumber> from_;
    Trace trace_;
};

/// The nodes of a trace down to the terms.
CUSTFOLIO_INLINE std::vector<std::size_t> upper_nodes(const Trace& trace) {
    std::vector<std::size_t> upper;
    for (std::size_t k = 0; k < trace.nodes.size(); ++k) {
        if (trace.nodes[k].level < TraceLevel::event) upper.push_back(k);
    }
    return upper;
}

/// Compares two traces node by node.
class TraceComparer {
  public:
    TraceComparer(const Trace& then, const Trace& now)
        : then_(then), now_(now), upper_then_(upper_nodes(then)), upper_now_(upper_nodes(now)) {}

    /// The changes of a node, which is in one trace at least, and of its parts. `of_both`: its parent is
    /// in both, or of a pool that is.
    void add(const TraceNode* then, const TraceNode* now, std::size_t parent, double sign, bool of_both) {
        const std::size_t place = changes_.size();
        const TraceNode& known = now != nullptr ? *now : *then;
        TraceChange& change = changes_.emplace_back();
        change.level = known.level;
        change.parent = parent;
        change.name = known.name;
        // A missing node has no units, at the rate of the other.
        change.then_units = then != nullptr ? then->units : 0;
        change.now_units = now != nullptr ? now->units : 0;
        change.then_rate = then != nullptr ? then->rate : known.rate;
        change.now_rate = known.rate;
        const bool both = then != nullptr && now != nullptr;
        // A missing activity or term would have cost the rate of its pool: the same minutes per unit.
        const bool of_pool = of_both && known.level > TraceLevel::element;
        if (!both && of_pool) {
            const double pool_then = changes_[parent].then_rate;
            const double pool_now = changes_[parent].now_rate;
            double& missing = then != nullptr ? change.now_rate : change.then_rate;
            missing *= then != nullptr ? pool_now / pool_then : pool_then / pool_now;
        }
        change.then = then != nullptr ? then->amount : 0;
        change.now = now != nullptr ? now->amount : 0;
        split(change, sign, both || of_pool);
        std::vector<const TraceNode*> seen;
        const auto parts_then = parts(then_, upper_then_, then);
        for (const TraceNode* const part : parts(now_, upper_now_, now)) {
            const TraceNode* same = nullptr;
            for (const TraceNode* const one : parts_then) {
                if (one->level == part->level && one->name == part->name) same = one;
            }
            seen.push_back(same);
            add(same, part, place, sign_of(*part, sign), both || of_pool);
        }
        for (const TraceNode* const part : parts_then) {
            if (!detail::contains(seen, part)) add(part, nullptr, place, sign_of(*part, sign), both || of_pool);
        }
        sum_parts(place);
    }

    [[nodiscard]] std::vector<TraceChange> take() { return std::move(changes_); }

  private:
    static double sign_of(const TraceNode& node, double sign) {
        return node.level == TraceLevel::amount ? (node.name == "revenue" ? 1.0 : -1.0) : sign;
    }

    static std::vector<const TraceNode*> parts(const Trace& trace, const std::vector<std::size_t>& upper,
                                               const TraceNode* parent) {
        std::vector<const TraceNode*> found;
        for (const std::size_t k : upper) {
            if (parent != nullptr && k > 0 && &trace.nodes[trace.nodes[k].parent] == parent) {
                found.push_back(&trace.nodes[k]);
            }
        }
        return found;
    }

    /// The parts of a difference that come from units and from the rate; all is units where `priced` is false: the node
    /// has no rate in one trace.
    static void split(TraceChange& change, double sign, bool priced) {
        change.volume = sign * change.then_rate * (change.now_units - change.then_units);
        change.rate = sign * (change.now_rate - change.then_rate) * change.now_units;
        if (!priced) {
            change.volume = change.difference();
            change.rate = 0;
        } else if (!same_to_the_cent(change.difference(), change.volume + change.rate)) {  // also where one is NaN
            change.volume = change.rate = no_figure;
        }
    }

    /// A node without a rate has the sums of its parts.
    void sum_parts(std::size_t place) {
        if (!std::isnan(changes_[place].volume) || changes_.size() == place + 1) return;
        double volume = 0;
        double rate = 0;
        for (std::size_t k = place + 1; k < changes_.size(); ++k) {
            if (changes_[k].parent != place) continue;
            volume += changes_[k].volume;
            rate += changes_[k].rate;
        }
        changes_[place].volume = volume;
        changes_[place].rate = rate;
    }

    const Trace& then_;
    const Trace& now_;
    std::vector<std::size_t> upper_then_;
    std::vector<std::size_t> upper_now_;
    std::vector<TraceChange> changes_;
};

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(TraceLevel level) {
    constexpr std::array<const char*, 7> names{"total", "amount", "element", "activity", "term", "event", "line"};
    const auto k = static_cast<std::size_t>(level);
    if (k >= names.size()) throw InputError("trace level " + std::to_string(k) + " is unknown; there are 0 to 6");
    return names[k];
}

CUSTFOLIO_INLINE Trace trace(const Statement& statement, const LedgerView& ledger, const CostModel& costs,
                             std::string_view customer, const StatementOptions& options) {
    const CostModel charged = with_direct_costs(costs, statement.portfolio().columns().driver_names);
    return detail::Tracer(statement, ledger, charged, customer, options).run();
}

CUSTFOLIO_INLINE std::vector<double> round_tree(std::span<const std::size_t> parent, std::span<const double> amount,
                                                const Currency& currency, std::span<const double> given) {
    double unit = currency.unit();
    const std::size_t count = parent.size();
    if (amount.size() != count || (!given.empty() && given.size() != count)) {
        throw InputError("round_tree: there are " + std::to_string(count) + " parents, " +
                         std::to_string(amount.size()) + " amounts and " + std::to_string(given.size()) +
                         " given amounts; there must be one of each per node");
    }
    std::vector<double> rounded(count);
    if (count == 0) return rounded;
    // Parts of each node, one node after another.
    std::vector<std::size_t> begin(count + 1);
    for (std::size_t k = 1; k < count; ++k) {
        if (parent[k] >= k) {
            throw InputError("round_tree: the parent of node " + std::to_string(k) + " is node " +
                             std::to_string(parent[k]) + "; a parent must come before its parts");
        }
        ++begin[parent[k] + 1];
    }
    for (std::size_t k = 0; k < count; ++k) begin[k + 1] += begin[k];
    std::vector<std::size_t> part(count - 1);
    std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
    for (std::size_t k = 1; k < count; ++k) part[next[parent[k]]++] = k;
    // Parts sum to their node but for rounding, which would stand between two units: from the last parts up, each node
    // becomes the sum of its parts.
    std::vector<math::CompensatedSum> sum(count);
    std::vector<double> whole(count);
    for (std::size_t k = count; k-- > 0;) {
        whole[k] = begin[k] < begin[k + 1] ? sum[k].value() : amount[k];
        if (k > 0) sum[parent[k]] += whole[k];
        // Sums of larger amounts are not exact to half a unit of this size.
        while (std::isfinite(whole[k]) && std::abs(whole[k]) > 0x1p47 * unit) unit *= 10;
    }
    const auto is_given = [&](std::size_t k) { return !given.empty() && !std::isnan(given[k]); };
    const auto units_of = [&](double one) { return math::largest_remainder_units(std::span(&one, 1), unit)[0]; };
    std::vector<std::int64_t> units(count);
    units[0] = units_of(is_given(0) ? given[0] : amount[0]);
    std::vector<std::size_t> open;
    std::vector<double> amounts;
    for (std::size_t k = 0; k < count; ++k) {
        rounded[k] = math::from_units(units[k], unit);
        std::int64_t left = units[k];
        math::CompensatedSum moved;  // by what is given, the node's own included
        moved += rounded[k] - whole[k];
        open.clear();
        amounts.clear();
        for (std::size_t p = begin[k]; p < begin[k + 1]; ++p) {
            if (is_given(part[p])) {
                units[part[p]] = units_of(given[part[p]]);
                left -= units[part[p]];
                moved += whole[part[p]] - given[part[p]];
            } else {
                open.push_back(part[p]);
                amounts.push_back(whole[part[p]]);
            }
        }
        if (amounts.empty()) {
            if (left == 0 || begin[k] == begin[k + 1]) continue;
            throw InputError("round_tree: the given parts of node " + std::to_string(k) + " do not sum to it");
        }
        // The largest part takes what the given amounts differ from their own: then the rest can be reached.
        if (!given.empty()) {
            *std::max_element(amounts.begin(), amounts.end(),
                              [](double a, double b) { return std::abs(a) < std::abs(b); }) += moved.value();
        }
        const std::vector<std::int64_t> shares = math::largest_remainder_units(amounts, unit, left);
        for (std::size_t p = 0; p < shares.size(); ++p) units[open[p]] = shares[p];
    }
    return rounded;
}

CUSTFOLIO_INLINE std::vector<double> rounded_amounts(const Trace& trace, const Currency& currency) {
    std::vector<std::size_t> parent;
    std::vector<double> amount;
    for (const TraceNode& node : trace.nodes) {
        parent.push_back(node.parent);
        amount.push_back(node.amount);
    }
    return round_tree(parent, amount, currency);
}

CUSTFOLIO_INLINE std::vector<TraceChange> compare_traces(const Trace& then, const Trace& now) {
    if (then.customer != now.customer) {
        throw InputError("trace: the traces are of customers '" + then.customer + "' and '" + now.customer +
                         "'; they must be of one");
    }
    detail::TraceComparer comparer(then, now);
    const TraceNode* const before = then.nodes.empty() ? nullptr : &then.nodes[0];
    const TraceNode* const after = now.nodes.empty() ? nullptr : &now.nodes[0];
    if (before != nullptr || after != nullptr) comparer.add(before, after, 0, 1, false);
    return comparer.take();
}

}  // namespace custfolio
