// Binds room `growth`: action plans and what they bring; distributions are in growth_distribution.cpp.
#include "custfolio/growth.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/payoff.hpp"

namespace py = pybind11;
using custfolio::ActionPlan;
using custfolio::GrowthForecast;
using custfolio::Month;
using custfolio::Payoff;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::payoff_of;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

using Lists = std::vector<std::vector<double>>;

custfolio::Join join_of(const std::string& name) {
    using enum custfolio::Join;
    return custfolio::bindings::enum_of(name, {previous, all, any}, "join");
}

/// Takes what a dict of columns has under a name, one entry a row.
template <class Column>
Column column_of(const py::dict& columns, const char* name, std::size_t rows) {
    auto column = columns[name].cast<Column>();
    custfolio::bindings::check_size(static_cast<std::size_t>(column.size()), rows, name);
    return column;
}

/// Plans from columns of one row a step; `begin` has the position of each plan's first step.
std::vector<ActionPlan> plans_of(const py::handle& customer, const py::handle& plan, const Array<std::int64_t>& begin,
                                 const py::dict& steps,
                                 const std::vector<std::map<std::string, std::string>>& factors) {
    const std::vector<std::string> customers = strings_of(customer, "customer");
    const std::vector<std::string> names = strings_of(plan, "plan");
    const std::vector<std::string> step = strings_of(steps["step"], "step");
    const std::vector<std::string> condition = strings_of(steps["condition"], "condition");
    const std::size_t rows = step.size();
    custfolio::bindings::check_size(names.size(), customers.size(), "plan");
    custfolio::bindings::check_size(condition.size(), rows, "condition");
    if (!factors.empty()) custfolio::bindings::check_size(factors.size(), customers.size(), "factors");
    const auto starts = span_of(begin, "begin", customers.size() + 1);
    const auto numbers = [&](const char* name) { return column_of<std::vector<double>>(steps, name, rows); };
    const auto whole = [&](const char* name) { return column_of<std::vector<int>>(steps, name, rows); };
    const auto lists = [&](const char* name) { return column_of<Lists>(steps, name, rows); };
    const auto join = column_of<std::vector<std::string>>(steps, "join", rows);
    const auto after = column_of<std::vector<std::vector<int>>>(steps, "after", rows);
    const auto events = column_of<std::vector<std::vector<std::string>>>(steps, "events", rows);
    const auto latest = column_of<std::vector<std::optional<int>>>(steps, "latest", rows);
    const auto earliest = whole("earliest");
    const auto duration = whole("duration");
    const auto retries = whole("retries");
    const auto spacing = whole("spacing");
    const auto ramp = whole("ramp");
    const auto lasts = whole("lasts");
    const auto probability = numbers("probability");
    const auto revenue = numbers("revenue");
    const auto contribution = numbers("contribution");
    const auto hours = numbers("hours");
    const auto hazard = numbers("hazard");
    const auto spend = numbers("spend");
    const auto one_off_revenue = numbers("one_off_revenue");
    const auto one_off_contribution = numbers("one_off_contribution");
    const auto durations = lists("duration_chances");
    const auto by_month = lists("by_month");
    const auto season = lists("season");
    const auto sizes = lists("sizes");
    const auto size_probabilities = lists("size_probabilities");
    std::vector<ActionPlan> plans;
    plans.reserve(customers.size());
    for (std::size_t p = 0; p < customers.size(); ++p) {
        ActionPlan one{customers[p], names[p], {}};
        if (!factors.empty()) one.factors = factors[p];
        for (std::int64_t at = starts[p]; at < starts[p + 1]; ++at) {
            const auto k = static_cast<std::size_t>(at);
            one.steps.push_back({.name = step.at(k),
                                 .condition = condition[k],
                                 .after = {join_of(join[k]), after[k], events[k]},
                                 .earliest = Month::from_index(earliest[k]),
                                 .duration_months = duration[k],
                                 .success_probability = probability[k],
                                 .revenue_per_month = revenue[k],
                                 .contribution_per_month = contribution[k],
                                 .hours = hours[k],
                                 .latest = latest[k] ? std::optional(Month::from_index(*latest[k])) : std::nullopt,
                                 .duration_chances = durations[k],
                                 .hazard = hazard[k],
                                 .by_month = by_month[k],
                                 .retries = retries[k],
                                 .retry_spacing = spacing[k],
                                 .spend = spend[k],
                                 .ramp_months = ramp[k],
                                 .pays_months = lasts[k],
                                 .season = season[k],
                                 .one_off_revenue = one_off_revenue[k],
                                 .one_off_contribution = one_off_contribution[k],
                                 .sizes = sizes[k],
                                 .size_probabilities = size_probabilities[k]});
        }
        plans.push_back(std::move(one));
    }
    return plans;
}

/// Position of each graph's first node among the nodes of all.
py::array nodes_of(const GrowthForecast& forecast) {
    std::vector<std::int64_t> begin{0};
    for (std::size_t g = 0; g < forecast.graphs(); ++g) {
        begin.push_back(begin.back() + static_cast<std::int64_t>(forecast.graph(g).nodes().size()));
    }
    return to_array(std::move(begin));
}

custfolio::PlanFigure plan_figure_of(const std::string& name) {
    using enum custfolio::PlanFigure;
    return custfolio::bindings::enum_of(name, {payoffs, spend, hours}, "figure");
}

