// Binds the statement by groups, and the price waterfall.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"
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
        "group_by",
        [](const Statement& statement, const Array<std::int32_t>& customer, const Array<std::int32_t>& day,
           const Doubles& revenue, const OptionalArray<double>& cost, const OptionalArray<double>& quantity,
           const OptionalArray<std::int64_t>& document, const OptionalArray<double>& lines, const py::dict& drivers,
           const py::object& id, const py::list& dimensions, const OptionalArray<double>& key) {
            const custfolio::bindings::HeldLedger ledger(customer, day, revenue, cost, quantity, document, lines,
                                                         drivers, id);
            std::list<std::pair<Array<std::int32_t>, Array<std::int32_t>>> held;
            std::list<std::vector<std::int32_t>> months;
            std::vector<custfolio::GroupDimension> ways;
            for (const auto& entry : dimensions) {
                const auto one = entry.cast<py::dict>();
                custfolio::GroupDimension& way = ways.emplace_back();
                way.name = one["name"].cast<std::string>();
                if (way.name == "month") {
                    way.of_row =
                        months.emplace_back(custfolio::months_of(ledger.view(), statement.portfolio().period()));
                    continue;
                }
                auto& [row, of_customer] = held.emplace_back();
                if (!one["of_row"].is_none()) {
                    row = one["of_row"].cast<Array<std::int32_t>>();
                    way.of_row = span_of(row, way.name);
                }
                if (!one["of_customer"].is_none()) {
                    of_customer = one["of_customer"].cast<Array<std::int32_t>>();
                    way.of_customer = span_of(of_customer, way.name);
                }
                for (const auto& cell : one["cells"].cast<py::list>()) {
                    if (way.begin.empty()) way.begin.push_back(0);
                    for (const auto& [value, share] : cell.cast<std::vector<std::pair<std::int32_t, double>>>()) {
                        way.value.push_back(value);
                        way.share.push_back(share);
                    }
                    way.begin.push_back(way.value.size());
                }
            }
            custfolio::GroupedStatement found;
            {
                const auto weights = key ? span_of(*key, "key") : std::span<const double>{};
                const py::gil_scoped_release released;
                found = custfolio::group_by(statement, ledger.view(), ways, weights);
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
        py::arg("statement"), py::arg("customer"), py::arg("day"), py::arg("revenue"), py::kw_only(),
        py::arg("cost") = py::none(), py::arg("quantity") = py::none(), py::arg("document") = py::none(),
        py::arg("lines") = py::none(), py::arg("drivers") = py::dict(), py::arg("id"), py::arg("dimensions"),
        py::arg("key") = py::none(), "State the profit of groups of a ledger's rows.");
    module.def(
        "waterfall", [](const Statement& statement) { return steps_of(custfolio::waterfall(statement)); },
        py::arg("statement"), "Steps from list price to contribution: customers x steps, and their sums.");
    std::vector<std::pair<std::string, bool>> steps;
    for (const custfolio::WaterfallStep& step : custfolio::waterfall_steps) steps.emplace_back(step.name, step.total);
    module.attr("waterfall_steps") = py::tuple(py::cast(steps));
}
