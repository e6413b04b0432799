// Binds room `growth`: action plans and what they bring; distributions are in growth_distribution.cpp.
#include "custfolio/growth.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::ActionPlan;
using custfolio::GrowthForecast;
using custfolio::Month;
using custfolio::Payoff;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

Payoff payoff_of(const std::string& name) {
    if (name == "contribution") return Payoff::contribution;
    if (name == "revenue") return Payoff::revenue;
    throw custfolio::InputError("payoff is '" + name + "'; it can be 'contribution' or 'revenue'");
}

/// Plans from columns of one row a step; `begin` says where each plan's steps begin.
std::vector<ActionPlan> plans_of(const py::handle& customer, const py::handle& plan, const Array<std::int64_t>& begin,
                                 const py::handle& step, const py::handle& condition, const Array<std::int32_t>& after,
                                 const Array<std::int32_t>& earliest, const Array<std::int32_t>& duration,
                                 const Doubles& probability, const Doubles& revenue, const Doubles& contribution,
                                 const Doubles& hours) {
    const std::vector<std::string> customers = strings_of(customer, "customer");
    const std::vector<std::string> names = strings_of(plan, "plan");
    const std::vector<std::string> steps = strings_of(step, "step");
    const std::vector<std::string> conditions = strings_of(condition, "condition");
    const std::size_t rows = steps.size();
    custfolio::bindings::check_size(names.size(), customers.size(), "plan");
    custfolio::bindings::check_size(conditions.size(), rows, "condition");
    const auto starts = span_of(begin, "begin", customers.size() + 1);
    const auto afters = span_of(after, "after", rows);
    const auto months = span_of(earliest, "earliest", rows);
    const auto durations = span_of(duration, "duration", rows);
    const auto chances = span_of(probability, "probability", rows);
    const auto level = span_of(revenue, "revenue", rows);
    const auto heat = span_of(contribution, "contribution", rows);
    const auto work = span_of(hours, "hours", rows);
    std::vector<ActionPlan> plans;
    plans.reserve(customers.size());
    for (std::size_t p = 0; p < customers.size(); ++p) {
        ActionPlan one{customers[p], names[p], {}};
        for (std::int64_t at = starts[p]; at < starts[p + 1]; ++at) {
            const auto k = static_cast<std::size_t>(at);
            one.steps.push_back({.name = steps.at(k),
                                 .condition = conditions[k],
                                 .after = afters[k],
                                 .earliest = Month::from_index(months[k]),
                                 .duration_months = durations[k],
                                 .success_probability = chances[k],
                                 .revenue_per_month = level[k],
                                 .contribution_per_month = heat[k],
                                 .hours = work[k]});
        }
        plans.push_back(std::move(one));
    }
    return plans;
}

}  // namespace

void bind_growth(py::module_& module) {
    py::class_<GrowthForecast>(module, "GrowthForecast", py::metaclass(plain_class()),
                               "What independent action plans bring.")
        .def(py::init([](const py::handle& customer, const py::handle& plan, const Array<std::int64_t>& begin,
                         const py::handle& step, const py::handle& condition, const Array<std::int32_t>& after,
                         const Array<std::int32_t>& earliest, const Array<std::int32_t>& duration,
                         const Doubles& probability, const Doubles& revenue, const Doubles& contribution,
                         const Doubles& hours, int start, int months) {
                 return GrowthForecast(plans_of(customer, plan, begin, step, condition, after, earliest, duration,
                                                probability, revenue, contribution, hours),
                                       Month::from_index(start), months);
             }),
             py::kw_only(), py::arg("customer"), py::arg("plan"), py::arg("begin"), py::arg("step"),
             py::arg("condition"), py::arg("after"), py::arg("earliest"), py::arg("duration"), py::arg("probability"),
             py::arg("revenue"), py::arg("contribution"), py::arg("hours"), py::arg("start"), py::arg("months"))
        .def("__len__", &GrowthForecast::size)
        .def_property_readonly(
            "notes", [](const GrowthForecast& self) { return custfolio::bindings::to_list(self.notes()); },
            "What is worth knowing: steps that cannot pay within the horizon.")
        .def_property_readonly(
            "expected_revenue",
            [](const py::object& self) { return view_of(self.cast<const GrowthForecast&>().expected_revenue(), self); },
            "Plans x months, currency; exact.")
        .def_property_readonly(
            "expected_contribution",
            [](const py::object& self) {
                return view_of(self.cast<const GrowthForecast&>().expected_contribution(), self);
            },
            "Plans x months, currency; exact.")
        .def_property_readonly(
            "expected_hours",
            [](const py::object& self) { return view_of(self.cast<const GrowthForecast&>().expected_hours(), self); },
            "Plans x months, working hours; exact.")
        .def(
            "expected",
            [](const GrowthForecast& self, const std::string& payoff) {
                return to_array(self.expected(payoff_of(payoff)));
            },
            py::arg("payoff") = "contribution", "Expected payoff per month over all plans, currency.")
        .def(
            "range",
            [](const GrowthForecast& self, int first, int last, const std::string& payoff) {
                const Payoff asked = payoff_of(payoff);
                const py::gil_scoped_release released;
                return self.range(Month::from_index(first), Month::from_index(last), asked);
            },
            py::arg("first"), py::arg("last"), py::arg("payoff") = "contribution",
            "Distribution of what all plans bring from one month to another, both included.")
        .def(
            "simulate_total",
            [](const GrowthForecast& self, std::size_t paths, std::uint64_t seed, const std::string& payoff,
               unsigned threads) {
                const Payoff asked = payoff_of(payoff);
                std::vector<double> totals;
                {
                    const py::gil_scoped_release released;
                    totals = custfolio::simulate_total(self, paths, seed, asked, threads);
                }
                return to_array(std::move(totals));
            },
            py::arg("paths"), py::arg("seed"), py::arg("payoff") = "contribution", py::arg("threads") = 0U,
            "Totals of the horizon, drawn by playing every plan step by step; same bits for any number of threads.");
}
