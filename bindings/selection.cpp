// Binds room `selection`: statement, whale curve, classes.
#include "custfolio/selection.hpp"

#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"
#include "bindings/statement_options.hpp"
#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/ledger/missing_cost.hpp"

namespace py = pybind11;
using custfolio::Statement;
using custfolio::WhaleCurve;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

Statement state(const Array<std::int32_t>& customer, const Array<std::int32_t>& day, const Doubles& revenue,
                const OptionalArray<double>& cost, const OptionalArray<double>& quantity,
                const OptionalArray<std::int64_t>& document, const OptionalArray<double>& lines,
                const py::dict& drivers, const py::object& id, const py::object& name,
                const custfolio::CostModel& costs, custfolio::DayNumber first, custfolio::DayNumber last,
                const py::dict& customer_drivers, const py::dict& not_attributed,
                const OptionalArray<std::int32_t>& first_day, const std::optional<py::dict>& receivables,
                const OptionalArray<double>& dso, const OptionalArray<double>& terms, const py::dict& delivery_drivers,
                const py::list& events, int horizon, const py::dict& spent, unsigned threads) {
    const custfolio::bindings::HeldLedger ledger(customer, day, revenue, cost, quantity, document, lines, drivers, id,
                                                 delivery_drivers);
    custfolio::bindings::HeldOptions given(customer_drivers, events, receivables, dso, terms, ledger.ids().size());
    const std::vector<std::string> names = name.is_none() ? std::vector<std::string>{} : strings_of(name, "name");
    custfolio::StatementOptions& options = given.options();
    options.name = names;
    if (first_day) options.first_day = span_of(*first_day, "first_day");
    options.horizon = horizon;
    for (const auto& [element, amount] : spent) {
        options.spent.push_back({element.cast<std::string>(), amount.cast<double>()});
    }
    // Drivers of strangers, in the order of the table: those of the rows, then the further ones.
    std::vector<std::string> table_names;
    for (const auto& driver : ledger.view().drivers) table_names.push_back(driver.name);
    for (const auto& driver : options.drivers) {
        if (std::find(table_names.begin(), table_names.end(), driver.name) == table_names.end()) {
            table_names.push_back(driver.name);
        }
    }
    for (const std::string& driver : table_names) {
        options.not_attributed.further.push_back(
            not_attributed.contains(driver) ? not_attributed[py::str(driver)].cast<double>() : 0.0);
    }
    const py::gil_scoped_release released;
    return custfolio::statement(ledger.view(), costs, {first, last}, threads, options);
}

