// Binds what room `strategy` computes of a given plan: contributions and comparison.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/strategy.hpp"
#include "custfolio/strategy.hpp"

namespace py = pybind11;
using custfolio::Plan;
using custfolio::bindings::numbers;
using custfolio::bindings::OwnedInputs;
using custfolio::bindings::texts;

namespace {

py::dict contributions(const Plan& plan, const OwnedInputs& inputs, unsigned threads) {
    std::vector<custfolio::Contribution> rows;
    {
        const py::gil_scoped_release released;
        rows = custfolio::contributions(plan, inputs.all(), threads);
    }
    py::dict columns;
    columns["source"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.source); });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["heat"] = numbers(rows, [](const auto& row) { return row.heat; });
    columns["temperature"] = numbers(rows, [](const auto& row) { return row.temperature; });
    columns["percent"] = numbers(rows, [](const auto& row) { return row.percent; });
    return columns;
}

py::dict compare(const Plan& before, const OwnedInputs& before_inputs, const Plan& after,
                 const OwnedInputs& after_inputs) {
    custfolio::PlanComparison found;
    {
        const py::gil_scoped_release released;
        found = custfolio::compare_plans(before, before_inputs.all(), after, after_inputs.all());
    }
    const auto& rows = found.courses;
    py::dict courses;
    courses["kind"] = texts(rows, [](const auto& row) { return std::string(row.prospect ? "prospect" : "customer"); });
    courses["id"] = texts(rows, [](const auto& row) { return row.id; });
    courses["name"] = texts(rows, [](const auto& row) { return row.name; });
    courses["before"] = texts(rows, [](const auto& row) { return row.before; });
    courses["after"] = texts(rows, [](const auto& row) { return row.after; });
    courses["cause"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.cause); });
    courses["lead_before"] = numbers(rows, [](const auto& row) { return row.lead_before; });
    courses["lead_after"] = numbers(rows, [](const auto& row) { return row.lead_after; });
    courses["by_inputs"] = numbers(rows, [](const auto& row) { return row.by_inputs; });
    courses["by_prices"] = numbers(rows, [](const auto& row) { return row.by_prices; });
    courses["why"] = texts(rows, [](const auto& row) { return row.why; });
    const auto& changed = found.prices;
    py::dict prices;
    prices["row"] = texts(changed, [](const auto& row) { return row.row; });
    prices["month"] = texts(changed, [](const auto& row) { return custfolio::to_string(row.month); });
    prices["months"] = numbers(changed, [](const auto& row) { return std::int64_t{row.months}; });
    prices["before"] = numbers(changed, [](const auto& row) { return row.before; });
    prices["after"] = numbers(changed, [](const auto& row) { return row.after; });
    py::dict all;
    all["courses"] = courses;
    all["prices"] = prices;
    return all;
}

py::object index_of(custfolio::Month month) {
    return month == custfolio::no_month ? py::object(py::none()) : py::object(py::int_(month.index()));
}

py::list previous_courses(const Plan& plan, const OwnedInputs& inputs) {
    py::list rows;
    for (const custfolio::PreviousCourse& one : custfolio::previous_courses(plan, inputs.all())) {
        py::list plans;
        for (const std::string& name : one.plans) plans.append(name);
        rows.append(
            py::make_tuple(one.id, one.prospect, one.lever, index_of(one.month), index_of(one.overflow), plans));
    }
    return rows;
}

py::dict heat_by_chance(const OwnedInputs& inputs, const custfolio::bindings::Doubles& chances, unsigned threads) {
    const auto wanted = custfolio::bindings::span_of(chances, "chances");
    std::vector<custfolio::ChanceRow> rows;
    {
        const py::gil_scoped_release released;
        rows = custfolio::heat_by_chance(inputs.all(), wanted, {.threads = threads});
    }
    py::dict columns;
    columns["chance"] = numbers(rows, [](const auto& row) { return row.chance; });
    columns["reached"] = numbers(rows, [](const auto& row) { return row.reached; });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["gain"] = numbers(rows, [](const auto& row) { return row.gain; });
    columns["cost"] = numbers(rows, [](const auto& row) { return row.cost; });
    columns["relaxed"] = numbers(rows, [](const auto& row) { return static_cast<std::int64_t>(row.relaxed); });
    return columns;
}

