// Binds room `distribution`: distributions of money and sums of independent amounts.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/payoff.hpp"
#include "custfolio/distribution.hpp"

namespace py = pybind11;
using custfolio::Distribution;
using custfolio::bindings::Doubles;
using custfolio::bindings::payoff_of;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

void bind_monthly_amounts(py::module_& module) {
    using custfolio::MonthlyAmounts;
    py::class_<MonthlyAmounts, std::shared_ptr<MonthlyAmounts>>(module, "MonthlyAmounts", py::metaclass(plain_class()),
                                                                "Amounts by item and month of a forecast.")
        .def("__len__", &MonthlyAmounts::size)
        .def_property_readonly(
            "start", [](const MonthlyAmounts& self) { return self.start().index(); }, "First month, since 1970-01.")
        .def_property_readonly("months", &MonthlyAmounts::months, "Number of months.")
        .def_property_readonly("correlation", &MonthlyAmounts::correlation, "Share of the common factor.")
        .def("customer", &MonthlyAmounts::customer, py::arg("item"), "The customer of an item.")
        .def("name", &MonthlyAmounts::name, py::arg("item"), "The name of an item.")
        .def(
            "sum",
            [](const MonthlyAmounts& self, std::vector<std::size_t> items, int first, std::vector<double> shares,
               const std::string& payoff, std::optional<double> factor) {
                const custfolio::MonthlySum sum{std::move(items), custfolio::Month::from_index(first),
                                                std::move(shares), payoff_of(payoff), factor};
                const py::gil_scoped_release released;
                return self.sum(sum);
            },
            py::arg("items"), py::arg("first"), py::arg("shares"), py::arg("payoff") = "contribution",
            py::arg("factor") = py::none(), "Distribution of a sum of shares of months of some items.");
}

}  // namespace

void bind_distribution(py::module_& module) {
    bind_monthly_amounts(module);
    py::class_<Distribution>(module, "Distribution", py::metaclass(plain_class()), "A distribution of money.")
        .def_property_readonly("mean", &Distribution::mean, "Mean, currency; exact.")
        .def_property_readonly("variance", &Distribution::variance, "Variance, currency squared; exact.")
        .def_property_readonly("standard_deviation", &Distribution::standard_deviation, "Currency.")
        .def(py::init<const Distribution&>(), py::arg("other"))
        .def("cdf", &Distribution::cdf, py::arg("value"), py::call_guard<py::gil_scoped_release>(), "P(X <= value).")
        .def("probability_at_least", &Distribution::probability_at_least, py::arg("value"),
             py::call_guard<py::gil_scoped_release>(), "P(X >= value).")
        .def("quantile", &Distribution::quantile, py::arg("probability"),
             "Smallest amount that is not exceeded with a probability, currency.")
        .def(
            "tail",
            [](const Distribution& self, double value, bool upper) {
                const custfolio::TailProbability tail = [&] {
                    const py::gil_scoped_release released;
                    return self.tail(value, upper);
                }();
                return py::make_tuple(tail.probability, tail.log_probability, tail.relative_error);
            },
            py::arg("value"), py::arg("upper") = true,
            "Probability of a tail, its logarithm and a bound on its relative error.")
        .def("expected_shortfall", &Distribution::expected_shortfall, py::arg("probability"), py::arg("upper") = false,
             "Mean of the worst (or best) outcomes that have a probability together, currency.")
        .def(
            "sample",
            [](const Distribution& self, std::size_t count, std::uint64_t seed, unsigned threads) {
                std::vector<double> drawn;
                {
                    const py::gil_scoped_release released;
                    drawn = self.sample(count, seed, threads, custfolio::bindings::heed_signals());
                }
                return to_array(std::move(drawn));
            },
            py::arg("count"), py::arg("seed"), py::arg("threads") = 0U,
            "Independent draws, currency; same bits for any number of threads.")
        .def("shifted", &Distribution::shifted, py::arg("by"), "X + by.")
        .def("scaled", &Distribution::scaled, py::arg("factor"), "factor * X.")
        .def("given", &Distribution::given, py::arg("at_least"), py::arg("at_most"),
             py::call_guard<py::gil_scoped_release>(), "The distribution given a range.")
        .def(
            "plus", [](const Distribution& self, const Distribution& other) { return self + other; }, py::arg("other"),
            py::call_guard<py::gil_scoped_release>(), "The sum of independent variables.")
        .def_property_readonly(
            "points",
            [](const Distribution& self) {
                std::vector<double> points(self.size());
                for (std::size_t k = 0; k < points.size(); ++k) points[k] = self.value(k);
                return to_array(std::move(points));
            },
            "Amounts, currency.")
        .def_property_readonly(
            "mass", [](const py::object& self) { return view_of(self.cast<const Distribution&>().mass(), self); },
            "Probability of each amount.")
        .def_property_readonly("step", &Distribution::step, "Distance between amounts, currency.")
        .def_property_readonly(
            "errors",
            [](const Distribution& self) {
                const auto& bounds = self.errors();
                py::dict errors;
                errors["discretisation"] = bounds.discretisation;
                errors["truncation"] = bounds.truncation;
                errors["aliasing"] = bounds.aliasing;
                errors["rounding"] = bounds.rounding;
                errors["quadrature"] = bounds.quadrature;
                return errors;
            },
            "Bounds: discretisation in currency, the others in probability.");
    module.def(
        "sum_distribution",
        [](const Doubles& probability, const Doubles& amount, const std::optional<Doubles>& correlation) {
            const auto chances = span_of(probability, "probability");
            const auto amounts = span_of(amount, "amount", chances.size());
            if (!correlation) {
                const py::gil_scoped_release released;
                return custfolio::sum_distribution(chances, amounts);
            }
            const auto shares = span_of(*correlation, "correlation");
            const py::gil_scoped_release released;
            return custfolio::sum_distribution(chances, amounts, shares);
        },
        py::arg("probability"), py::arg("amount"), py::arg("correlation") = py::none(),
        "Distribution of a sum of all-or-nothing amounts, independent or with a common factor.");
    module.def(
        "distribution_from_atoms",
        [](const Doubles& value, const Doubles& probability, double unit) {
            return Distribution::from_atoms(span_of(value, "value"), span_of(probability, "probability"), unit);
        },
        py::arg("value"), py::arg("probability"), py::arg("unit") = 0.01, "Distribution of atoms.");
    module.def(
        "mix_distributions",
        [](const py::iterable& part, const Doubles& weight) {
            std::vector<Distribution> parts;
            for (const py::handle one : part) parts.push_back(one.cast<const Distribution&>());
            const auto weights = span_of(weight, "weight");
            const py::gil_scoped_release released;
            return custfolio::mix(parts, weights);
        },
        py::arg("part"), py::arg("weight"), "Mixture of distributions.");
}
