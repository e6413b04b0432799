// Binds the verdict over a portfolio, how sure it is, and how interesting customers are.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"
#include "bindings/statement_options.hpp"
#include "custfolio/selection/interest.hpp"
#include "custfolio/selection/select.hpp"
#include "custfolio/selection/uncertainty.hpp"

namespace py = pybind11;
using custfolio::Class;
using custfolio::Interest;
using custfolio::Matrix;
using custfolio::Selection;
using custfolio::Statement;
using custfolio::Uncertainty;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;

namespace {

Matrix matrix_of(const Doubles& array) {
    Matrix values(static_cast<std::size_t>(array.shape(0)), static_cast<std::size_t>(array.shape(1)));
    const auto flat = custfolio::bindings::flat_span_of(array);
    std::copy(flat.begin(), flat.end(), values.data());
    return values;
}

py::list classes_of(const std::vector<std::optional<Class>>& classes) {
    return texts(classes, [](const std::optional<Class>& cls) { return cls ? to_string(*cls) : std::string(); });
}

void bind_uncertainty(py::module_& module) {
    module.def(
        "customer_months",
        [](const Statement& statement, const py::dict& ledger, const custfolio::CostModel& costs,
           const py::dict& customer_drivers, const py::list& events, const std::optional<py::dict>& receivables,
           const OptionalArray<double>& dso, const OptionalArray<double>& terms) {
            const custfolio::bindings::LedgerOfDict lines(ledger);
            custfolio::bindings::HeldOptions given(customer_drivers, events, receivables, dso, terms,
                                                   lines.view().id.size());
            custfolio::CustomerMonths found;
            {
                const py::gil_scoped_release released;
                found = custfolio::customer_months(statement, lines.view(), costs, given.options());
            }
            return py::make_tuple(to_array(std::move(found.level)), to_array(std::move(found.heat)));
        },
        py::arg("statement"), py::arg("ledger"), py::arg("costs"), py::kw_only(),
        py::arg("customer_drivers") = py::dict(), py::arg("events") = py::list(), py::arg("receivables") = py::none(),
        py::arg("dso") = py::none(), py::arg("terms") = py::none(),
        "Level and heat of customers by month: two arrays, customers x months.");
    module.def(
        "uncertain",
        [](const Statement& statement, const custfolio::CostModel& costs, double target, double rates,
           const std::map<std::string, double>& deviations, const std::optional<std::pair<Doubles, Doubles>>& months,
           const OptionalArray<std::int32_t>& segment) {
            custfolio::UncertaintyOptions options{
                .target = target, .rates = rates, .deviations = {}, .months = {}, .segment = {}};
            for (const auto& [element, deviation] : deviations) options.deviations.push_back({element, deviation});
            if (months) options.months = {matrix_of(months->first), matrix_of(months->second)};
            const auto segments = span_of(segment, "segments", statement.portfolio().size());
            options.segment.assign(segments.begin(), segments.end());
            Uncertainty found;
            {
                const py::gil_scoped_release released;
                found = custfolio::uncertain(statement, costs, options);
            }
            py::dict columns;
            columns["counts"] = py::make_tuple(found.surely_warm(), found.surely_cold(), found.undecided());
            columns["verdict"] =
                texts(found.certainty, [](custfolio::Certainty certainty) { return to_string(certainty); });
            columns["temperature"] = to_array(std::move(found.temperature));
            columns["expected_temperature"] = to_array(std::move(found.expected));
            columns["deviation"] = to_array(std::move(found.deviation));
            columns["temperature_p10"] = to_array(std::move(found.p10));
            columns["temperature_p90"] = to_array(std::move(found.p90));
            columns["probability_below"] = to_array(std::move(found.probability_below));
            return columns;
        },
        py::arg("statement"), py::arg("costs"), py::kw_only(), py::arg("target"), py::arg("rates"),
        py::arg("deviations"), py::arg("months") = py::none(), py::arg("segment") = py::none(),
        "Temperatures with their deviation and the chance to be below the target, as columns.");
}

}  // namespace