py::dict course_reasons(const Plan& plan, const OwnedInputs& inputs, unsigned threads) {
    std::vector<custfolio::CourseReason> rows;
    {
        const py::gil_scoped_release released;
        rows = custfolio::course_reasons(plan, inputs.all(), threads);
    }
    py::dict columns;
    columns["kind"] = texts(rows, [](const auto& row) { return std::string(row.prospect ? "prospect" : "customer"); });
    columns["id"] = texts(rows, [](const auto& row) { return row.id; });
    columns["name"] = texts(rows, [](const auto& row) { return row.name; });
    columns["course"] = texts(rows, [](const auto& row) { return row.course; });
    columns["worth"] = numbers(rows, [](const auto& row) { return row.worth.total(); });
    columns["heat"] = numbers(rows, [](const auto& row) { return row.worth.heat; });
    columns["level"] = numbers(rows, [](const auto& row) { return row.worth.level; });
    columns["replacement"] = numbers(rows, [](const auto& row) { return row.worth.replacement; });
    columns["sales_hours"] = numbers(rows, [](const auto& row) { return row.worth.sales_hours; });
    columns["deliveries"] = numbers(rows, [](const auto& row) { return row.worth.deliveries; });
    columns["money"] = numbers(rows, [](const auto& row) { return row.worth.money; });
    columns["offers"] = numbers(rows, [](const auto& row) { return row.worth.offers; });
    columns["switches"] = numbers(rows, [](const auto& row) { return row.worth.switches; });
    columns["runner_up"] = texts(rows, [](const auto& row) { return row.runner_up; });
    columns["lead"] = numbers(rows, [](const auto& row) { return row.lead; });
    return columns;
}

}  // namespace

void bind_strategy_evaluation(py::module_& module) {
    // The inputs stay alive with the object: custodian and ward.
    py::class_<OwnedInputs>(module, "PlanInputs", py::metaclass(plain_class()), "What a plan was made with.")
        .def(py::init<const py::dict&, const custfolio::Portfolio&, const custfolio::Offers*,
                      const custfolio::GrowthForecast*, const custfolio::Prospects*, const custfolio::Baseline*>(),
             py::arg("settings"), py::arg("portfolio"), py::arg("offers") = static_cast<custfolio::Offers*>(nullptr),
             py::arg("growth") = static_cast<custfolio::GrowthForecast*>(nullptr),
             py::arg("prospects") = static_cast<custfolio::Prospects*>(nullptr),
             py::arg("baseline") = static_cast<custfolio::Baseline*>(nullptr), py::keep_alive<1, 3>(),
             py::keep_alive<1, 4>(), py::keep_alive<1, 5>(), py::keep_alive<1, 6>(), py::keep_alive<1, 7>())
        .def(
            "check", [](const OwnedInputs& self, const Plan& plan) { self.all().check(plan); }, py::arg("plan"),
            "Raise an InputError where a plan is not of these inputs.")
        .def(
            "acceptance",
            [](const OwnedInputs& self) { return custfolio::bindings::to_array(self.all().acceptance()); },
            "Chance of each offer: of linked customers that of their holding.");
    module.def("contributions", &contributions, py::arg("plan"), py::arg("inputs"), py::kw_only(),
               py::arg("threads") = 0U, "The part of each source in the rise from no action to a plan, as columns.");
    module.def("heat_by_chance", &heat_by_chance, py::arg("inputs"), py::arg("chances"), py::kw_only(),
               py::arg("threads") = 0U, "The best plan for each chance of the floors, as columns; 0: in expectation.");
    module.def("course_reasons", &course_reasons, py::arg("plan"), py::arg("inputs"), py::kw_only(),
               py::arg("threads") = 0U,
               "Each course of a plan at its shadow prices, term by term, with the runner-up, as columns.");
    module.def("previous_courses", &previous_courses, py::arg("plan"), py::arg("inputs"),
               "The courses of a plan for a later one: id, prospect, lever, month, overflow and action plans.");
    module.def("compare_plans", &compare, py::arg("before"), py::arg("before_inputs"), py::arg("after"),
               py::arg("after_inputs"),
               "Whose course differs between two plans, with its cause, and which prices differ.");
}
