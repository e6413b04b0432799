// The trace: one customer's contribution down to pools, activities, events and lines, each node the sum of its parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/money.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// What a node of a trace is.
enum class TraceLevel {
    total,     ///< The contribution; without costs of goods: revenue - cost to serve - cost of credit.
    amount,    ///< Revenue, cost of goods, cost to serve, cost of credit.
    element,   ///< A cost element: a driver with a rate, a pool, or "revenue share".
    activity,  ///< An activity of a pool.
    term,      ///< A term of the activity's time equation.
    event,     ///< A delivery, a return, another document, a row of a table of events, an invoice, or "per customer".
    line       ///< A row of the ledger.
};

/// @param level what a node is.
/// @return its name: "total", "amount", "element", "activity", "term", "event" or "line".
std::string to_string(TraceLevel level);

/// A node of a trace.
struct TraceNode {
    TraceLevel level = TraceLevel::total;                     ///< What it is.
    std::size_t parent = 0;                                   ///< Place of its parent, which comes before it.
    std::string name{};                                       ///< Its name.
    double units = std::numeric_limits<double>::quiet_NaN();  ///< Units of the driver, minutes of a pool or activity,
                                                              ///< currency x days of credit; NaN: none.
    double rate = std::numeric_limits<double>::quiet_NaN();   ///< Currency per unit; NaN: none, or several.
    double amount = 0;                                        ///< Currency; costs are negative.
    DayNumber day = no_day;                                   ///< Day of an event or line.
    std::int64_t row = -1;  ///< Row of the ledger, or of the table of events or receivables; of a document its first.
};

/// The contribution of one customer as a tree. The first node is the total; a parent comes before its parts.
struct Trace {
    std::string customer{};          ///< Identity.
    std::vector<TraceNode> nodes{};  ///< The nodes, each parent's parts in their order, the parts of a part after it.
};

/// Traces the contribution of a customer down to the events and lines that it comes from.
///
/// The amounts of the total, the elements, pools and activities are those of the statement. Those of events and lines
/// are computed from the ledger again: units x rate. The parts of each node sum to it within half a cent.
///
/// Revenue and cost of goods have their documents, and these their lines. A rate has the events of its driver: units x
/// rate. A pool has its activities, an activity the terms of its time equation, a term its events. Documents and events
/// are in order of day. What was given per customer, without events, is one event "per customer" at the end; a rebate
/// per customer is an event "rebate" of revenue.
/// @param statement the statement.
/// @param ledger the lines that it was made from.
/// @param costs the cost model that it was made with.
/// @param customer identity of the customer.
/// @param options the options that it was made with: its drivers, events, receivables and DSO are read.
/// @return the trace. Linear in rows of the ledger, and in the customer's rows x terms.
/// @throws NotFoundError where the statement has no such customer.
/// @throws InputError where ledger, model or options are not the statement's own: parts do not sum to their node (the
/// message names it).
Trace trace(const Statement& statement, const LedgerView& ledger, const CostModel& costs, std::string_view customer,
            const StatementOptions& options = {});

/// Rounds the amounts of a tree from the top down, so that the rounded parts of each node sum to it exactly.
/// @param parent place of each node's parent, which comes before it; the first node is the root.
/// @param amount amount of each node, currency: the sum of its parts up to rounding.
/// @param currency the currency of the unit.
/// @param given per node: its rounded amount, such as that of the statement's row; NaN: none. Empty: none.
/// @return one amount per node. Each is less than one unit from its own, but for the largest part of a node that was
/// given another rounding: less than two. Where an amount exceeds 2^47 units, sums are not exact to half a unit: the
/// smallest multiple of the unit by 10, 100, ... that is exact replaces it. O(n log n).
/// @throws InputError where lengths differ, a parent does not come before its node, or given parts do not sum to their
/// given node (the message names the node, counted from 0).
std::vector<double> round_tree(std::span<const std::size_t> parent, std::span<const double> amount,
                               const Currency& currency = {}, std::span<const double> given = {});

/// Rounds the amounts of a trace; see round_tree().
/// @param trace the trace.
/// @param currency the currency of the unit.
/// @return one amount per node.
std::vector<double> rounded_amounts(const Trace& trace, const Currency& currency = {});

/// A node of two traces. A missing node has an amount and units of 0.
struct TraceChange {
    TraceLevel level = TraceLevel::total;  ///< What it is, down to the term.
    std::size_t parent = 0;                ///< Place of its parent, which comes before it.
    std::string name{};                    ///< Its name.
    double then_units = 0;                 ///< Units in the earlier trace; NaN: none.
    double now_units = 0;                  ///< Units in the later trace; NaN: none.
    double then_rate = 0;                  ///< Currency per unit in the earlier trace; NaN: none, or several.
    double now_rate = 0;                   ///< Currency per unit in the later trace; NaN: none, or several.
    double then = 0;                       ///< Amount of the earlier trace, currency; costs are negative.
    double now = 0;                        ///< Amount of the later trace, currency; costs are negative.
    double volume = 0;                     ///< Part of now - then that comes from units, currency; NaN: not separable.
    double rate = 0;                       ///< Part that comes from the rate, currency; NaN: not separable.
    /// @return now - then, currency.
    [[nodiscard]] double difference() const { return now - then; }
};

/// Compares two traces of a customer, such as this year's with last year's: why does it cost more?
///
/// Where a node has one rate in both, now - then = volume + rate exactly: volume is the change of units at the rate of
/// then, rate the change of the rate at the units of now. A node of one trace only is all volume; but an activity or
/// term of it has the other rate of its pool, where the pool is in both. A node without a rate has the sums of its
/// parts, where all of them are separable; else NaN. Revenue and cost of goods have no rate.
/// @param then the earlier trace.
/// @param now the later trace.
/// @return the nodes of either, in the order of `now`, down to the terms. A renamed element is two nodes.
std::vector<TraceChange> compare_traces(const Trace& then, const Trace& now);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/trace.ipp"
#endif
