// Binds the statement by groups, and the price waterfall.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/group_dimensions.hpp"
#include "bindings/ledger_view.hpp"
#include "bindings/statement_options.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/waterfall.hpp"

namespace py = pybind11;
using custfolio::Statement;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

namespace {

/// Rows x steps, and the sum of each step.
py::tuple steps_of(custfolio::Waterfall&& found) {
    return py::make_tuple(to_array(std::move(found.amount)), to_array(std::move(found.company)));
}

}  // namespace

void bind_selection_groups(py::module_& module) {
    module.def(
        "latest_cells",
        [](const Array<std::int32_t>& customer, const Array<std::int32_t>& day, const Array<std::int32_t>& cell) {
            custfolio::LedgerView ledger;
            ledger.customer = span_of(customer, "customer");
            ledger.day = span_of(day, "day", ledger.rows());
            return to_array(custfolio::latest_cells(ledger, span_of(cell, "cell", ledger.rows())));
        },
        py::arg("customer"), py::arg("day"), py::arg("cell"), "The cell of each customer by its latest rows.");
    module.def(
        "group_by",
        [](const Statement& statement, const py::dict& ledger, const custfolio::CostModel& costs,
           const py::list& dimensions, const OptionalArray<double>& key, const py::dict& customer_drivers,
           const py::list& events, const std::optional<py::dict>& receivables, const OptionalArray<double>& dso,
           const OptionalArray<double>& terms) {
            const custfolio::bindings::LedgerOfDict lines(ledger);
            custfolio::bindings::HeldOptions given(customer_drivers, events, receivables, dso, terms,
                                                   lines.view().id.size());
            const custfolio::bindings::HeldDimensions ways(dimensions, statement.portfolio().period());
            custfolio::GroupedStatement found;
            {
                const auto weights = key ? span_of(*key, "key") : std::span<const double>{};
                const py::gil_scoped_release released;
                found = custfolio::group_by(statement, lines.view(), costs, ways.ways(), given.options(), weights);
            }
            py::list value;
            for (std::vector<std::int32_t>& one : found.value) value.append(to_array(std::move(one)));
            py::dict columns;
            columns["waterfall"] = steps_of(custfolio::waterfall(statement, found));
            columns["value"] = value;
            columns["customers"] = to_array(std::move(found.customers));
            columns["revenue"] = to_array(std::move(found.revenue));
            if (!found.goods.empty()) {
                columns["goods"] = to_array(std::move(found.goods));
                columns["contribution"] = to_array(std::move(found.contribution));
                columns["temperature"] = to_array(std::move(found.temperature));
            }
            columns["cost_to_serve"] = to_array(std::move(found.cost_to_serve));
            if (!found.credit_cost.empty()) columns["credit_cost"] = to_array(std::move(found.credit_cost));
            columns["deliveries"] = to_array(std::move(found.deliveries));
            columns["lines"] = to_array(std::move(found.lines));
            columns["quantity"] = to_array(std::move(found.quantity));
            columns["returns"] = to_array(std::move(found.returns));
            columns["returned_quantity"] = to_array(std::move(found.returned_quantity));
            for (const auto& [name, column] :
                 {std::pair{"list_price", &found.list_price}, std::pair{"discount", &found.discount},
                  std::pair{"rebate", &found.rebate}}) {
                if (!column->empty()) columns[name] = to_array(std::move(*column));
            }
            columns["charged"] = to_array(std::move(found.charged));
            return columns;
        },
        py::arg("statement"), py::arg("ledger"), py::arg("costs"), py::kw_only(), py::arg("dimensions"),
        py::arg("key") = py::none(), py::arg("customer_drivers") = py::dict(), py::arg("events") = py::list(),
        py::arg("receivables") = py::none(), py::arg("dso") = py::none(), py::arg("terms") = py::none(),
        "State the profit of groups of a ledger's rows.");
    module.def(
        "waterfall", [](const Statement& statement) { return steps_of(custfolio::waterfall(statement)); },
        py::arg("statement"), "Steps from list price to contribution: customers x steps, and their sums.");
    std::vector<std::pair<std::string, bool>> steps;
    for (const custfolio::WaterfallStep& step : custfolio::waterfall_steps) steps.emplace_back(step.name, step.total);
    module.attr("waterfall_steps") = py::tuple(py::cast(steps));
}