void bind_selection_verdicts(py::module_& module) {
    bind_uncertainty(module);
    py::list questions;
    for (const auto question : custfolio::interest_questions) questions.append(std::string(question));
    module.attr("interest_questions") = py::tuple(questions);
    py::class_<Interest>(module, "Interest", py::metaclass(plain_class()), "How interesting customers are.")
        .def_property_readonly(
            "columns",
            [](const Interest& self) {
                py::dict columns;
                columns["potential_revenue"] = to_array(std::vector<double>(self.potential_revenue));
                columns["quality"] = to_array(std::vector<double>(self.quality));
                columns["potential_quality"] = to_array(std::vector<double>(self.potential_quality));
                columns["answered"] = to_array(std::vector<std::int64_t>(self.answered.begin(), self.answered.end()));
                columns["potential_class"] = classes_of(self.potential_class);
                columns["quality_class"] = classes_of(self.quality_class);
                columns["interest"] = classes_of(self.cls);
                return columns;
            },
            "Potential, quality and classes, as columns.")
        .def_readonly("questions", &Interest::questions, "Questions on quality with a weight.")
        .def_readonly("quality_by_scale", &Interest::quality_by_scale,
                      "Whether the classes of quality are thirds of the scale, since nothing could be ranked.")
        .def_property_readonly(
            "bounds",
            [](const Interest& self) {
                const auto pair = [](custfolio::ClassBounds bounds) { return py::make_tuple(bounds.a, bounds.b); };
                return py::make_tuple(pair(self.potential_bounds), pair(self.quality_bounds));
            },
            "Least values of classes A and B: of the potential revenue, and of the quality.");
    module.def(
        "interest_of",
        [](const custfolio::Portfolio& portfolio, const Doubles& potential_revenue, const Doubles& present,
           const Doubles& potential, const std::vector<double>& weights, const std::string& rule,
           std::pair<double, double> potential_bounds, std::pair<double, double> quality_bounds) {
            constexpr custfolio::ClassRule rules[]{custfolio::ClassRule::share, custfolio::ClassRule::breaks,
                                                   custfolio::ClassRule::target};
            const auto revenue = span_of(potential_revenue, "potential_revenue", portfolio.size());
            const custfolio::InterestAnswers answers{
                {revenue.begin(), revenue.end()}, matrix_of(present), matrix_of(potential)};
            const custfolio::InterestOptions options{.weights = weights,
                                                     .rule = custfolio::bindings::enum_of(rule, rules, "classes"),
                                                     .potential = {potential_bounds.first, potential_bounds.second},
                                                     .quality = {quality_bounds.first, quality_bounds.second}};
            const py::gil_scoped_release released;
            return custfolio::interest_of(portfolio, answers, options);
        },
        py::arg("portfolio"), py::kw_only(), py::arg("potential_revenue"), py::arg("present"), py::arg("potential"),
        py::arg("weights"), py::arg("rule"), py::arg("potential_bounds"), py::arg("quality_bounds"),
        "Rate customers by a questionnaire; NaN is not answered.");
    module.def(
        "select",
        [](const custfolio::Portfolio& portfolio, double target, int min_months,
           const OptionalArray<double>& interesting, double interesting_threshold,
           const std::optional<Interest>& interest, const OptionalArray<double>& probability_below) {
            Selection selection;
            {
                custfolio::SelectionOptions options{.target = target,
                                                    .min_months = min_months,
                                                    .interesting = {},
                                                    .interesting_threshold = interesting_threshold,
                                                    .interest = interest.value_or(Interest{}),
                                                    .probability_below = {}};
                const auto values = span_of(interesting, "interesting", portfolio.size());
                options.interesting.assign(values.begin(), values.end());
                const auto below = span_of(probability_below, "probability_below", portfolio.size());
                options.probability_below.assign(below.begin(), below.end());
                const py::gil_scoped_release released;
                selection = custfolio::select(portfolio, options);
            }
            py::dict columns;
            columns["verdict"] =
                texts(selection.verdict, [](custfolio::Verdict verdict) { return to_string(verdict); });
            columns["reason"] = custfolio::bindings::to_list(selection.reason);
            columns["cls"] = texts(selection.cls, [](Class one) { return to_string(one); });
            columns["only_by_cost_that_stays"] = to_array(std::vector<std::int8_t>(
                selection.only_by_cost_that_stays.begin(), selection.only_by_cost_that_stays.end()));
            columns["certainty"] =
                texts(selection.certainty, [](custfolio::Certainty certainty) { return to_string(certainty); });
            columns["temperature"] = to_array(std::move(selection.temperature));
            return columns;
        },
        py::arg("portfolio"), py::kw_only(), py::arg("target"), py::arg("min_months"),
        py::arg("interesting") = py::none(), py::arg("interesting_threshold") = 0.5, py::arg("interest") = py::none(),
        py::arg("probability_below") = py::none(),
        "Verdict, reason, class and temperature of every customer, as columns.");
}
