// Binds the trace of a customer, and the orders of a statement's customers.
#include "custfolio/selection/trace.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"
#include "bindings/statement_options.hpp"

namespace py = pybind11;
using custfolio::Statement;
using custfolio::Trace;
using custfolio::TraceChange;
using custfolio::TraceLevel;
using custfolio::TraceNode;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::LedgerOfDict;
using custfolio::bindings::numbers;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;

namespace {

/// Number of parents above each row.
template <class Row>
std::vector<std::int64_t> depths(const std::vector<Row>& rows) {
    std::vector<std::int64_t> depth(rows.size());
    for (std::size_t k = 1; k < rows.size(); ++k) depth[k] = depth[rows[k].parent] + 1;
    return depth;
}

template <class Row>
py::dict tree_columns(const std::vector<Row>& rows) {
    py::dict columns;
    columns["level"] = texts(rows, [](const Row& row) { return custfolio::to_string(row.level); });
    columns["depth"] = to_array(depths(rows));
    columns["parent"] = numbers(rows, [](const Row& row) { return static_cast<std::int64_t>(row.parent); });
    columns["node"] = texts(rows, &Row::name);
    return columns;
}

}  // namespace

void bind_selection_trace(py::module_& module) {
    py::class_<Trace>(module, "Trace", py::metaclass(plain_class()), "One customer's contribution as a tree.")
        .def(py::init([](std::string customer) { return Trace{std::move(customer), {}}; }), py::arg("customer"),
             "A trace without nodes: of a customer that a statement does not have.")
        .def_readonly("customer", &Trace::customer, "Identity of the customer.")
        .def_property_readonly(
            "columns",
            [](const Trace& self) {
                py::dict columns = tree_columns(self.nodes);
                columns["day"] = numbers(self.nodes, &TraceNode::day);
                columns["row"] = numbers(self.nodes, &TraceNode::row);
                columns["units"] = numbers(self.nodes, &TraceNode::units);
                columns["rate"] = numbers(self.nodes, &TraceNode::rate);
                columns["amount"] = numbers(self.nodes, &TraceNode::amount);
                return columns;
            },
            "The nodes as columns; a day of -2^31 and a row of -1: none.")
        .def(
            "rounded",
            [](const Trace& self, int minor_digits) {
                return to_array(custfolio::rounded_amounts(self, {.code = "", .minor_digits = minor_digits}));
            },
            py::arg("minor_digits") = 2, "Amounts in whole units of the currency; the parts of a node sum to it.");
    module.def(
        "trace",
        [](const Statement& statement, const py::dict& ledger, const custfolio::CostModel& costs,
           const std::string& customer, const py::dict& customer_drivers, const py::list& events,
           const std::optional<py::dict>& receivables, const OptionalArray<double>& dso,
           const OptionalArray<double>& terms) {
            const LedgerOfDict rows(ledger);
            custfolio::bindings::HeldOptions given(customer_drivers, events, receivables, dso, terms,
                                                   rows.view().id.size());
            const py::gil_scoped_release released;
            return custfolio::trace(statement, rows.view(), costs, customer, given.options());
        },
        py::arg("statement"), py::arg("ledger"), py::arg("costs"), py::arg("customer"), py::kw_only(),
        py::arg("customer_drivers") = py::dict(), py::arg("events") = py::list(), py::arg("receivables") = py::none(),
        py::arg("dso") = py::none(), py::arg("terms") = py::none(),
        "Trace the contribution of a customer down to events and lines.");
    module.def(
        "compare_traces",
        [](const Trace& then, const Trace& now) {
            const std::vector<TraceChange> changes = custfolio::compare_traces(then, now);
            py::dict columns = tree_columns(changes);
            columns["then"] = numbers(changes, &TraceChange::then);
            columns["now"] = numbers(changes, &TraceChange::now);
            columns["difference"] = numbers(changes, &TraceChange::difference);
            columns["volume"] = numbers(changes, &TraceChange::volume);
            columns["rate"] = numbers(changes, &TraceChange::rate);
            columns["then_units"] = numbers(changes, &TraceChange::then_units);
            columns["now_units"] = numbers(changes, &TraceChange::now_units);
            columns["then_rate"] = numbers(changes, &TraceChange::then_rate);
            columns["now_rate"] = numbers(changes, &TraceChange::now_rate);
            return columns;
        },
        py::arg("then"), py::arg("now"), "Compare two traces of a customer node by node, as columns.");
    module.def(
        "round_tree",
        [](const Array<std::int64_t>& parent, const Doubles& amount, const Doubles& given, int minor_digits) {
            const auto places = span_of(parent, "parent");
            const std::vector<std::size_t> up(places.begin(), places.end());
            return to_array(custfolio::round_tree(up, span_of(amount, "amount"),
                                                  {.code = "", .minor_digits = minor_digits}, span_of(given, "given")));
        },
        py::arg("parent"), py::arg("amount"), py::arg("given"), py::arg("minor_digits") = 2,
        "Round the amounts of a tree so that parts sum to their node; NaN in `given`: no rounding is given.");
    module.def(
        "with_orders",
        [](const custfolio::Portfolio& portfolio, const py::dict& ledger, const custfolio::CostModel& costs,
           unsigned threads) {
            const LedgerOfDict rows(ledger);
            const py::gil_scoped_release released;
            return portfolio.with_orders(custfolio::orders_of(portfolio, rows.view(), costs, threads));
        },
        py::arg("portfolio"), py::arg("ledger"), py::arg("costs"), py::arg("threads") = 0U,
        "The same customers with the orders of the ledger.");
}