void bind_plan_amounts(py::module_& module) {
    module.def(
        "plan_amounts",
        [](const GrowthForecast& forecast, const std::string& figure) -> std::shared_ptr<custfolio::MonthlyAmounts> {
            const custfolio::PlanFigure wanted = plan_figure_of(figure);
            const py::gil_scoped_release released;
            return std::make_shared<custfolio::PlanAmounts>(forecast, wanted);
        },
        py::arg("forecast"), py::arg("figure") = "payoffs", "What action plans bring, spend or work, for a budget.");
}

}  // namespace

void bind_growth(py::module_& module) {
    bind_plan_amounts(module);
    py::class_<GrowthForecast>(module, "GrowthForecast", py::metaclass(plain_class()), "What action plans bring.")
        .def(py::init([](const py::handle& customer, const py::handle& plan, const Array<std::int64_t>& begin,
                         const py::dict& steps, int start, int months,
                         const std::vector<std::tuple<std::string, double, int>>& events, std::size_t limit,
                         std::size_t paths, std::uint64_t seed, double correlation,
                         const std::vector<std::map<std::string, std::string>>& factors,
                         const std::vector<std::pair<std::string, double>>& factor_correlations, unsigned threads) {
                 std::vector<ActionPlan> plans = plans_of(customer, plan, begin, steps, factors);
                 custfolio::GrowOptions options{
                     .correlation = correlation, .limit = limit, .paths = paths, .seed = seed, .threads = threads,
                     .pulse = custfolio::bindings::heed_signals()};
                 for (const auto& [name, probability, month] : events) {
                     options.events.push_back({name, probability, Month::from_index(month)});
                 }
                 for (const auto& [name, share] : factor_correlations) options.factors.push_back({name, share});
                 const py::gil_scoped_release released;
                 return GrowthForecast(std::move(plans), Month::from_index(start), months, std::move(options));
             }),
             py::kw_only(), py::arg("customer"), py::arg("plan"), py::arg("begin"), py::arg("steps"), py::arg("start"),
             py::arg("months"), py::arg("events"), py::arg("limit"), py::arg("paths"), py::arg("seed"),
             py::arg("correlation") = 0.0, py::arg("factors") = std::vector<std::map<std::string, std::string>>(),
             py::arg("factor_correlations") = std::vector<std::pair<std::string, double>>(), py::arg("threads") = 0U)
        .def("__len__", &GrowthForecast::size)
        .def(
            "place",
            [](const GrowthForecast& self, std::size_t plan, std::size_t step) {
                const auto at = self.place(plan, step);
                return py::make_tuple(at.graph, at.node);
            },
            py::arg("plan"), py::arg("step"), "Graph and node of a step; positions are 0-based.")
        .def(
            "success_covariances",
            [](const GrowthForecast& self, int first, int last, const std::string& payoff) {
                const Payoff asked = payoff_of(payoff);
                std::vector<GrowthForecast::SuccessCovariance> steps;
                {
                    const py::gil_scoped_release released;
                    steps = self.success_covariances(Month::from_index(first), Month::from_index(last), asked);
                }
                std::vector<double> success;
                std::vector<double> covariance;
                for (const auto& one : steps) {
                    success.push_back(one.success);
                    covariance.push_back(one.covariance);
                }
                return py::make_tuple(nodes_of(self), to_array(std::move(success)), to_array(std::move(covariance)));
            },
            py::arg("first"), py::arg("last"), py::arg("payoff") = "contribution",
            "Position of each graph's first node; for each node the chance of success, and its covariance with the "
            "sum of everything.")
        .def("success", &GrowthForecast::success, py::arg("plan"), py::arg("step"),
             "Chance that a step succeeds within the horizon; positions are 0-based.")
        .def(
            "given",
            [](const GrowthForecast& self, const std::vector<std::tuple<std::size_t, std::size_t, bool, int>>& known) {
                std::vector<GrowthForecast::Known> outcomes;
                for (const auto& [plan, step, succeeded, month] : known) {
                    outcomes.push_back({plan, step, {succeeded, Month::from_index(month)}});
                }
                const py::gil_scoped_release released;
                return self.given(outcomes);
            },
            py::arg("known"), "The forecast given outcomes: (plan, step, succeeded, month), positions 0-based.")
        .def("__len__", &GrowthForecast::size)
        .def_property_readonly(
            "notes", [](const GrowthForecast& self) { return custfolio::bindings::to_list(self.notes()); },
            "What is worth knowing: steps that cannot pay within the horizon.")
        .def_property_readonly("crossed", &GrowthForecast::crossed,
                               "Whether distributions are simulated because factors cross.")
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
                double standard_error = 0;
                const auto mean = [&] {
                    const py::gil_scoped_release released;
                    return self.range(Month::from_index(first), Month::from_index(last), asked, {}, &standard_error);
                }();
                return py::make_tuple(mean, standard_error);
            },
            py::arg("first"), py::arg("last"), py::arg("payoff") = "contribution",
            "Distribution of what all plans bring from one month to another, both included, and its standard error.")
        .def(
            "ranges",
            [](const GrowthForecast& self, const std::vector<std::pair<int, int>>& spans, const std::string& payoff,
               unsigned threads) {
                const Payoff asked = payoff_of(payoff);
                std::vector<GrowthForecast::Span> months;
                for (const auto& [first, last] : spans) {
                    months.push_back({Month::from_index(first), Month::from_index(last)});
                }
                const py::gil_scoped_release released;
                return self.ranges(months, asked, {.threads = threads});
            },
            py::arg("spans"), py::arg("payoff") = "contribution", py::arg("threads") = 0U,
            "Distributions of several spans of months, computed side by side.")
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