void bind_statement(py::module_& module) {
    module.def(
        "attribute_driver",
        [](const Array<std::int32_t>& code, const Doubles& amount, std::size_t customers) {
            custfolio::AttributedDriver attributed =
                custfolio::attribute_driver(span_of(code, "code"), span_of(amount, "amount"), customers);
            return py::make_tuple(to_array(std::move(attributed.customer)), attributed.not_attributed);
        },
        py::arg("code"), py::arg("amount"), py::arg("customers"),
        "Sum a driver by customer code; -1 is a customer outside the ledger, whose sum is the second number.");
    module.def(
        "fill_costs",
        [](const Doubles& revenue, const Doubles& cost, const Doubles& uncosted, std::optional<double> ratio,
           const OptionalArray<std::int32_t>& group, std::size_t groups) {
            const auto known = span_of(cost, "cost");
            const auto without = span_of(uncosted, "uncosted");
            if (ratio) return to_array(custfolio::fill_costs(known, without, *ratio));
            const auto of_group = group ? span_of(*group, "group") : std::span<const std::int32_t>{};
            return to_array(custfolio::fill_costs(span_of(revenue, "revenue"), known, without, of_group, groups));
        },
        py::kw_only(), py::arg("revenue"), py::arg("cost"), py::arg("uncosted"), py::arg("ratio") = py::none(),
        py::arg("group") = py::none(), py::arg("groups") = 0,
        "Fill the cost of rows without one: at a ratio, or at the mean ratio of their group, else of the company.");
    py::class_<WhaleCurve>(module, "WhaleCurve", py::metaclass(plain_class()),
                           "Cumulative contribution over customers, the most profitable first.")
        .def_property_readonly(
            "order",
            [](const WhaleCurve& self) {
                return to_array(std::vector<std::int64_t>(self.order.begin(), self.order.end()));
            },
            "Customers from the highest to the lowest contribution.")
        .def_property_readonly(
            "cumulative", [](const WhaleCurve& self) { return to_array(std::vector<double>(self.cumulative)); },
            "Contribution of the first k + 1 customers, currency.")
        .def_readonly("total", &WhaleCurve::total, "Contribution of all customers, currency.")
        .def_readonly("peak", &WhaleCurve::peak, "Highest point of the curve, currency.")
        .def_readonly("peak_share", &WhaleCurve::peak_share, "peak / total; NaN where the total is not positive.")
        .def_readonly("customers_at_peak", &WhaleCurve::customers_at_peak, "Customers with a positive contribution.")
        .def_readonly("loss", &WhaleCurve::loss, "peak - total, currency.")
        .def_readonly("gini", &WhaleCurve::gini, "Gini coefficient; NaN where the total is not positive.")
        .def("share", &WhaleCurve::share, py::arg("fraction"), "Share of the total of the best fraction of customers.");
    module.def(
        "whale_curve",
        [](const Doubles& contribution) {
            const auto values = span_of(contribution, "contribution");
            const py::gil_scoped_release released;
            return custfolio::whale_curve(values);
        },
        py::arg("contribution"), "Draw the whale curve of one contribution a customer, currency.");

    py::class_<Statement>(module, "Statement", py::metaclass(plain_class()), "Profit and loss per customer.")
        .def_property_readonly(
            "portfolio", [](const Statement& self) { return custfolio::Portfolio(self.portfolio()); },
            "The customers; a copy.")
        .def_property_readonly(
            "whale", [](const Statement& self) { return WhaleCurve(self.whale()); }, "The whale curve; a copy.")
        .def_property_readonly(
            "elements", [](const Statement& self) { return custfolio::bindings::to_list(self.costs().element); },
            "Names of the cost elements.")
        .def_property_readonly(
            "charged",
            [](const py::object& self) { return view_of(self.cast<const Statement&>().costs().charged, self); },
            "Customers x elements, currency.")
        .def_property_readonly(
            "reconciliation",
            [](const Statement& self) {
                const auto& reconciliation = self.reconciliation();
                py::dict columns;
                columns["rows_read"] = reconciliation.rows_read;
                columns["rows_in_period"] = reconciliation.rows_in_period;
                columns["revenue_outside_period"] = reconciliation.revenue_outside_period();
                columns["revenue_in"] = reconciliation.revenue_in;
                columns["rebates"] = reconciliation.rebates;
                columns["rebates_not_attributed"] = reconciliation.rebates_not_attributed;
                columns["revenue_stated"] = reconciliation.revenue_stated;
                columns["goods_in"] = reconciliation.goods_in;
                columns["goods_stated"] = reconciliation.goods_stated;
                columns["cost_in"] = reconciliation.cost_in;
                columns["charged"] = reconciliation.charged;
                columns["unused_capacity"] = reconciliation.unused_capacity;
                columns["not_attributed"] = reconciliation.not_attributed;
                columns["credit_in"] = reconciliation.credit_in;
                columns["credit_charged"] = reconciliation.credit_charged;
                columns["credit_not_attributed"] = reconciliation.credit_not_attributed;
                columns["exact"] = reconciliation.exact();
                return columns;
            },
            "What went in against what is stated.")
        .def_property_readonly(
            "reconciled_elements",
            [](const Statement& self) {
                using Element = custfolio::ReconciledElement;
                const std::vector<Element>& elements = self.reconciliation().elements;
                py::dict columns;
                columns["element"] = texts(elements, &Element::element);
                columns["spent"] = numbers(elements, &Element::spent);
                columns["charged"] = numbers(elements, &Element::charged);
                columns["unused"] = numbers(elements, &Element::unused);
                columns["not_attributed"] = numbers(elements, &Element::not_attributed);
                columns["difference"] = numbers(elements, &Element::difference);
                columns["given"] = numbers(elements, [](const Element& one) { return std::int8_t{one.given}; });
                return columns;
            },
            "What was spent by element against what became of it, as columns.")
        .def_property_readonly(
            "pools",
            [](const Statement& self) {
                using Pool = custfolio::PoolUse;
                const std::vector<Pool>& pools = self.costs().pools;
                py::dict columns;
                columns["pool"] = texts(pools, &Pool::pool);
                columns["first_day"] = numbers(pools, &Pool::first);
                columns["cost"] = numbers(pools, &Pool::cost);
                columns["capacity"] = numbers(pools, &Pool::capacity);
                columns["used"] = numbers(pools, &Pool::used);
                columns["rate"] = numbers(pools, &Pool::rate);
                columns["charged"] = numbers(pools, &Pool::charged);
                columns["unused"] = numbers(pools, &Pool::unused);
                columns["not_attributed"] = numbers(pools, &Pool::not_attributed);
                return columns;
            },
            "What became of the capacity of each pool, as columns.")
        .def_property_readonly(
            "activities",
            [](const Statement& self) {
                using Activity = custfolio::ActivityUse;
                const std::vector<Activity>& activities = self.costs().activities;
                py::dict columns;
                columns["activity"] = texts(activities, &Activity::activity);
                columns["pool"] = texts(activities, &Activity::pool);
                columns["event"] = texts(activities, &Activity::event);
                columns["events"] = numbers(activities, &Activity::events);
                columns["minutes"] = numbers(activities, &Activity::minutes);
                columns["charged"] = numbers(activities, &Activity::charged);
                columns["not_attributed"] = numbers(activities, &Activity::not_attributed);
                return columns;
            },
            "Each activity over all customers, as columns.")
        .def_property_readonly(
            "minutes",
            [](const py::object& self) { return view_of(self.cast<const Statement&>().costs().minutes, self); },
            "Customers x pools: minutes.")
        .def_property_readonly(
            "activity_cost",
            [](const py::object& self) { return view_of(self.cast<const Statement&>().costs().activity_cost, self); },
            "Customers x activities, currency.");
    module.def("statement", &state, py::arg("customer"), py::arg("day"), py::arg("revenue"), py::kw_only(),
               py::arg("cost") = py::none(), py::arg("quantity") = py::none(), py::arg("document") = py::none(),
               py::arg("lines") = py::none(), py::arg("drivers") = py::dict(), py::arg("id"),
               py::arg("name") = py::none(), py::arg("costs"), py::arg("first") = 0, py::arg("last") = -1,
               py::arg("customer_drivers") = py::dict(), py::arg("not_attributed") = py::dict(),
               py::arg("first_day") = py::none(), py::arg("receivables") = py::none(), py::arg("dso") = py::none(),
               py::arg("terms") = py::none(), py::arg("delivery_drivers") = py::dict(), py::arg("events") = py::list(),
               py::arg("horizon") = 12, py::arg("spent") = py::dict(), py::arg("threads") = 0U,
               "State the profit of every customer from the rows of a ledger; a period with last < first means all.");
    module.def(
        "compare_costing",
        [](const py::list& statements) {
            std::vector<std::reference_wrapper<const Statement>> compared;
            for (const auto& statement : statements) compared.emplace_back(statement.cast<const Statement&>());
            custfolio::CostingComparison found = custfolio::compare_costing(compared);
            py::dict columns;
            columns["spread"] = to_array(std::move(found.spread));
            columns["changes_sides"] =
                to_array(std::vector<std::int8_t>(found.changes_sides.begin(), found.changes_sides.end()));
            columns["loss_makers"] =
                to_array(std::vector<std::int64_t>(found.loss_makers.begin(), found.loss_makers.end()));
            columns["contribution"] = to_array(std::move(found.contribution));
            return columns;
        },
        py::arg("statements"), "Contribution by customer under several statements, and who changes sides.");
}

}  // namespace

void bind_selection(py::module_& module) {
    bind_statement(module);
    module.def(
        "abc",
        [](const Doubles& value, double a_share, double b_share) {
            std::vector<custfolio::Class> classes;
            {
                const auto values = span_of(value, "value");
                const py::gil_scoped_release released;
                classes = custfolio::abc(values, a_share, b_share);
            }
            return texts(classes, [](custfolio::Class one) { return std::string(1, static_cast<char>(one)); });
        },
        py::arg("value"), py::arg("a_share") = 0.8, py::arg("b_share") = 0.95, "Pareto classes by cumulative share.");
}
